"""One dossier of an FSS with every row that hangs on it, and rows with every column of their table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.rehearsal.store import Cell, Row, Store
from connectors.rehearsal.story import Setting
from connectors.rehearsal.tables import Schema

MAIN, MOVES, PAPERS, FILES = "HOSOTIEPNHAN", "TINHTRANGHOSO", "HOSOKEMTHEO", "FileDinhKem"
CANCELS, UNRESOLVED, RETURNS, SUPPLEMENTS = "HOSOHUY", "HOSOKHONGGIAIQUYET", "PHIEUTRAHOSO", "HOSOBOSUNG"


class Rows:
    """Makes rows of FSS's tables; what a row does not name is NULL."""

    def __init__(self, schema: Schema) -> None:
        self._blank: Mapping[str, Row] = {
            table.name: {column.name: None for column in table.columns} for table in schema.tables
        }

    def row(self, table: str, **cells: Cell) -> Row:
        """One row, its columns in the order of the table."""
        made = {**self._blank[table], **cells}
        assert len(made) == len(self._blank[table]), (table, cells.keys() - self._blank[table].keys())
        return made


@dataclass
class Case:
    """The rows of one dossier, by table; ``row`` is the dossier's own. ``shown``: names that its codes stand for."""

    key: str
    row: Row
    setting: Setting
    shown: dict[str, str]
    children: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, tuple[str, int]] = field(default_factory=dict)  # path below the store → name and size
    gone_files: set[str] = field(default_factory=set)

    def add(self, table: str, row: Row) -> Row:
        """Hang one row on the dossier."""
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
