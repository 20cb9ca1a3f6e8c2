"""CSV of unknown encoding and separator, row by row in constant memory."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from connectors._sheet_faults import BookBroken
from connectors._sheet_header import HEAD_ROWS, find_header
from connectors._sheet_shapes import SheetShapes

SEPARATORS: Final = {",": "dấu phẩy", ";": "dấu chấm phẩy", "\t": "dấu tab", "|": "dấu |"}
LONGEST_CELL: Final = 1024 * 1024
_CHUNK: Final = 1024 * 1024
_SAMPLE: Final = 64 * 1024

_TONES: Final = bytes((0xCC, 0xD2, 0xDE, 0xEC, 0xF2))
"""The bytes of Windows-1258 that set a tone on the letter before; no tone stands alone there."""


@dataclass(frozen=True)
class Text:
    """How a CSV is written."""

    encoding: str
    separator: str
    note: str  # the same in Vietnamese


def read_csv(stream: BinaryIO, shapes: SheetShapes) -> tuple[Text, Iterator[list[str]]]:
    """How a CSV is written, and its rows as a spreadsheet would show them. Raises BookBroken."""
    encoding, name = _encoding(stream)
    separator = _separator(stream, encoding, shapes)
    note = f"CSV, {name}, {SEPARATORS[separator]}"
    return Text(encoding, separator, note), _rows(stream, encoding, separator)


# ---------------------------------------------------------------- encoding


def _encoding(stream: BinaryIO) -> tuple[str, str]:
    """(codec, its name for people)."""
    stream.seek(0)
    head = stream.read(_SAMPLE)
    if not head:
        raise BookBroken("tệp trống")
    for mark, codec, name in (
        (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 có BOM"),
        (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    ):
        if head.startswith(mark):
            return codec, name
    if b"\0" in head:
        return _wide(head)
    if _is_utf8(stream):
        return "utf-8", "UTF-8"
    return _single_byte(stream)


def _wide(head: bytes) -> tuple[str, str]:
    """UTF-16 without its mark: the upper half of most letters is nothing, even in Vietnamese."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.3 * len(head) / 2 and min(even, odd) < 0.02 * len(head) / 2:
        return ("utf-16-le", "UTF-16 LE") if odd > even else ("utf-16-be", "UTF-16 BE")
    raise BookBroken("không phải tệp văn bản; nếu là sổ Excel thì sửa đuôi tệp cho đúng (.xlsx, .xls, .ods)")


def _is_utf8(stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    try:
        while chunk := stream.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _single_byte(stream: BinaryIO) -> tuple[str, str]:
    """Windows-1258, where tones sit on vowels; else bytes as they are, for the site's table of encodings."""
    stream.seek(0)
    set_, stray, before = 0, 0, b""
    while chunk := stream.read(_CHUNK):
        for at, byte in enumerate(chunk):
            if byte in _TONES:
                letter = chunk[at - 1 : at] if at else before
                if (
                    letter
                    and len(unicodedata.normalize("NFC", (letter + bytes([byte])).decode("cp1258", "replace"))) == 1
                ):
                    set_ += 1
                else:
                    stray += 1
        before = chunk[-1:]
        if set_ + stray > 10_000:
            break
    if set_ > 4 * stray:
        return "cp1258", "Windows-1258"
    return "latin-1", "một byte mỗi chữ (TCVN3 hay VNI: xem encodings.csv)"


# ---------------------------------------------------------------- rows


def _separator(stream: BinaryIO, encoding: str, shapes: SheetShapes) -> str:
    """The separator under which a header is found, else the one that makes most cells."""
    ranked = []
    for order, separator in enumerate(SEPARATORS):
        head = _head(_rows(stream, encoding, separator))
        header = find_header(head, shapes.tables)
        ranked.append((len(header.columns) if header else 0, max(map(len, head), default=0), -order, separator))
    return max(ranked)[-1]


def _head(rows: Iterator[list[str]]) -> list[list[str]]:
    """The first rows, as far as they can be read: quotes rarely fit a separator that is not the file's."""
    head: list[list[str]] = []
    with suppress(BookBroken):
        for row in itertools.islice(rows, HEAD_ROWS):
            head.append(row)
    return head


def _rows(stream: BinaryIO, encoding: str, separator: str) -> Iterator[list[str]]:
    stream.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(cast(io.RawIOBase, _Open(stream))), encoding=encoding, newline="")
    csv.field_size_limit(LONGEST_CELL)
    # not strict, a quote that nobody closed would swallow the rows behind it into one cell
    reader = csv.reader(text, delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader):
            if number == 0 and len(row) <= 2 and row and row[0].startswith("sep="):
                yield []
                continue
            yield [unicodedata.normalize("NFC", cell) for cell in row] if encoding == "cp1258" else row
    except UnicodeDecodeError:
        raise BookBroken(
            f"chữ ở khoảng dòng {reader.line_num + 1} không đúng {encoding}: tệp ghép hay chép dở"
        ) from None
    except csv.Error:
        raise BookBroken(
            f"dòng {reader.line_num + 1} không đúng dạng CSV (dấu nháy không đóng, hay đứng giữa ô; ô quá dài)"
        ) from None


class _Open(io.RawIOBase):
    """A stream that somebody else closes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)
