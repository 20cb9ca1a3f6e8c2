"""One dossier of the old system with every row that hangs on it, and what the generator may ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.rehearsal.store import Cell, Row, Store
from connectors.rehearsal.story import Setting

CHILD_TABLES = (
    "opencps_dossierfile", "DLFileEntry", "opencps_dossieraction", "opencps_dossieractionuser",
    "opencps_dossiermark", "opencps_dossierrequests", "opencps_dossierdocument", "opencps_paymentfile",
    "opencps_deliverable", "opencps_applicant", "opencps_notarization", "opencps_postconnect",
)  # fmt: skip


@dataclass
class Case:
    """The rows of one dossier, by table; ``row`` is the dossier's own."""

    key: int
    row: Row
    setting: Setting
    children: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in CHILD_TABLES})
    gone_files: set[Cell] = field(default_factory=set)  # fileEntryId whose bytes are gone
    spoilt: tuple[str, bytes] | None = None  # (column, bytes that are no UTF-8)

    @property
    def papers(self) -> list[Row]:
        """Rows of opencps_dossierfile."""
        return self.children["opencps_dossierfile"]

    def write(self, store: Store) -> None:
        """Queue every row."""
        store.add("opencps_dossier", self.row)
        for table, rows in self.children.items():
            for row in rows:
                store.add(table, row)
        if self.spoilt:
            store.spoil("opencps_dossier", self.spoilt[0], "dossierId", self.key, self.spoilt[1])
