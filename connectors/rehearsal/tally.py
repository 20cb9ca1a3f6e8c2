"""Counts of what was seeded, by kind: the part of a manifest that every generator shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from connectors.rehearsal.kind import Kind

SAMPLE_KEYS = 20
Told = tuple[str, str, str, str]
"""Name of the kind, "code" or "rule", the issue code or scope rule that must find it, and the outcome."""

AFTER_CUTOFF: Told = ("after_cutoff", "rule", "after_cutoff", "excluded")
OVERDUE: Told = ("overdue_at_cutoff", "code", "overdue_at_cutoff", "normalised")


def told_of(kinds: Iterable[Kind[Any, Any]]) -> list[Told]:
    """What a manifest says of each kind of dirt."""
    return [(kind.name, "rule" if kind.is_rule else "code", kind.code, kind.outcome) for kind in kinds]


class Tally:
    """Counts dossiers by the kinds that they bear, with the first keys of each."""

    def __init__(self, told: Sequence[Told]) -> None:
        self._told = told
        self._quarantined = {name for name, _, _, outcome in told if outcome == "quarantined"}
        self._counts: Counter[str] = Counter()
        self._keys: dict[str, list[str]] = {}
        self._edges: dict[str, list[str]] = {"before": [], "after": []}
        self._waiting = self.found = self.in_scope = 0

    def count(self, key: str, names: Sequence[str], *, is_in_scope: bool, edge: str = "") -> bool:
        """Count one dossier; whether nothing that it bears keeps it from being migrated."""
        self.found += 1
        self.in_scope += is_in_scope
        if edge:
            self._edges[edge].append(key)
        for name in names:
            self._counts[name] += 1
            keys = self._keys.setdefault(name, [])
            if len(keys) < SAMPLE_KEYS:
                keys.append(key)
        is_waiting = not self._quarantined.isdisjoint(names)
        self._waiting += is_waiting
        return not is_waiting

    def manifest(self) -> dict[str, Any]:
        """Totals, and the kinds with count, first keys, finder and outcome."""
        return {
            "found": self.found,
            "in_scope": self.in_scope,
            "quarantined": self._waiting,
            "kinds": [self._kind(*told) for told in self._told if self._counts[told[0]]],
            "life": {"cutoff_edge": self._edges},
        }

    def _kind(self, name: str, finder: str, code: str, outcome: str) -> dict[str, object]:
        return {
            "kind": name,
            finder: code,
            "outcome": outcome,
            "count": self._counts[name],
            "keys": self._keys[name],
        }
