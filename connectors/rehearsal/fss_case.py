"""One dossier of an FSS with every row that hangs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from connectors.rehearsal.case_rows import Hung
from connectors.rehearsal.store import Row
from connectors.rehearsal.story import Setting

MAIN, MOVES, PAPERS, FILES = "HOSOTIEPNHAN", "TINHTRANGHOSO", "HOSOKEMTHEO", "FileDinhKem"
CANCELS, UNRESOLVED, RETURNS, SUPPLEMENTS = "HOSOHUY", "HOSOKHONGGIAIQUYET", "PHIEUTRAHOSO", "HOSOBOSUNG"


@dataclass
class Case(Hung):
    """The rows of one dossier, by table; ``row`` is the dossier's own. ``shown``: names that its codes stand for."""

    main: ClassVar[str] = MAIN
    key: str
    row: Row
    setting: Setting
    shown: dict[str, str]
    children: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, tuple[str, int]] = field(default_factory=dict)  # path below the store → name and size
    gone_files: set[str] = field(default_factory=set)
