"""accepted.csv and the ledger: what is accepted holds for exactly these values, until its last day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, select

from connectors._sql_bulk import update_rows
from flows import ledger_schema as t
from flows.difference_rows import NO_ACCEPTANCE
from flows.findings import Finding, warn
from flows.questions import pages
from flows.site import LOCAL, write_private
from flows.workplace import Workplace
from validations.accepted import Accepted, accepted_file, accepted_text, read_accepted
from validations.differences import ACCEPTED, OPEN, REOPENED

Place = tuple[str, str, str]
SHOWN: Final = 20


@dataclass(frozen=True)
class Standing:
    """How the rows of accepted.csv stand: ``unknown`` to the ledger (the values are others by now), or past."""

    expired: Sequence[Accepted]
    unknown: Sequence[Accepted]


def today(work: Workplace) -> date:
    """The local day."""
    return work.clock().astimezone(LOCAL).date()


def settle_accepted(work: Workplace) -> Standing:
    """Bring the ledger in line with accepted.csv and the calendar. Raises ProfileError for a row that is wrong."""
    rows = {row.place: row for row in read_accepted(accepted_file(work.site.path))}
    now = today(work)
    live = {place: row for place, row in rows.items() if row.holds(now)}
    with work.ledger.transaction() as c:
        _reopen(c, live)
        known = {place for found in _accept(c, live) for place in found}
    return Standing(
        tuple(row for place, row in rows.items() if place not in live),
        tuple(row for place, row in live.items() if place not in known),
    )


def _reopen(c: Connection, live: Mapping[Place, Accepted]) -> None:
    """What nobody accepts any more is open again."""
    d = t.difference.c
    query = select(d.id, d.source_id, d.key, d.mark).where(d.state == ACCEPTED)
    lost = [row.id for row in c.execute(query) if (row.source_id, row.key, row.mark) not in live]
    update_rows(c, t.difference, ("id",), [{"id": one, "state": REOPENED, **NO_ACCEPTANCE} for one in lost])


def _accept(c: Connection, live: Mapping[Place, Accepted]) -> Iterator[list[Place]]:
    """Accept what the table names and the ledger holds open, page by page; the rows of the table that it knows."""
    d = t.difference.c
    for source_id in sorted({source for source, _, _ in live}):
        keys = sorted({key for source, key, _ in live if source == source_id})
        for page in pages(keys):
            rows = c.execute(select(t.difference).where(d.source_id == source_id, d.key.in_(page))).all()
            known = [(row, live[place]) for row in rows if (place := (source_id, row.key, row.mark)) in live]
            changes = [_said(row, one) for row, one in known if row.state in OPEN or _is_otherwise(row, one)]
            update_rows(c, t.difference, ("id",), changes)
            yield [one.place for _, one in known]


def _is_otherwise(row: Any, one: Accepted) -> bool:
    """Whether an accepted row says something else than the table by now."""
    return row.state == ACCEPTED and (row.author, row.reason, row.until) != _words(one)


def _words(one: Accepted) -> tuple[str, str, str | None]:
    return one.author, one.reason, one.until.isoformat() if one.until else None


def _said(row: Any, one: Accepted) -> dict[str, Any]:
    author, reason, until = _words(one)
    return {"id": row.id, "state": ACCEPTED, "author": author, "reason": reason, "until": until}


def acceptance_findings(work: Workplace) -> Iterator[Finding]:
    """Rows of accepted.csv that count no more."""
    standing, file = settle_accepted(work), accepted_file(work.site.path)
    for row in standing.unknown[:SHOWN]:
        yield warn(
            f"{file}:{row.line}",
            f"Sổ cái không có khác biệt mang dấu {row.mark} của hồ sơ {row.key}: giá trị đã đổi, hoặc không còn khác.",
            f"Xem: lienthong differences {work.site.path} --key {row.key}; chấp nhận lại, hoặc bỏ dòng.",
        )
    if standing.expired:
        said = f"{len(standing.expired)} dòng đã quá ngày den_ngay: khác biệt ấy mở lại."
        yield warn(str(file), said, "Quyết định lại, ghi dòng mới bằng: lienthong differences SITE accept")


def append_accepted(work: Workplace, rows: Sequence[Accepted]) -> None:
    """Add rows to the site's table, in one step; what stands there stays as it was written."""
    file = accepted_file(work.site.path)
    read_accepted(file)
    old = file.read_bytes() if file.exists() else b""
    if old and not old.endswith(b"\n"):
        old += b"\n"
    write_private(file, [old, accepted_text(rows, with_heads=not old).encode()])
