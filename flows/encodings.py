"""The site's table of columns stored in TCVN3 or VNI: drafted from a sample of dossiers when there is none yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from connectors.base import Record
from flows.drafting import one_at_a_time
from flows.site import Site
from flows.workplace import OpenSource, encodings_file
from mappings.column_encodings import draft_encodings, read_encodings, write_encodings

PAGES: Final = 8
PAGE_ROWS: Final = 400


def ensure_encodings(site: Site, source: OpenSource) -> int:
    """Draft the source's rows of crosswalks/encodings.csv unless it has some; how many columns need a decision."""
    if source.encodings:
        return 0
    with one_at_a_time(site):
        source.forget_encodings()
        if source.encodings:  # drafted by another command meanwhile
            return 0
        drafted = draft_encodings(source.profile, source.id, ((r.row, r.children) for r in sample(source)))
        if not drafted[0].cells:
            return 0  # nothing to look at yet
        file = encodings_file(site)
        others = read_encodings(file) if file.exists() else []
        write_encodings(file, [*others, *drafted])
    source.forget_encodings()
    return len(drafted) - 1


def sample(source: OpenSource) -> Iterator[Record]:
    """Dossiers from the oldest to the newest: a page from each stretch of keys, whole.

    Old encodings lie where the old rows are and new rows are typed in Unicode, so the newest alone would mislead.
    """
    plan = replace(source.plan, page_rows=PAGE_ROWS, files=())
    newest = source.connector.column(plan.main.table, plan.main.key, limit=1)
    after = ""
    for number in range(PAGES):
        page = next(iter(source.connector.sweep(plan, after=after)), [])
        if not page:
            return
        yield from page
        after = page[-1].key
        if newest and after.isdecimal() and str(newest[0]).isdecimal():
            left, stretches = int(str(newest[0])) - int(after), max(PAGES - 1 - number, 1)
            after = str(int(after) + max(left // stretches - PAGE_ROWS, 0))
