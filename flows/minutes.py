"""The figures of the handover minutes: asked of the ledger in SQL, for all communes at once, or for one wave."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, String, and_, case, func, literal_column, not_, or_, select

from flows import ledger_schema as t
from flows.difference_rows import is_open, is_settled, is_there
from flows.rollback import has_work_done, is_held
from validations.compare import BY_DESIGN
from validations.differences import ACCEPTED
from validations.minutes import Numbers, Split, Trouble

SHOWN: Final = 10
"""Procedures, and units of a wave, that have a line of their own; the others are summed up."""
EXAMPLES: Final = 3


@dataclass(frozen=True)
class Compared:
    """The last comparison of the whole: which run, and when it ended (ISO)."""

    run_id: str
    ended_at: str


BY_UNIT: Final = literal_column("coalesce(entry.unit, '')", String)
TOGETHER: Final = literal_column("substr(entry.key, 1, 0)", String)  # "" of every row: no server groups by a constant


@dataclass(frozen=True)
class Cut:
    """Which dossiers are counted, and by what they are told apart."""

    where: ColumnElement[bool]
    by: ColumnElement[str] = BY_UNIT

    def counted(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """Dossiers by group and these columns, in this order."""
        asked = (self.by.label("part"), *columns)
        query = select(*asked, func.count().label("n")).where(self.where, in_scope())
        return query.group_by(*asked).order_by(*asked)


def in_scope() -> ColumnElement[bool]:
    """What had to go: all but what a rule of scope leaves out. What a decision leaves out is in scope to the source."""
    return or_(t.entry.c.state != t.EXCLUDED, t.entry.c.rule.in_(t.DECIDED_RULES))


@dataclass
class _Draft:
    """Numbers of one group while they are being gathered."""

    found: int = 0
    states: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    statuses: dict[int | None, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    procedures: tuple[list[Split], int, Split] = field(default_factory=lambda: ([], 0, Split("", "", {})))
    units: list[Split] = field(default_factory=list)
    quarantine: list[Trouble] = field(default_factory=list)
    differences: list[Trouble] = field(default_factory=list)
    accepted: list[Trouble] = field(default_factory=list)
    settled: int = 0
    is_open: int = 0
    held: int = 0
    worked_on: int = 0
    changed_since: int = 0
    compared_since: int = 0

    def done(self) -> Numbers:
        by_status = sorted(self.statuses.items(), key=lambda item: 99 if item[0] is None else item[0])
        named, others, rest = self.procedures
        return Numbers(
            found=self.found,
            states=dict(self.states),
            decided=dict(sorted(self.decided.items())),
            by_status=[Split("" if code is None else str(code), "", dict(states)) for code, states in by_status],
            by_procedure=named,
            other_procedures=others,
            others=rest,
            by_unit=self.units,
            quarantine=sorted(self.quarantine, key=lambda cause: (-cause.dossiers, cause.code)),
            differences=sorted(self.differences, key=lambda kind: (-kind.dossiers, kind.code)),
            accepted=sorted(self.accepted, key=lambda kind: (-kind.dossiers, kind.code)),
            settled=self.settled,
            is_open=self.is_open,
            held=self.held,
            worked_on=self.worked_on,
            changed_since=self.changed_since,
            compared_since=self.compared_since,
        )


def gather(
    c: Connection, cut: Cut, compared: Compared, names: Mapping[str, str], fields: Mapping[str, str]
) -> dict[str, Numbers]:
    """Group → its figures. Every term has its own count. ``names`` of units, ``fields`` of procedures: by code."""
    drafts: dict[str, _Draft] = defaultdict(_Draft)
    for row in c.execute(cut.counted()):
        drafts[row.part].found = row.n
    _states(c, cut, drafts)
    for row in c.execute(cut.counted(t.entry.c.status, t.entry.c.state)):
        drafts[row.part].statuses[row.status][row.state] += row.n
    for group, splits in _ranked(c, cut, t.entry.c.procedure, fields):
        drafts[group].procedures = splits
    _totals(c, cut, compared, drafts)
    _quarantine(c, cut, drafts)
    _differences(c, cut, drafts)
    for group, (named, others, rest) in _ranked(c, cut, t.entry.c.unit, names):
        more = [Split("", f"{others} nơi khác", rest.states)] if others else []
        drafts[group].units = [*named, *more]
    return {group: draft.done() for group, draft in drafts.items()}


def _states(c: Connection, cut: Cut, drafts: Mapping[str, _Draft]) -> None:
    e = t.entry.c
    rule = case((e.state == t.EXCLUDED, e.rule), else_="").label("rule")
    for row in c.execute(cut.counted(e.state, rule)):
        where = drafts[row.part].decided if row.rule else drafts[row.part].states
        where[row.rule or row.state] += row.n


def _ranked(
    c: Connection, cut: Cut, column: ColumnElement[str], names: Mapping[str, str]
) -> Iterator[tuple[str, tuple[list[Split], int, Split]]]:
    """Group → its largest splits by this column, how many others there are, and those summed up."""
    rows = c.execute(cut.counted(column.label("code"), t.entry.c.state).execution_options(yield_per=1000))
    for group, mine in groupby(rows, key=lambda row: row.part):
        found = []
        for code, lines in groupby(mine, key=lambda row: row.code):
            found.append(Split(code or "", names.get(code or "", ""), {line.state: line.n for line in lines}))
        found.sort(key=lambda split: (-split.dossiers, split.code))
        rest: Counter[str] = Counter()
        for split in found[SHOWN:]:
            rest.update(split.states)
        yield str(group), (found[:SHOWN], len(found[SHOWN:]), Split("", "", dict(rest)))


def _totals(c: Connection, cut: Cut, compared: Compared, drafts: Mapping[str, _Draft]) -> None:
    e = t.entry.c

    def many(where: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((where, 1), else_=0))

    moved = e.changed_at > compared.ended_at
    again = and_(moved, e.state.in_((t.MATCHED, t.DIFFERENT)), e.compared_run.is_distinct_from(compared.run_id))
    asked = (e.is_open.is_(True), is_held(), is_settled(), and_(moved, not_(again)), again)
    totals: list[ColumnElement[Any]] = [cut.by, *map(many, asked)]
    query = select(*totals).where(cut.where, in_scope()).group_by(cut.by)
    for row in c.execute(query):
        group, going, held, settled, changed, anew = tuple(row)
        draft = drafts[group]
        draft.is_open, draft.held, draft.settled = going, held, settled
        draft.changed_since, draft.compared_since = changed, anew
    asked_of = select(cut.by.label("part"), func.count().label("n")).where(cut.where, has_work_done())
    for row in c.execute(asked_of.group_by(cut.by)):
        drafts[row.part].worked_on = row.n


# ---------------------------------------------------------------- what keeps dossiers back


def _quarantine(c: Connection, cut: Cut, drafts: Mapping[str, _Draft]) -> None:
    e, i, a = t.entry.c, t.issue.c, t.assignment.c
    mine = and_(cut.where, e.state == t.QUARANTINED)
    error = and_(i.source_id == e.source_id, i.key == e.key, i.severity == "error")
    found = _placed(c, cut, _rows(i.code, cut, error, e.state == t.QUARANTINED))
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    assigned = t.entry.join(t.issue, error).join(t.assignment, and_(a.source_id == e.source_id, a.key == e.key))
    query = select(cut.by.label("part"), i.code, a.owner).select_from(assigned).where(mine).distinct()
    for row in c.execute(query.order_by(cut.by, i.code, a.owner)):
        owners[row.part, row.code].append(row.owner)
    for (group, code), (dossiers, examples) in found.items():
        drafts[group].quarantine.append(Trouble(code, dossiers, examples, tuple(owners[group, code])))


def _differences(c: Connection, cut: Cut, drafts: Mapping[str, _Draft]) -> None:
    e, d = t.entry.c, t.difference.c
    entry = and_(d.source_id == e.source_id, d.key == e.key)
    standing = or_(is_open(), and_(is_there(), d.kind == BY_DESIGN))
    for (group, kind), (dossiers, examples) in _placed(c, cut, _rows(d.kind, cut, entry, standing)).items():
        drafts[group].differences.append(Trouble(kind, dossiers, examples))
    accepted = d.state == ACCEPTED
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    authors = select(cut.by.label("part"), d.kind, d.author).join(t.entry, entry).where(cut.where, accepted).distinct()
    for row in c.execute(authors.order_by(cut.by, d.kind, d.author)):
        owners[row.part, row.kind].append(row.author or "")
    for (group, kind), (dossiers, examples) in _placed(c, cut, _rows(d.kind, cut, entry, accepted)).items():
        drafts[group].accepted.append(Trouble(kind, dossiers, examples, tuple(filter(None, owners[group, kind]))))


def _rows(what: ColumnElement[str], cut: Cut, entry: ColumnElement[bool], where: ColumnElement[bool]) -> Select[str]:
    return select(what).join(t.entry, entry).where(cut.where, where)


def _placed(c: Connection, cut: Cut, asked: Select[Any]) -> dict[tuple[str, str], tuple[int, tuple[str, ...]]]:
    """(group, the asked column) → distinct dossiers, and the codes of the first of them."""
    e = t.entry.c
    (what,) = asked.selected_columns
    columns = (cut.by.label("part"), what.label("what"), e.source_id, e.key, e.code.label("said"))
    one = asked.with_only_columns(*columns).distinct().subquery()
    groups = (one.c.part, one.c.what)
    place = func.row_number().over(partition_by=groups, order_by=(one.c.source_id, one.c.key)).label("place")
    total = func.count().over(partition_by=groups).label("total")
    placed = select(one, place, total).subquery()
    query = select(placed).where(placed.c.place <= EXAMPLES).order_by(placed.c.part, placed.c.what, placed.c.place)
    found: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}
    for row in c.execute(query.execution_options(yield_per=1000)):
        said = row.said or f"khóa cũ {row.key}"
        found[row.part, row.what] = (row.total, (*found.get((row.part, row.what), (0, ()))[1], said))
    return found
