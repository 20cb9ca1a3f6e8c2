"""Questions that stages ask of the ledger, in SQL on indexed columns: never of a frame in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, select

from connectors.base import Record
from flows import ledger_schema as t
from flows.ledger import Ledger
from flows.payloads import plain, unpack
from mappings.model import Issue, Severity
from mappings.pairs import PairDecisions

PAGE: Final = 500


def pages(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """The keys in parts that a statement takes."""
    return (keys[at : at + PAGE] for at in range(0, len(keys), PAGE))


def count_state(
    ledger: Ledger,
    states: Sequence[str],
    source_ids: Sequence[str],
    *,
    only_open: bool = False,
    where: ColumnElement[bool] | None = None,
) -> int:
    """Entries in these states."""
    e = t.entry.c
    query = select(func.count()).select_from(t.entry).where(e.state.in_(states), e.source_id.in_(source_ids))
    query = query if where is None else query.where(where)
    with ledger.transaction() as c:
        return int(c.execute(query.where(e.is_open.is_(True)) if only_open else query).scalar_one())


def duplicate_codes(
    ledger: Ledger, source_id: str, keys: Sequence[str], decisions: PairDecisions | None = None
) -> dict[str, list[Issue]]:
    """Dossiers whose code another dossier in play bears already, in any source: met in the same sweep, or before.

    A code met later than ours is the later one's trouble; it will name us when its turn comes. Those that were
    decided to be different matters only note it. ``about``: the other dossier, and what agrees between the two.
    """
    mine, other = t.entry.alias("mine"), t.entry.alias("other")
    query = (
        select(mine.c.key, mine.c.code, other.c.source_id, other.c.key.label("other_key"))
        .join(other, and_(other.c.code == mine.c.code, other.c.code_sweep <= mine.c.code_sweep))
        .where(
            mine.c.source_id == source_id,
            mine.c.key.in_(keys),
            other.c.state.not_in(t.NO_CLAIM),
            (other.c.source_id != mine.c.source_id) | (other.c.key != mine.c.key),
        )
        .order_by(mine.c.key, other.c.source_id, other.c.key)
    )
    found: dict[str, list[Issue]] = {}
    with ledger.transaction() as c:
        rows = c.execute(query).all()
        evidence = _evidence(c, source_id, sorted({row.key for row in rows}))
    for row in rows:
        named = found.setdefault(row.key, [])
        one, two = (source_id, row.key), (row.source_id, row.other_key)
        decision = decisions.find(one, two, row.code) if decisions else None
        is_error = decision is None or decision.outcome != "different"
        if sum((issue.severity is Severity.ERROR) == is_error for issue in named) < 5:
            about = f"{row.source_id}/{row.other_key} {evidence.get((row.key, two), '')}".strip()
            code, severity = ("duplicate_code", Severity.ERROR) if is_error else ("code_shared", Severity.INFO)
            named.append(Issue(code, "code", severity, about))
    return found


def _evidence(c: Connection, source_id: str, keys: Sequence[str]) -> dict[tuple[str, tuple[str, str]], str]:
    """(key, other record) → what agrees, for the pairs that these dossiers are in."""
    r = t.pair.c
    found: dict[tuple[str, tuple[str, str]], str] = {}
    if keys:
        for row in c.execute(select(t.pair).where(r.source_id == source_id, r.key.in_(keys))):
            found[row.key, (row.keep_source, row.keep_key)] = row.evidence
        for row in c.execute(select(t.pair).where(r.keep_source == source_id, r.keep_key.in_(keys))):
            found[row.keep_key, (row.source_id, row.key)] = row.evidence
    return found


def same_uids(ledger: Ledger, source_id: str, keys: Sequence[str]) -> dict[str, list[Issue]]:
    """Dossiers that share a referenceUid or a second code, not the code, with one in play that came no later."""
    r = t.pair.c
    mine, other = t.entry.alias("mine"), t.entry.alias("other")
    found: dict[str, list[Issue]] = {}
    sides = (
        ((r.source_id, r.key), (r.keep_source, r.keep_key)),
        ((r.keep_source, r.keep_key), (r.source_id, r.key)),
    )
    with ledger.transaction() as c:
        for (my_source, my_key), (source, key) in sides:
            query = (
                select(mine.c.key, other.c.source_id, other.c.key.label("other_key"), r.evidence)
                .where(my_source == source_id, my_key.in_(keys), r.outcome == "open")
                .where(mine.c.source_id == my_source, mine.c.key == my_key)
                .where(other.c.source_id == source, other.c.key == key, other.c.state.not_in(t.NO_CLAIM))
                .where(
                    other.c.first_sweep <= mine.c.first_sweep,
                    func.coalesce(mine.c.code, "") != func.coalesce(other.c.code, "-"),
                )
                .order_by(mine.c.key, other.c.source_id, other.c.key)
            )
            for row in c.execute(query):
                code = "same_reference_uid" if row.evidence.startswith("uid=yes") else "duplicate_code"
                about = f"{row.source_id}/{row.other_key} {row.evidence}"
                found.setdefault(row.key, []).append(Issue(code, "links", Severity.ERROR, about))
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
