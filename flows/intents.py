"""What a push is about to do and what came of it: an intent is written before the call and closed after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from flows import ledger_schema as t
from flows.ledger import Item, Ledger, Run

ROLLBACK: Final = "rollback"
"""Kind of an intent to take a dossier back; a push has none."""
TAKEN_BACK: Final = "taken_back"
"""Outcome of a push whose dossier is no longer there, by a later rollback."""


def open_intents(ledger: Ledger, run: Run, intents: Sequence[tuple[Item, str]], kind: str | None = None) -> None:
    """Record what is about to be sent, before it is sent. An intent that is already open stays open."""
    rows = [
        {
            "source_id": i.source_id, "key": i.key, "idempotency_key": token, "revision": i.revision,
            "run_id": run.id, "kind": kind, "opened_at": ledger.now(),
        }
        for i, token in intents
    ]  # fmt: skip
    insert = sqlite_insert if ledger.is_sqlite else postgres_insert
    with ledger.transaction() as c:
        c.execute(insert(t.intent).on_conflict_do_nothing(), rows)


def settle_intents(ledger: Ledger, settled: Sequence[tuple[Item, str, str, dict[str, Any]]]) -> None:
    """Close intents with their outcome and keep what the target said (new_id, version), whatever the state.

    This is written even when the entry has meanwhile moved on: the answer to a push of an old revision
    records the id only.
    """
    with ledger.transaction() as c:
        c.execute(
            update(t.intent)
            .where(
                t.intent.c.source_id == bindparam("b_source"),
                t.intent.c.key == bindparam("b_key"),
                t.intent.c.idempotency_key == bindparam("b_token"),
            )
            .values(settled_at=ledger.now(), outcome=bindparam("b_outcome")),
            [
                {"b_source": i.source_id, "b_key": i.key, "b_token": token, "b_outcome": outcome}
                for i, token, outcome, _ in settled
            ],
        )
        answers = [
            {"b_source": i.source_id, "b_key": i.key, **values} for i, _, _, values in settled if "new_id" in values
        ]
        if answers:
            c.execute(
                update(t.entry)
                .where(t.entry.c.source_id == bindparam("b_source"), t.entry.c.key == bindparam("b_key"))
                .values({name: bindparam(name) for name in answers[0] if not name.startswith("b_")}),
                answers,
            )
