"""Small things that a run leaves for the next one: a name, a source, a plain value; kept in the ledger."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from flows import ledger_schema as t
from flows.ledger import Ledger


def recall(ledger: Ledger, name: str) -> dict[str, Any]:
    """Source id → what was remembered under this name."""
    with ledger.transaction() as c:
        text = c.execute(select(t.meta.c.value).where(t.meta.c.name == name)).scalar()
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def remember(ledger: Ledger, name: str, source_id: str, value: Any) -> None:
    """Replace what a source has under this name; the other sources keep theirs."""
    text = json.dumps({**recall(ledger, name), source_id: value}, sort_keys=True)
    with ledger.transaction() as c:
        c.execute(t.meta.delete().where(t.meta.c.name == name))
        c.execute(t.meta.insert().values(name=name, value=text))
