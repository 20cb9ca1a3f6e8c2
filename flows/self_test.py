"""The comparer's own test at every comparison: which dossiers it is made with, and its score in the ledger."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from flows.comparisons import EVERYWHERE
from validations.compare import Files
from validations.mutations import KINDS, ClassScore, Pair, Score, score

DRAWN: Final = 48
PREFIX: Final = "selftest"
COUNTED: Final = ("made", "found", "named")


@dataclass
class Drawing:
    """A sample of the dossiers compared, the same for the same dossiers: those whose keys hash lowest."""

    _held: list[tuple[int, Pair]] = field(default_factory=list)

    def offer(self, source_id: str, key: str, expected: bytes, stored: bytes, files: Files) -> None:
        """Keep this dossier while it is among the lowest. ``stored`` must be equal to ``expected``."""
        rank = -int.from_bytes(blake2b(f"{source_id}\n{key}".encode(), digest_size=8).digest(), "big")
        if len(self._held) < DRAWN:
            heapq.heappush(self._held, (rank, Pair(expected, stored, files)))
        elif rank > self._held[0][0]:
            heapq.heapreplace(self._held, (rank, Pair(expected, stored, files)))

    def figures(self) -> dict[tuple[str, str], int]:
        """The score, as figures of the comparison."""
        drawn = sorted(self._held, key=lambda one: one[0])
        found = score([pair for _, pair in drawn], seed=sum(rank for rank, _ in drawn))
        figures = {f"{PREFIX}_equal": found.equal, f"{PREFIX}_alarms": found.alarms}
        for one in found.classes:
            figures |= {f"{PREFIX}_{one.code}_{name}": getattr(one, name) for name in COUNTED}
        return {(EVERYWHERE, name): value for name, value in figures.items()}


def read_score(figures: Mapping[str, int]) -> Score | None:
    """The score that a comparison kept; None when it kept none, or had no dossier to be tried on."""
    if not figures.get(f"{PREFIX}_equal"):
        return None
    classes = [
        ClassScore(kind.code, kind.title, *(figures[f"{PREFIX}_{kind.code}_{name}"] for name in COUNTED))
        for kind in KINDS
        if f"{PREFIX}_{kind.code}_made" in figures
    ]
    return Score(tuple(classes), figures[f"{PREFIX}_equal"], figures[f"{PREFIX}_alarms"])
