"""How quarantined dossiers stand as work: since when, how often, and who has taken them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select

from flows import ledger_schema as t
from flows.ledger import Ledger


@dataclass(frozen=True)
class Standing:
    """``days`` since the dossier last came into the tray, ``times`` that it came; ``owner`` "" when nobody took it."""

    owner: str
    days: int
    times: int


_CAME: Final = and_(t.history.c.state_to == t.QUARANTINED, t.history.c.state_from != t.QUARANTINED)
"""Moves into the tray."""


def read_standings(c: Connection, source_id: str, keys: Sequence[str], now: datetime) -> dict[str, Standing]:
    """How these dossiers stand."""
    h, a = t.history.c, t.assignment.c
    came = (
        select(h.key, func.max(h.at), func.count())
        .where(h.source_id == source_id, h.key.in_(keys), _CAME)
        .group_by(h.key)
    )
    since: dict[str, tuple[str, int]] = {row[0]: (row[1], row[2]) for row in c.execute(came)}
    taken = select(a.key, a.owner).where(a.source_id == source_id, a.key.in_(keys))
    owners: dict[str, str] = {row[0]: row[1] for row in c.execute(taken)}
    return {key: Standing(owners.get(key, ""), *_age(since.get(key), now)) for key in keys}


def _age(came: tuple[str, int] | None, now: datetime) -> tuple[int, int]:
    return ((now - datetime.fromisoformat(came[0])).days, came[1]) if came else (0, 0)


def assign(ledger: Ledger, source_ids: Sequence[str], owner: str, *, code: str, key: str) -> int:
    """Say who works on the quarantined dossiers of a cause, or on one; "" gives them back. How many."""
    e, a = t.entry.c, t.assignment.c
    wanted = and_(e.source_id.in_(source_ids), e.state == t.QUARANTINED, is_named(key) if key else carries(code))
    with ledger.transaction() as c:
        rows = c.execute(select(e.source_id, e.key).where(wanted).order_by(e.source_id, e.key)).all()
        mine = select(e.key).where(e.source_id == a.source_id, e.key == a.key, wanted)
        c.execute(delete(t.assignment).where(mine.exists()))
        if owner and rows:
            at = ledger.now()
            c.execute(insert(t.assignment), [{"source_id": s, "key": k, "owner": owner, "at": at} for s, k in rows])
    return len(rows)


def carries(code: str) -> ColumnElement[bool]:
    """Entries that an error of this code stops."""
    e, i = t.entry.c, t.issue.c
    mine = select(i.id).where(i.source_id == e.source_id, i.key == e.key)
    return mine.where(i.code == code, i.severity == "error").exists()


def is_named(key: str) -> ColumnElement[bool]:
    """The entry with this old key or dossier code."""
    return or_(t.entry.c.key == key, t.entry.c.code == key)


Wait = tuple[int, tuple[str, ...]]
"""Days that the oldest dossier waits, and who works on any of them."""


def waits_by_cause(c: Connection, source_ids: Sequence[str], now: datetime) -> dict[str, Wait]:
    """Cause → how long and with whom its dossiers wait."""
    e, i, h, a = t.entry.c, t.issue.c, t.history.c, t.assignment.c
    moves = select(func.max(h.at)).where(h.source_id == e.source_id, h.key == e.key, _CAME)
    tables = t.entry.join(t.issue, and_(e.source_id == i.source_id, e.key == i.key)).join(
        t.assignment, and_(e.source_id == a.source_id, e.key == a.key), isouter=True
    )
    # asked of each quarantined dossier: the history of all the others is long, and indexed by dossier only
    query = (
        select(i.code, a.owner, func.min(moves.correlate(t.entry).scalar_subquery()))
        .select_from(tables)
        .where(e.source_id.in_(source_ids), e.state == t.QUARANTINED, i.severity == "error")
        .group_by(i.code, a.owner)
        .order_by(i.code, a.owner)
    )
    found: dict[str, Wait] = {}
    for code, owner, came in c.execute(query):
        days, owners = found.get(code, (0, ()))
        found[code] = (max(days, _age((came, 1) if came else None, now)[0]), (*owners, *([owner] if owner else ())))
    return found
