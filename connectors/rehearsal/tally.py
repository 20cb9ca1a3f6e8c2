"""Counts of what was seeded, by kind: the part of a manifest that every generator shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from connectors.rehearsal.kind import Kind
from connectors.rehearsal.plan import HasSetting, Made
from connectors.rehearsal.store import Cell, Row

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


class Keyed(HasSetting, Protocol):
    """What a tally must know of a dossier."""

    @property
    def key(self) -> object: ...

    @property
    def row(self) -> Row: ...


C = TypeVar("C", bound=Keyed)


class LifeTally(Generic[C]):
    """Counts dossiers as they are made, by the dirt of their kind and by what ordinary life brings along.

    ``life`` is what they may bear, ``bears`` says of one in scope which of it it does; ``status`` is the column whose
    values are counted, "" for none.
    """

    def __init__(
        self,
        kinds: Sequence[Kind[Any, C]],
        life: Sequence[Told],
        bears: Callable[[Made[C]], Mapping[str, bool]],
        *,
        status: str = "",
        is_clean: bool,
    ) -> None:
        self._bears, self._status = bears, status
        self._tally = Tally([*(() if is_clean else (AFTER_CUTOFF,)), *told_of(kinds), *life])
        self._statuses: Counter[str] = Counter()

    def add(self, made: Made[C]) -> None:
        """Count one dossier."""
        found = list(made.kinds)
        if made.is_in_scope:
            self._statuses[str(made.case.row.get(self._status))] += 1
            found += [name for name, is_there in self._bears(made).items() if is_there]
        self._tally.count(str(made.case.key), found, is_in_scope=made.is_in_scope, edge=made.edge)

    def manifest(self) -> dict[str, Any]:
        """Totals, kinds with count, first keys, finder and outcome; the statuses when they are counted."""
        counted = {"statuses": dict(sorted(self._statuses.items()))} if self._status else {}
        return self._tally.manifest() | counted


def undecided(kinds: Iterable[Kind[Any, Any]]) -> frozenset[str]:
    """The kinds whose status nobody has decided: whether such a dossier is open is not known."""
    return frozenset(kind.name for kind in kinds if kind.code == "status_undecided")


def is_before(due: Cell, moment: datetime) -> bool:
    """Whether a due date is a date, and past at that moment."""
    return isinstance(due, datetime) and due < moment
