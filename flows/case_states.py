"""The site's map of open dossiers: counted while extracting, drafted for its owner, never changed where approved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path

from connectors.base import Record
from flows import remembered
from flows.drafting import one_at_a_time
from flows.ledger import Ledger
from flows.site import Site
from flows.workplace import OpenSource, Workplace, site_cases
from mappings.case_drafts import draft_rows, read_suggestions
from mappings.case_states import Case, CaseRow, case_states_csv, case_states_file
from mappings.declared import replace_text
from mappings.mapper import Mapper

TALLY = "case_tally"


@dataclass
class CaseTally:
    """Open dossiers by the case they stand in, and what their step is called there."""

    counted: Counter[Case] = field(default_factory=Counter)
    names: dict[Case, str] = field(default_factory=dict)

    def add(self, mapper: Mapper, record: Record) -> None:
        """Count one dossier in scope; a closed one counts nowhere."""
        found = mapper.case_of(record.row, record.children)
        if found is not None:
            case, name = found
            self.counted[case] += 1
            self.names.setdefault(case, name)


def write_rows(site: Site, rows: Sequence[CaseRow]) -> Path:
    """Replace the map in one step."""
    file = case_states_file(site.path)
    replace_text(file, case_states_csv(rows))
    return file


def draft(work: Workplace, source: OpenSource, tally: CaseTally) -> int:
    """Append a draft row for every case that the map does not name; how many. Other rows stay as they are."""
    known = source.mapper.known_cases(tally.counted, tally.names)
    with one_at_a_time(work.site):
        rows = site_cases(work.site)
        fresh = draft_rows(known, rows, read_suggestions(work.site.path))
        if fresh:
            write_rows(work.site, [*rows, *fresh])
    if fresh:
        source.forget_mapper()
    return len(fresh)


def remember(ledger: Ledger, source_id: str, tally: CaseTally) -> None:
    """Keep the counts of a complete sweep."""
    kept = [[*astuple(case), tally.names.get(case, ""), n] for case, n in sorted(tally.counted.items(), key=repr)]
    remembered.remember(ledger, TALLY, source_id, kept)


def recall(ledger: Ledger, source_id: str) -> CaseTally:
    """The counts of the last complete sweep of a source."""
    tally = CaseTally()
    for *cells, name, n in remembered.recall(ledger, TALLY).get(source_id, ()):
        case = Case(*cells)
        tally.counted[case], tally.names[case] = n, name
    return tally
