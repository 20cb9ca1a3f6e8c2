"""One dossier of a CMON with every row that hangs on it, and rows with every column of their table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.rehearsal.people import Person
from connectors.rehearsal.store import Cell, Row, Store
from connectors.rehearsal.story import Setting
from connectors.rehearsal.tables import Schema
from connectors.rehearsal.world import Unit

MAIN = "cmon_hosotthccong"
MADE_ON = datetime(2014, 3, 3, 8, 0)


class Rows:
    """Makes rows of CMON's tables; what a row does not name gets the usual value of its column, or NULL."""

    def __init__(self, schema: Schema) -> None:
        usual: dict[str, Cell] = {"NGUOITAO": "quantri", "NGAYTAO": MADE_ON, "DAXOA": 0, "PHIENBAN": 1}
        self._blank: Mapping[str, Row] = {
            table.name: {column.name: usual.get(column.name) for column in table.columns} for table in schema.tables
        }

    def row(self, table: str, **cells: Cell) -> Row:
        """One row, its columns in the order of the table."""
        made = {**self._blank[table], **cells}
        assert len(made) == len(self._blank[table]), (table, cells.keys() - self._blank[table].keys())
        return made


@dataclass
class Case:
    """The rows of one dossier, by table; ``row`` is the dossier's own. ``filer`` brought the papers."""

    key: int
    row: Row
    setting: Setting
    filer: Person
    home: Unit  # of the filer
    citizen: Row  # of the filer, in csms_congdan
    children: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[int, tuple[str, int]] = field(default_factory=dict)  # file of the store → name and size
    gone_files: set[int] = field(default_factory=set)

    @property
    def is_by_owner(self) -> bool:
        """Whether the owner brought the papers himself."""
        return self.row["CHUSOHUU"] == self.row["HOTENNGUOINOPHOSO"]

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
        store.add("csms_congdan", self.citizen)
        for table, rows in self.children.items():
            for row in rows:
                store.add(table, row)
