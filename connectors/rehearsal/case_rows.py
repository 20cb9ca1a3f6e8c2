"""The rows of one dossier of any old system: its own, and those that hang on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from connectors.rehearsal.store import Cell, Row, Store
from connectors.rehearsal.tables import Schema


class Rows:
    """Makes rows; what a row does not name gets the ``usual`` value of its column, or NULL."""

    def __init__(self, schema: Schema, usual: Mapping[str, Cell] | None = None) -> None:
        common = usual or {}
        self._blank: Mapping[str, Row] = {
            table.name: {column.name: common.get(column.name) for column in table.columns} for table in schema.tables
        }

    def row(self, table: str, **cells: Cell) -> Row:
        """One row, its columns in the order of the table."""
        made = {**self._blank[table], **cells}
        assert len(made) == len(self._blank[table]), (table, cells.keys() - self._blank[table].keys())
        return made


class Hung:
    """A dossier as its rows by table; ``row`` is its own, in the table ``main``."""

    main: ClassVar[str]
    row: Row
    children: dict[str, list[Row]]

    def add(self, table: str, row: Row) -> Row:
        """Hang one row on the dossier."""
        self.children.setdefault(table, []).append(row)
        return row

    def rows(self, table: str) -> list[Row]:
        """The rows of a table that hang on the dossier."""
        return self.children.get(table, [])

    def write(self, store: Store) -> None:
        """Queue every row."""
        store.add(self.main, self.row)
        for table, rows in self.children.items():
            for row in rows:
                store.add(table, row)
