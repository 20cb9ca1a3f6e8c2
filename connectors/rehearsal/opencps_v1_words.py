"""Words and numbers of OpenCPS v1 (PortletConstants, Language_vi)."""

from __future__ import annotations

NUMBERS = {
    "new": "0", "receiving": "1", "waiting": "2", "paying": "3", "denied": "4", "received": "5", "processing": "6",
    "canceled": "7", "done": "8", "archived": "9", "system": "10", "error": "11",
}  # fmt: skip
"""The first releases kept the status as a number; the column was made text later and the old rows stayed."""
_STATUSES = {
    "new": "new", "receiving": "receiving", "paying": "paying", "done": "done", "denied": "denied",
    "unresolved": "denied", "cancelled": "canceled", "": "",
}  # fmt: skip
OPEN = frozenset({"new", "receiving", "received", "processing", "paying"})
"""Statuses in which the office still owes the citizen something."""
OPEN_NUMBERS = frozenset(NUMBERS[status] for status in OPEN)


def status_word(status: str, *, is_received: bool) -> str:
    """What v1 calls this outcome: it has no word for supplements, other agencies and results that lie ready."""
    if status == "new" and is_received:
        return "received"
    return _STATUSES.get(status, "processing")
