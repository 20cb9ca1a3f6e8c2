"""What was seeded, in exact counts: the answer sheet that a rehearsal is marked with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from connectors.rehearsal.kind import Kind
from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.plan import Made
from connectors.rehearsal.story import OPEN
from connectors.rehearsal.tally import AFTER_CUTOFF, OVERDUE, Tally, Told, told_of

_PAIRS: tuple[Told, ...] = (
    AFTER_CUTOFF,
    ("online_twin", "rule", "online_twin", "excluded"),
    ("twin_lacks_paper", "code", "twin_lacks_paper", "excluded"),
    ("twin_lacks_fee", "code", "twin_lacks_fee", "excluded"),
)
_BORROWED: tuple[Told, ...] = (
    ("borrowed_alike", "rule", "merged_into", "excluded"),
    ("borrowed_own_code", "code", "same_reference_uid", "quarantined"),
    ("borrowed_own_uid", "code", "duplicate_code", "quarantined"),
    ("borrowed_code_only", "code", "duplicate_code", "quarantined"),
)
"""Dossiers that another system holds, too; what is found there counts there."""
_LIFE: tuple[Told, ...] = (
    ("split_commune_home", "code", "address_unit_split", "warned"),  # beside what is wrong with the agency
    OVERDUE,
)


class OpencpsTally:
    """Counts dossiers as they are made."""

    def __init__(
        self,
        kinds: Sequence[Kind[Life, Case]],
        cutoff: datetime,
        components: Collection[tuple[str, str]],
        *,
        is_clean: bool,
    ) -> None:
        self._cutoff = cutoff
        self._components = components  # (procedure, part) that bears a name of the national catalogue
        self._tally = Tally([*(() if is_clean else _PAIRS), *told_of(kinds), *_BORROWED, *_LIFE])
        self._statuses: Counter[str] = Counter()
        self._papers = self._counters = 0

    @property
    def found(self) -> int:
        """How many dossiers were counted so far."""
        return self._tally.found

    def add(self, made: Made[Case]) -> None:
        """Count one dossier."""
        row = made.case.row
        found = list(made.kinds)
        if made.is_in_scope:
            self._statuses[str(row["dossierStatus"])] += 1
            if "split_commune_agency" in made.kinds:
                found.append("split_commune_home")
            due = row["dueDate"]
            if row["dossierStatus"] in OPEN and isinstance(due, datetime) and due < self._cutoff:
                found.append("overdue_at_cutoff")
            self._counters += row["originality"] == 3 and row["submitDate"] is None
        is_free = self._tally.count(str(made.case.key), found, is_in_scope=made.is_in_scope, edge=made.edge)
        if is_free and made.is_in_scope:
            self._papers += self._components_of(made)

    def _components_of(self, made: Made[Case]) -> int:
        """How many of a dossier's papers are, by their name, components of the procedure it was filed under."""
        procedure = made.case.setting.procedure
        if made.case.row["serviceName"] != procedure.name:
            return 0
        parts = [(procedure.code, str(paper["dossierPartNo"])) for paper in made.case.papers]
        return sum(1 for part in parts if part in self._components)

    def manifest(self) -> dict[str, Any]:
        """Totals, kinds with count, first keys, finder and outcome, and figures of ordinary life."""
        made = self._tally.manifest()
        made["life"] |= {"counter_without_submit_date": self._counters, "papers_of_components": self._papers}
        return made | {"statuses": dict(sorted(self._statuses.items()))}
