"""``lienthong report``: the report again, from the ledger."""

from __future__ import annotations

from typing import Final

from flows import reporting, screen
from flows.failures import MATCHED, REMAINS
from flows.pipeline import site_status
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "report": ("Viết lại báo cáo đối soát từ sổ cái.", "Write the comparison report again from the ledger."),
}


def run(site: Site, json: AsJson = False) -> int:
    """Write the report and say where it is."""
    with open_workplace(load_site(site)) as work:
        sources = work.open_sources()
        file = reporting.write_report(work, sources, None)
        found = site_status(work)
    if json:
        screen.print_json({"report": str(file), "json": str(file.with_suffix(".json")), **found.to_json()})
    else:
        screen.say(f"Báo cáo: {file}")
    return MATCHED if found.total.is_done else REMAINS
