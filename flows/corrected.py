"""Which dossiers to map again because people corrected their cells, or took a correction back."""

from __future__ import annotations

from typing import Final

from flows import ledger_schema as t
from flows.ledger import Ledger, Run
from flows.questions import pages
from flows.remembered import recall, remember
from flows.workplace import OpenSource
from mappings.corrections import hash_of

CORRECTIONS: Final = "corrections"
"""Under which the ledger remembers the corrections that the last run saw: old key → hash."""


def send_back_corrected(ledger: Ledger, run: Run, source: OpenSource) -> int:
    """Map exactly those dossiers again whose corrections are not those that the last run saw; how many."""
    known = recall(ledger, CORRECTIONS).get(source.id, {})
    now = {key: hash_of(found) for key, found in source.mapper.corrections.items()}
    if now == known:
        return 0
    e, moved = t.entry.c, 0
    changed = sorted(key for key in known.keys() | now.keys() if known.get(key) != now.get(key))
    for page in pages(changed):
        is_there = e.state.not_in((t.EXCLUDED, t.VANISHED, t.ROLLED_BACK, t.EXTRACTED))
        moved += ledger.send_back(run, (e.source_id == source.id) & e.key.in_(page) & is_there, "value_corrected")
    remember(ledger, CORRECTIONS, source.id, now)
    return moved
