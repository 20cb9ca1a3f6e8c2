"""One dossier of TD.DichVuCong with every row that hangs on its code, and rows with every column of their table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from connectors.rehearsal.store import Cell, Row, Store
from connectors.rehearsal.story import Setting
from connectors.rehearsal.tables import Schema
from connectors.rehearsal.td_schema import HANGING, MAIN
from connectors.rehearsal.world import Unit

MADE_ON = datetime(2023, 3, 3, 8, 0)


class Rows:
    """Makes rows; what a row does not name is NULL, but for its Id and when it was made."""

    def __init__(self, schema: Schema, random: Random) -> None:
        self._random = random
        self._blank: Mapping[str, Row] = {
            table.name: {column.name: None for column in table.columns} for table in schema.tables
        }

    def row(self, table: str, **cells: Cell) -> Row:
        """One row, its columns in the order of the table."""
        blank = self._blank[table]
        usual: Row = {"Id": self.guid(), "CreatedOn": MADE_ON} if "CreatedOn" in blank else {"Id": self.guid()}
        made = {**blank, **usual, **cells}
        assert len(made) == len(blank), (table, cells.keys() - blank.keys())
        return made

    def guid(self) -> str:
        """A new Id, in capitals as SQL Server shows it."""
        digits = f"{self._random.getrandbits(128):032X}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


@dataclass
class Case:
    """The rows of one dossier, by table; ``row`` is the dossier's own."""

    row: Row
    setting: Setting
    home: Unit  # of the owner
    children: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)  # path → size
    gone_files: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """Its Id."""
        return str(self.row["Id"])

    def add(self, table: str, row: Row) -> Row:
        """Hang one row on the dossier's code."""
        row[HANGING[table]] = self.row["MaHoSo"]
        self.children.setdefault(table, []).append(row)
        return row

    def rows(self, table: str) -> list[Row]:
        """The rows of a table that hang on the dossier."""
        return self.children.get(table, [])

    def recode(self, code: Cell) -> None:
        """Give the dossier and all that hangs on it another code."""
        self.row["MaHoSo"] = code
        for table, rows in self.children.items():
            for row in rows:
                row[HANGING[table]] = code or ""

    def write(self, store: Store) -> None:
        """Queue every row."""
        store.add(MAIN, self.row)
        for table, rows in self.children.items():
            for row in rows:
                store.add(table, row)
