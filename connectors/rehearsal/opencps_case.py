"""One dossier of the old system with every row that hangs on it, and what the generator may ask of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from connectors.rehearsal.opencps_store import Cell, Store
from connectors.rehearsal.opencps_world import Agency, Procedure
from connectors.rehearsal.people import Person

Row = dict[str, Cell]
CHILD_TABLES = (
    "opencps_dossierfile", "DLFileEntry", "opencps_dossieraction", "opencps_dossieractionuser",
    "opencps_dossiermark", "opencps_dossierrequests", "opencps_dossierdocument", "opencps_paymentfile",
    "opencps_deliverable", "opencps_applicant", "opencps_notarization", "opencps_postconnect",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What a dossier must be like; what is left empty falls by chance."""

    day: date  # of filing, a working day
    is_after: bool = False  # filed on or after the cut-off
    level: str = ""  # commune | district | province
    agency: Agency | None = None
    status: str = ""
    channel: str = ""  # counter | online
    filed: datetime | None = None  # to the second
    received_on: date | None = None
    may_be_overdue: bool = True
    is_citizen: bool = False
    has_duration: bool = False
    is_straight: bool = False  # no supplement round and no pause: the due date is the first one
    group_key: int = 0  # key of the group dossier that it belongs to
    person: Person | None = None
    procedure: Procedure | None = None


@dataclass(frozen=True)
class Times:
    """The instants of one dossier, local time; None where the office never came to it."""

    created: datetime
    submitted: datetime | None
    received: datetime | None
    due: datetime | None
    first_due: datetime | None  # before an extension overwrote it
    ended: datetime  # of the last action


@dataclass(frozen=True)
class Setting:
    """Who asks whom for what."""

    agency: Agency
    procedure: Procedure
    person: Person
    is_online: bool
    status: str
    times: Times
    steps: tuple[str, ...]  # codes, first to last


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


class Numbers:
    """New ids by kind, and the daily serial of dossier codes by agency."""

    def __init__(self, first_serial: int = 1) -> None:
        self._before = first_serial - 1
        self._ids: dict[str, count[int]] = {}
        self._serials: Counter[tuple[str, date]] = Counter()
        self._dossier = 900

    def dossier(self) -> int:
        """The next dossier id. They start with three digits: ids of different length are sorted as numbers."""
        self._dossier += 1
        return self._dossier

    def next(self, kind: str) -> int:
        """The next id of a child table."""
        return next(self._ids.setdefault(kind, count(2001)))

    def code(self, agency_code: str, day: date) -> str:
        """A dossier code in the form of Thông tư 01/2018/TT-VPCP, điều 19."""
        self._serials[agency_code, day] += 1
        return f"{agency_code}-{day:%y%m%d}-{self._before + self._serials[agency_code, day]:04d}"

    def forget(self, before: date) -> None:
        """Drop the serials of days that no dossier will come back to."""
        self._serials = Counter({known: serial for known, serial in self._serials.items() if known[1] >= before})
