"""The gates of a wave: what is asked, what is found, and what to do next where it does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from flows import ledger_schema as t
from flows.acceptance import settle_accepted
from flows.decided import is_waiting
from flows.difference_rows import is_settled, is_there, of_entry
from flows.error_policy import LOST_FILES
from flows.review_gather import site_tables
from flows.site_waves import EnterGates, LeaveGates
from flows.states import counted
from flows.waves import FINISHED, Wave, count, pilot, stage_of
from flows.workplace import Workplace
from mappings.review_tables import site_rows


@dataclass(frozen=True)
class Gate:
    """One question of a gate, answered."""

    name: str
    asked: str
    found: str
    is_met: bool
    then: str = ""  # what to do when it is not met


def gates(work: Workplace, wave: Wave, *, leaving: bool) -> list[Gate]:
    """The entry gates of a wave, or its exit gates, as accepted.csv and the calendar have it today."""
    settle_accepted(work)
    return list(_leave(work, wave) if leaving else _enter(work, wave))


def _enter(work: Workplace, wave: Wave) -> Iterator[Gate]:
    asked = wave.settings.enter
    yield _not_empty(work, wave)
    first = pilot(work.site)
    for name in asked.after if asked.after is not None else [first] * (first != wave.name):
        is_done = stage_of(work.ledger, name) == FINISHED
        then = f"Kết thúc đợt {name} trước: lienthong wave {work.site.path} finish {name}"
        yield Gate(f"sau đợt {name}", "đã kết thúc", "đã kết thúc" if is_done else "chưa", is_done, then)
    if asked.mapping_approved:
        yield _mapping(work)
    yield from _both(work, wave, asked)


def _leave(work: Workplace, wave: Wave) -> Iterator[Gate]:
    asked = wave.settings.leave
    if asked.matched:
        open_states = (t.EXTRACTED, t.MAPPED, t.VALID, t.PUSHED, t.DIFFERENT, t.ROLLED_BACK)
        accepted = count(work.ledger, and_(wave.dossiers, is_settled()))
        left = count(work.ledger, and_(wave.dossiers, t.entry.c.state.in_(open_states))) - accepted
        then = (
            f"Chạy tiếp: lienthong wave {work.site.path} start {wave.name}; "
            f"xem khác biệt: lienthong differences {work.site.path}"
        )
        words = f"{left} hồ sơ chưa khớp" if left else "còn lại khớp" if accepted else "khớp hết"
        found = f"{accepted} hồ sơ khác biệt đã được chấp nhận; {words}" if accepted else words
        yield Gate("đối soát khớp", "mọi hồ sơ", found, not left, then)
    if asked.attachments_lost is not None:
        lost = _lost(work, wave)
        then = "Tìm lại tệp ở hệ thống cũ, rồi: lienthong quarantine SITE retry --code attachment_gone"
        is_met = lost <= asked.attachments_lost
        yield Gate("tệp đính kèm mất", f"≤ {asked.attachments_lost}", f"{lost} hồ sơ", is_met, then)
    yield from _both(work, wave, asked)


def _both(work: Workplace, wave: Wave, asked: EnterGates | LeaveGates) -> Iterator[Gate]:
    if asked.decisions_settled:
        i, e = t.issue.c, t.entry.c
        waits = select(i.id).where(i.source_id == e.source_id, i.key == e.key, i.stage == "map", is_waiting(()))
        n = count(work.ledger, and_(wave.dossiers, e.state == t.QUARANTINED, waits.exists()))
        then = f"Ghi quyết định: lienthong decide {work.site.path}"
        yield Gate("quyết định thẩm quyền", "không còn chờ", f"{n} hồ sơ chờ" if n else "không còn", not n, then)
    if asked.quarantined_percent is not None:
        total = count(work.ledger, wave.dossiers)
        n = count(work.ledger, and_(wave.dossiers, t.entry.c.state == t.QUARANTINED))
        percent = 100 * n / total if total else 0.0
        then = f"Xử lý khay cách ly: lienthong quarantine {work.site.path}"
        words = f"{percent:.1f} % ({n}/{total})".replace(".", ",")
        limit = f"≤ {asked.quarantined_percent:g} %".replace(".", ",")
        yield Gate("hồ sơ cách ly", limit, words, percent <= asked.quarantined_percent, then)


def _not_empty(work: Workplace, wave: Wave) -> Gate:
    n = count(work.ledger, wave.dossiers)
    then = "Xem lại communes, procedures, statuses, codes của đợt; mã xã là mã xã mới, đặt trong dấu nháy"
    return Gate("hồ sơ của đợt", "≥ 1", str(n), n > 0, then)


def _mapping(work: Workplace) -> Gate:
    drafts = sum(
        not table.is_settled(cells)
        for table in site_tables(work)
        for cells in site_rows(table, work.site.path).values()
    )
    waiting = counted(work)[1]
    found = f"{drafts} dòng nháp" + (f", {waiting} hồ sơ đang mở chờ duyệt bước đi tiếp" if waiting else "")
    then = f"Soát xét và duyệt: lienthong review {work.site.path}, lienthong states {work.site.path}"
    is_met = not drafts and not waiting
    return Gate("cách chuyển đã duyệt", "không còn nháp", "đã duyệt" if is_met else found, is_met, then)


def _lost(work: Workplace, wave: Wave) -> int:
    e, i = t.entry.c, t.issue.c
    named = select(i.id).where(i.source_id == e.source_id, i.key == e.key, i.code.in_(LOST_FILES)).exists()
    differs = of_entry(is_there(), t.difference.c.kind == "attachment")
    return count(work.ledger, and_(wave.dossiers, or_(named, differs)))
