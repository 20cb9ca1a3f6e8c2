"""What was seeded, in exact counts: the answer sheet that a rehearsal is marked with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from connectors.rehearsal.opencps_kind import Kind
from connectors.rehearsal.opencps_plan import Made
from connectors.rehearsal.opencps_process import OPEN

SAMPLE_KEYS = 20
_PAIRS = (
    ("after_cutoff", "rule", "after_cutoff", "excluded"),
    ("online_twin", "rule", "online_twin", "excluded"),
    ("twin_lacks_paper", "code", "twin_lacks_paper", "excluded"),
    ("twin_lacks_fee", "code", "twin_lacks_fee", "excluded"),
)
_BORROWED = (
    ("borrowed_alike", "rule", "merged_into", "excluded"),
    ("borrowed_own_code", "code", "same_reference_uid", "quarantined"),
    ("borrowed_own_uid", "code", "duplicate_code", "quarantined"),
    ("borrowed_code_only", "code", "duplicate_code", "quarantined"),
)
"""Dossiers that another system holds, too; what is found there counts there."""
_LIFE = (
    ("split_commune_home", "code", "address_unit_split", "warned"),  # beside what is wrong with the agency
    ("overdue_at_cutoff", "code", "overdue_at_cutoff", "normalised"),
)


class Tally:
    """Counts dossiers as they are made."""

    def __init__(
        self, kinds: Sequence[Kind], cutoff: datetime, components: Collection[tuple[str, str]], *, is_clean: bool
    ) -> None:
        self._cutoff = cutoff
        self._components = components  # (procedure, part) that bears a name of the national catalogue
        told = [] if is_clean else list(_PAIRS)
        told += [(kind.name, "rule" if kind.is_rule else "code", kind.code, kind.outcome) for kind in kinds]
        self._told = [*told, *_BORROWED, *_LIFE]
        self._quarantined = {name for name, _, _, outcome in self._told if outcome == "quarantined"}
        self._counts: Counter[str] = Counter()
        self._keys: dict[str, list[str]] = {}
        self._edges: dict[str, list[str]] = {"before": [], "after": []}
        self._statuses: Counter[str] = Counter()
        self.found = self.in_scope = 0

    def add(self, made: Made) -> None:
        """Count one dossier."""
        self.found += 1
        row = made.case.row
        found = list(made.kinds)
        if made.edge:
            self._edges[made.edge].append(str(made.case.key))
        if made.is_in_scope:
            self.in_scope += 1
            self._statuses[str(row["dossierStatus"])] += 1
            if "split_commune_agency" in made.kinds:
                found.append("split_commune_home")
            due = row["dueDate"]
            if row["dossierStatus"] in OPEN and isinstance(due, datetime) and due < self._cutoff:
                found.append("overdue_at_cutoff")
            if row["originality"] == 3 and row["submitDate"] is None:
                self._counts["counter_without_submit_date"] += 1
            if self._quarantined.isdisjoint(found):
                self._counts["papers_of_components"] += self._papers(made)
        for name in found:
            self._counts[name] += 1
            keys = self._keys.setdefault(name, [])
            if len(keys) < SAMPLE_KEYS:
                keys.append(str(made.case.key))

    def _papers(self, made: Made) -> int:
        """How many of a dossier's papers are, by their name, components of the procedure it was filed under."""
        procedure = made.case.setting.procedure
        if made.case.row["serviceName"] != procedure.name:
            return 0
        parts = [(procedure.code, str(paper["dossierPartNo"])) for paper in made.case.papers]
        return sum(1 for part in parts if part in self._components)

    def manifest(self) -> dict[str, object]:
        """Totals, kinds with count, first keys, finder and outcome, and figures of ordinary life."""
        return {
            "found": self.found,
            "in_scope": self.in_scope,
            "quarantined": sum(self._counts[name] for name in self._quarantined),
            "kinds": [self._kind(*told) for told in self._told if self._counts[told[0]]],
            "life": {
                "cutoff_edge": self._edges,
                "counter_without_submit_date": self._counts["counter_without_submit_date"],
                "papers_of_components": self._counts["papers_of_components"],
            },
            "statuses": dict(sorted(self._statuses.items())),
        }

    def _kind(self, name: str, finder: str, code: str, outcome: str) -> dict[str, object]:
        return {
            "kind": name,
            finder: code,
            "outcome": outcome,
            "count": self._counts[name],
            "keys": self._keys[name],
        }
