"""Parameters of a remote procedure call, from the wire to Python values."""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from tests.tds.wire import Reader

_NULL: Final = 0x1F
_INTEGERS: Final = {0x30: 1, 0x34: 2, 0x38: 4, 0x7F: 8}
_BYTE_SIZED: Final = (0x24, 0x26, 0x68, 0x6D, 0x6E, 0x6F)
_DECIMALS: Final = (0x6A, 0x6C)
_TEXTS: Final = {0xE7: "utf-16le", 0xEF: "utf-16le", 0xA7: "cp1252", 0xAF: "cp1252"}
_BINARIES: Final = (0xA5, 0xAD)
_OLD_LONG: Final = {0x63: "utf-16le", 0x23: "cp1252", 0x22: ""}


@dataclass(frozen=True)
class Parameter:
    name: str
    value: Any


def read_parameter(reader: Reader) -> Parameter:
    """The next parameter. Raises NotImplementedError for a type that no driver sent so far."""
    name = reader.text(reader.number(1))
    reader.take(1)
    return Parameter(name.lstrip("@"), _value(reader, reader.number(1)))


def _value(reader: Reader, kind: int) -> Any:
    if kind == _NULL:
        return None
    if kind in _INTEGERS:
        return int.from_bytes(reader.take(_INTEGERS[kind]), "little", signed=kind != 0x30)
    if kind in _BYTE_SIZED:
        reader.take(1)
        return _sized(kind, reader.take(reader.number(1)))
    if kind in _DECIMALS:
        return _decimal(reader)
    if kind in _TEXTS or kind in _BINARIES:
        return _varying(reader, kind)
    if kind in _OLD_LONG:
        return _old_long(reader, kind)
    if kind == 0x28:
        data = reader.take(reader.number(1))
        return _day(data) if data else None
    if kind in (0x29, 0x2A, 0x2B):
        scale = reader.number(1)
        data = reader.take(reader.number(1))
        return _moment(data, scale, kind) if data else None
    raise NotImplementedError(f"parameter of type 0x{kind:02x}")


def _sized(kind: int, data: bytes) -> Any:
    if not data:
        return None
    if kind == 0x24:
        return uuid.UUID(bytes_le=data)
    if kind == 0x68:
        return int(bool(data[0]))
    if kind == 0x6D:
        return struct.unpack("<d" if len(data) == 8 else "<f", data)[0]
    if kind == 0x6E:
        high, low = struct.unpack("<iI", data) if len(data) == 8 else (0, int.from_bytes(data, "little", signed=True))
        return Decimal((high << 32) + low).scaleb(-4)
    if kind == 0x6F:
        days, part = struct.unpack("<iI" if len(data) == 8 else "<HH", data)
        step = timedelta(milliseconds=round(part * 10 / 3)) if len(data) == 8 else timedelta(minutes=part)
        return datetime(1900, 1, 1) + timedelta(days=days) + step
    return int.from_bytes(data, "little", signed=len(data) > 1)


def _decimal(reader: Reader) -> Decimal | None:
    reader.take(2)
    scale = reader.number(1)
    data = reader.take(reader.number(1))
    if not data:
        return None
    units = int.from_bytes(data[1:], "little")
    return Decimal(units if data[0] else -units).scaleb(-scale)


def _varying(reader: Reader, kind: int) -> Any:
    size = reader.number(2)
    if kind in _TEXTS:
        reader.take(5)
    if size == 0xFFFF:
        data = _streamed(reader)
    else:
        length = reader.number(2)
        data = None if length == 0xFFFF else reader.take(length)
    if data is None or kind in _BINARIES:
        return data
    return data.decode(_TEXTS[kind], "surrogatepass" if _TEXTS[kind].startswith("utf") else "strict")


def _streamed(reader: Reader) -> bytes | None:
    if reader.number(8) == 2**64 - 1:
        return None
    data = b""
    while size := reader.number(4):
        data += reader.take(size)
    return data


def _old_long(reader: Reader, kind: int) -> Any:
    reader.take(4 if kind == 0x22 else 9)
    size = reader.number(4)
    if size == 0xFFFFFFFF:
        return None
    data = reader.take(size)
    return data.decode(_OLD_LONG[kind]) if _OLD_LONG[kind] else data


def _day(data: bytes) -> date:
    return date(1, 1, 1) + timedelta(days=int.from_bytes(data[:3], "little"))


def _moment(data: bytes, scale: int, kind: int) -> Any:
    size = 3 if scale <= 2 else 4 if scale <= 4 else 5
    since = timedelta(microseconds=int.from_bytes(data[:size], "little") * 10 ** (7 - scale) // 10)
    if kind == 0x29:
        return (datetime(1, 1, 1) + since).time()
    moment = datetime.combine(_day(data[size : size + 3]), time()) + since
    if kind == 0x2A:
        return moment
    return moment + timedelta(minutes=int(struct.unpack("<h", data[size + 3 :])[0]))
