"""The map of open dossiers as its owner sees it: cases with counts, approval in minutes, a trial of next actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlalchemy import select

from connectors.base import Conflict, ConnectorError, Misconfigured, Refused
from flows import ledger_schema as t
from flows import screen
from flows.case_states import draft, recall, write_rows
from flows.failures import MATCHED, REMAINS
from flows.payloads import plain
from flows.questions import PAGE
from flows.site import SiteError
from flows.workplace import Workplace, site_cases
from mappings.case_states import CaseRow, case_states_file, compile_case_states, usable
from mappings.model import Dossier, decode

WORDS: Final = {
    "migrate": "chuyển sang",
    "drain": "làm nốt ở hệ thống cũ",
    "park": "tạm để lại",
    "refuse": "không chuyển",
    "": "[yellow]chưa có gợi ý[/yellow]",
}
EQUIVALENCES: Final = {"equal": "bằng", "narrower": "hẹp hơn", "wider": "rộng hơn", "none": "không có", "": ""}
STATUSES: Final = {"draft": "[yellow]nháp[/yellow]", "approved": "[green]đã duyệt[/green]", "rejected": "đã bác"}


@dataclass(frozen=True)
class Choice:
    """Which rows a command is about; "" all. ``action`` decides rows that have no suggestion, too."""

    process: str = ""
    step: str = ""
    action: str = ""

    def holds(self, row: CaseRow) -> bool:
        """Whether a row is meant."""
        return (not self.process or row.process == self.process) and (not self.step or row.step == self.step)


def counted(work: Workplace) -> tuple[list[tuple[CaseRow, int]], int]:
    """The rows with the open dossiers of the last sweep that stand there, and how many of all nobody has decided."""
    rows = site_cases(work.site)
    table = compile_case_states([row for row in rows if row.status != "rejected"])
    working = compile_case_states(usable(rows, is_rehearsal=work.site.settings.rehearsal))
    here: Counter[CaseRow] = Counter()
    waiting = 0
    for source_id in work.site.source_ids().values():
        for case, n in recall(work.ledger, source_id).counted.items():
            if (row := table.choose(replace(case, role="")).row) is not None:
                here[row] += n
            waiting += n * (working.choose(case).row is None)
    return [(row, here[row]) for row in rows], waiting


def waiting_words(work: Workplace) -> str:
    """What to say after a run while the owner of a real site has not decided; "" when there is nothing to say."""
    waiting = 0 if work.site.settings.rehearsal else counted(work)[1]
    if not waiting:
        return ""
    return (
        f"{screen.number(waiting)} hồ sơ đang mở chờ chủ quản duyệt bảng đi tiếp. "
        f"Xem và duyệt: lienthong states {work.site.path}"
    )


def show(work: Workplace, choice: Choice, *, as_json: bool) -> int:
    """The map; exit code 1 while open dossiers wait for somebody to decide."""
    rows, waiting = counted(work)
    shown = [(row, n) for row, n in rows if choice.holds(row)]
    if as_json:
        screen.print_json({"rows": [{**asdict(row), "now": n} for row, n in shown], "waiting": waiting})
        return REMAINS if waiting else MATCHED
    if not rows:
        screen.say(f"Chưa có bảng đi tiếp của hồ sơ đang mở. Quét trước: lienthong extract {work.site.path}")
        return MATCHED
    heads = ["Tình trạng ở phần mềm cũ", "Hồ sơ", "Đi tiếp", "So với bước cũ", "Duyệt"]
    lines = [_line(row, n) for row, n in sorted(shown, key=lambda item: -item[1])]
    screen.out().print(screen.table("Hồ sơ đang mở đi tiếp ở đâu", heads, lines))
    if waiting:
        screen.say(
            f"{screen.number(waiting)} hồ sơ đang mở chưa có quyết định. Duyệt gợi ý: "
            f'lienthong states {work.site.path} approve --owner "Ai duyệt"\n'
            f"Dòng chưa có gợi ý: sửa {case_states_file(work.site.path)}, hoặc approve --step … --action park."
        )
    else:
        screen.say("Mọi hồ sơ đang mở đều có chỗ đi tiếp.")
    return REMAINS if waiting else MATCHED


def _line(row: CaseRow, n: int) -> list[str]:
    name = row.source.removeprefix("Bước của phần mềm cũ: ")
    where = f"{name or row.name}\n[dim]{row.name} · {row.old_status or '*'}[/dim]"
    to = f" {row.new_step} ({row.new_role})" if row.new_role else f" {row.new_step}"
    goes = WORDS[row.action] + (to if row.new_step else "")
    goes += f"\n[dim]TrangThaiHoSo {row.target_status}[/dim]" if row.target_status else ""
    state = STATUSES[row.status] + (f"\n[dim]{row.owner}[/dim]" if row.owner else "")
    return [where, screen.number(n), goes, EQUIVALENCES[row.equivalence], state]


def approve(work: Workplace, owner: str, choice: Choice) -> tuple[int, int, int]:
    """Approve the drafts that are meant: rows approved, dossiers that stand there, rows left without a suggestion."""
    rows, _ = counted(work)
    done, dossiers, left = 0, 0, 0
    approved: list[CaseRow] = []
    for row, n in rows:
        if row.status == "draft" and choice.holds(row):
            decided = _decided(row, choice.action)
            if decided.action:
                row = replace(decided, status="approved", owner=owner)
                done, dossiers = done + 1, dossiers + n
            else:
                left += 1
        approved.append(row)
    if done:
        write_rows(work.site, approved)
    return done, dossiers, left


def _decided(row: CaseRow, action: str) -> CaseRow:
    if not action or action == row.action:
        return row
    return replace(row, action=action, new_step="", new_role="", equivalence="none")


def redraft(work: Workplace) -> int:
    """Draft what the map lacks, by the counts of the last sweep; rows added."""
    added = 0
    for source in work.open_sources():
        tally = recall(work.ledger, source.id)
        if tally.counted:
            added += draft(work, source, tally)
    return added


# ---------------------------------------------------------------- the trial of next actions


@dataclass(frozen=True)
class Trial:
    """One (procedure, step) class of migrated open dossiers, and what became of its synthetic next action."""

    procedure: str
    step: str
    dossiers: int
    action: str
    to: str
    fault: str


def try_classes(work: Workplace, *, as_json: bool) -> int:
    """Take the next action of one open dossier of each class, dry; exit code 1 when one does not succeed."""
    if work.target_profile.protocol != "batch":
        raise SiteError("states try chỉ chạy với hệ thống nhận theo đặc tả lienthong (profile receiver).")
    target = work.target()
    if not target.is_rehearsal:
        raise SiteError("states try chỉ chạy với hệ thống nhận diễn tập: không thử thao tác trên hệ thống thật.")
    classes: dict[tuple[str, str], list[str]] = {}
    for new_id, dossier in _in_target(work):
        classes.setdefault((dossier.procedure_code, dossier.next_step), []).append(new_id)
    trials = [_try(target, *where, ids) for where, ids in sorted(classes.items())]
    failed = [trial for trial in trials if trial.fault]
    if as_json:
        figures = {"classes": len(trials), "succeeded": len(trials) - len(failed), "failed": len(failed)}
        screen.print_json({**figures, "trials": [asdict(trial) for trial in trials]})
    else:
        _print_trials(trials, failed)
    return REMAINS if failed else MATCHED


def _in_target(work: Workplace) -> Iterator[tuple[str, Dossier]]:
    e, p = t.entry.c, t.payload.c
    query = (
        select(e.new_id, p.mapped)
        .join(t.payload, (e.source_id == p.source_id) & (e.key == p.key))
        .where(e.state.in_(t.IN_TARGET), e.is_open.is_(True), e.source_id.in_(list(work.site.source_ids().values())))
        .order_by(e.source_id, e.key)
        .execution_options(yield_per=PAGE)
    )
    with work.ledger.transaction() as c:
        for row in c.execute(query):
            yield row.new_id, decode(plain(row.mapped))


def _try(target: Any, procedure: str, step: str, ids: Sequence[str]) -> Trial:
    place = target.place(ids[0])
    action = place.actions[0] if place.actions else ""
    said = Trial(procedure, step, len(ids), action, "", "")
    if place.step != step or not action:
        return replace(said, fault=f"hồ sơ đứng ở {place.step or 'không bước nào'}")
    try:
        done = target.try_action(ids[0], action, place.version)
    except (Conflict, Refused, Misconfigured) as error:
        return replace(said, fault=_reason(error))
    return replace(said, to=done.step)


def _reason(error: ConnectorError) -> str:
    reasons = error.reasons if isinstance(error, Refused) else ()
    return ", ".join(f"{path}: {code}" for path, code in reasons) or "hệ thống nhận không cho làm"


def _print_trials(trials: Sequence[Trial], failed: Sequence[Trial]) -> None:
    by_step: dict[str, list[Trial]] = {}
    for trial in trials:
        by_step.setdefault(trial.step, []).append(trial)
    lines = [_trial_line(step, group) for step, group in sorted(by_step.items())]
    heads = ["Bước ở hệ thống mới", "Lớp làm được", "Hồ sơ đang mở", "Việc thử"]
    screen.out().print(screen.table("Thử việc kế tiếp trên một hồ sơ của mỗi lớp (thủ tục, bước)", heads, lines))
    for trial in failed:
        screen.say(
            f"KHÔNG LÀM ĐƯỢC: {trial.procedure} ở {trial.step}: {trial.action or 'không có việc'} ({trial.fault})"
        )
    done = len(trials) - len(failed)
    screen.say(
        f"Làm được việc kế tiếp ở {screen.number(done)}/{screen.number(len(trials))} lớp; không hồ sơ nào bị đổi."
    )


def _trial_line(step: str, group: Sequence[Trial]) -> list[str]:
    done = sum(not trial.fault for trial in group)
    taken = sorted({f"{trial.action} → {trial.to or 'kết thúc'}" for trial in group})
    dossiers = sum(trial.dossiers for trial in group)
    return [step, f"{screen.number(done)}/{screen.number(len(group))}", screen.number(dossiers), ", ".join(taken)]
