"""Uploaded files: spooled while they come, hashed, kept in the database in pieces."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from starlette.concurrency import run_in_threadpool

from connectors.rehearsal.receiver.store import Store
from connectors.rehearsal.receiver.tables import blob, dossier, dossier_file, upload

PIECE: Final = 256 * 1024
IN_MEMORY: Final = 1024 * 1024
MAX_BYTES: Final = 1024 * 1024 * 1024


# made once: putting these together anew would take half the time of an upload
_KNOWN: Final = (
    select(blob.c.pos).where(blob.c.sha256 == bindparam("content"), blob.c.pos == 0).with_for_update(read=True)
)
_BLOB: Final = insert(blob)
_UPLOAD: Final = insert(upload)
_SAME: Final = delete(upload).where(
    upload.c.source == bindparam("s"),
    upload.c.key == bindparam("k"),
    upload.c.locator == bindparam("l"),
    upload.c.sha256 == bindparam("content"),
)


class TooLarge(Exception):
    """The upload is larger than the receiver takes."""


class Spool:
    """An upload on its way in: in memory while small, then in a private temporary file."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def take(self, data: bytes) -> None:
        """Take what is there already."""
        self.size += len(data)
        self._hash.update(data)
        self.file.write(data)

    async def fill(self, stream: AsyncIterator[bytes]) -> None:
        """Take the whole stream."""
        async for data in stream:
            self.size += len(data)
            if self.size > MAX_BYTES:
                raise TooLarge
            self._hash.update(data)
            if self.size > IN_MEMORY:
                await run_in_threadpool(self.file.write, data)
            else:
                self.file.write(data)


@contextmanager
def spool(store: Store) -> Iterator[Spool]:
    """A place for one upload, gone afterwards."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(store.folder) if store.folder else None) as file:
        yield Spool(file)


def keep(store: Store, source: str, key: str, locator: str, name: str, content: Spool) -> None:
    """Keep an upload as the newest content of its locator; the same content again changes nothing."""
    for is_last in (False, True):
        try:
            with store.writing() as connection:
                keep_content(connection, content)
                _bind(store, connection, source, key, locator, name, content.sha256, content.size)
            return
        except IntegrityError:  # somebody else uploaded the same content at the same moment
            if is_last:
                raise


def link(store: Store, source: str, key: str, locator: str, name: str, sha256: str, size: int) -> bool:
    """Make a content that is held the newest of this locator; False when it is not held, or is not as large."""
    b = blob.c
    with store.writing() as connection:
        if not connection.execute(_KNOWN, {"content": sha256}).first():
            return False
        held = connection.execute(select(func.sum(func.length(b.data))).where(b.sha256 == sha256)).scalar_one()
        if held != size:
            return False
        _bind(store, connection, source, key, locator, name, sha256, size)
        return True


def _bind(
    store: Store, connection: Connection, source: str, key: str, locator: str, name: str, sha256: str, size: int
) -> None:
    connection.execute(_SAME, {"s": source, "k": key, "l": locator, "content": sha256})
    row = {"source": source, "key": key, "locator": locator, "sha256": sha256, "name": name, "size": size}
    connection.execute(_UPLOAD, {**row, "serial": store.next(connection, "upload")})


def keep_content(connection: Connection, content: Spool) -> None:
    """Keep the bytes of an upload once, whoever sends them."""
    # held until the upload is there: a removal must not take the content away in between
    if connection.execute(_KNOWN, {"content": content.sha256}).first():
        return
    for pos, data in enumerate(_pieces(content.file)):
        connection.execute(_BLOB, {"sha256": content.sha256, "pos": pos, "data": data})


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """At least one piece, so that an empty file is there too."""
    file.seek(0)
    data = file.read(PIECE)
    yield data
    while data := file.read(PIECE):
        yield data


def find(store: Store, source: str, key: str, locator: str) -> tuple[str, int] | None:
    """(sha256, size) of a dossier's file; before the dossier exists, of its newest upload."""
    d, f, u = dossier.c, dossier_file.c, upload.c
    bound = (
        select(f.sha256, f.size)
        .join(dossier, d.id == f.dossier_id)
        .where(d.source == source, d.key == key, f.locator == locator)
    )
    newest = (
        select(u.sha256, u.size)
        .where(u.source == source, u.key == key, u.locator == locator)
        .order_by(u.serial.desc())
        .limit(1)
    )
    with store.reading() as connection:
        row: Any = connection.execute(bound).first() or connection.execute(newest).first()
    return (row.sha256, row.size) if row else None


def stream(store: Store, sha256: str) -> Iterator[bytes]:
    """The bytes of a stored content, piece by piece."""
    with store.reading() as connection:
        count = connection.execute(select(func.count()).where(blob.c.sha256 == sha256)).scalar_one()
    for pos in range(count):
        with store.reading() as connection:
            query = select(blob.c.data).where(blob.c.sha256 == sha256, blob.c.pos == pos)
            data: bytes = connection.execute(query).scalar_one()
        yield data
