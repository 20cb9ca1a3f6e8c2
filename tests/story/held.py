"""What the rehearsal receiver holds, seen from its own tables; and a clerk who works in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from connectors.rehearsal.receiver.clerk import edit
from connectors.rehearsal.receiver.store import open_store
from connectors.rehearsal.receiver.tables import GROWING, change, metadata, removal


def content(site: Path) -> dict[str, str]:
    """Table → hash of all its rows, for every table of content: not the counters and logs, which only grow."""
    store = open_store(str(site / "var" / "receiver.sqlite"))
    hashes = {}
    with store.reading() as connection:
        for table in metadata.sorted_tables:
            if table not in GROWING:
                rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
                hashes[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    store.close()
    return hashes


def logs(site: Path) -> tuple[Sequence[tuple[object, ...]], Sequence[tuple[object, ...]]]:
    """The receiver's log of writes and its log of removals."""
    store = open_store(str(site / "var" / "receiver.sqlite"))
    with store.reading() as connection:
        writes = [tuple(row) for row in connection.execute(select(change).order_by(*change.primary_key))]
        gone = [tuple(row) for row in connection.execute(select(removal).order_by(removal.c.dossier_id))]
    store.close()
    return writes, gone


def clerk_works(site: Path, new_id: str) -> None:
    """A clerk notes something on a dossier there."""
    store = open_store(str(site / "var" / "receiver.sqlite"))
    edit(store, new_id, {"GhiChu": "Đã gọi điện cho người dân"}, "", "2025-08-01T09:00:00+07:00")
    store.close()
