"""The site's table of old agencies: drafted by name when there is none yet."""

from __future__ import annotations

from collections.abc import Sequence

from flows.drafting import one_at_a_time
from flows.site import Site
from flows.workplace import OpenSource, agencies_file
from mappings.agencies import AgencyRow, draft_agencies, listed_codes, read_agencies, write_agencies


def ensure_agencies(site: Site, sources: Sequence[OpenSource]) -> int:
    """Draft crosswalks/agencies.csv from the sources' own catalogues; rows drafted.

    A source of which the table knows some agency has been drafted before: what is missing there somebody took away.
    """
    with one_at_a_time(site):
        drafted = _draft(site, sources)
    for source in sources:
        source.forget_agencies()
    return drafted


def _draft(site: Site, sources: Sequence[OpenSource]) -> int:
    file = agencies_file(site)
    known = {row.code: row for row in read_agencies(file)} if file.exists() else {}
    fresh: dict[str, AgencyRow] = {}
    for source in sources:
        if known.keys().isdisjoint(listed_codes(source.references, source.profile)):
            fresh |= {row.code: row for row in draft_agencies(source.references, source.profile)}
    if not fresh and file.exists():
        return 0
    rows = known | fresh
    write_agencies(file, [rows[code] for code in sorted(rows)])
    return len(fresh)
