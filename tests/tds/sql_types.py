"""The types of SQL Server that old systems use: how each is declared, kept in DuckDB and written to the wire."""

from __future__ import annotations

import re
import struct
import unicodedata
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

MAX: Final = -1
VIETNAMESE: Final = "Vietnamese_CI_AS"
LATIN: Final = "SQL_Latin1_General_CP1_CI_AS"
_CODE_PAGES: Final = {VIETNAMESE: "cp1258", LATIN: "cp1252"}
_COLLATION_BYTES: Final = {VIETNAMESE: b"\x2a\x04\xd0\x00\x00", LATIN: b"\x09\x04\xd0\x00\x34"}
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_DAY_ONE: Final = date(1, 1, 1).toordinal()
_DAY_1900: Final = date(1900, 1, 1).toordinal()

# name: (system_type_id, DuckDB's type, max_length in bytes; 0 = declared)
_KINDS: Final[dict[str, tuple[int, str, int]]] = {
    "bit": (104, "UTINYINT", 1),
    "tinyint": (48, "UTINYINT", 1),
    "smallint": (52, "SMALLINT", 2),
    "int": (56, "INTEGER", 4),
    "bigint": (127, "BIGINT", 8),
    "decimal": (106, "DECIMAL", 0),
    "numeric": (108, "DECIMAL", 0),
    "money": (60, "DECIMAL(19,4)", 8),
    "real": (59, "FLOAT", 4),
    "float": (62, "DOUBLE", 8),
    "date": (40, "DATE", 3),
    "time": (41, "TIME", 5),
    "datetime": (61, "TIMESTAMP", 8),
    "smalldatetime": (58, "TIMESTAMP", 4),
    "datetime2": (42, "TIMESTAMP", 8),
    "datetimeoffset": (43, "TIMESTAMP WITH TIME ZONE", 10),
    "uniqueidentifier": (36, "UUID", 16),
    "char": (175, "VARCHAR", 0),
    "varchar": (167, "VARCHAR", 0),
    "text": (35, "VARCHAR", 16),
    "nchar": (239, "VARCHAR", 0),
    "nvarchar": (231, "VARCHAR", 0),
    "ntext": (99, "VARCHAR", 16),
    "sysname": (231, "VARCHAR", 256),
    "xml": (241, "VARCHAR", MAX),
    "binary": (173, "BLOB", 0),
    "varbinary": (165, "BLOB", 0),
    "image": (34, "BLOB", 16),
    "timestamp": (189, "BLOB", 8),
}
NAMES: Final = tuple(_KINDS)
_WIDE: Final = ("nchar", "nvarchar", "ntext", "sysname", "xml")
_NARROW: Final = ("char", "varchar", "text")


@dataclass(frozen=True)
class SqlType:
    """A declared type: ``size`` in letters or bytes (MAX for max), or precision; ``scale`` of numbers and times."""

    name: str
    size: int = 0
    scale: int = 0
    collation: str = LATIN

    @property
    def number(self) -> int:
        return _KINDS[self.name][0]

    @property
    def is_text(self) -> bool:
        return self.name in _WIDE or self.name in _NARROW

    @property
    def code_page(self) -> str:
        """The encoding of a text that is not Unicode; "" for every other type."""
        return _CODE_PAGES[self.collation] if self.name in _NARROW else ""

    @property
    def max_length(self) -> int:
        """As sys.columns tells it: bytes, MAX for max."""
        fixed = _KINDS[self.name][2]
        if fixed or self.size == MAX:
            return fixed or MAX
        return self.size * 2 if self.name in _WIDE else 17 if self.name in ("decimal", "numeric") else self.size

    @property
    def duckdb(self) -> str:
        """The type in which DuckDB keeps it."""
        kept = _KINDS[self.name][1]
        if kept == "DECIMAL":
            return f"DECIMAL({self.size},{self.scale})"
        return f"{kept} COLLATE NOCASE" if self.is_text else kept


def declared(name: str, arguments: list[str], collation: str = LATIN) -> SqlType:
    """The type of a declaration like ``nvarchar(50)``. Raises KeyError for a type that is not known here."""
    name = {"rowversion": "timestamp", "dec": "decimal", "integer": "int"}.get(name.lower(), name.lower())
    _KINDS[name]
    numbers = [MAX if argument.lower() == "max" else int(argument) for argument in arguments]
    if name in ("datetime2", "time", "datetimeoffset"):
        return SqlType(name, 0, numbers[0] if numbers else 7)
    if name in ("decimal", "numeric"):
        return SqlType(name, *(numbers or [18]), *([0] if len(numbers) < 2 else []))
    size = 1 if _KINDS[name][2] == 0 else 0
    return SqlType(name, numbers[0] if numbers else size, 0, collation)


def of_duckdb(kind: str) -> SqlType:
    """The type that an expression without a declared one has."""
    if found := re.match(r"DECIMAL\((\d+),\s*(\d+)\)", kind):
        return SqlType("decimal", int(found[1]), int(found[2]))
    names = {
        "BOOLEAN": "bit", "UTINYINT": "tinyint", "TINYINT": "smallint", "SMALLINT": "smallint", "INTEGER": "int",
        "BIGINT": "bigint", "FLOAT": "real", "DOUBLE": "float", "DATE": "date", "TIME": "time",
        "UUID": "uniqueidentifier",
        "TIMESTAMP": "datetime2", "TIMESTAMP WITH TIME ZONE": "datetimeoffset",
    }  # fmt: skip
    if kind in names:
        return declared(names[kind], [])
    if kind == "HUGEINT":
        return SqlType("decimal", 38, 0)
    return SqlType("varbinary", MAX) if kind == "BLOB" else SqlType("nvarchar", 4000)


# ---------------------------------------------------------------- to the wire

Encode = Callable[[Any], bytes]


def wire_type(kind: SqlType) -> tuple[bytes, Encode]:
    """(TYPE_INFO of a column, how one value of it is written)."""
    name = kind.name
    if name in _FIXED:
        number, size, pack = _FIXED[name]
        return bytes([number, size]), _sized(pack)
    if name in ("decimal", "numeric"):
        width = 5 if kind.size <= 9 else 9 if kind.size <= 19 else 13 if kind.size <= 28 else 17
        return bytes([kind.number, width, kind.size, kind.scale]), _sized(lambda v: _decimal(v, width, kind.scale))
    if name == "date":
        return b"\x28", _sized(_days)
    if name in ("time", "datetime2", "datetimeoffset"):
        return bytes([kind.number, kind.scale]), _sized(lambda v: _clock(v, name, kind.scale))
    collation = _COLLATION_BYTES[kind.collation] if kind.is_text else b""
    encode = (lambda v: _bytes(v, kind)) if not kind.is_text else lambda v: _letters(v, kind)
    if name in ("text", "ntext", "image"):
        return bytes([kind.number]) + struct.pack("<I", 2**31 - 1) + collation + long_name("t"), _pointed(encode)
    token = {"timestamp": 173, "sysname": 231, "xml": 231}.get(name, kind.number)
    if kind.max_length == MAX:
        return bytes([token]) + b"\xff\xff" + collation, _streamed(encode)
    return bytes([token]) + struct.pack("<H", kind.max_length) + collation, _sized(encode, 2)


def long_name(table: str) -> bytes:
    """The one-part table name that long columns of the old kind carry."""
    return b"\x01" + struct.pack("<H", len(table)) + table.encode("utf-16le")


def _sized(pack: Encode, width: int = 1) -> Encode:
    none = b"\0" if width == 1 else b"\xff\xff"

    def encode(value: Any) -> bytes:
        if value is None:
            return none
        data = pack(value)
        return len(data).to_bytes(width, "little") + data

    return encode


def _streamed(pack: Encode) -> Encode:
    def encode(value: Any) -> bytes:
        if value is None:
            return b"\xff" * 8
        data = pack(value)
        chunk = struct.pack("<I", len(data)) + data if data else b""
        return struct.pack("<Q", len(data)) + chunk + b"\0\0\0\0"

    return encode


def _pointed(pack: Encode) -> Encode:
    def encode(value: Any) -> bytes:
        if value is None:
            return b"\0"
        data = pack(value)
        return b"\x10" + b"p" * 16 + b"t" * 8 + struct.pack("<I", len(data)) + data

    return encode


def to_code_page(text: str, code_page: str) -> bytes:
    """The bytes of a text; cp1258 has tone marks of its own, every other missing letter becomes a question mark."""
    if code_page == "cp1258":
        text = "".join(letter if _has(letter, code_page) else _with_tone_apart(letter) for letter in text)
    return b"".join(_byte(letter, code_page) for letter in text)


def _byte(letter: str, code_page: str) -> bytes:
    """One letter; Windows keeps the control signs that a code page leaves undefined as they are."""
    known = letter.encode(code_page, "ignore")
    return known or (letter.encode("latin-1") if "\x80" <= letter <= "\x9f" else b"?")


def _has(letter: str, code_page: str) -> bool:
    return letter.encode(code_page, "ignore") != b""


def _with_tone_apart(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    tones = "".join(part for part in parts if part in _TONES)
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES)) + tones


def _letters(value: str, kind: SqlType) -> bytes:
    if kind.code_page:
        data = to_code_page(str(value), kind.code_page)
        return data.ljust(kind.size) if kind.name == "char" else data
    data = str(value).encode("utf-16le", "surrogatepass")
    missing = kind.size - len(data) // 2 if kind.name == "nchar" else 0
    return data + " ".encode("utf-16le") * missing


def _bytes(value: bytes, kind: SqlType) -> bytes:
    return bytes(value).ljust(kind.size, b"\0") if kind.name == "binary" else bytes(value)


def _decimal(value: Any, width: int, scale: int) -> bytes:
    units = int(Decimal(value).scaleb(scale).to_integral_value())
    return bytes([units >= 0]) + abs(units).to_bytes(width - 1, "little")


def _money(value: Any) -> bytes:
    units = int(Decimal(value).scaleb(4))
    return struct.pack("<iI", units >> 32, units & 0xFFFFFFFF)


def _datetime(value: datetime) -> bytes:
    """Three-hundredths of a second since midnight: what ``datetime`` can hold."""
    since = value - datetime.combine(value.date(), time())
    return struct.pack("<iI", value.toordinal() - _DAY_1900, round(since / timedelta(milliseconds=10) * 3))


def _smalldatetime(value: datetime) -> bytes:
    return struct.pack("<HH", value.toordinal() - _DAY_1900, value.hour * 60 + value.minute)


def _days(value: date) -> bytes:
    return (value.toordinal() - _DAY_ONE).to_bytes(3, "little")


def _clock(value: Any, name: str, scale: int) -> bytes:
    """A time of day in units of ``scale`` digits, then the day and the offset where the type has them.

    A text is taken digit by digit: DuckDB ends at microseconds, datetime2(7) does not.
    """
    fraction = ""
    if isinstance(value, str):
        value, _, fraction = value.partition(".")
        value = datetime.fromisoformat(value)
    digits = (fraction or f"{value.microsecond:06d}").ljust(7, "0")[:7]
    offset = value.utcoffset() if name == "datetimeoffset" else None
    moment = value - offset if offset else value
    units = ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 10**7 + int(digits)
    size = 3 if scale <= 2 else 4 if scale <= 4 else 5
    data = (units // 10 ** (7 - scale)).to_bytes(size, "little")
    if name != "time":
        data += _days(moment)
    if name == "datetimeoffset":
        data += struct.pack("<h", int(offset.total_seconds() // 60) if offset else 0)
    return data


_FIXED: Final[dict[str, tuple[int, int, Encode]]] = {
    "bit": (0x68, 1, lambda v: bytes([bool(v)])),
    "tinyint": (0x26, 1, lambda v: struct.pack("<B", v)),
    "smallint": (0x26, 2, lambda v: struct.pack("<h", v)),
    "int": (0x26, 4, lambda v: struct.pack("<i", v)),
    "bigint": (0x26, 8, lambda v: struct.pack("<q", v)),
    "real": (0x6D, 4, lambda v: struct.pack("<f", v)),
    "float": (0x6D, 8, lambda v: struct.pack("<d", v)),
    "money": (0x6E, 8, _money),
    "datetime": (0x6F, 8, _datetime),
    "smalldatetime": (0x6F, 4, _smalldatetime),
    "uniqueidentifier": (0x24, 16, lambda v: (v if isinstance(v, uuid.UUID) else uuid.UUID(str(v))).bytes_le),
}
