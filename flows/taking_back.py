"""The rollback as a technician sees it: what went, what stayed and why, and the way forward again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import func, select

from flows import ledger_schema as t
from flows import reporting, screen
from flows.failures import MATCHED, REMAINS
from flows.ledger import Run
from flows.pipeline import RunOptions, final_code, plan_stages, site_status
from flows.rollback import NOT_THERE, TAKEN, Left, RollbackStage, again, count_held, would_leave
from flows.selection import Selection
from flows.stages import drain
from flows.workplace import Workplace

SHOWN: Final = 20
AGAIN: Final = ("map", "validate", "push", "compare")


def because(author: str, reason: str) -> str:
    """Who and why, as the history keeps it."""
    return f"{author}: {reason}" if reason else author


def take_back(work: Workplace, selection: Selection, said: str, *, is_dry: bool, as_json: bool) -> int:
    """Take a selection out of the target; exit code 1 when something stays there."""
    if is_dry:
        target = work.target(reading=True)
        left = would_leave(work.ledger, target, selection)
        taken = count_held(work.ledger, selection) - len(left)
        return _tell(selection, {TAKEN: taken}, left, is_dry=True, as_json=as_json)
    with work.ledger.run("rollback") as run:
        stage = roll_back(work, run, selection, said)
    return _tell(selection, stage.counts, stage.left, is_dry=False, as_json=as_json)


def roll_back(work: Workplace, run: Run, selection: Selection, said: str) -> RollbackStage:
    """Run the stage to its end."""
    batch = work.site.settings.target.batch
    ids, words = list(work.site.source_ids().values()), f"{said} ({selection.said})"
    stage = RollbackStage(work.ledger, run, work.target(), ids, selection, words, batch)
    with screen.progress_bars() as progress:
        drain(stage, progress)
    return stage


def _tell(selection: Selection, counts: Any, left: list[Left], *, is_dry: bool, as_json: bool) -> int:
    taken, not_there = counts.get(TAKEN, 0), counts.get(NOT_THERE, 0)
    if as_json:
        figures = {"taken": taken, "not_there": not_there, "left": [asdict(one) for one in left]}
        screen.print_json({"selection": selection.said, "dry_run": is_dry, "note": selection.note, **figures})
        return REMAINS if left else MATCHED
    if left:
        lines = [[one.code or one.key, one.new_id, f"{one.source}/{one.key}"] for one in left[:SHOWN]]
        title = "Ở lại hệ thống mới: cán bộ đã làm việc trên hồ sơ"
        screen.out().print(screen.table(title, ["Mã hồ sơ", "Mã mới", "Khóa cũ"], lines))
        if len(left) > SHOWN:
            screen.say(f"… và {screen.number(len(left) - SHOWN)} hồ sơ nữa; xem hết: thêm --json.")
    words = "Sẽ rút" if is_dry else "Đã rút"
    rest = f"; {screen.number(not_there)} hồ sơ vốn đã không còn ở đó" if not_there else ""
    stays = f"; {screen.number(len(left))} hồ sơ ở lại, không ai xóa" if left else ""
    screen.say(f"{words} {screen.number(taken)} hồ sơ của {selection.said} khỏi hệ thống mới{rest}{stays}.")
    if selection.note:
        screen.say(selection.note)
    if not is_dry:
        screen.say("Hệ thống cũ không đổi. Chuyển lại sau khi sửa: thêm --again vào chính lệnh này.")
    return REMAINS if left else MATCHED


def let_go_again(work: Workplace, selection: Selection, said: str, *, is_dry: bool, as_json: bool) -> int:
    """ROLLED_BACK → mapped anew, validated, pushed, compared: this selection only."""
    if is_dry:
        waiting = _rolled_back(work, selection)
        screen.say(f"Sẽ chuyển lại {screen.number(waiting)} hồ sơ đã rút của {selection.said}.")
        return MATCHED
    with work.ledger.run("again") as run:
        moved = again(work.ledger, run, selection, f"{said} ({selection.said})")
        code = convey(work, run, selection)
    if as_json:
        screen.print_json({"selection": selection.said, "again": moved, **site_status(work).to_json()})
    else:
        screen.say(f"Đã chuyển lại {screen.number(moved)} hồ sơ của {selection.said}.")
        screen.print_status(site_status(work))
    return code


def _rolled_back(work: Workplace, selection: Selection) -> int:
    query = select(func.count()).select_from(t.entry).where(t.entry.c.state == t.ROLLED_BACK, selection.where)
    with work.ledger.transaction() as c:
        return int(c.execute(query).scalar_one())


def convey(work: Workplace, run: Run, selection: Selection) -> int:
    """Map to compare, pushing this selection only; the report is written. The exit code of the site."""
    options = RunOptions(stages=AGAIN, only=selection.where)
    sources = work.open_sources()
    with screen.progress_bars() as progress:
        for stage in plan_stages(work, run, sources, options):
            drain(stage, progress)
    report = reporting.write_report(work, sources, run)
    screen.say(f"Báo cáo: {report}")
    return final_code(work, site_status(work), options)
