"""One dossier of TD.DichVuCong with every row that hangs on its code, and rows with every column of their table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import ClassVar

from connectors.rehearsal.case_rows import Hung, Rows
from connectors.rehearsal.store import Cell, Row
from connectors.rehearsal.story import Setting
from connectors.rehearsal.tables import Schema
from connectors.rehearsal.td_schema import HANGING, MAIN
from connectors.rehearsal.world import Unit

MADE_ON = datetime(2023, 3, 3, 8, 0)


class TdRows(Rows):
    """Makes rows that have an Id and tell when they were made."""

    def __init__(self, schema: Schema, random: Random) -> None:
        super().__init__(schema, {"CreatedOn": MADE_ON})
        self._random = random

    def row(self, table: str, **cells: Cell) -> Row:
        """One row, its columns in the order of the table."""
        return super().row(table, **{"Id": self.guid(), **cells})

    def guid(self) -> str:
        """A new Id, in capitals as SQL Server shows it."""
        digits = f"{self._random.getrandbits(128):032X}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


@dataclass
class Case(Hung):
    """The rows of one dossier, by table; ``row`` is the dossier's own."""

    main: ClassVar[str] = MAIN
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
        return super().add(table, row)

    def recode(self, code: Cell) -> None:
        """Give the dossier and all that hangs on it another code."""
        self.row["MaHoSo"] = code
        for table, rows in self.children.items():
            for row in rows:
                row[HANGING[table]] = code or ""
