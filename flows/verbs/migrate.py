"""``lienthong migrate``: all five stages through Prefect."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from flows import screen, states, waves
from flows.failures import MATCHED, REMAINS
from flows.pipeline import RunOptions, site_status
from flows.site import load_site
from flows.verbs.options import AsJson, Limit, OnlyOpen, Says, Site, Sources
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "migrate": (
        "Chạy cả năm bước, xem được trên giao diện Prefect.",
        "Run all five stages, to be watched in the Prefect UI.",
    ),
    "stage": (
        "Chỉ các bước này (lặp lại được): extract, map, validate, push, compare.",
        "Only these stages (repeatable): extract, map, validate, push, compare.",
    ),
    "dry": ("Dừng sau bước kiểm tra, không đẩy gì.", "Stop after validate, push nothing."),
}


def run(
    site: Site,
    source: Sources = None,
    stage: Annotated[list[str] | None, typer.Option("--stage", help="stage")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="dry")] = False,
    open_only: OnlyOpen = False,
    limit: Limit = 0,
    json: AsJson = False,
) -> int:
    """Run the stages asked for, then show where the site stands."""
    return migrate(site, RunOptions(tuple(source or ()), tuple(stage or ()), dry_run, open_only, limit), as_json=json)


def migrate(path: Path, options: RunOptions, *, as_json: bool) -> int:
    """Run through Prefect; what came of it is shown when the run got to its end."""
    from flows.runs import run_migrate  # Prefect's server

    code = run_migrate(path, options)
    if code in (MATCHED, REMAINS):
        _show_result(path, as_json=as_json)
    return code


def _show_result(path: Path, *, as_json: bool) -> None:
    with open_workplace(load_site(path)) as work:
        status = site_status(work)
        waiting = "\n".join(filter(None, (states.waiting_words(work), waves.waiting_words(work))))
    if waiting:
        screen.say(waiting)
    if as_json:
        screen.print_json(status.to_json())
        return
    screen.print_status(status)
    latest = work.site.var / "reports" / "latest" / "report.html"
    if latest.exists():
        screen.say(f"Báo cáo: {latest}")
