"""The files of dossiers: which there are, which the new system has already, and the hash of what is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

from sqlalchemy import delete, insert

from flows import ledger_schema as t
from flows.ledger import Item, Ledger, by_source
from mappings.model import Attachment, Document, Dossier, Paper, Result

PIECE: Final = 1 << 18


def attachments_of(dossier: Dossier) -> Iterator[Attachment]:
    """Every file of a dossier that exists in the old system, each locator once."""
    seen = set()
    parts: tuple[Paper | Result | Document, ...] = (*dossier.papers, *dossier.results, *dossier.documents)
    for part in parts:
        attachment = part.attachment
        if attachment and not attachment.is_missing and attachment.locator not in seen:
            seen.add(attachment.locator)
            yield attachment


def stamp(attachment: Attachment) -> str:
    """What tells one content of a file from the next without reading it."""
    return f"{attachment.version}:{attachment.size}"


def known_attachments(ledger: Ledger, items: Sequence[Item]) -> dict[tuple[str, str, str], str]:
    """(source, key, locator) → stamp of what the target already holds."""
    a = t.attachment.c
    known = {}
    with ledger.transaction() as c:
        for source_id, keys in by_source([(i.source_id, i.key) for i in items]):
            for row in c.execute(t.attachment.select().where(a.source_id == source_id, a.key.in_(keys))):
                known[(row.source_id, row.key, row.locator)] = row.stamp
    return known


def keep_attachments(ledger: Ledger, rows: Sequence[Mapping[str, Any]]) -> None:
    """Record uploads; a file uploaded again replaces its record."""
    if not rows:
        return
    a = t.attachment.c
    with ledger.faults.around("attachment_record"), ledger.transaction() as c:
        for row in rows:
            c.execute(
                delete(t.attachment).where(
                    a.source_id == row["source_id"], a.key == row["key"], a.locator == row["locator"]
                )
            )
        c.execute(insert(t.attachment), list(rows))


class Hashing:
    """A readable stream that hashes what passes through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def drain(self) -> tuple[str, int]:
        """Read to the end; (sha256, size)."""
        while self.read(PIECE):
            pass
        return self.hexdigest(), self.size
