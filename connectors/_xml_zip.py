"""The members of a ZIP, read in place with bounds: names, number, directory and how far each one swells."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from connectors._staged_inputs import in_order
from connectors._xml_guard import FileBroken

MEMBERS: Final = 200_000
DIRECTORY_BYTES: Final = 64 * 1024 * 1024
RATIO: Final = 250
FREE_BYTES: Final = 16 * 1024 * 1024
"""A member this small may swell as it likes."""
_TAIL: Final = 22 + 65_535

_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
"""What the library raises on a damaged archive, an unknown method or a password."""


def open_zip(stream: BinaryIO) -> zipfile.ZipFile:
    """An archive whose directory is of bearable size. Raises FileBroken."""
    try:
        _check_directory(stream)
        archive = zipfile.ZipFile(stream)
    except (*_BROKEN, struct.error):
        raise FileBroken("ZIP hỏng hoặc bị cắt cụt") from None
    if len(archive.infolist()) > MEMBERS:
        raise FileBroken(f"ZIP có quá {MEMBERS} tệp")
    return archive


def _check_directory(stream: BinaryIO) -> None:
    """The library reads the whole directory at once: look at its size first."""
    end = stream.seek(0, 2)
    start = stream.seek(max(0, end - _TAIL))
    tail = stream.read(_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise FileBroken("ZIP hỏng hoặc bị cắt cụt")
    (size,) = struct.unpack_from("<L", tail, at + 12)
    if tail[at - 20 : at - 16] == b"PK\x06\x07":  # ZIP64: the end record stands elsewhere
        (place,) = struct.unpack_from("<Q", tail, at - 12)
        stream.seek(min(place, start + at))
        (size,) = struct.unpack_from("<Q", stream.read(56), 40)
    if size > DIRECTORY_BYTES:
        raise FileBroken("ZIP có quá nhiều tệp")
    stream.seek(0)


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
