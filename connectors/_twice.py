"""A batch in which a dossier may be named twice, for targets that settle whole dossiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors.base import Push, Receipt


def one_after_the_other(batch: Sequence[Push], settle: Callable[[Sequence[Push]], Sequence[Receipt]]) -> list[Receipt]:
    """Receipts in the order of the batch. ``settle`` is given different dossiers; a second naming comes after them."""
    first: dict[tuple[str, str], Push] = {}
    for push in batch:
        first.setdefault((push.source_id, push.key), push)
    receipts = dict(zip(first, settle(list(first.values())), strict=True))
    found = []
    for push in batch:
        where = (push.source_id, push.key)
        found.append(receipts[where] if first[where] is push else settle([push])[0])
    return found
