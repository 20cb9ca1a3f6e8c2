"""The site's table of old agencies: drafted by name when there is none yet."""

from __future__ import annotations

from collections.abc import Sequence

from flows.site import Site
from flows.workplace import OpenSource, agencies_file
from mappings.agencies import draft_agencies, write_agencies


def ensure_agencies(site: Site, sources: Sequence[OpenSource]) -> int:
    """Draft crosswalks/agencies.csv from the sources' own catalogues unless the site has one; rows drafted."""
    file = agencies_file(site)
    if file.exists():
        return 0
    rows = {row.code: row for source in sources for row in draft_agencies(source.references, source.profile)}
    file.parent.mkdir(parents=True, exist_ok=True)
    write_agencies(file, [rows[code] for code in sorted(rows)])
    for source in sources:
        source.forget_agencies()
    return len(rows)
