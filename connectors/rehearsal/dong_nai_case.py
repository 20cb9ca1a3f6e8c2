"""One dossier of a MotCua with every row that hangs on it or on one of its steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from connectors.rehearsal.case_rows import Hung
from connectors.rehearsal.dong_nai_schema import MAIN
from connectors.rehearsal.store import Row
from connectors.rehearsal.story import Setting


@dataclass
class Case(Hung):
    """The rows of one dossier, by table; ``row`` is the dossier's own."""

    main: ClassVar[str] = MAIN
    row: Row
    setting: Setting
    children: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)  # path → size
    gone_files: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """Its id."""
        return str(self.row["HoSoID"])
