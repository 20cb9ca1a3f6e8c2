"""Numbers that several entries bear, asked of the ledger in SQL: code, second code, referenceUid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, insert, literal, or_, select, tuple_
from sqlalchemy import delete as sql_delete

from flows import ledger_schema as t
from flows.ledger import Ledger
from mappings.pairs import Member

PAGE: Final = 200
KINDS: Final = ("code", "second", "uid")
NOT_PAIRED: Final = (t.EXTRACTED, *t.OUT_OF_PLAY)
"""States of entries that are not mapped, or hold no claim on a number."""


@dataclass(frozen=True)
class Bearer:
    """An entry that bears a number somebody else bears, too."""

    member: Member
    code: str
    second_code: str
    uid: str
    mapped_fp: bytes
    in_target: bool


def find_clashes(ledger: Ledger, source_ids: Sequence[str]) -> None:
    """Write every number that several entries bear into the table ``clash``: however many, no memory is asked."""
    e = t.entry.c
    in_play = and_(e.state.not_in(NOT_PAIRED), e.source_id.in_(source_ids))
    own = t.entry.alias("own").c
    is_other = or_(own.key != e.key, own.source_id != e.source_id)
    borne = select(own.key).where(
        or_(own.code == e.second_code, own.second_code == e.second_code), is_other, own.state.not_in(NOT_PAIRED)
    )
    asked = {
        "code": select(literal("code"), e.code).where(e.code.is_not(None), in_play).group_by(e.code),
        "uid": select(literal("uid"), e.uid).where(e.uid.is_not(None), in_play).group_by(e.uid),
    }
    second = select(literal("second"), e.second_code).where(e.second_code.is_not(None), in_play, borne.exists())
    with ledger.transaction() as c:
        c.execute(sql_delete(t.clash))
        for query in asked.values():
            c.execute(insert(t.clash).from_select(["kind", "value"], query.having(func.count() > 1)))
        c.execute(insert(t.clash).from_select(["kind", "value"], second.group_by(e.second_code)))


def clashes(ledger: Ledger, kind: str) -> Iterator[list[str]]:
    """The numbers of one kind, page by page."""
    x, after = t.clash.c, ""
    while True:
        query = select(x.value).where(x.kind == kind, x.value > after).order_by(x.value).limit(PAGE)
        with ledger.transaction() as c:
            values = list(c.execute(query).scalars())
        if values:
            yield values
        if len(values) < PAGE:
            return
        after = values[-1]


def bearers(ledger: Ledger, source_ids: Sequence[str], kind: str, values: Sequence[str]) -> dict[str, list[Bearer]]:
    """Number → the entries in play that bear it."""
    e = t.entry.c
    where = {
        "code": e.code.in_(values),
        "second": or_(e.code.in_(values), e.second_code.in_(values)),
        "uid": e.uid.in_(values),
    }[kind]
    found: dict[str, list[Bearer]] = {value: [] for value in values}
    for bearer in _read(ledger, source_ids, where):
        numbers = {"code": {bearer.code}, "second": {bearer.code, bearer.second_code}, "uid": {bearer.uid}}[kind]
        for number in numbers & found.keys():
            found[number].append(bearer)
    return found


def named_bearers(ledger: Ledger, source_ids: Sequence[str], members: Sequence[Member]) -> list[Bearer]:
    """These entries, as far as they are in play."""
    return _read(ledger, source_ids, among(members))


def among(members: Sequence[Member]) -> ColumnElement[bool]:
    """Whether an entry is one of these."""
    return tuple_(t.entry.c.source_id, t.entry.c.key).in_(list(members))


def _read(ledger: Ledger, source_ids: Sequence[str], where: ColumnElement[bool]) -> list[Bearer]:
    e = t.entry.c
    query = select(e.source_id, e.key, e.code, e.second_code, e.uid, e.mapped_fp, e.new_id).where(
        where, e.state.not_in(NOT_PAIRED), e.source_id.in_(source_ids), e.mapped_fp.is_not(None)
    )
    with ledger.transaction() as c:
        return [_bearer(row) for row in c.execute(query)]


def _bearer(row: Any) -> Bearer:
    return Bearer(
        (row.source_id, row.key), row.code or "", row.second_code or "", row.uid or "", row.mapped_fp, bool(row.new_id)
    )
