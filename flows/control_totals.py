"""Control totals of a comparison: added up dossier by dossier on both sides, kept with its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from connectors.base import Stored
from mappings.targets import TargetProfile
from validations.canonical import decode_body
from validations.compare import Files
from validations.control_totals import TOTALS, add_totals, totals_of

OLD: Final = "total_old_"
NEW: Final = "total_new_"
LEFT_OUT: Final = "total_left_out"
"""Figure: dossiers on which officials went on in the new system; they are in neither sum."""


@dataclass
class ControlTotals:
    """The sums of a comparison that is under way."""

    _sums: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    _left_out: dict[str, int] = field(default_factory=dict)

    def add(self, source_id: str, expected: bytes, files: Files, stored: Stored | None) -> None:
        """One dossier as expected and as the new system holds it (None: it does not)."""
        old = totals_of(decode_body(expected), _sizes(files))
        self._plus(OLD, source_id, old)
        if stored is None:
            return
        sizes = sorted(size for _, _, size in stored.files)
        if stored.body == expected and sizes == sorted(_sizes(files)):
            self._plus(NEW, source_id, old)
        else:
            self._plus(NEW, source_id, totals_of(_decoded(stored.body), sizes))

    def leave_out(self, source_id: str) -> None:
        """A dossier that may differ now, because somebody works on it."""
        self._left_out[source_id] = self._left_out.get(source_id, 0) + 1

    def _plus(self, side: str, source_id: str, totals: Mapping[str, int]) -> None:
        self._sums[side, source_id] = add_totals(self._sums.get((side, source_id), {}), totals)

    def figures(self) -> dict[tuple[str, str], int]:
        """Every sum as a figure of the comparison."""
        found = {
            (source_id, f"{side}{code}"): value
            for (side, source_id), totals in self._sums.items()
            for code, value in totals.items()
        }
        return found | {(source_id, LEFT_OUT): number for source_id, number in self._left_out.items()}


def _sizes(files: Files) -> Iterable[int]:
    return [size for _, size in files.values()]


def _decoded(body: bytes) -> Any:
    try:
        return decode_body(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def read_totals(figures: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """The sums of both sides, out of the figures of a source."""
    old, new = (
        {name.removeprefix(side): value for name, value in figures.items() if name.startswith(side)}
        for side in (OLD, NEW)
    )
    return old, new


def lost_totals(target: TargetProfile) -> tuple[str, ...]:
    """Totals of what the target's profile declares lost."""
    return tuple(total.code for total in TOTALS if target.is_by_design(total.path))
