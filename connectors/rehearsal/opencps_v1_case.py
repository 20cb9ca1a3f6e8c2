"""One dossier of OpenCPS v1: its matter as the office lives it, in the words of v2, and how v1 writes it down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.rehearsal.opencps_case import Case as Matter
from connectors.rehearsal.store import Row, Store
from connectors.rehearsal.story import Setting

MAIN = "opencps_dossier"
Tables = dict[str, list[Row]]
"""The rows of one dossier, by table."""


def matter_of(matter: Matter) -> Matter:
    """The matter without what v1 cannot say: who files for the owner, and a result that lies ready."""
    actions = matter.children["opencps_dossieraction"]
    if matter.setting.status == "releasing":
        del actions[-1]  # it still stands where the result was signed
    matter.row["delegateName"] = ""
    return matter


@dataclass
class Case:
    """What is the same in both versions is spoilt in ``matter``, what is v1's own in the rows, by ``later``."""

    matter: Matter
    later: list[Callable[[Tables], None]] = field(default_factory=list)

    @property
    def key(self) -> int:
        """The dossier id."""
        return self.matter.key

    @property
    def setting(self) -> Setting:
        """Who asks whom for what."""
        return self.matter.setting

    def rows(self, shape: Callable[[Matter], Tables]) -> Tables:
        """Every row, in the shape of v1."""
        tables = shape(self.matter)
        for change in self.later:
            change(tables)
        return tables

    def write(self, store: Store, tables: Tables) -> None:
        """Queue every row."""
        for table, rows in tables.items():
            for row in rows:
                store.add(table, row)
        if self.matter.spoilt:
            store.spoil(MAIN, self.matter.spoilt[0], "dossierId", self.key, self.matter.spoilt[1])
