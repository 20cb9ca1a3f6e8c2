"""``lienthong whatif``: what another mapping would make of the dossiers in the ledger."""

from __future__ import annotations

from collections import deque
from typing import Annotated, Final

import typer

from flows import quarantine as tray
from flows import screen
from flows import whatif as alternative
from flows.failures import MATCHED, REMAINS
from flows.ledger_schema import STATES
from flows.questions import count_state
from flows.site import load_site
from flows.verbs.options import AsJson, Csv, Says, Site, Sources
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "whatif": (
        "So cách chuyển của site này với site khác hoặc phiên bản khác: hồ sơ và trường nào sẽ đổi.",
        "Hold this site's mapping against another site or version: which dossiers and fields would change.",
    ),
    "against": (
        "Thư mục site khác, hoặc một phiên bản trong git của site này.",
        "Folder of another site, or a version in this site's own git history.",
    ),
}


def run(
    site: Site,
    against: Annotated[str, typer.Option("--against", help="against")],
    source: Sources = None,
    csv: Csv = None,
    json: AsJson = False,
) -> int:
    """Compare this site's mapping with another site's, or with another version of this one."""
    found = alternative.WhatIf()
    with open_workplace(load_site(site)) as work, alternative.other_site(work.site, against) as other:
        total = count_state(work.ledger, STATES, list(work.site.source_ids().values()))
        with screen.progress_bars() as progress:
            sources = work.open_sources(tuple(source or ()))
            rows = alternative.changes(work, other, sources, found, lambda done: progress("whatif", done, total))
            if csv is not None:
                tray.write_csv(csv, alternative.CSV_HEADS, rows)
            else:
                deque(rows, maxlen=0)
    if json:
        screen.print_json(found.to_json())
    else:
        alternative.print_found(found)
    return REMAINS if found.changed else MATCHED
