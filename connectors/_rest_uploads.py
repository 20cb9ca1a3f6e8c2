"""Files on their way to a new system that speaks the REST contract: whole, or in parts that survive an interruption."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO, Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from connectors._rest_calls import Caller, Pace
from connectors._rest_loop import Loop
from connectors.base import Misconfigured, Readable

PIECE: Final = 256 * 1024
IN_MEMORY: Final = 1024 * 1024
ASKED_FROM: Final = 64 * 1024
"""Bytes from which on the server is asked first whether it has the content: below, asking costs as much as sending."""


class Content(Struct, frozen=True):
    """A file to send, as begin and finish name it. ``part_size``: bytes of every part but the last."""

    source: str
    key: str
    locator: str
    name: str
    sha256: str
    size: int
    part_size: int


class Begun(Struct, frozen=True):
    """What the server has of a content: all of it, or the numbers of these parts of the upload ``id``."""

    is_there: bool
    id: str = ""
    parts: tuple[int, ...] = ()


class Uploaded(Struct, frozen=True):
    """What the server computed of a file."""

    sha256: str
    size: int


class Uploads:
    """Sends files. ``part_bytes``: size of a part where the server takes parts, None where it does not."""

    def __init__(self, caller: Caller, loop: Loop, pace: Pace, part_bytes: int | None) -> None:
        self._caller = caller
        self._loop = loop
        self._pace = pace
        self._part_bytes = part_bytes

    def send(
        self, content: Content, stream: Readable, around_part: Callable[[], AbstractContextManager[None]]
    ) -> Uploaded:
        """Send what the stream holds; ``sha256``, ``size`` and ``part_size`` of ``content`` are filled in here."""
        digest = hashlib.sha256()
        size = 0
        # the stream can be read once only, a call that failed is sent again: keep the bytes until it is done
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            while piece := stream.read(PIECE):
                digest.update(piece)
                size += len(piece)
                spool.write(piece)
            part_size = self._part_bytes or 0
            content = msgspec.structs.replace(content, sha256=digest.hexdigest(), size=size, part_size=part_size)
            if part_size and size >= min(ASKED_FROM, part_size):
                begun = self._loop.run(self._caller.ask("POST", "/v1/uploads:begin", Begun, _json(content)))
                if begun.is_there:
                    return Uploaded(content.sha256, content.size)
                if size > part_size:
                    return self._in_parts(content, begun, spool, around_part)
            return self._loop.run(self._whole(content, spool))

    def _in_parts(
        self, content: Content, begun: Begun, spool: IO[bytes], around_part: Callable[[], AbstractContextManager[None]]
    ) -> Uploaded:
        if not begun.id:
            raise Misconfigured("Hệ thống mới nhận tệp theo phần nhưng không cấp mã lượt gửi: không đúng đặc tả API.")
        there = set(begun.parts)
        for number in range(-(-content.size // content.part_size)):
            if number in there:
                continue
            spool.seek(number * content.part_size)
            data = spool.read(content.part_size)
            with around_part():
                self._loop.run(self._part(f"/v1/uploads/{quote(begun.id, safe='')}/{number}", data))
        return self._loop.run(self._caller.ask("POST", "/v1/uploads:finish", Uploaded, _json(content)))

    async def _part(self, path: str, data: bytes) -> Uploaded:
        await self._pace.wait(1)
        headers = {"X-SHA256": hashlib.sha256(data).hexdigest(), "Content-Type": "application/octet-stream"}
        return await self._caller.ask("PUT", path, Uploaded, data, headers)

    async def _whole(self, content: Content, spool: IO[bytes]) -> Uploaded:
        await self._pace.wait(1)
        path = f"/v1/attachments/{quote(content.source, safe='')}/{quote(content.key, safe='')}"
        headers = {
            "X-Locator": quote(content.locator, safe=""),
            "X-Name": quote(content.name, safe=""),
            "X-SHA256": content.sha256,
        }
        return await self._caller.ask("POST", path, Uploaded, spool, headers)


def _json(content: Content) -> bytes:
    return msgspec.json.encode(content)
