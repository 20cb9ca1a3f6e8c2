"""What a run shows in Prefect: its name, progress, figures, verdict, link. Counts only: no dossier, no person.

Prefect is the window, the ledger is the truth: when the window breaks during a run, the run goes on without it.
"""

import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed
from sqlalchemy import select

from flows import ledger_schema as t
from flows.board import Place
from flows.figures import Cause, Figures, Status
from flows.ledger import Ledger
from flows.prefect_home import REPORTS_ROUTE
from flows.screen import STATE_NAMES, number, say
from flows.site import Site
from validations.remedies import remedy_of, title_of

UPDATE_SECONDS: Final = 1.0
ASK_SECONDS: Final = 2.0
_ALIVE: Final = [StateType.RUNNING, StateType.CANCELLING]


class StopAsked(Exception):
    """Somebody cancelled the run in the UI."""


class View:
    """One run, as Prefect shows it."""

    def __init__(self, client: SyncPrefectClient, flow_run_id: UUID | None, site: Site) -> None:
        self._client = client
        self._id = flow_run_id
        self._site = site.settings.name
        self._folder = site.path
        self._is_lost = flow_run_id is None
        self._asked_at = time.monotonic()

    def begin(self, ledger: Ledger, run_id: str) -> None:
        """Name the run after the ledger's run; close runs that Prefect believes alive and the ledger knows dead."""
        self._try(lambda: self._begin(ledger, run_id))

    def _begin(self, ledger: Ledger, run_id: str) -> None:
        assert self._id is not None
        self._client.set_flow_run_name(self._id, self._name(run_id))
        with ledger.transaction() as c:
            ended = [r.id for r in c.execute(select(t.run.c.id).where(t.run.c.outcome == "killed"))]
        state = FlowRunFilterState(type=FlowRunFilterStateType(any_=_ALIVE))
        names = FlowRunFilterName(any_=[self._name(r) for r in ended])
        for dead in self._client.read_flow_runs(flow_run_filter=FlowRunFilter(state=state, name=names)):
            message = "Tiến trình đã bị dừng đột ngột. Sổ cái nguyên vẹn; lượt chạy sau làm tiếp."
            self._client.set_flow_run_state(dead.id, Crashed(message=message), force=True)

    def _name(self, run_id: str) -> str:
        return f"{self._site} · {run_id}"

    def check_wanted(self) -> None:
        """Raise StopAsked when the run was cancelled in the UI; asks at most every other second."""
        if self._is_lost or time.monotonic() - self._asked_at < ASK_SECONDS:
            return
        self._asked_at = time.monotonic()
        seen: list[StateType | None] = []
        self._try(lambda: seen.append(self._client.read_flow_run(self._id).state_type))  # type: ignore[arg-type]
        if seen and seen[0] in (StateType.CANCELLING, StateType.CANCELLED):
            raise StopAsked

    def progress(self, key: str, title: str) -> "ProgressView":
        """A progress bar in the UI for one stage."""
        return ProgressView(self._try, f"tien-do-{plain(self._site)}-{plain(key)}", title)

    def show_result(self, status: Status, verdict: str, causes: Sequence[Cause], report: Path | None) -> None:
        """Table of figures, verdict with what to do next, link to the report."""
        self._try(lambda: self._show_result(status, verdict, causes, report))

    def show_board(self, places: Sequence[Place]) -> None:
        """Every commune with its counts and waves."""
        if places:
            key = f"bang-xa-{plain(self._site)}"
            lines = [place.line() for place in places]
            self._try(lambda: create_table_artifact(lines, key=key, description="Bảng theo dõi các xã, phường"))

    def _show_result(self, status: Status, verdict: str, causes: Sequence[Cause], report: Path | None) -> None:
        site = plain(self._site)
        create_table_artifact(table_of(status), key=f"so-lieu-{site}", description=EQUATION)
        create_markdown_artifact(
            markdown_of(status.total, verdict, causes, report, self._folder),
            key=f"ket-luan-{site}",
            description="Kết luận và việc tiếp theo",
        )
        if report is not None:
            file = report.resolve()  # of this run, not of the latest one
            create_link_artifact(
                f"{REPORTS_ROUTE}/{file.parent.name}/{file.name}",
                "Mở báo cáo đối soát",
                key=f"bao-cao-{site}",
                description="Báo cáo đối soát của lượt chạy này",
            )

    def _try(self, call: Callable[[], object]) -> None:
        if self._is_lost:
            return
        try:
            call()
        except Exception as error:  # whatever Prefect's client raises: the run must not fall with its window
            self._is_lost = True
            say(f"Mất liên lạc với máy chủ Prefect ({type(error).__name__}): lượt chạy vẫn đi tiếp, không hiện nữa.")


class ProgressView:
    """The progress artifact of one stage, updated at most once a second."""

    def __init__(self, attempt: Callable[[Callable[[], object]], None], key: str, title: str) -> None:
        self._try = attempt
        self._key = key
        self._title = title
        self._artifact: UUID | None = None
        self._shown_at = 0.0

    def show(self, done: int, total: int, *, is_last: bool = False) -> None:
        """Show how far the stage is; the first and the last call are always shown."""
        now = time.monotonic()
        if self._artifact is not None and not is_last and now - self._shown_at < UPDATE_SECONDS:
            return
        self._shown_at = now
        percent = 100.0 if is_last else min(99.0, 100.0 * done / total) if total else 0.0
        words = f"{self._title}: {number(done)}/{number(max(done, total))} hồ sơ"
        self._try(lambda: self._send(round(percent, 1), words))

    def _send(self, percent: float, words: str) -> None:
        if self._artifact is None:
            created = create_progress_artifact(percent, key=self._key, description=words)
            assert isinstance(created, UUID), "outside an event loop Prefect answers at once"
            self._artifact = created
        else:
            update_progress_artifact(self._artifact, percent, description=words)


EQUATION: Final = (
    "Số liệu của từng nguồn: tìm thấy = trong phạm vi + ngoài phạm vi; "
    "trong phạm vi = khớp + khác biệt + cách ly + biến mất + đã rút lại + đang làm + để lại theo quyết định."
)


def table_of(status: Status) -> list[dict[str, str]]:
    """The equation downwards, a column a source, and one for all when there are several."""
    columns = dict(status.sources)
    if len(columns) > 1:
        columns["Tất cả"] = status.total
    states = [s for s in t.STATES if s in status.total.states]
    lines: list[tuple[str, Callable[[Figures], str]]] = [
        ("Tìm thấy ở hệ thống cũ", lambda f: number(f.found)),
        *((f"− ngoài phạm vi: {_rule(r)}", partial(_excluded, r)) for r in status.total.excluded),
        ("= Trong phạm vi", lambda f: number(f.in_scope)),
        *((f"trong đó: {STATE_NAMES.get(s, s)}", partial(_in_state, s)) for s in states),
        *((("… khác biệt đã có người chấp nhận", lambda f: number(f.accepted)),) if status.total.accepted else ()),
        *((f"trong đó: {_rule(r)}", partial(_decided, r)) for r in status.total.decided),
        ("Cân", lambda f: "có" if f.balanced else "KHÔNG"),
    ]
    return [{"Con số": head} | {name: cell(f) for name, f in columns.items()} for head, cell in lines]


def _rule(rule: str) -> str:
    return title_of(rule, "excluded").lower()


def _excluded(rule: str, figures: Figures) -> str:
    return number(figures.excluded.get(rule, 0))


def _decided(rule: str, figures: Figures) -> str:
    return number(figures.decided.get(rule, 0))


def _in_state(state: str, figures: Figures) -> str:
    return number(figures.states.get(state, 0))


def markdown_of(total: Figures, verdict: str, causes: Sequence[Cause], report: Path | None, site: Path) -> str:
    """The verdict and what to do next: causes of quarantine with counts and remedies."""
    lines = [f"## {verdict}", ""]
    lines.append("Các con số **cân**." if total.balanced else "Các con số **chưa cân**: xem bảng số liệu.")
    if causes:
        lines += ["", "### Việc tiếp theo", ""]
        lines += [
            f"- **{title_of(c.code)}**: {number(c.dossiers)} hồ sơ (`{c.code}`). {remedy_of(c.code)}" for c in causes
        ]
        lines += [
            "",
            f"Xem từng hồ sơ: `lienthong quarantine {site} --csv cach-ly.csv`",
            "",
            f"Sửa xong, đưa trở lại: `lienthong quarantine {site} retry` rồi chạy lại.",
        ]
    if report is not None:
        lines += ["", f"Báo cáo đối soát: `{report}`"]
    return "\n".join(lines)


def plain(name: str) -> str:
    """A name as an artifact key may hold it: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
