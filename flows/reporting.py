"""From the ledger to the comparison report: figures gathered in SQL, the page made by validations/report.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, literal_column, select

from flows import counters
from flows import ledger_schema as t
from flows.acceptance import settle_accepted
from flows.afresh import WHYS
from flows.board import read_board
from flows.chart_figures import count_dues, count_moves
from flows.comparisons import figures_of, last_compare
from flows.control_totals import lost_totals, read_totals
from flows.deadlines import obligation_tallies, read_promises
from flows.difference_rows import is_there
from flows.difference_tallies import count_compared_since, read_accepted_tallies, read_rows, read_tallies
from flows.dossier_pages import write_pages
from flows.figures import Figures, quarantine_causes, read_status
from flows.hand_figures import read_hand_figures
from flows.ledger import Run
from flows.lookup import write_lookup
from flows.quarantine import write_csv
from flows.rollback import count_way_back
from flows.sealing import seal_dossiers, seal_report
from flows.self_test import read_score
from flows.signoffs import last_standing
from flows.site import make_private, write_private
from flows.unread import left_unread
from flows.workplace import OpenSource, Workplace
from mappings.case_states import DRAINED
from mappings.catalogues import read_catalogues
from mappings.dossier_codes import national_agency
from mappings.units import read_units
from validations.deadline_ledger import Promises
from validations.expectations import RuleOutcome, can_judge
from validations.report import (
    Attachments,
    BoardLine,
    CauseTally,
    CounterFloor,
    DeadlineInputs,
    Derived,
    IssueTally,
    OpenWork,
    Papers,
    ProcedureTally,
    Recount,
    Report,
    ReportInputs,
    SourceInputs,
    Tally,
    Told,
    WayBack,
    build_report,
    differences_csv,
    to_html,
    to_json,
    validation_html,
)

EXAMPLES = 5
JUDGED = (t.VALID, *t.IN_TARGET, t.QUARANTINED, t.ROLLED_BACK)


def write_report(work: Workplace, sources: Sequence[OpenSource], run: Run | None) -> Path:
    """Write SITE/var/reports/latest: HTML, JSON, XLSX and CSV, dossiers/, and the manifest over them. The page."""
    settle_accepted(work)
    folder = make_private(make_private(work.site.var / "reports") / "latest")
    sealed = seal_dossiers(work.ledger, sources, folder)
    promises, names = Promises(work.calendar, work.site.cutoff_at), _unit_names(sources)
    write_private(folder / "han_tra.csv", promises.csv(read_promises(work.ledger, sources, names)))
    inputs = gather(work, sources, run, names, promises)
    report = build_report(inputs)
    write_private(folder / "report.json", [to_json(report)])
    write_private(folder / "validation.html", [validation_html(report).encode()])
    _write_differences(work, report, folder, [source.id for source in sources])
    write_csv(folder / "counter_floor.csv", counters.CSV_HEADS, counters.csv_rows(inputs.counter_floors))
    lookup = write_lookup(work, sources, names, folder)
    pages = write_pages(work, sources, report, folder)
    write_private(folder / "report.html", [to_html(report, pages, lookup).encode()])
    seal_report(work, sources, report, folder, sealed)
    return folder / "report.html"


def _write_differences(work: Workplace, report: Report, folder: Path, source_ids: Sequence[str]) -> None:
    """The differences as CSV, and the workbook that holds them, too."""
    from validations.report_xlsx import MOST_DIFFERENCES, to_xlsx  # openpyxl takes a while to import

    there = (is_there(), t.difference.c.source_id.in_(source_ids))
    with work.ledger.transaction() as c:
        write_private(folder / "differences.csv", differences_csv(read_rows(c, *there)))
        write_private(folder / "report.xlsx", [to_xlsx(report, read_rows(c, *there, limit=MOST_DIFFERENCES + 1))])


def gather(
    work: Workplace, sources: Sequence[OpenSource], run: Run | None, names: Mapping[str, str], promises: Promises
) -> ReportInputs:
    """Everything the report is made of. ``run`` None: the last comparison's figures are told again."""
    status = read_status(work.ledger, {source.name: source.id for source in sources})
    with work.ledger.transaction() as c:
        compared = last_compare(c)
        parts = [_source(c, source, status.sources[source.name], names, compared) for source in sources]
        rules = _rules(c, work, sources)
        ids = [source.id for source in sources]
        moves, dues = count_moves(c, ids), count_dues(c, ids)
        way_back = WayBack(work.target_profile.can_take_back, *count_way_back(c, ids))
        hand = read_hand_figures(c)
        tested = read_score(figures_of(c, compared.id)) if compared else None
    causes = {source.name: quarantine_causes(work.ledger, [source.id], examples=EXAMPLES) for source in sources}
    deadlines = {
        source.name: DeadlineInputs(
            promises.counts.get(source.name, {}), obligation_tallies(work.ledger, source, names)
        )
        for source in sources
    }
    unread = {source.name: left_unread(work.ledger).get(source.id, ()) for source in sources}
    parts = [
        replace(
            part,
            left_unread=unread[part.name],
            totals_lost=lost_totals(work.target_profile),
            quarantine=[CauseTally(x.code, x.dossiers, x.keys) for x in causes[part.name]],
            deadlines=deadlines[part.name],
        )
        for part in parts
    ]
    settings = work.site.settings
    return ReportInputs(
        site=settings.name,
        site_path=str(work.site.path),
        is_rehearsal=settings.rehearsal,
        cutoff=settings.cutoff,
        run_id=run.id if run else (compared.id if compared else ""),
        started_at=run.started_at.isoformat(timespec="seconds") if run else (compared.started_at if compared else ""),
        written_at=work.ledger.now(),
        target="hệ thống nhận diễn tập" if settings.target.is_rehearsal else "hệ thống một cửa mới",
        target_read_at=compared.started_at if compared else "",
        sources=parts,
        rules=rules,
        suite=work.suite,
        counter_floors=_counter_floors(work, [source.id for source in sources], names),
        way_back=way_back,
        hand=hand,
        moves=moves,
        dues=dues,
        signoff=last_standing(work),
        board=[BoardLine(p.code, p.name, p.dossiers, p.counts, p.waves) for p in read_board(work)],
        self_test=tested,
    )


def _counter_floors(work: Workplace, source_ids: Sequence[str], names: Mapping[str, str]) -> list[CounterFloor]:
    in_order = {national_agency(code): name for code, name in names.items()}
    found = counters.counter_floors(work.ledger, source_ids, work.site.settings.cutoff)
    return [
        CounterFloor(
            f.by, f.agency, in_order.get(f.agency, ""), f.last_day.isoformat(), f.last_serial, f.highest,
            {day.isoformat(): serial for day, serial in sorted(f.since_cutoff.items())}, f.dossiers,
        )
        for f in found
    ]  # fmt: skip


def _source(
    c: Connection, source: OpenSource, figures: Figures, names: Mapping[str, str], compared: Any
) -> SourceInputs:
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


def _rules(c: Connection, work: Workplace, sources: Sequence[OpenSource]) -> list[RuleOutcome]:
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
        for rule in work.suite.rules
    ]


def _unit_names(sources: Sequence[OpenSource]) -> dict[str, str]:
    names = {row.code: row.name for source in sources for row in source.agencies}
    for source in sources[:1]:  # the new catalogues are those of the site
        names.update((agency.code, agency.name) for agency in read_catalogues(source.site.path).departments.values())
    for unit in read_units().communes.values():
        names.update((new.code, new.name) for new in unit.targets)
    return names
