"""The short reads by which a table is looked at: bounded, along its key, without long text and binary columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from connectors._sql_flavour import Flavour
from connectors._sql_text import MAIN_ALIAS, Catalogue, Table
from connectors.base import Cell, Column

COUNTED: Final = 1_000_000
"""Rows are counted up to here: counting on would read the whole of a large table."""
CUT: Final = 200
"""Characters of a text that are read."""
STRETCHES: Final = 8
_BINARY: Final = re.compile(r"blob|binary|bytea|image|^bit varying", re.IGNORECASE)
_TEXT: Final = re.compile(r"char|text|clob|string", re.IGNORECASE)
_SIZED: Final = re.compile(r"char[a-z ]*\((\d+)\)", re.IGNORECASE)


class Glance:
    """The queries of a look at one table."""

    def __init__(self, catalogue: Catalogue, flavour: Flavour, table: Table) -> None:
        self.columns = [column for column in table.columns.values() if not _BINARY.search(column.type)]
        self._flavour = flavour
        self._from = f"{catalogue.locate(table)} {MAIN_ALIAS}"
        self._cells = ", ".join(self._cell(catalogue, column) for column in self.columns) or "NULL"
        self._key = [f"{MAIN_ALIAS}.{catalogue.quote(name)}" for name in table.key]
        self._is_numeric = len(table.key) == 1 and flavour.is_numeric(table.column(table.key[0]).type)

    def count(self) -> str:
        """The number of rows, up to one more than COUNTED."""
        return f"SELECT COUNT(*) FROM ({self._limited(f'SELECT 1 AS n FROM {self._from}', COUNTED + 1)}) counted"

    def all(self, rows: int) -> str:
        """A small table, whole."""
        return self._limited(self._select(self._order("")), rows)

    def ends(self) -> str | None:
        """Lowest and highest key; None when the key is not one number."""
        return f"SELECT MIN({self._key[0]}), MAX({self._key[0]}) FROM {self._from}" if self._is_numeric else None

    def along(self, ends: Sequence[Cell], rows: int) -> list[str]:
        """Stretches of equal distance from the lowest to the highest key, and the newest rows."""
        try:
            low, high = (int(float(str(end))) for end in ends)
        except (ValueError, OverflowError):  # a column of numbers that holds something else
            return self.outer(rows)
        each, gap = rows // (STRETCHES + 1) + 1, (high - low) // STRETCHES
        key = self._key[0]
        found = [
            self._limited(self._select(f" WHERE {key} >= {low + gap * at}{self._order('')}"), each)
            for at in range(STRETCHES)
        ]
        return [*found, self._limited(self._select(self._order(" DESC")), each)]

    def outer(self, rows: int) -> list[str]:
        """The first and the last rows by the key; without a key, those that the database gives first."""
        if not self._key:
            return [self._limited(self._select(""), rows)]
        return [self._limited(self._select(self._order(way)), rows // 2 + 1) for way in ("", " DESC")]

    def _select(self, rest: str) -> str:
        return f"SELECT {self._cells} FROM {self._from}{rest}"

    def _order(self, way: str) -> str:
        return f" ORDER BY {', '.join(f'{key}{way}' for key in self._key)}" if self._key else ""

    def _limited(self, sql: str, rows: int) -> str:
        return self._flavour.limit(sql, int(rows))

    def _cell(self, catalogue: Catalogue, column: Column) -> str:
        name = f"{MAIN_ALIAS}.{catalogue.quote(column.name)}"
        size = _SIZED.search(column.type)
        if _TEXT.search(column.type) and (size is None or int(size[1]) > CUT):
            return f"SUBSTRING({name}, 1, {CUT})"
        return self._flavour.cell(name, column.type)
