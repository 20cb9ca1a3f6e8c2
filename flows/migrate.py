"""The Prefect flow of a migration: the five stages as tasks, each draining its tray in batches.

Nothing of a dossier reaches Prefect: parameters are names and numbers, tasks take no arguments and give back counts,
messages are those of failures.py. Runs are started by runs.py: from the command line, or from the UI by ``serve``.
"""

# no `from __future__ import annotations`: Prefect reads the annotations of the flow when the UI starts a run

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

from prefect import flow
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, StateType, TaskRun
from prefect.runtime import deployment, flow_run
from prefect.states import Cancelled, Completed, Failed
from prefect.tasks import Task
from pydantic import BaseModel, ConfigDict, Field

from flows import check as site_check
from flows import reporting
from flows.board import read_board
from flows.failures import FORBIDDEN, MATCHED, MISTAKE, REMAINS, UNAVAILABLE, WRONG_SITE, explain
from flows.figures import Figures, quarantine_causes
from flows.ledger import Run
from flows.ledger_schema import DIFFERENT, QUARANTINED
from flows.ledger_schema import MATCHED as MATCHED_STATE
from flows.pipeline import Planned, RunOptions, final_code, plan, site_status
from flows.prefect_view import StopAsked, View
from flows.screen import STAGE_NAMES, number, progress_bars, say
from flows.site import load_site
from flows.stages import Progress, Stage
from flows.workplace import OpenSource, Workplace, open_workplace

FLOW_NAME: Final = "Chuyển hồ sơ một cửa"
RETRY_DELAYS: Final = (5.0, 15.0, 40.0)
INTERRUPTED: Final = 130
STATE_NAMES: Final = {
    MATCHED: "Hoàn thành",
    REMAINS: "Còn việc phải xử lý",
    WRONG_SITE: "Sai cấu hình",
    UNAVAILABLE: "Không kết nối được",
    FORBIDDEN: "Không đủ quyền",
    MISTAKE: "Lỗi chương trình",
}


class MigrateForm(BaseModel):
    """What the UI asks before a run: names and numbers only."""

    model_config = ConfigDict(
        extra="forbid",
        title="Lượt chạy",
        json_schema_extra={"description": "Chỉ chọn tên và con số. Địa chỉ, mật khẩu ở trong thư mục site."},
    )

    site: str = Field(title="Site", description="Thư mục site mà máy chủ này phục vụ.")
    sources: list[str] = Field(
        default_factory=list, title="Nguồn", description="Để trống: mọi nguồn khai trong site.yaml."
    )
    stages: list[Literal["extract", "map", "validate", "push", "compare"]] = Field(
        default_factory=list,
        title="Bước",
        description="Để trống: cả năm bước. extract = trích xuất, map = chuyển đổi, validate = kiểm tra, "
        "push = đẩy sang hệ thống mới, compare = đối soát.",
    )
    is_dry: bool = Field(default=False, title="Chạy thử", description="Dừng sau bước kiểm tra, không đẩy gì cả.")
    only_open: bool = Field(
        default=False, title="Chỉ hồ sơ đang giải quyết", description="Chỉ đẩy hồ sơ chưa kết thúc."
    )
    limit: int = Field(default=0, ge=0, title="Giới hạn", description="Số hồ sơ tối đa mỗi bước; 0 là không giới hạn.")

    @classmethod
    def of(cls, site: Path, options: RunOptions) -> "MigrateForm":
        """The form as the command line fills it in."""
        return cls.model_validate(
            {
                "site": str(site.resolve()),
                "sources": options.sources,
                "stages": options.stages,
                "is_dry": options.is_dry,
                "only_open": options.only_open,
                "limit": options.limit,
            }
        )

    def options(self) -> RunOptions:
        """What the pipeline is asked to do."""
        return RunOptions(tuple(self.sources), tuple(self.stages), self.is_dry, self.only_open, self.limit)


class Stopped(Exception):
    """A task did not complete; the run ends in the state of that task."""

    def __init__(self, state: State[Any]) -> None:
        super().__init__(state.name)
        self.state = state


@flow(
    name=FLOW_NAME,
    description="Chuyển hồ sơ nộp trước 01/7/2025 từ phần mềm một cửa cũ sang phần mềm mới: trích xuất, chuyển đổi, "
    "kiểm tra, đẩy, đối soát. Sổ cái của site giữ trạng thái từng hồ sơ: dừng lúc nào cũng được, lượt sau làm tiếp.",
    persist_result=False,
)
def migrate(form: MigrateForm) -> State[Any]:
    """Run the chosen stages; the state that ends the run says in words what the exit code says in a number."""
    logging.raiseExceptions = False  # else Prefect writes to the terminal when its own log cannot be delivered
    hidden: list[str] = []
    try:
        site = load_site(Path(form.site))
        hidden = site.hidden_words()
        if deployment.id:
            _end_with_parent()
        with open_workplace(site) as work:
            if deployment.id:  # the command line has checked the site before it called
                _call(lambda: _check(work), "Kiểm tra site")
            with work.ledger.run("migrate") as run, get_client(sync_client=True) as client:
                view = View(client, flow_run.id, site)
                view.begin(work.ledger, run.id)
                return _convey(work, run, form.options(), view)
    except Stopped as stopped:
        # a state of its own: Prefect would sum up the task's as "1/1 states failed"
        return State(type=stopped.state.type, name=stopped.state.name, message=stopped.state.message)
    except Exception as error:
        return failed(error, hidden)


def _end_with_parent() -> None:
    """A run started in the UI ends with ``serve``, kill -9 included; Ctrl-C is for ``serve``, which cancels the run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=watch, daemon=True).start()


def _convey(work: Workplace, run: Run, options: RunOptions, view: View) -> State[Any]:
    sources = work.open_sources(options.sources)
    hidden = work.site.hidden_words()
    with progress_bars() as bars:
        for planned in plan(work, run, sources, options):
            title = " · ".join(filter(None, (STAGE_NAMES[planned.name], planned.source)))
            _call(StageTask(planned, title, options.limit, bars, view, hidden).drain, title)
    report: list[Path] = []
    if "compare" in options.chosen:
        _call(lambda: _report(work, sources, run, report), "Viết báo cáo")
    status = site_status(work)
    code = final_code(work, status, options)
    causes = quarantine_causes(work.ledger, [s.id for s in sources])
    verdict = _verdict(code, status.total, options)
    view.show_board(read_board(work))
    view.show_result(status, verdict, causes, report[0] if report else None)
    return Completed(name=STATE_NAMES[code], message=verdict)


def _verdict(code: int, total: Figures, options: RunOptions) -> str:
    if total.is_done and not total.accepted:
        return f"Khớp cả {number(total.in_scope)} hồ sơ trong phạm vi."
    rest = {"cách ly": QUARANTINED, "khác biệt": DIFFERENT}
    left = {**total.states, DIFFERENT: total.unsettled}
    counts = [f"{number(left[s])} {words}" for words, s in rest.items() if left.get(s)]
    if total.in_progress:
        counts.append(f"{number(total.in_progress)} đang làm")
    matched = f"Khớp {number(total.states.get(MATCHED_STATE, 0))}/{number(total.in_scope)} hồ sơ trong phạm vi"
    if total.accepted:
        matched += f"; {number(total.accepted)} khác biệt đã được chấp nhận"
    if code == REMAINS:
        return f"{matched}; còn {', '.join(counts)}." if counts else f"{matched}; các con số chưa cân."
    return f"Đã chạy xong các bước: {', '.join(STAGE_NAMES[name].lower() for name in options.chosen)}. {matched}."


def _check(work: Workplace) -> State[Any]:
    refusals = [f for f in site_check.check_site(work) if f.is_refusal]
    if refusals:
        site_check.print_findings(refusals)
        lines = "; ".join(f"{f.place}: {f.message}" for f in refusals)
        return Failed(name=STATE_NAMES[WRONG_SITE], message=f"{lines} (xem: lienthong check)")
    return Completed(message="Site đầy đủ.")


def _report(work: Workplace, sources: list[OpenSource], run: Run, written: list[Path]) -> State[Any]:
    written.append(reporting.write_report(work, sources, run))
    return Completed(message="Đã viết báo cáo đối soát.")


class StageTask:
    """One stage as the body of one task; after an outage the same body is called again and goes on."""

    def __init__(
        self, planned: Planned, title: str, stop_after: int, bars: Progress, view: View, hidden: list[str]
    ) -> None:
        self._planned = planned
        self._title = title
        self._stop_after = stop_after
        self._bars = bars
        self._view = view
        self._hidden = hidden
        self._progress = view.progress(f"{planned.name}-{planned.source}", title)
        self._stage: Stage | None = None
        self._total = 0
        self._done = 0

    def drain(self) -> State[Any]:
        """Empty the stage's tray."""
        try:
            stage = self._stage or self._open()
            while not (self._stop_after and self._done >= self._stop_after) and (taken := stage.step()):
                self._done += taken
                self._show()
                self._view.check_wanted()
            stage.finish()
        except StopAsked:
            return Cancelled(message="Đã hủy theo yêu cầu ở giao diện. Sổ cái nguyên vẹn; lượt sau làm tiếp.")
        except Exception as error:
            return failed(error, self._hidden)
        self._progress.show(self._done, self._total, is_last=True)
        return Completed(message=f"{number(self._done)} hồ sơ")

    def _open(self) -> Stage:
        stage = self._planned.build()
        stage.prepare()
        self._total = stage.total()
        self._stage = stage
        self._show()
        return stage

    def _show(self) -> None:
        self._bars(self._title, self._done, self._total)
        self._progress.show(self._done, self._total)


def _call(body: Callable[[], State[Any]], title: str) -> None:
    """Run a body as a task; Stopped unless it completed."""
    task = Task(
        fn=body,
        name=title,
        task_run_name=title,
        # one more than _may_retry grants: retries that Prefect counts as exhausted are logged as a traceback
        retries=len(RETRY_DELAYS) + 1,
        retry_delay_seconds=list(RETRY_DELAYS),
        retry_condition_fn=_may_retry,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    state: State[Any] = task(return_state=True)
    if state.type != StateType.COMPLETED:
        raise Stopped(state)


def _may_retry(task: "Task[..., Any]", task_run: TaskRun, state: State[Any]) -> bool:
    """Only an outage is worth another attempt."""
    attempts = task_run.run_count
    if state.name != STATE_NAMES[UNAVAILABLE] or attempts > len(RETRY_DELAYS):
        return False
    say(f"{state.message} Thử lại sau {RETRY_DELAYS[attempts - 1]:.0f} giây (lần {attempts}/{len(RETRY_DELAYS)}).")
    return True


def failed(error: Exception, hidden: list[str]) -> State[Any]:
    """The failed state for an exception: its Vietnamese message, without traceback and secrets."""
    message, code = explain(error)
    for word in hidden:
        message = message.replace(word, "***")
    return Failed(name=STATE_NAMES[code], message=message)


def code_of(state: State[Any]) -> int:
    """The exit code of a state that ended a run."""
    if state.type in (StateType.CANCELLED, StateType.CANCELLING):
        return INTERRUPTED
    return next((code for code, name in STATE_NAMES.items() if name == state.name), MISTAKE)
