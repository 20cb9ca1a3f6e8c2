"""The counts of the ledger that a comparison report is made of, source by source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, literal_column, select

from flows import ledger_schema as t
from flows.afresh import WHYS
from flows.comparisons import figures_of
from flows.control_totals import read_totals
from flows.difference_tallies import count_compared_since, read_accepted_tallies, read_tallies
from flows.figures import Figures
from flows.workplace import OpenSource
from mappings.case_states import DRAINED
from validations.expectations import RuleOutcome, can_judge
from validations.report_inputs import (
    Attachments,
    Derived,
    IssueTally,
    OpenWork,
    Papers,
    ProcedureTally,
    Recount,
    SourceInputs,
    Tally,
    Told,
)
from validations.suite import Suite

JUDGED: Final = (t.VALID, *t.IN_TARGET, t.QUARANTINED, t.ROLLED_BACK)


def read_source(
    c: Connection, source: OpenSource, figures: Figures, names: Mapping[str, str], compared: Any
) -> SourceInputs:
    """All counts of a source; ``compared``: the run of the last comparison, None when there is none."""
    sweep = c.execute(
        select(t.sweep)
        .where(t.sweep.c.source_id == source.id, t.sweep.c.ended_at.is_not(None))
        .order_by(t.sweep.c.number.desc())
        .limit(1)
    ).one_or_none()
    checked = figures_of(c, compared.id if compared else "", source.id)
    vanished = figures.states.get(t.VANISHED, 0)
    version = select(func.max(t.entry.c.mapping_version)).where(t.entry.c.source_id == source.id)
    return SourceInputs(
        name=source.name,
        profile=source.profile.name,
        mapping_version=c.execute(version).scalar() or "",
        swept_at=figures.swept_at,
        is_complete=bool(sweep and not sweep.is_filtered),
        found=figures.found,
        in_scope=figures.in_scope,
        excluded=figures.excluded,
        states=figures.states,
        tallies=_tallies(c, source.id, names),
        procedures=_procedures(c, source.id),
        issues=_issues(c, source.id),
        differences=read_tallies(c, source.id),
        recount=Recount(sweep.recount_at, sweep.recount_found + vanished, sweep.recount_in_scope + vanished)
        if sweep and sweep.recount_at
        else None,
        attachments=Attachments(
            checked.get("attachments_hashed", 0),
            checked.get("attachments_equal", 0),
            checked.get("attachments_gone_since_push", 0),
        ),
        papers=Papers(checked.get("papers_of_components", 0), checked.get("papers_other", 0)),
        derived=Derived(*(checked.get(f"expected_{name}", 0) for name in ("anew", *WHYS))),
        totals=read_totals(checked),
        read_back=checked.get("dossiers_read_back", 0),
        held_by_target=checked.get("held_by_target", 0),
        unknown_in_target=checked.get("extra_in_target", 0),
        told=Told(checked["told_citizen"], checked["told_portal"]) if "told_citizen" in checked else None,
        decided=figures.decided,
        open_work=_open_work(figures, checked),
        accepted=read_accepted_tallies(c, source.id),
        dossiers_accepted=figures.accepted,
        compared_since=count_compared_since(c, source.id, compared.started_at if compared else ""),
    )


def _open_work(figures: Figures, checked: Mapping[str, int]) -> OpenWork:
    """Open dossiers as compare found them at the target, and those that did not go."""
    read = ("read_back", "actions_equal", "actions_different", "rounds", "rounds_equal", "pauses", "pauses_equal")
    why = ("parked", "refused", "unmapped")
    return OpenWork(
        **{name: checked.get(f"open_{name}", 0) for name in read},
        **{name: figures.issues.get(f"case_state_{name}", 0) for name in why},
        contradicted=figures.issues.get("case_state_contradicts", 0),
        drained=figures.decided.get(DRAINED, 0),
    )


def _tallies(c: Connection, source_id: str, names: Mapping[str, str]) -> list[Tally]:
    e = t.entry.c
    rows = c.execute(
        select(e.unit, e.status, e.state, func.count().label("n"))
        .where(e.source_id == source_id, e.state != t.EXCLUDED)
        .group_by(e.unit, e.status, e.state)
        .order_by(e.unit, e.status, e.state)
    )
    return [Tally(r.unit or "", names.get(r.unit or "", ""), r.status, r.state, r.n) for r in rows]


def _procedures(c: Connection, source_id: str) -> list[ProcedureTally]:
    e = t.entry.c
    named = func.coalesce(e.procedure, literal_column("''"))
    rows = c.execute(
        select(named, e.state, func.count())
        .where(e.source_id == source_id, e.state != t.EXCLUDED)
        .group_by(named, e.state)
        .order_by(named, e.state)
    )
    return [ProcedureTally(*row) for row in rows]


def _issues(c: Connection, source_id: str) -> list[IssueTally]:
    i = t.issue.c
    one = select(i.code, i.severity, i.key).where(i.source_id == source_id).distinct().subquery()
    rows = c.execute(
        select(one.c.code, one.c.severity, func.count())
        .group_by(one.c.code, one.c.severity)
        .order_by(one.c.code, one.c.severity)
    )
    return [IssueTally(*row) for row in rows]


def read_rules(c: Connection, suite: Suite, sources: Sequence[OpenSource]) -> list[RuleOutcome]:
    """Every rule of the suite with the dossiers it judged and those that failed it, as the ledger has them now."""
    e, i = t.entry.c, t.issue.c
    ids = [source.id for source in sources]
    seen = (
        select(e.source_id, func.count())
        .where(e.source_id.in_(ids), e.state.in_(JUDGED), e.mapped_fp.is_not(None))
        .group_by(e.source_id)
    )
    judged: dict[str, int] = {row[0]: row[1] for row in c.execute(seen)}
    one = select(i.about, i.source_id, i.key).where(i.source_id.in_(ids), i.stage == "validate").distinct().subquery()
    failed: dict[str, int] = {
        row[0]: row[1] for row in c.execute(select(one.c.about, func.count()).group_by(one.c.about))
    }
    return [
        RuleOutcome(
            rule.code,
            rule.title,
            rule.entity,
            rule.severity.value,
            sum(judged.get(s.id, 0) for s in sources if can_judge(rule, s.validation_context)),
            failed.get(rule.rule, 0),  # an issue says in ``about`` which rule found it
        )
        for rule in suite.rules
    ]
