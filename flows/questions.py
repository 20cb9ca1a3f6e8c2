"""Questions that stages ask of the ledger, in SQL on indexed columns: never of a frame in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select

from connectors.base import Record
from flows import ledger_schema as t
from flows.ledger import Ledger
from flows.payloads import plain, unpack
from mappings.model import Issue, Severity

PAGE: Final = 500


def count_state(ledger: Ledger, states: Sequence[str], source_ids: Sequence[str], *, only_open: bool = False) -> int:
    """Entries in these states."""
    e = t.entry.c
    query = select(func.count()).select_from(t.entry).where(e.state.in_(states), e.source_id.in_(source_ids))
    with ledger.transaction() as c:
        return int(c.execute(query.where(e.is_open.is_(True)) if only_open else query).scalar_one())


def duplicate_codes(ledger: Ledger, source_id: str, keys: Sequence[str]) -> dict[str, list[Issue]]:
    """Dossiers whose code another dossier in play bears already: met in the same sweep, or before.

    A code met later than ours is the later one's trouble; it will name us when its turn comes.
    """
    mine, other = t.entry.alias("mine"), t.entry.alias("other")
    query = (
        select(mine.c.key, other.c.source_id, other.c.key.label("other_key"))
        .join(other, and_(other.c.code == mine.c.code, other.c.code_sweep <= mine.c.code_sweep))
        .where(
            mine.c.source_id == source_id,
            mine.c.key.in_(keys),
            other.c.state.not_in(t.OUT_OF_PLAY),
            (other.c.source_id != mine.c.source_id) | (other.c.key != mine.c.key),
        )
        .order_by(mine.c.key, other.c.source_id, other.c.key)
    )
    found: dict[str, list[Issue]] = {}
    with ledger.transaction() as c:
        for row in c.execute(query):
            named = found.setdefault(row.key, [])
            if len(named) < 5:
                about = f"{row.source_id}/{row.other_key}"
                named.append(Issue("duplicate_code", "code", Severity.ERROR, about))
    return found


def unresolved_groups(ledger: Ledger, source_id: str, keys: Sequence[str]) -> dict[str, list[Issue]]:
    """Dossiers that say they belong to a group dossier the source does not have."""
    e = t.entry.c
    with ledger.transaction() as c:
        rows = c.execute(
            select(e.key, e.group_keys).where(e.source_id == source_id, e.key.in_(keys), e.group_keys.is_not(None))
        ).all()
        wanted = {group for row in rows for group in row.group_keys.split(",")}
        known = {row.key for row in c.execute(select(e.key).where(e.source_id == source_id, e.key.in_(wanted)))}
    return {
        row.key: [Issue("group_link_unresolved", "links", Severity.WARNING, group) for group in missing]
        for row in rows
        if (missing := [group for group in row.group_keys.split(",") if group not in known])
    }


def stored_records(ledger: Ledger, source_id: str, *where: ColumnElement[bool]) -> Iterator[tuple[Record, datetime]]:
    """Raw dossiers of a source whose entry fits, in key order page by page, and when the sweep that read them began."""
    e, p = t.entry.c, t.payload.c
    query = (
        select(e.key, e.seen_at, p.raw)
        .join(t.payload, and_(e.source_id == p.source_id, e.key == p.key))
        .where(e.source_id == source_id, *where)
        .order_by(e.key)
        .limit(PAGE)
    )
    after = ""
    while True:
        with ledger.transaction() as c:
            rows = c.execute(query.where(e.key > after) if after else query).all()
        for row in rows:
            yield unpack(plain(row.raw)), datetime.fromisoformat(row.seen_at)
        if len(rows) < PAGE:
            return
        after = rows[-1].key


def keys_with_errors(ledger: Ledger, source_id: str, keys: Sequence[str], stage: str) -> set[str]:
    """Which of these dossiers carry an error that ``stage`` found."""
    i = t.issue.c
    with ledger.transaction() as c:
        query = select(i.key).where(
            i.source_id == source_id, i.key.in_(keys), i.stage == stage, i.severity == Severity.ERROR.value
        )
        return {row.key for row in c.execute(query)}
