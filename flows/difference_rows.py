"""Differences in the ledger: a row lives from the comparison that first finds it until one no longer does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select

from connectors._sql_bulk import update_rows
from flows import ledger_schema as t
from flows.ledger import Item, Ledger, Run, by_source
from validations.compare import BY_DESIGN, WORKED_ON, Difference
from validations.differences import (
    ACCEPTED,
    FIXED,
    NEW,
    OPEN,
    entity_of,
    mark_of,
    next_state,
    pattern_of,
    stored_field,
    why_of,
)

PAGE: Final = 500
NO_ACCEPTANCE: Final[Mapping[str, None]] = {"author": None, "reason": None, "until": None}

Found = tuple[Item, tuple[Difference, ...]]
"""A dossier and what a comparison found at it."""


def is_there() -> ColumnElement[bool]:
    """Rows that the last comparison found."""
    return t.difference.c.state != FIXED


def is_open() -> ColumnElement[bool]:
    """Rows that somebody has to do something about: neither gone, nor accepted, nor declared before the run.

    A dossier that matched and that officials went on with since is as it should be.
    """
    d, e = t.difference.c, t.entry.alias("gone_on").c
    matched = select(e.key).where(e.source_id == d.source_id, e.key == d.key, e.state == t.MATCHED)
    return and_(d.state.in_(OPEN), d.kind != BY_DESIGN, or_(d.kind != WORKED_ON, ~matched.exists()))


def of_entry(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Entries with a row that fits."""
    d, e = t.difference.c, t.entry.c
    return select(d.id).where(d.source_id == e.source_id, d.key == e.key, *more).exists()


def is_settled() -> ColumnElement[bool]:
    """Entries that differ, and whose differences somebody has accepted, every one."""
    return and_(t.entry.c.state == t.DIFFERENT, of_entry(t.difference.c.state == ACCEPTED), ~of_entry(is_open()))


def count_settled(c: Connection, *where: ColumnElement[bool]) -> int:
    """How many dossiers differ only in what was accepted."""
    return int(c.execute(select(func.count()).select_from(t.entry).where(is_settled(), *where)).scalar_one())


# ---------------------------------------------------------------- what a comparison says


def keep_differences(ledger: Ledger, run: Run, found: Sequence[Found]) -> None:
    """Merge what a comparison found at these dossiers with what is known: seen again, new, gone, or back."""
    at = ledger.now()
    by_place = {(item.source_id, item.key): differences for item, differences in found}
    with ledger.transaction() as c:
        salt = salt_of(c)
        for source_id, keys in by_source(list(by_place)):
            known = _known(c, source_id, keys)
            changes: list[dict[str, Any]] = []
            fresh: list[dict[str, Any]] = []
            for key in keys:
                rows = known.get(key, {})
                place = (source_id, key)
                for one in by_place[place]:
                    cells = _cells(salt, place, one)
                    row = rows.pop((cells["field"], cells["kind"]), None)
                    if row is None:
                        seen = {"first_run": run.id, "first_at": at, "last_at": at, "run_id": run.id}
                        fresh.append({"source_id": source_id, "key": key, "state": NEW, **cells, **seen})
                    else:
                        changes.append(_seen(row, cells, run.id, at))
                changes += [_gone(row, run.id) for row in rows.values() if row.state != FIXED]
            update_rows(c, t.difference, ("id",), changes)
            if fresh:
                c.execute(insert(t.difference), fresh)


def _known(c: Connection, source_id: str, keys: Sequence[str]) -> dict[str, dict[tuple[str, str], Any]]:
    """Key → (path, kind) → row."""
    d = t.difference.c
    rows: dict[str, dict[tuple[str, str], Any]] = {}
    for row in c.execute(select(t.difference).where(d.source_id == source_id, d.key.in_(keys)).order_by(d.id)):
        rows.setdefault(row.key, {})[row.field, row.kind] = row
    return rows


def _cells(salt: str, place: tuple[str, str], one: Difference) -> dict[str, str]:
    return {
        "field": stored_field(one.field), "kind": one.kind, "old": one.old, "new": one.new,
        "entity": entity_of(one.field), "pattern": stored_field(pattern_of(one.field)), "why": why_of(one),
        "mark": mark_of(salt, place, one),
    }  # fmt: skip


def _seen(row: Any, cells: Mapping[str, str], run_id: str, at: str) -> dict[str, Any]:
    state = next_state(row.state, row.mark, cells["mark"])
    kept = {} if state == row.state else dict(NO_ACCEPTANCE)
    values = {name: cells[name] for name in ("old", "new", "why", "mark")}
    return {"id": row.id, "state": state, "last_at": at, "run_id": run_id, "fixed_run": None, **values, **kept}


def _gone(row: Any, run_id: str) -> dict[str, Any]:
    return {"id": row.id, "state": FIXED, "fixed_run": run_id}


def salt_of(c: Connection) -> str:
    """The ledger's own salt of marks."""
    return str(c.execute(select(t.meta.c.value).where(t.meta.c.name == "mark_salt")).scalar_one())


# ---------------------------------------------------------------- ledgers of before


def give_life(c: Connection) -> None:
    """Give the rows of an older ledger what they need to live on, page by page."""
    for rows in iter(lambda: _lifeless(c), []):
        salt, started = salt_of(c), dict(_started(c, {row.run_id for row in rows}))
        changes = []
        for row in rows:
            cells = _cells(salt, (row.source_id, row.key), Difference(row.field, row.kind, row.old, row.new))
            at = started.get(row.run_id, "")
            seen = {"state": NEW, "first_run": row.run_id, "first_at": at, "last_at": at}
            changes.append({"id": row.id, **{n: cells[n] for n in ("entity", "pattern", "why", "mark")}, **seen})
        update_rows(c, t.difference, ("id",), changes)


def _lifeless(c: Connection) -> Sequence[Any]:
    d = t.difference.c
    return c.execute(select(t.difference).where(d.state.is_(None)).order_by(d.id).limit(PAGE)).all()


def _started(c: Connection, run_ids: set[str]) -> Iterator[tuple[str, str]]:
    for row in c.execute(select(t.run.c.id, t.run.c.started_at).where(t.run.c.id.in_(run_ids))):
        yield row.id, row.started_at
