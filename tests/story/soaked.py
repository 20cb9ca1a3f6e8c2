"""What is left when the commands of a site have come to their end: in receiver and ledger, field by field."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, create_engine, select

from connectors.rehearsal.receiver import tables
from flows import ledger_schema as t
from tests.story.office import Desk

CHANCE = {
    "receiver_dossier": ("id", "created_at", "updated_at"),
    "receiver_upload": ("serial",),
    "receiver_change": ("at",),
    "receiver_notice": ("at",),
    "entry": (
        *("first_sweep", "last_sweep", "code_sweep", "seen_at", "new_id", "compared_run", "lease_until", "changed_at"),
    ),
    "issue": ("id",),
    "difference": ("id", "run_id", "mark", "first_run", "first_at", "last_at", "fixed_run"),
}
"""Table → what differs from run to run: numbers given, sweeps and runs counted, the clock."""
HELD = [table for table in tables.metadata.sorted_tables if table is not tables.counter]
KEPT = [t.entry, t.issue, t.attachment, t.difference, t.deadline, t.obligation]


@dataclass(frozen=True)
class Outcome:
    """Table → its rows, of the receiver and of the ledger, with how often each is there."""

    held: dict[str, Counter[Any]] = field(default_factory=dict)
    kept: dict[str, Counter[Any]] = field(default_factory=dict)
    moves: dict[str, int] = field(default_factory=dict)  # old key → how often the ledger says it was pushed
    unsettled: int = 0

    def lost(self, wanted: Outcome) -> Counter[Any]:
        """(source, key) of dossiers that are missing."""
        return wanted.dossiers - self.dossiers

    def doubled(self) -> Counter[Any]:
        """(source, key) of dossiers that are there, or were written, more often than once."""
        return (self.dossiers - Counter(set(self.dossiers))) + (self.writes - Counter(set(self.writes)))

    def different(self, wanted: Outcome) -> dict[str, int]:
        """Table of the receiver → rows that are not as they should be, or not there, or too many."""
        pairs = {name: (rows, wanted.held[name]) for name, rows in self.held.items()}
        return {name: n for name, (a, b) in pairs.items() if (n := (a - b).total() + (b - a).total())}

    @property
    def dossiers(self) -> Counter[Any]:
        """(source, key) of what the receiver holds."""
        return Counter(row[:2] for row in self.held["receiver_dossier"].elements())

    @property
    def writes(self) -> Counter[Any]:
        """(source, key) → versions that were ever written."""
        return Counter(row[:2] for row in self.held["receiver_change"].elements())


def outcome_of(desk: Desk) -> Outcome:
    """What the receiver and the ledger of a site hold."""
    moved = select(t.history.c.key).where(t.history.c.state_to == t.PUSHED)
    return Outcome(
        {table.name: _rows(desk.database, table) for table in HELD},
        {table.name: _rows(desk.ledger, table) for table in KEPT},
        Counter(key for (key,) in _ask(desk.ledger, moved)),
        desk.unsettled(),
    )


def _rows(url: str, table: Table) -> Counter[Any]:
    """Rows without what is chance; a row that hangs on a dossier of the receiver begins with that one's name."""
    left = (*CHANCE.get(table.name, ()), "dossier_id")
    columns = [column for column in table.c if column.name not in left]
    query = select(*columns)
    if table is tables.dossier:
        query = select(table.c.source, table.c.key, *columns)
    elif "dossier_id" in table.c:
        query = select(tables.dossier.c.source, tables.dossier.c.key, *columns).select_from(
            table.join(tables.dossier, tables.dossier.c.id == table.c.dossier_id)
        )
    return Counter(tuple(_short(value) for value in row) for row in _ask(url, query))


def _ask(url: str, query: Any) -> list[Any]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(query))
    finally:
        engine.dispose()


def _short(value: Any) -> Any:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value
