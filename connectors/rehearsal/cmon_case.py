"""One dossier of a CMON with every row that hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from connectors.rehearsal.case_rows import Hung
from connectors.rehearsal.people import Person
from connectors.rehearsal.store import Cell, Row, Store
from connectors.rehearsal.story import Setting
from connectors.rehearsal.world import Unit

MAIN = "cmon_hosotthccong"
MADE_ON = datetime(2014, 3, 3, 8, 0)
USUAL: Mapping[str, Cell] = {"NGUOITAO": "quantri", "NGAYTAO": MADE_ON, "DAXOA": 0, "PHIENBAN": 1}
"""What a column holds when nobody says otherwise."""


@dataclass
class Case(Hung):
    """The rows of one dossier, by table; ``row`` is the dossier's own. ``filer`` brought the papers."""

    main: ClassVar[str] = MAIN
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

    def write(self, store: Store) -> None:
        """Queue every row."""
        super().write(store)
        store.add("csms_congdan", self.citizen)
