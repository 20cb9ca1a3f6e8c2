"""Accepting differences: who, why, until when, for exactly the values that stand there now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import select

from flows import ledger_schema as t
from flows import screen
from flows.acceptance import append_accepted, settle_accepted, today
from flows.difference_choice import Wanted, chosen
from flows.difference_tallies import read_rows
from flows.ledger import Item, Run
from flows.questions import pages
from flows.site import SiteError
from flows.workplace import Workplace
from validations.accepted import Accepted
from validations.differences import is_whole
from validations.report import DifferenceRow

MOST: Final = 20_000
"""Differences that one acceptance may take: more of one kind is a loss for the target's profile to declare."""


@dataclass(frozen=True)
class Word:
    """Who accepts, why, until which day."""

    author: str
    reason: str
    until: date | None


def accept(work: Workplace, wanted: Wanted, word: Word) -> int:
    """Write what is open of what is wanted into accepted.csv, and mark it; how many differences.

    Raises SiteError, and writes nothing, when a whole dossier is missing among them and nobody named it.
    """
    if word.until is not None and word.until < today(work):
        raise SiteError(f"Ngày {word.until.isoformat()} đã qua: --until là ngày cuối còn hiệu lực, từ hôm nay trở đi.")
    settle_accepted(work)
    with work.ledger.run("accept") as run:
        where = chosen(work, replace(wanted, state="open"))
        with work.ledger.transaction() as c:
            rows = list(read_rows(c, where, limit=MOST + 1))
        _refuse(work, rows, wanted)
        if rows:
            append_accepted(work, [_accepted(row, word, today(work)) for row in rows])
            settle_accepted(work)
            _note(work, run, rows, f"difference accepted by {word.author}: {word.reason}")
    return len(rows)


def _refuse(work: Workplace, rows: Sequence[DifferenceRow], wanted: Wanted) -> None:
    if len(rows) > MOST:
        raise SiteError(
            f"Nhóm này có hơn {screen.number(MOST)} khác biệt: không chấp nhận từng ấy một lần. Điều hệ thống mới "
            "không giữ được thì khai trong tệp mô tả hệ thống nhận: docs/he-thong-nhan.md"
        )
    lost = [row for row in rows if is_whole(row.difference.kind, row.difference.field)]
    if lost and not wanted.names_dossiers:
        raise SiteError(
            f"{screen.number(len(lost))} hồ sơ trong số này không có ở hệ thống mới: không chấp nhận cả nhóm. Đẩy lại: "
            f"lienthong differences {work.site.path} repair --kind {lost[0].difference.kind}\n"
            "Thật sự chấp nhận thì nêu từng hồ sơ bằng --key."
        )


def _accepted(row: DifferenceRow, word: Word, on: date) -> Accepted:
    found = row.difference
    return Accepted(
        row.source, row.key, row.code, found.field, found.kind, row.mark, word.author, word.reason, on, word.until
    )


def _note(work: Workplace, run: Run, rows: Iterable[DifferenceRow], reason: str) -> None:
    """A line in the history of each dossier."""
    e = t.entry.c
    by_source: dict[str, dict[str, None]] = {}
    for row in rows:
        by_source.setdefault(row.source, {})[row.key] = None
    for source_id, keys in by_source.items():
        for page in pages(list(keys)):
            with work.ledger.transaction() as c:
                query = select(e.key, e.revision, e.state).where(e.source_id == source_id, e.key.in_(page))
                items = [Item(source_id, r.key, r.state, r.revision) for r in c.execute(query.order_by(e.key))]
                work.ledger.write_history(c, run, [(item, item.state, reason) for item in items])
