"""Files that stand in a binary column: measured by the database, read piece by piece.

Each piece is a short read of its own. One long snapshot would hold old versions of rows over there for as long as the
new system takes the file; a content that changes in between shows by its size here, and else by its hash at compare.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Protocol

from sqlalchemy import Connection, text

from connectors._content_names import read_locator
from connectors._sql_flavour import Flavour
from connectors._sql_pages import as_bound
from connectors._sql_text import Catalogue, build_query, find_content
from connectors.base import Misconfigured, TableRead, Unavailable

_GONE: Final = "Nội dung {} không còn trong cơ sở dữ liệu."
_CHANGED: Final = "Nội dung {} vừa bị sửa trong lúc đọc. Chạy lại lệnh."
_TWINS: Final = (
    "Khóa ghi trong profile chỉ ra nhiều dòng cùng lúc ({}): không biết nội dung nào đúng. Khai key là cột không lặp."
)
_CUT: Final = (
    "Máy chủ trả về thiếu một phần nội dung {}. Tăng giới hạn của máy chủ (max_allowed_packet) hay của trình "
    "điều khiển (text size)."
)


class Prepare(Protocol):
    """Make something of the catalogue."""

    def __call__(self, make: Callable[[Catalogue], Place], /) -> Place: ...


@dataclass(frozen=True)
class Place:
    """Where one content stands: real names, and what FROM and WHERE (``:lo``) say of its row."""

    locator: str
    table: str
    column: str
    cell: str
    row: str
    params: Mapping[str, Any]


class StoredContents:
    """The contents in the columns of one database. ``reading``: one short read-only transaction at the site's rate."""

    def __init__(
        self, flavour: Flavour, prepare: Prepare, reading: Callable[[], AbstractContextManager[Connection]]
    ) -> None:
        self._flavour, self._prepare, self._reading = flavour, prepare, reading

    def stat(self, locator: str) -> int | None:
        """Size in bytes; None for NULL and for a row that is gone."""
        place = self._prepare(lambda catalogue: _place(locator, catalogue))
        size: int | None = self._row(place, self._flavour.size(place.cell), {})[0]
        return size

    def open(self, locator: str) -> BinaryIO:
        """The bytes as a stream. Raises FileNotFoundError for NULL and for a row that is gone."""
        place = self._prepare(lambda catalogue: _place(locator, catalogue))
        size, first = self._piece(place, 0)
        if size is None:
            raise FileNotFoundError(_GONE.format(locator))

        def further(at: int) -> bytes:
            now, piece = self._piece(place, at)
            if now != size:
                raise Unavailable(_CHANGED.format(locator))
            return piece

        return io.BufferedReader(_Pieces(size, first, further), self._flavour.piece_bytes)

    def _piece(self, place: Place, at: int) -> tuple[int | None, bytes]:
        """(size of the whole, bytes from ``at`` on), both of one moment."""
        wide, flavour = self._flavour.piece_bytes, self._flavour
        found = None
        if flavour.blob is not None:
            with self._reading() as connection:
                raw = connection.connection.dbapi_connection
                found = flavour.blob(raw, place.table, place.column, place.row, place.params, at, wide)
        if found is None:
            cells = f"{flavour.size(place.cell)}, {flavour.piece(place.cell)}"
            found = self._row(place, cells, {"at": at + 1, "wide": wide})
        size, piece = found
        if size is not None and len(piece or b"") != max(0, min(wide, size - at)):
            raise Misconfigured(_CUT.format(place.locator))
        return size, bytes(piece or b"")

    def _row(self, place: Place, cells: str, params: Mapping[str, int]) -> tuple[Any, ...]:
        """The cells of the only row; of none when it is gone."""
        sql = self._flavour.limit(f"SELECT {cells} FROM {place.row}", 2)
        with self._reading() as connection:
            rows = [tuple(row) for row in connection.execute(text(sql), {**place.params, **params})]
        if len(rows) > 1:
            raise Misconfigured(_TWINS.format(place.locator))
        return rows[0] if rows else (None, None)


def _place(locator: str, catalogue: Catalogue) -> Place:
    content, key = read_locator(locator)
    table, column = find_content(content, catalogue)
    query = build_query(TableRead("", content.table, (), content.key), catalogue)
    bound = as_bound(key, query)
    row = f"{catalogue.locate(table)} d WHERE {query.parent} = {query.low}"
    cell = f"d.{catalogue.quote(column.name)}"
    cell = catalogue.flavour.cell(cell, column.type)
    return Place(locator, table.name, column.name, cell, row, {"lo": key if bound is None else bound})


class _Pieces(io.RawIOBase):
    """Pieces one behind the other; no more than one of them is held."""

    def __init__(self, size: int, first: bytes, further: Callable[[int], bytes]) -> None:
        self._size, self._held, self._further = size, first, further
        self._at = self._begin = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self._at >= self._size:
            return 0
        if self._at >= self._begin + len(self._held):
            self._held, self._begin = self._further(self._at), self._at
        start = self._at - self._begin
        piece = memoryview(self._held)[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
