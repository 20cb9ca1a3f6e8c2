"""From the plain figures of the ledger to the frozen report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any, Final

from validations import report_words as words
from validations.compare import field_pattern
from validations.control_totals import add_totals, total_figures
from validations.deadline_figures import add_deadlines, deadline_figures
from validations.expectations import RuleOutcome
from validations.levels import levels
from validations.remedies import look_up
from validations.report_charts import StatusChart, age_bands, day_moves, local_day, status_chart
from validations.report_data import (
    AcceptedFigure,
    Breakdown,
    CauseFigure,
    Count,
    DifferenceFigure,
    Equation,
    Figures,
    IssueFigure,
    Report,
    RuleFigure,
    RunInfo,
)
from validations.report_inputs import (
    AcceptedTally,
    Attachments,
    CauseTally,
    Derived,
    DifferenceTally,
    IssueTally,
    OpenWork,
    Papers,
    ProcedureTally,
    Recount,
    ReportInputs,
    SourceInputs,
    Tally,
    Told,
)
from validations.suite import Suite

EXAMPLES: Final = 5


def build_report(inputs: ReportInputs) -> Report:
    """The report of these figures. Pure: same figures, same report."""
    sources = tuple(_figures(source) for source in inputs.sources)
    total = sources[0] if len(sources) == 1 else _figures(_together(inputs.sources))
    total = replace(total, is_balanced=bool(sources) and all(source.is_balanced for source in sources))
    return Report(
        site=inputs.site,
        is_rehearsal=inputs.is_rehearsal,
        cutoff=inputs.cutoff.isoformat(),
        target=inputs.target,
        verdict=words.verdict(total, inputs),
        total=total,
        sources=sources,
        rules=tuple(_rule(rule, inputs.suite) for rule in inputs.rules),
        suite_title=inputs.suite.title if inputs.suite else "",
        suite_version=inputs.suite.version if inputs.suite else "",
        not_checked=tuple(words.not_checked(total, inputs)),
        next_steps=tuple(words.next_steps(total, inputs)),
        counter_floors=tuple(inputs.counter_floors),
        board=tuple(inputs.board),
        way_back=inputs.way_back,
        statuses=_statuses(inputs.sources),
        signoff=inputs.signoff,
        self_test=inputs.self_test,
        levels=levels(total, inputs.hand),
        run=RunInfo(
            id=inputs.run_id,
            started_at=inputs.started_at,
            written_at=inputs.written_at,
            target_read_at=inputs.target_read_at,
            swept_at={source.name: source.swept_at for source in inputs.sources},
            recounted_at={source.name: source.recount.at for source in inputs.sources if source.recount},
            days=day_moves(inputs.moves),
            ages=age_bands(*inputs.dues, local_day(inputs.written_at)),
        ),
    )


def _statuses(sources: Sequence[SourceInputs]) -> StatusChart:
    counts: Counter[tuple[str, int]] = Counter()
    names: dict[str, str] = {}
    for tally in (tally for source in sources for tally in source.tallies):
        if tally.status is not None:
            counts[(tally.unit, tally.status)] += tally.dossiers
            names[tally.unit] = tally.unit_name
    return status_chart(counts, names, words.STATUSES)


def _figures(source: SourceInputs) -> Figures:
    excluded = _counts(source.excluded, lambda code: look_up(code, "excluded").title)
    order = [state for state in words.STATES if source.states.get(state)]
    states = tuple(Count(state, words.STATES[state], source.states[state]) for state in order)
    decided = _counts(source.decided, lambda code: look_up(code, "excluded").title)
    equations = _equations(source, excluded, (*_subdivided(states, source.dossiers_accepted), *decided))
    return Figures(
        name=source.name,
        profile=source.profile,
        mapping_version=source.mapping_version,
        found=source.found,
        in_scope=source.in_scope,
        excluded=excluded,
        states=states,
        equations=equations,
        is_balanced=bool(source.swept_at) and source.is_complete and all(e.is_balanced for e in equations),
        by_unit=_by_unit(source.tallies),
        by_status=_by_status(source.tallies),
        issues=_issues(source.issues),
        quarantine=_causes(source.quarantine),
        differences=_differences(source.differences),
        attachments=source.attachments,
        totals=total_figures(*source.totals, source.totals_lost),
        papers=source.papers,
        read_back=source.read_back,
        held_by_target=source.held_by_target,
        unknown_in_target=source.unknown_in_target,
        told=source.told,
        deadlines=deadline_figures(source.deadlines),
        decided=decided,
        open_work=source.open_work,
        accepted=_accepted(source.accepted),
        dossiers_accepted=source.dossiers_accepted,
        compared_since=source.compared_since,
        derived=source.derived,
        by_procedure=_by_procedure(source.procedures),
    )


def _equations(source: SourceInputs, excluded: Sequence[Count], states: Sequence[Count]) -> tuple[Equation, ...]:
    in_scope = Count("in_scope", "Trong phạm vi", source.in_scope)
    outside = Count("excluded", "Ngoài phạm vi", sum(count.dossiers for count in excluded))
    found = Count("found", "Tìm thấy ở hệ thống cũ", source.found)
    equations = [_equation(found, (in_scope, outside)), _equation(in_scope, tuple(states))]
    if source.recount is not None:
        for code, title, before, now in (
            ("found", "Tìm thấy, đếm lại", source.found, source.recount.found),
            ("in_scope", "Trong phạm vi, đếm lại", source.in_scope, source.recount.in_scope),
        ):
            equations.append(_equation(Count(f"{code}_again", title, now), (Count(code, "Đếm lúc quét", before),)))
    return tuple(equations)


def _subdivided(states: Sequence[Count], accepted: int) -> Iterator[Count]:
    """What differs in two terms, where a person has accepted some of it."""
    for count in states:
        if count.code == words.DIFFERENT and accepted:
            if count.dossiers > accepted:
                yield replace(count, title="Khác biệt, chưa xử lý", dossiers=count.dossiers - accepted)
            yield Count("accepted", "Khác biệt, đã chấp nhận", accepted)
        else:
            yield count


def _equation(left: Count, right: tuple[Count, ...]) -> Equation:
    return Equation(left, right, left.dossiers == sum(count.dossiers for count in right))


def _counts(counts: Mapping[str, int], title: Any) -> tuple[Count, ...]:
    return tuple(Count(code, title(code), n) for code, n in sorted(counts.items(), key=lambda c: (-c[1], c[0])) if n)


def _by_unit(tallies: Sequence[Tally]) -> tuple[Breakdown, ...]:
    """What has most left to do comes first."""
    names = {tally.unit: tally.unit_name for tally in tallies if tally.unit_name}
    rows = _breakdowns([(tally.unit, tally) for tally in tallies])
    found = [replace(row, title=names.get(row.code) or row.code or "Chưa xác định") for row in rows]
    return tuple(sorted(found, key=lambda row: (row.states.get(words.MATCHED, 0) - row.dossiers, row.title, row.code)))


def _by_status(tallies: Sequence[Tally]) -> tuple[Breakdown, ...]:
    rows = _breakdowns([("" if t.status is None else str(t.status), t) for t in tallies])
    titles = {str(status): f"{status}. {title}" for status, title in words.STATUSES.items()}
    found = [replace(row, title=titles.get(row.code, "Chưa xác định")) for row in rows]
    return tuple(sorted(found, key=lambda row: int(row.code or 99)))


def _by_procedure(tallies: Sequence[ProcedureTally]) -> tuple[Breakdown, ...]:
    """The procedure with most dossiers comes first."""
    rows = _breakdowns([(tally.procedure, tally) for tally in tallies])
    found = [replace(row, title=row.code or "Chưa xác định") for row in rows]
    return tuple(sorted(found, key=lambda row: (-row.dossiers, row.code)))


def _breakdowns(tallies: Iterable[tuple[str, Tally | ProcedureTally]]) -> list[Breakdown]:
    groups: dict[str, dict[str, int]] = {}
    for code, tally in tallies:
        states = groups.setdefault(code, {})
        states[tally.state] = states.get(tally.state, 0) + tally.dossiers
    return [Breakdown(code, "", sum(states.values()), dict(sorted(states.items()))) for code, states in groups.items()]


_RANK: Final = {"error": 0, "warning": 1, "info": 2}


def _issues(tallies: Sequence[IssueTally]) -> tuple[IssueFigure, ...]:
    merged: dict[tuple[str, str], int] = {}
    for tally in tallies:
        merged[(tally.severity, tally.code)] = merged.get((tally.severity, tally.code), 0) + tally.dossiers
    figures = []
    for (severity, code), dossiers in merged.items():
        remedy = look_up(code)
        figures.append(IssueFigure(code, remedy.title, severity, dossiers, remedy.remedy, remedy.who))
    return tuple(sorted(figures, key=lambda f: (_RANK.get(f.severity, 9), -f.dossiers, f.code)))


def _causes(tallies: Sequence[CauseTally]) -> tuple[CauseFigure, ...]:
    merged: dict[str, CauseTally] = {}
    for tally in tallies:
        known = merged.get(tally.code, CauseTally(tally.code, 0))
        merged[tally.code] = CauseTally(tally.code, known.dossiers + tally.dossiers, (*known.keys, *tally.keys))
    figures = []
    for tally in merged.values():
        remedy = look_up(tally.code)
        keys = _examples(tally.keys)
        figures.append(CauseFigure(tally.code, remedy.title, tally.dossiers, keys, remedy.remedy, remedy.who))
    return tuple(sorted(figures, key=lambda f: (-f.dossiers, f.code)))


def _differences(tallies: Sequence[DifferenceTally]) -> tuple[DifferenceFigure, ...]:
    merged: dict[tuple[str, str], DifferenceTally] = {}
    for tally in tallies:
        where = (tally.kind, field_pattern(tally.field))
        known = merged.get(where, DifferenceTally(*where, 0))
        merged[where] = DifferenceTally(*where, known.dossiers + tally.dossiers, (*known.keys, *tally.keys))
    figures = []
    for tally in merged.values():
        remedy = look_up(tally.kind, "differences")
        keys = _examples(tally.keys)
        figures.append(
            DifferenceFigure(tally.kind, remedy.title, tally.field, tally.dossiers, keys, remedy.remedy, remedy.who)
        )
    return tuple(sorted(figures, key=lambda f: (-f.dossiers, f.kind, f.field)))


def _accepted(tallies: Sequence[AcceptedTally]) -> tuple[AcceptedFigure, ...]:
    merged: dict[tuple[str, str, str, str, str], AcceptedTally] = {}
    for tally in tallies:
        what = (tally.kind, field_pattern(tally.field), tally.author, tally.reason, tally.until)
        known = merged.get(what, AcceptedTally(*what, 0))
        merged[what] = AcceptedTally(*what, known.dossiers + tally.dossiers, (*known.keys, *tally.keys))
    figures = [
        AcceptedFigure(
            a.kind, look_up(a.kind, "differences").title, a.field, a.author, a.reason, a.until, a.dossiers,
            _examples(a.keys),
        )
        for a in merged.values()
    ]  # fmt: skip
    return tuple(sorted(figures, key=lambda f: (-f.dossiers, f.kind, f.field, f.author, f.reason, f.until)))


def _examples(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(keys)))[:EXAMPLES]


def _rule(outcome: RuleOutcome, suite: Suite | None) -> RuleFigure:
    declared = next((rule for rule in suite.rules if rule.title == outcome.title), None) if suite else None
    return RuleFigure(
        code=outcome.code,
        title=outcome.title,
        entity=outcome.entity,
        severity=outcome.severity,
        checked=outcome.checked,
        failed=outcome.failed,
        why=declared.why if declared else "",
        remedy=declared.remedy if declared else look_up(outcome.code).remedy,
    )


def _together(sources: Sequence[SourceInputs]) -> SourceInputs:
    """All sources as one."""

    def add(name: str) -> dict[str, int]:
        keys = sorted({key for source in sources for key in getattr(source, name)})
        return {key: sum(getattr(source, name).get(key, 0) for source in sources) for key in keys}

    def chain(name: str) -> tuple[Any, ...]:
        return tuple(item for source in sources for item in getattr(source, name))

    def plus(name: str) -> int:
        return sum(getattr(source, name) for source in sources)

    counted = [source.recount for source in sources if source.recount]
    told = [source.told for source in sources if source.told]
    return SourceInputs(
        name="Tất cả các nguồn",
        profile="",
        mapping_version="",
        swept_at=min((source.swept_at for source in sources), default=""),
        is_complete=all(source.is_complete for source in sources),
        found=plus("found"),
        in_scope=plus("in_scope"),
        excluded=add("excluded"),
        states=add("states"),
        tallies=chain("tallies"),
        procedures=chain("procedures"),
        issues=chain("issues"),
        quarantine=chain("quarantine"),
        differences=chain("differences"),
        recount=Recount(min(c.at for c in counted), sum(c.found for c in counted), sum(c.in_scope for c in counted))
        if counted and len(counted) == len(sources)
        else None,
        attachments=sum((source.attachments for source in sources), Attachments()),
        totals=(
            reduce(add_totals, (source.totals[0] for source in sources), {}),
            reduce(add_totals, (source.totals[1] for source in sources), {}),
        ),
        totals_lost=sources[0].totals_lost if sources else (),
        papers=sum((source.papers for source in sources), Papers()),
        derived=sum((source.derived for source in sources), Derived()),
        read_back=plus("read_back"),
        held_by_target=plus("held_by_target"),
        unknown_in_target=plus("unknown_in_target"),
        told=sum(told, Told(0, 0)) if len(told) == len(sources) else None,
        deadlines=add_deadlines([source.deadlines for source in sources]),
        decided=add("decided"),
        open_work=sum((source.open_work for source in sources), OpenWork()),
        accepted=chain("accepted"),
        dossiers_accepted=plus("dossiers_accepted"),
        compared_since=plus("compared_since"),
    )
