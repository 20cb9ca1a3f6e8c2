"""One dossier of a MotCua with every row that hangs on it or on one of its steps, and rows with every column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.rehearsal.dong_nai_schema import MAIN
from connectors.rehearsal.store import Cell, Row, Store
from connectors.rehearsal.story import Setting
from connectors.rehearsal.tables import Schema


class Rows:
    """Makes rows; what a row does not name is NULL."""

    def __init__(self, schema: Schema) -> None:
        self._blank: Mapping[str, Row] = {
            table.name: {column.name: None for column in table.columns} for table in schema.tables
        }

    def row(self, table: str, cells: Mapping[str, Cell]) -> Row:
        """One row, its columns in the order of the table."""
        made = {**self._blank[table], **cells}
        assert len(made) == len(self._blank[table]), (table, cells.keys() - self._blank[table].keys())
        return made


@dataclass
class Case:
    """The rows of one dossier, by table; ``row`` is the dossier's own."""

    row: Row
    setting: Setting
    children: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)  # path → size
    gone_files: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """Its id."""
        return str(self.row["HoSoID"])

    def add(self, table: str, row: Row) -> Row:
        """Hang one row on the dossier or on a step of it."""
        self.children.setdefault(table, []).append(row)
        return row

    def rows(self, table: str) -> list[Row]:
        """The rows of a table that hang on the dossier."""
        return self.children.get(table, [])

    def write(self, store: Store) -> None:
        """Queue every row."""
        store.add(MAIN, self.row)
        for table, rows in self.children.items():
            for row in rows:
                store.add(table, row)
