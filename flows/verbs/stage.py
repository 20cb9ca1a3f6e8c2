"""The five stages from the command line, without Prefect."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import typer

from flows import reporting, screen, states, waves
from flows.pipeline import RunOptions, final_code, plan_stages, site_status
from flows.site import load_site
from flows.stages import drain
from flows.verbs.options import AsJson, Limit, OnlyOpen, Says, Site, Sources
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "extract": ("Quét toàn bộ hệ thống cũ vào sổ cái.", "Sweep the whole old system into the ledger."),
    "map": ("Chuyển các hồ sơ đã quét sang lược đồ mới.", "Map the extracted dossiers to the new schema."),
    "validate": (
        "Kiểm tra các hồ sơ đã chuyển; hồ sơ có lỗi vào diện cách ly.",
        "Validate the mapped dossiers; those with an error are quarantined.",
    ),
    "push": ("Đẩy các hồ sơ hợp lệ sang hệ thống mới.", "Push the valid dossiers to the new system."),
    "compare": (
        "Đọc lại từng hồ sơ ở hệ thống mới và đối soát; viết báo cáo.",
        "Read every dossier back from the new system and compare; write the report.",
    ),
}


def run(
    context: typer.Context,
    site: Site,
    source: Sources = None,
    limit: Limit = 0,
    open_only: OnlyOpen = False,
    json: AsJson = False,
) -> int:
    """Run the stage that the command is called by."""
    stage = str(context.info_name)
    options = RunOptions(tuple(source or ()), (stage,), False, open_only, limit)
    return run_stages(site, stage, options, as_json=json)


def run_stages(path: Path, name: str, options: RunOptions, *, as_json: bool) -> int:
    """Run the chosen stages as one run of the ledger, which bears ``name``."""
    with open_workplace(load_site(path)) as work, work.ledger.run(name) as run:
        sources = work.open_sources(options.sources)
        with screen.progress_bars() as progress:
            for stage in plan_stages(work, run, sources, options):
                drain(stage, progress, stop_after=options.limit)
        status = site_status(work)
        report = reporting.write_report(work, sources, run) if "compare" in options.chosen else None
        waiting = "\n".join(filter(None, (states.waiting_words(work), waves.waiting_words(work))))
        code = final_code(work, status, options)
    if as_json:
        screen.print_json(status.to_json())
    else:
        screen.print_status(status)
        if report:
            screen.say(f"Báo cáo: {report}")
    if waiting:
        screen.say(waiting)
    return code
