"""What a push is about to do and what came of it: an intent is written before the call and closed after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from connectors._sql_bulk import KNOWN, update_rows
from flows import ledger_schema as t
from flows.ledger import Item, Ledger, Run, by_source

PUSHED: Final = "pushed"
NOT_THERE: Final = "not_there"
OVERTAKEN: Final = "overtaken"
"""Outcomes of an intent: it arrived; it did not; it did, and somebody has worked on the dossier since."""

ROLLBACK: Final = "rollback"
"""Kind of an intent to take a dossier back; a push has none."""
TAKEN_BACK: Final = "taken_back"
"""Outcome of a push whose dossier is no longer there, by a later rollback."""


def open_intents(ledger: Ledger, run: Run, intents: Sequence[tuple[Item, str]], kind: str | None = None) -> None:
    """Record what is about to be sent, before it is sent. One that did not arrive is opened again, a pushed one not."""
    rows = [
        {
            "source_id": i.source_id, "key": i.key, "idempotency_key": token, "revision": i.revision,
            "run_id": run.id, "kind": kind, "opened_at": ledger.now(),
        }
        for i, token in intents
    ]  # fmt: skip
    insert = sqlite_insert if ledger.is_sqlite else postgres_insert
    i = t.intent.c
    again = insert(t.intent).on_conflict_do_update(
        index_elements=[i.source_id, i.key, i.idempotency_key],
        set_={"run_id": run.id, "opened_at": ledger.now(), "settled_at": None, "outcome": None},
        where=i.outcome.is_distinct_from(PUSHED),
    )
    with ledger.faults.around("intent"), ledger.transaction() as c:
        c.execute(again, rows)


def pushed_intents(ledger: Ledger, places: Sequence[tuple[str, str]]) -> set[tuple[str, str, str]]:
    """(source, key, token) of these dossiers' intents of which the ledger knows that they arrived."""
    i = t.intent.c
    found: set[tuple[str, str, str]] = set()
    with ledger.transaction() as c:
        for source_id, keys in by_source(places):
            query = select(i.source_id, i.key, i.idempotency_key).where(i.source_id == source_id, i.key.in_(keys))
            found |= {tuple(row) for row in c.execute(query.where(i.outcome == PUSHED))}
    return found


def settle_intents(ledger: Ledger, settled: Sequence[tuple[Item, str, str, dict[str, Any]]]) -> None:
    """Close intents with their outcome and keep what the target said (new_id, version), whatever the state.

    This is written even when the entry has meanwhile moved on: the answer to a push of an old revision
    records the id only. It is not written over an answer that came to somebody else since the entry was claimed.
    """
    with ledger.faults.around("record"), ledger.transaction() as c:
        rows = [
            {"source_id": i.source_id, "key": i.key, "idempotency_key": token, "outcome": outcome}
            for i, token, outcome, _ in settled
        ]
        update_rows(c, t.intent, (*t.KEY, "idempotency_key"), rows, fixed={"settled_at": ledger.now()})
        answers = [
            {"source_id": i.source_id, "key": i.key, f"{KNOWN}version": i.version, **values}
            for i, _, _, values in settled
            if "new_id" in values
        ]
        version = t.entry.c.version
        update_rows(
            c, t.entry, t.KEY, answers, only=lambda given: version.is_not_distinct_from(given[f"{KNOWN}version"])
        )
