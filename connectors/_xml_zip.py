"""The members of a ZIP, read in place with bounds: names, number, directory and how far each one swells."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, BinaryIO, Final, cast

from connectors._staged_inputs import in_order
from connectors._xml_guard import FileBroken

MEMBERS: Final = 200_000
DIRECTORY_BYTES: Final = 64 * 1024 * 1024
RATIO: Final = 250
FREE_BYTES: Final = 16 * 1024 * 1024
"""A member this small may swell as it likes."""
_ENTRY: Final = b"PK\x01\x02"
"""How each entry of a directory begins; the library refuses another beginning."""

_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
"""What the library raises on a damaged archive, an unknown method or a password."""


def open_zip(stream: BinaryIO) -> zipfile.ZipFile:
    """An archive whose directory is of bearable size. Raises FileBroken."""
    try:
        archive = zipfile.ZipFile(cast(IO[bytes], _Bounded(stream)))
    except _BROKEN:
        raise FileBroken("ZIP hỏng hoặc bị cắt cụt") from None
    archive.fp = stream
    return archive


class _Bounded:
    """A stream on which the library finds the directory: it reads it at once, then makes an object of each entry.

    Where it finds one (end records can lie, and contradict each other) is its own affair: what it reads is judged.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if size > DIRECTORY_BYTES:
            raise FileBroken(f"ZIP có quá {MEMBERS} tệp")
        piece = self._stream.read(size)
        if piece.count(_ENTRY) > MEMBERS:
            raise FileBroken(f"ZIP có quá {MEMBERS} tệp")
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def members(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """(Member, why it must not be read) of every file in the order of names."""
    seen: set[str] = set()
    for info in sorted(archive.infolist(), key=lambda info: in_order(info.filename)):
        if info.filename and info.is_dir():
            continue
        fault = _refusal(info)
        if info.filename in seen:
            fault = "tên có hai lần trong ZIP"
        seen.add(info.filename)
        yield info, fault


def _refusal(info: zipfile.ZipInfo) -> str:
    path = PurePosixPath(info.filename)
    if not path.parts:
        return "tệp trong ZIP không có tên"
    if path.is_absolute() or ".." in path.parts or "\\" in info.orig_filename or ":" in path.parts[0]:
        return "tên trong ZIP dẫn ra ngoài thư mục"
    if info.flag_bits & 0x1:
        return "tệp trong ZIP có mật khẩu"
    if (info.external_attr >> 16) & 0o170000 == 0o120000:
        return "liên kết trong ZIP không được đọc"
    return ""


class Member:
    """The bytes of one member, refused once they swell beyond all measure. Raises FileBroken."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._bound = max(FREE_BYTES, info.compress_size * RATIO)
        self._given = 0
        try:
            self._stream = archive.open(info)
        except _BROKEN:
            raise FileBroken("tệp trong ZIP hỏng") from None

    def read(self, size: int = -1) -> bytes:
        try:
            piece = self._stream.read(size)
        except _BROKEN:
            raise FileBroken("tệp trong ZIP hỏng") from None
        self._given += len(piece)
        if self._given > self._bound:
            raise FileBroken(f"tệp trong ZIP bung ra quá {RATIO} lần (bom nén)")
        return piece

    def close(self) -> None:
        self._stream.close()
