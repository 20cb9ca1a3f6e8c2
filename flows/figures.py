"""The equation and the other figures, read from the ledger. Neither side is derived from the other.

    found    = in_scope + excluded (by rule)
    in_scope = matched + different + quarantined + vanished + rolled back + in progress + left out by a decision
    different = accepted (every difference by a named person) + not dealt with

``found`` and ``in_scope`` are the source's own counts, kept with its last sweep; what a complete sweep no longer
met (VANISHED) was in the source once, so it stands on both sides. The right side is counted in the ledger. What a
decision leaves out (DECIDED_RULES) the source cannot know: it counts such a dossier in scope, the ledger says
where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, select

from flows import ledger_schema as t
from flows.difference_rows import count_settled
from flows.ledger import Ledger

AFTER_CUTOFF = "after_cutoff"


@dataclass(frozen=True)
class Figures:
    """The equation of one source, or of all. ``balanced`` is False while no sweep is finished."""

    found: int
    in_scope: int
    excluded: Mapping[str, int]
    states: Mapping[str, int]
    issues: Mapping[str, int]
    balanced: bool
    swept_at: str
    decided: Mapping[str, int] = field(default_factory=dict)  # left out of what is in scope, by rule
    accepted: int = 0  # of those that differ: every difference is accepted by a named person

    @property
    def is_done(self) -> bool:
        """Whether every dossier in scope is matched, left out by a decision, or differs in what is accepted only."""
        settled = self.states.get(t.MATCHED, 0) + sum(self.decided.values()) + self.accepted
        return self.balanced and self.in_scope == settled

    @property
    def unsettled(self) -> int:
        """Dossiers with a difference that nobody has dealt with."""
        return self.states.get(t.DIFFERENT, 0) - self.accepted

    @property
    def in_progress(self) -> int:
        return sum(self.states.get(s, 0) for s in (t.EXTRACTED, t.MAPPED, t.VALID, t.PUSHED))


@dataclass(frozen=True)
class Status:
    """Figures per source and in all, as ``status --json`` prints them."""

    total: Figures
    sources: Mapping[str, Figures]

    def to_json(self) -> dict[str, Any]:
        return {**_plain(self.total), "sources": {name: _plain(f) for name, f in self.sources.items()}}


def _plain(figures: Figures) -> dict[str, Any]:
    return {k: dict(v) if isinstance(v, Mapping) else v for k, v in asdict(figures).items()}


def read_status(ledger: Ledger, names: Mapping[str, str]) -> Status:
    """The equation of these sources (name → id) and their sum."""
    with ledger.transaction() as c:
        sources = {name: _figures(c, source_id) for name, source_id in names.items()}
    return Status(_sum(list(sources.values())), sources)


def _figures(c: Connection, source_id: str) -> Figures:
    e = t.entry.c
    states = {
        state: n
        for state, n in c.execute(select(e.state, func.count()).where(e.source_id == source_id).group_by(e.state))
        if state != t.EXCLUDED
    }
    by_rule = select(e.rule, func.count()).where(e.source_id == source_id, e.state == t.EXCLUDED).group_by(e.rule)
    left_out: dict[str, int] = {row[0]: row[1] for row in c.execute(by_rule)}
    decided = {rule: n for rule, n in sorted(left_out.items()) if rule in t.DECIDED_RULES}
    excluded = {rule: n for rule, n in left_out.items() if rule not in t.DECIDED_RULES}
    last = _last_sweep(c, source_id)
    vanished = states.get(t.VANISHED, 0)
    found = last.found + vanished if last else 0
    in_scope = last.in_scope + vanished if last else 0
    if last and last.after_cutoff:
        excluded[AFTER_CUTOFF] = last.after_cutoff
    balanced = bool(
        last
        and not last.is_filtered
        and found == in_scope + sum(excluded.values())
        and in_scope == sum(states.values()) + sum(decided.values())
    )
    issues = issue_counts(c, t.issue.c.source_id == source_id)
    return Figures(
        found=found,
        in_scope=in_scope,
        excluded=dict(sorted(excluded.items())),
        states={s: states[s] for s in t.STATES if s in states},
        issues=issues,
        balanced=balanced,
        swept_at=last.started_at if last else "",
        decided=decided,
        accepted=count_settled(c, t.entry.c.source_id == source_id),
    )


def _last_sweep(c: Connection, source_id: str) -> Any:
    s = t.sweep.c
    number = select(func.max(s.number)).where(s.source_id == source_id, s.ended_at.is_not(None)).scalar_subquery()
    return c.execute(select(t.sweep).where(s.source_id == source_id, s.number == number)).one_or_none()


def issue_counts(c: Connection, where: ColumnElement[bool]) -> dict[str, int]:
    """Issue code → number of dossiers that carry it."""
    i = t.issue.c
    dossiers = select(i.code, i.source_id, i.key).where(where).distinct().subquery()
    by_code = select(dossiers.c.code, func.count()).group_by(dossiers.c.code).order_by(dossiers.c.code)
    return {row[0]: row[1] for row in c.execute(by_code)}


def _sum(parts: Sequence[Figures]) -> Figures:
    def add(name: str) -> dict[str, int]:
        keys = sorted({key for part in parts for key in getattr(part, name)})
        return {key: sum(getattr(part, name).get(key, 0) for part in parts) for key in keys}

    states = add("states")
    return Figures(
        found=sum(p.found for p in parts),
        in_scope=sum(p.in_scope for p in parts),
        excluded=add("excluded"),
        states={s: states[s] for s in t.STATES if s in states},
        issues=add("issues"),
        balanced=bool(parts) and all(p.balanced for p in parts),
        swept_at=min((p.swept_at for p in parts), default=""),
        decided=add("decided"),
        accepted=sum(p.accepted for p in parts),
    )


@dataclass(frozen=True)
class Cause:
    """Quarantined dossiers that share an issue code."""

    code: str
    dossiers: int
    keys: tuple[str, ...]


def quarantine_causes(ledger: Ledger, source_ids: Sequence[str], *, examples: int = 5) -> list[Cause]:
    """Why dossiers are quarantined, most frequent cause first; a dossier counts under each of its errors."""
    i = t.issue.c
    one = select(i.code, i.source_id, i.key).select_from(_QUARANTINE).where(_is_cause(source_ids)).distinct().subquery()
    place = func.row_number().over(partition_by=one.c.code, order_by=(one.c.source_id, one.c.key))
    total = func.count().over(partition_by=one.c.code)
    placed = select(one.c.code, one.c.key, place.label("place"), total.label("total")).subquery()
    query = select(placed).where(placed.c.place <= examples).order_by(placed.c.code, placed.c.place)
    totals: dict[str, int] = {}
    keys: dict[str, list[str]] = {}
    with ledger.transaction() as c:
        for row in c.execute(query):
            totals[row.code] = row.total
            keys.setdefault(row.code, []).append(row.key)
    causes = [Cause(code, total, tuple(keys[code])) for code, total in totals.items()]
    return sorted(causes, key=lambda cause: (-cause.dossiers, cause.code))


def quarantine_rows(c: Connection, source_ids: Sequence[str], code: str = "") -> Iterator[Any]:
    """(source_id, key, code, stage, field, about, dossier code) of every error of every quarantined dossier."""
    i = t.issue.c
    query = (
        select(i.source_id, i.key, i.code, i.stage, i.field, i.about, t.entry.c.code.label("dossier_code"))
        .select_from(_QUARANTINE)
        .where(_is_cause(source_ids))
        .order_by(i.code, i.source_id, i.key, i.field)
        .execution_options(yield_per=1000)
    )
    yield from c.execute(query.where(i.code == code) if code else query)


_QUARANTINE: Final = t.entry.join(
    t.issue, and_(t.entry.c.source_id == t.issue.c.source_id, t.entry.c.key == t.issue.c.key)
)


def _is_cause(source_ids: Sequence[str]) -> ColumnElement[bool]:
    e = t.entry.c
    return and_(e.source_id.in_(source_ids), e.state == t.QUARANTINED, t.issue.c.severity == "error")
