"""The files of dossiers: which there are, which the new system has already, and the hash of what is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from connectors.base import Unreadable
from flows import ledger_schema as t
from flows.ledger import Item, Ledger, by_source
from mappings.file_kinds import HEAD
from mappings.model import Attachment, Document, Dossier, Paper, Result, decode, encode

PIECE: Final = 1 << 18


@dataclass(frozen=True)
class Sent:
    """What the ledger knows of a file. ``sha256`` "": the dossier went, or goes, without it.

    ``trouble``, ``about``: code and particulars of the warning with which it went; "" when there was none.
    """

    stamp: str
    sha256: str
    trouble: str = ""
    about: str = ""


def attachments_of(dossier: Dossier) -> Iterator[Attachment]:
    """Every file of a dossier that exists in the old system, each locator once."""
    seen = set()
    parts: tuple[Paper | Result | Document, ...] = (*dossier.papers, *dossier.results, *dossier.documents)
    for part in parts:
        attachment = part.attachment
        if attachment and not attachment.is_missing and attachment.locator not in seen:
            seen.add(attachment.locator)
            yield attachment


def without_files(body: bytes, locators: Collection[str]) -> bytes:
    """The dossier with these files marked as missing; the same bytes when there are none."""
    if not locators:
        return body

    def marked(parts: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            msgspec.structs.replace(part, attachment=msgspec.structs.replace(part.attachment, is_missing=True))
            if part.attachment and part.attachment.locator in locators
            else part
            for part in parts
        )

    found = decode(body)
    papers, results, documents = marked(found.papers), marked(found.results), marked(found.documents)
    return encode(msgspec.structs.replace(found, papers=papers, results=results, documents=documents))


def stamp(attachment: Attachment) -> str:
    """What tells one content of a file from the next without reading it."""
    return f"{attachment.version}:{attachment.size}"


def known_attachments(ledger: Ledger, items: Sequence[Item]) -> dict[tuple[str, str, str], Sent]:
    """(source, key, locator) → what became of it when the dossier was last sent."""
    a = t.attachment.c
    known = {}
    with ledger.transaction() as c:
        for source_id, keys in by_source([(i.source_id, i.key) for i in items]):
            for row in c.execute(t.attachment.select().where(a.source_id == source_id, a.key.in_(keys))):
                sent = Sent(row.stamp, row.sha256, row.trouble or "", row.about or "")
                known[(row.source_id, row.key, row.locator)] = sent
    return known


def left_behind(ledger: Ledger, items: Sequence[Item]) -> dict[tuple[str, str], set[str]]:
    """(source, key) → locators of the files without which the dossier went to the target."""
    a = t.attachment.c
    left: dict[tuple[str, str], set[str]] = {}
    with ledger.transaction() as c:
        for source_id, keys in by_source([(i.source_id, i.key) for i in items]):
            mine = (a.source_id == source_id, a.key.in_(keys), a.sha256 == "")
            for row in c.execute(select(a.key, a.locator).where(*mine)):
                left.setdefault((source_id, row.key), set()).add(row.locator)
    return left


def keep_attachments(ledger: Ledger, rows: Sequence[Mapping[str, Any]]) -> None:
    """Record uploads; a file uploaded again replaces its record."""
    if not rows:
        return
    a = t.attachment.c
    mine = (a.source_id == bindparam("s"), a.key == bindparam("k"), a.locator == bindparam("l"))
    places = [{"s": row["source_id"], "k": row["key"], "l": row["locator"]} for row in rows]
    with ledger.faults.around("attachment_record"), ledger.transaction() as c:
        c.execute(delete(t.attachment).where(*mine), places)
        c.execute(insert(t.attachment), list(rows))


class Hashing:
    """A readable stream that hashes what passes through it. Raises Unreadable where the store fails under way."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._first: bytes | None = None
        self.size = 0

    def head(self) -> bytes:
        """Its first bytes, which are read again afterwards."""
        self._first = self._read(PIECE)
        return self._first[:HEAD]

    def read(self, size: int = -1, /) -> bytes:
        first, self._first = self._first, None
        if first and 0 <= size < len(first):
            self._first, first = first[size:], first[:size]
        data = first or self._read(size)
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

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except OSError:
            raise Unreadable("Không đọc được nội dung một tệp đính kèm. Kiểm tra ổ đĩa của kho tệp.") from None
