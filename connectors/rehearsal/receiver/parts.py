"""Files that come in parts: a begun upload keeps the parts it has, so that a sender that was interrupted goes on."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from connectors.rehearsal.receiver.attachments import IN_MEMORY, MAX_BYTES, PIECE, Spool, keep, link
from connectors.rehearsal.receiver.http import Failure
from connectors.rehearsal.receiver.store import Store
from connectors.rehearsal.receiver.tables import part, part_piece, part_upload

LARGEST_PART: Final = 32 * 1024 * 1024
SMALLEST_PART: Final = 1024


class Content(msgspec.Struct, frozen=True):
    """A file that is to come; ``part_size``: bytes of every part but the last."""

    source: str
    key: str
    locator: str
    name: str
    sha256: str
    size: int
    part_size: int

    def check(self) -> None:
        """Refuse what names no file or cannot be cut so."""
        texts = (self.source, 100), (self.key, 100), (self.locator, 1_000)
        is_named = all(0 < len(text) <= longest and "\x00" not in text for text, longest in texts)
        is_hash = len(self.sha256) == 64 and set(self.sha256) <= set("0123456789abcdef")
        if not (is_named and is_hash and len(self.name) <= 4_000 and "\x00" not in self.name):
            raise Failure(400, "address_invalid", "Thiếu hoặc sai nguồn, khóa hồ sơ, khóa tệp hoặc sha256.")
        if self.size > MAX_BYTES:
            raise Failure(413, "file_too_large", "Tệp lớn hơn mức cho phép.")
        if self.size < 0 or not SMALLEST_PART <= self.part_size <= LARGEST_PART:
            raise Failure(400, "part_size_invalid", f"part_size từ {SMALLEST_PART} đến {LARGEST_PART} byte.")

    @property
    def id(self) -> str:
        """The same for every attempt to send this content of this file in parts of this size."""
        text = "\0".join((self.source, self.key, self.locator, self.sha256, str(self.part_size)))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def count(self) -> int:
        """How many parts it takes."""
        return -(-self.size // self.part_size)


def begin(store: Store, content: Content) -> dict[str, Any]:
    """Link a content that is held already, whoever sent it; else the parts that are there."""
    if link(store, content.source, content.key, content.locator, content.name, content.sha256, content.size):
        _forget(store, content.id)
        return {"is_there": True, "id": "", "parts": []}
    if content.count <= 1:
        return {"is_there": False, "id": "", "parts": []}  # one piece: it may as well come whole
    with store.writing() as connection:
        if not connection.execute(select(part_upload.c.id).where(part_upload.c.id == content.id)).first():
            row = {name: getattr(content, name) for name in ("source", "key", "size", "part_size", "id")}
            connection.execute(insert(part_upload).values(row))
        held = connection.execute(select(part.c.number).where(part.c.id == content.id).order_by(part.c.number))
        return {"is_there": False, "id": content.id, "parts": list(held.scalars())}


def keep_part(store: Store, upload_id: str, number: int, spool: Spool) -> None:
    """Keep one part, in place of an earlier copy of it. Raises Failure for one that does not belong there."""
    with store.writing() as connection:
        query = select(part_upload.c.size, part_upload.c.part_size).where(part_upload.c.id == upload_id)
        begun = connection.execute(query.with_for_update()).one_or_none()
        if begun is None:
            raise Failure(404, "not_found", "Lượt gửi tệp này chưa bắt đầu hoặc đã xong.")
        if spool.size != min(begun.part_size, begun.size - number * begun.part_size) or spool.size <= 0:
            raise Failure(422, "invalid", "Phần này dài ngắn khác đã báo.", errors=[{"path": "", "code": "part_size"}])
        for table in (part, part_piece):
            connection.execute(delete(table).where(table.c.id == upload_id, table.c.number == number))
        connection.execute(insert(part).values(id=upload_id, number=number, sha256=spool.sha256))
        spool.file.seek(0)
        pos = 0
        while data := spool.file.read(PIECE):
            connection.execute(insert(part_piece).values(id=upload_id, number=number, pos=pos, data=data))
            pos += 1


def finish(store: Store, content: Content) -> dict[str, Any]:
    """Make a file of its parts, if they are it. The same again is answered as before."""
    if not link(store, content.source, content.key, content.locator, content.name, content.sha256, content.size):
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(store.folder) if store.folder else None) as file:
            whole = Spool(file)
            for data in _pieces(store, content):
                whole.take(data)
            if (whole.sha256, whole.size) != (content.sha256, content.size):
                error = [{"path": "sha256", "code": "sha256_differs"}]
                _forget(store, content.id)  # which part is wrong nobody knows: all must come again
                raise Failure(422, "invalid", "Các phần ghép lại khác sha256 đã báo.", errors=error)
            keep(store, content.source, content.key, content.locator, content.name, whole)
    _forget(store, content.id)
    return {"sha256": content.sha256, "size": content.size}


def _pieces(store: Store, content: Content) -> Iterator[bytes]:
    """The bytes of all parts, in order; a part that is not there is a Failure."""
    with store.reading() as connection:
        held = list(connection.execute(select(part.c.number).where(part.c.id == content.id)).scalars())
    if sorted(held) != list(range(content.count)):
        error = [{"path": "parts", "code": "part_missing"}]
        raise Failure(422, "invalid", "Chưa đủ các phần của tệp.", errors=error)
    p = part_piece.c
    for number in range(content.count):
        pos = 0
        while data := _piece(store, (p.id == content.id) & (p.number == number) & (p.pos == pos)):
            yield data
            pos += 1


def _piece(store: Store, where: Any) -> bytes | None:
    with store.reading() as connection:
        found: bytes | None = connection.execute(select(part_piece.c.data).where(where)).scalar()
    return found


def _forget(store: Store, upload_id: str) -> None:
    with store.writing() as connection:
        forget(connection, [upload_id])


def forget(connection: Connection, ids: list[str]) -> None:
    """Drop begun uploads with their parts."""
    for table in (part, part_piece, part_upload):
        connection.execute(delete(table).where(table.c.id.in_(ids)))
