"""From the ledger to the comparison report: figures gathered in SQL, the page made by validations/report.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from flows import counters
from flows import ledger_schema as t
from flows.acceptance import settle_accepted
from flows.board import read_board
from flows.chart_figures import count_dues, count_moves
from flows.comparisons import figures_of, last_compare
from flows.control_totals import lost_totals
from flows.deadlines import obligation_tallies, read_promises
from flows.difference_rows import is_there
from flows.difference_tallies import read_rows
from flows.dossier_pages import write_pages
from flows.figures import quarantine_causes, read_status
from flows.hand_figures import read_hand_figures
from flows.ledger import Run
from flows.lookup import write_lookup
from flows.quarantine import write_csv
from flows.report_counts import read_rules, read_source
from flows.rollback import count_way_back
from flows.sealing import seal_dossiers, seal_report
from flows.self_test import read_score
from flows.signoffs import last_standing
from flows.site import make_private, write_private
from flows.unread import left_unread
from flows.workplace import OpenSource, Workplace
from mappings.catalogues import read_catalogues
from mappings.dossier_codes import national_agency
from mappings.units import read_units
from validations.deadline_ledger import Promises
from validations.report import (
    BoardLine,
    CauseTally,
    CounterFloor,
    DeadlineInputs,
    Report,
    ReportInputs,
    WayBack,
    build_report,
    differences_csv,
    to_html,
    to_json,
    validation_html,
)

EXAMPLES = 5


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
        parts = [read_source(c, source, status.sources[source.name], names, compared) for source in sources]
        rules = read_rules(c, work.suite, sources)
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


def _unit_names(sources: Sequence[OpenSource]) -> dict[str, str]:
    names = {row.code: row.name for source in sources for row in source.agencies}
    for source in sources[:1]:  # the new catalogues are those of the site
        names.update((agency.code, agency.name) for agency in read_catalogues(source.site.path).departments.values())
    for unit in read_units().communes.values():
        names.update((new.code, new.name) for new in unit.targets)
    return names
