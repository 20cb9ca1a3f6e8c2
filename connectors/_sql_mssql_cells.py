"""Cells of SQL Server: a driver hands over the structures of ODBC, and older types as they travel on the wire."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.base import Cell

_TIME: Final = -154  # SQL_SS_TIME2
_OFFSET: Final = -155  # SQL_SS_TIMESTAMPOFFSET
_MOMENT: Final = struct.Struct("<hHHHHHI")  # year … second, nanoseconds
_DATETIME: Final = struct.Struct("<iI")
_SMALLDATETIME: Final = struct.Struct("<HH")
_NUMERIC_BYTES: Final = 19


def stamp_cells(raw: Any, varchar: str) -> None:
    """Tell a driver connection how each type becomes a cell. ``varchar``: encoding of texts that are not Unicode."""
    import pyodbc

    converters: dict[int, Callable[[bytes], Cell]] = {
        pyodbc.SQL_TYPE_TIMESTAMP: moment,
        pyodbc.SQL_TYPE_DATE: day,
        _TIME: time_of_day,
        _OFFSET: moment_with_offset,
        pyodbc.SQL_DECIMAL: decimal,
        pyodbc.SQL_NUMERIC: decimal,
        pyodbc.SQL_GUID: lambda data: str(uuid.UUID(bytes_le=data)).upper(),
        pyodbc.SQL_BIT: lambda data: data[0],
    }
    if varchar:  # bytes as stored, past the collation's code page
        kinds = (pyodbc.SQL_CHAR, pyodbc.SQL_VARCHAR, pyodbc.SQL_LONGVARCHAR)
        converters |= dict.fromkeys(kinds, lambda data: text_or_bytes(data, varchar))
    else:  # the driver knows each column's code page: let it make wide characters
        raw.setdecoding(pyodbc.SQL_CHAR, encoding="utf-16le", ctype=pyodbc.SQL_WCHAR)
    for kind, converter in converters.items():
        raw.add_output_converter(kind, converter)


def lenient(raw: Any) -> Callable[[], None]:
    """Read Unicode that is none (half of a pair) as its bytes; returns the way back."""
    import pyodbc

    kinds = (pyodbc.SQL_WCHAR, pyodbc.SQL_WVARCHAR, pyodbc.SQL_WLONGVARCHAR)
    for kind in kinds:
        raw.add_output_converter(kind, lambda data: text_or_bytes(data, "utf-16le"))

    def back() -> None:
        for kind in kinds:
            raw.remove_output_converter(kind)

    return back


def moment(data: bytes) -> str:
    """``2025-06-30 16:59:59``, with a fraction where there is one, of any of the types with a date and a time."""
    if len(data) == _DATETIME.size:  # datetime: days, three-hundredths of a second
        days, ticks = _DATETIME.unpack(data)
        return _since_1900(days, milliseconds=(ticks * 10 + 1) // 3)
    if len(data) == _SMALLDATETIME.size:
        days, minutes = _SMALLDATETIME.unpack(data)
        return _since_1900(days, milliseconds=minutes * 60_000)
    year, month, day_, hour, minute, second, nanoseconds = _MOMENT.unpack(data)
    text = f"{year:04d}-{month:02d}-{day_:02d} {hour:02d}:{minute:02d}:{second:02d}"
    return f"{text}.{_fraction(nanoseconds)}" if nanoseconds else text


def _since_1900(days: int, milliseconds: int) -> str:
    return str(datetime(1900, 1, 1) + timedelta(days=days, milliseconds=milliseconds))


def day(data: bytes) -> str:
    return "{:04d}-{:02d}-{:02d}".format(*struct.unpack("<hHH", data))


def time_of_day(data: bytes) -> str:
    hour, minute, second, nanoseconds = struct.unpack("<HHH2xI", data)
    text = f"{hour:02d}:{minute:02d}:{second:02d}"
    return f"{text}.{_fraction(nanoseconds)}" if nanoseconds else text


def moment_with_offset(data: bytes) -> str:
    """As stored: the wall time and the offset beside it."""
    hours, minutes = struct.unpack("<hh", data[16:20])
    sign = "-" if hours < 0 or minutes < 0 else "+"
    return f"{moment(data[:16])}{sign}{abs(hours):02d}:{abs(minutes):02d}"


def decimal(data: bytes) -> str:
    """A decimal or an amount of money as the database writes it: all digits of its scale."""
    if len(data) == _NUMERIC_BYTES:  # SQL_NUMERIC_STRUCT
        scale, units = data[1], int.from_bytes(data[3:], "little") * (1 if data[2] else -1)
    else:  # money: ten-thousandths, its upper half first
        halves = [data[at : at + 4] for at in range(0, len(data), 4)]
        scale, units = 4, int.from_bytes(b"".join(reversed(halves)), "little", signed=True)
    digits = str(abs(units)).zfill(scale + 1)
    text = f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
    return text if units >= 0 else f"-{text}"


def _fraction(nanoseconds: int) -> str:
    """Six digits as every other source gives them; the seventh of datetime2(7) where there is one."""
    return f"{nanoseconds:09d}"[: 6 if nanoseconds % 1000 == 0 else 7]


def text_or_bytes(data: bytes, encoding: str) -> Cell:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return bytes(data)
