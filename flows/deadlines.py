"""The deadline ledger: what compare reads back of promises and obligations, kept, and told again for the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, case, delete, func, select

from connectors._sql_bulk import insert_rows
from flows import ledger_schema as t
from flows.ledger import Item, Ledger, by_source
from flows.payloads import plain
from flows.workplace import OpenSource
from mappings.model import Dossier, decode
from validations.deadline_ledger import Promise
from validations.deadlines import Held, hold_against, obligations
from validations.report import ObligationTally

PAGE: Final = 500
COMPARED: Final = (t.MATCHED, t.DIFFERENT)


@dataclass(frozen=True)
class Kept:
    """One compared dossier: as mapped, and as the target gave it back (None: not there, or not readable)."""

    item: Item
    dossier: Dossier
    held: Dossier | None
    is_worked_on: bool


def keep_promises(ledger: Ledger, compared: Sequence[Kept]) -> None:
    """Replace what an earlier comparison read of these dossiers: promises of open ones, obligations of all."""
    promises, owed = [], []
    for kept in compared:
        where = (kept.item.source_id, kept.item.key)
        if kept.dossier.is_open:
            promises.append(
                (*where, *_promise_row(hold_against(kept.dossier, kept.held, is_worked_on=kept.is_worked_on)))
            )
        if kept.is_worked_on:
            continue  # what was done there since is no difference
        old = obligations(kept.dossier)
        new = old if kept.held is kept.dossier else obligations(kept.held) if kept.held else None
        if old or new:
            there = new.by_kind() if new else {}
            sides = ((kind, n, there.get(kind, 0)) for kind, n in old.by_kind().items())
            owed += [(*where, *side) for side in sides if side[1] or side[2]]
    with ledger.transaction() as c:
        for table in (t.deadline, t.obligation):
            for source_id, keys in by_source([(k.item.source_id, k.item.key) for k in compared]):
                c.execute(delete(table).where(table.c.source_id == source_id, table.c.key.in_(keys)))
        insert_rows(c, t.deadline, promises)
        insert_rows(c, t.obligation, owed)


def _promise_row(held: Held) -> tuple[object, ...]:
    """In the order of the table's columns."""
    return (
        held.is_held, _text(held.received_at), _text(held.due_at), held.rounds, held.pauses, held.due,
        held.is_received_equal, held.are_rounds_equal, held.are_pauses_equal,
    )  # fmt: skip


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def read_promises(ledger: Ledger, sources: Sequence[OpenSource], unit_names: Mapping[str, str]) -> Iterator[Promise]:
    """Every open dossier of these sources, in key order page by page."""
    e, p, d = t.entry.c, t.payload.c, t.deadline.c
    tables = t.entry.join(t.payload, and_(e.source_id == p.source_id, e.key == p.key)).join(
        t.deadline, and_(e.source_id == d.source_id, e.key == d.key), isouter=True
    )
    for source in sources:
        query = (
            select(e.key, e.state, p.mapped, *(column for column in d if column.name not in ("source_id", "key")))
            .select_from(tables)
            .where(e.source_id == source.id, e.is_open.is_(True), e.state != t.EXCLUDED, p.mapped.is_not(None))
            .order_by(e.key)
            .limit(PAGE)
        )
        after = ""
        while True:
            with ledger.transaction() as c:
                rows = c.execute(query.where(e.key > after)).all()
            for row in rows:
                yield _promise(source.name, row, unit_names)
            if len(rows) < PAGE:
                break
            after = rows[-1].key


def _promise(source: str, row: Any, unit_names: Mapping[str, str]) -> Promise:
    dossier = decode(plain(row.mapped))
    is_compared = row.state in COMPARED and row.is_held is not None
    agency = dossier.handling_agency
    return Promise(
        source=source,
        dossier=dossier,
        unit_name=unit_names.get(agency.code, agency.name),
        state=row.state,
        owed=obligations(dossier),
        held=_held(row) if is_compared else None,
    )


def _held(row: Any) -> Held:
    return Held(
        row.is_held,
        datetime.fromisoformat(row.received_at) if row.received_at else None,
        datetime.fromisoformat(row.due_at) if row.due_at else None,
        row.rounds,
        row.pauses,
        row.due,
        row.received_equal,
        row.rounds_equal,
        row.pauses_equal,
    )


def obligation_tallies(ledger: Ledger, source: OpenSource, unit_names: Mapping[str, str]) -> list[ObligationTally]:
    """What is owed at each handling unit by kind, on both sides, of the dossiers that were compared."""
    e, o = t.entry.c, t.obligation.c
    query = (
        select(
            o.kind, e.unit, func.sum(o.old), func.sum(o.new), func.sum(case((o.old != o.new, 1), else_=0))
        )
        .join(t.entry, and_(e.source_id == o.source_id, e.key == o.key))
        .where(o.source_id == source.id, e.state.in_(COMPARED))
        .group_by(o.kind, e.unit)
        .order_by(o.kind, e.unit)
    )  # fmt: skip
    with ledger.transaction() as c:
        return [
            ObligationTally(kind, unit or "", unit_names.get(unit or "", ""), int(old), int(new), int(differing))
            for kind, unit, old, new, differing in c.execute(query)
        ]
