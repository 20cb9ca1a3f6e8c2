"""What could not be read of a source's files and the site leaves out by name: it stands outside the counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.base import Broken
from flows.ledger import Ledger
from flows.remembered import recall, remember

LEFT_UNREAD: Final = "left_unread"
"""Under which the ledger remembers these places: (place, what is wrong with it, why it may be left out)."""


def keep_left_unread(ledger: Ledger, source_id: str, broken: Sequence[Broken]) -> None:
    """Remember for the report what the sweep at hand leaves out."""
    now = [[part.place, part.said, part.accepted] for part in broken if part.accepted]
    if now or recall(ledger, LEFT_UNREAD).get(source_id):
        remember(ledger, LEFT_UNREAD, source_id, now)


def left_unread(ledger: Ledger) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Source id → what its last sweep left out."""
    return {
        source_id: tuple((place, said, why) for place, said, why in places)
        for source_id, places in recall(ledger, LEFT_UNREAD).items()
    }
