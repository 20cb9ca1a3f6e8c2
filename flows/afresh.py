"""What a dossier ought to be in the new system, worked out anew: read again in the old system, mapped again.

The ledger keeps what was pushed. A comparison with that would prove only that the push did what the push did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from connectors.base import Record
from flows.ledger import Item
from flows.merging import merged_codes
from flows.payloads import fingerprint, pack, plain
from flows.workplace import OpenSource, Workplace
from mappings.model import Mapped, OtherCode, encode
from mappings.sameness import with_merged

Why = Literal["", "changed", "gone", "mapping", "spared"]
"""Why a dossier is compared with what was pushed after all: since its sweep it changed in the old system, or is gone
there, or the site maps differently by now; or the site spares the old system. "": it is not."""

WHYS: Final[tuple[Why, ...]] = ("changed", "gone", "mapping", "spared")


@dataclass(frozen=True)
class Expected:
    """The encoded dossier that the new system ought to hold; ``why`` it is the ledger's copy, "" when it is not."""

    body: bytes
    why: Why = ""


def map_record(
    work: Workplace, source: OpenSource, record: Record, seen_at: str, merged: Sequence[OtherCode]
) -> Mapped:
    """What the mapping makes of a record that a sweep begun then read, with the codes of what was merged into it."""
    mapped = source.mapper.map(record.key, record.row, record.children, work.parse_instant(seen_at))
    if mapped.dossier is None or not merged:
        return mapped
    return msgspec.structs.replace(mapped, dossier=with_merged(mapped.dossier, merged))


def expect(work: Workplace, source: OpenSource, items: Sequence[Item]) -> dict[str, Expected]:
    """Old key → what to find of these entries of one source. Raises Unavailable while the old system is away."""
    if work.site.settings.compare.expected == "ledger":
        return {item.key: Expected(plain(item.mapped), "spared") for item in items}
    keys = [item.key for item in items]
    records = {record.key: record for record in source.connector.fetch(source.plan, keys)}
    merged, version = merged_codes(work.ledger, source.id, keys), source.mapping_version
    expected = {}
    for item in items:
        why = _why(item, records.get(item.key), version)
        dossier = (
            None if why else map_record(work, source, records[item.key], item.seen_at, merged.get(item.key, ())).dossier
        )
        if dossier is None:
            expected[item.key] = Expected(plain(item.mapped), why or "mapping")
        else:
            expected[item.key] = Expected(encode(dossier))
    return expected


def _why(item: Item, record: Record | None, version: str) -> Why:
    if record is None:
        return "gone"
    if fingerprint(pack(record)) != item.raw_fp:
        return "changed"
    return "" if item.mapping_version == version else "mapping"
