"""Differences counted and told, as the report and the list of differences need them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, select

from flows import ledger_schema as t
from flows.difference_rows import is_there
from validations.compare import Difference
from validations.differences import ACCEPTED
from validations.report import AcceptedTally, DifferenceRow, DifferenceTally

EXAMPLES: Final = 5
_TOLD: Final = (
    "source_id", "key", "field", "kind", "old", "new", "state", "mark", "first_at", "last_at", "entity",
)  # fmt: skip


def read_rows(c: Connection, *where: ColumnElement[bool], limit: int | None = None) -> Iterator[DifferenceRow]:
    """The differences that fit, in order of dossier and field."""
    d, e = t.difference.c, t.entry.c
    query = (
        select(*(d[name] for name in _TOLD), e.code)
        .join(t.entry, and_(e.source_id == d.source_id, e.key == d.key))
        .where(*where)
        .order_by(d.source_id, d.key, d.field, d.kind)
        .limit(limit)
        .execution_options(yield_per=1000)
    )
    for row in c.execute(query):
        found = Difference(row.field, row.kind, row.old, row.new)
        told = (row.state, row.mark, row.first_at, row.last_at, row.entity)
        yield DifferenceRow(row.source_id, row.key, row.code or "", found, *told)


def read_tallies(c: Connection, source_id: str) -> list[DifferenceTally]:
    """By kind and field, what nobody has accepted."""
    d = t.difference.c
    rows = count_alike(c, (d.kind, d.pattern), d.source_id == source_id, is_there(), d.state != ACCEPTED)
    return [DifferenceTally(kind, field, dossiers, keys) for (kind, field), dossiers, keys in rows]


def read_accepted_tallies(c: Connection, source_id: str) -> list[AcceptedTally]:
    """By kind, field, person, reason and last day, what was accepted."""
    d = t.difference.c
    said = (d.kind, d.pattern, d.author, d.reason, func.coalesce(d.until, ""))
    rows = count_alike(c, said, d.source_id == source_id, d.state == ACCEPTED)
    return [AcceptedTally(*_five(what), dossiers, keys) for what, dossiers, keys in rows]


def _five(what: Sequence[str]) -> tuple[str, str, str, str, str]:
    kind, field, author, reason, until = what
    return kind, field, author, reason, until


def count_alike(
    c: Connection, by: Sequence[ColumnElement[Any]], *where: ColumnElement[bool]
) -> Iterator[tuple[tuple[str, ...], int, tuple[str, ...]]]:
    """(what, dossiers, a few old keys) of differences that are alike in these columns."""
    d = t.difference.c
    named = [column.label(f"c{n}") for n, column in enumerate(by)]
    one = select(*named, d.source_id, d.key).where(*where).distinct().subquery()
    what = list(one.c)[: len(by)]
    place = func.row_number().over(partition_by=what, order_by=(one.c.source_id, one.c.key)).label("place")
    total = func.count().over(partition_by=what).label("total")
    placed = select(*what, one.c.key, place, total).subquery()
    query = select(placed).where(placed.c.place <= EXAMPLES).order_by(*list(placed.c)[: len(by)], placed.c.place)
    for _, rows in groupby(c.execute(query), key=lambda row: tuple(row)[: len(by)]):
        members = list(rows)
        cells = tuple(str(cell) for cell in tuple(members[0])[: len(by)])
        yield cells, int(members[0].total), tuple(str(row.key) for row in members)


def count_compared_since(c: Connection, source_id: str, started_at: str) -> int:
    """Dossiers that were pushed and compared again after the comparison that began then."""
    e, r = t.entry.c, t.run.c
    later = select(r.id).where(r.id == e.compared_run, r.started_at > started_at)
    query = select(func.count()).select_from(t.entry).where(e.source_id == source_id, e.state.in_(t.IN_TARGET))
    return int(c.execute(query.where(later.exists())).scalar_one()) if started_at else 0
