"""What the charts of the report are drawn from, counted in the ledger: moves by day, due days on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, func, select

from flows import ledger_schema as t
from validations.report_charts import LOCAL, MOVES

Dues = dict[str, int]
"""Due day as ISO text, "" for none → dossiers."""


def count_moves(c: Connection, source_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """(local day, state) → dossiers that came into it, once a day each time."""
    h = t.history.c
    hour = func.substr(h.at, 1, 13)  # the ledger writes UTC: a day here begins at 17:00 there
    query = (
        select(hour, h.state_to, func.count())
        .where(h.source_id.in_(source_ids), h.state_to.in_(MOVES), h.state_to != h.state_from)
        .group_by(hour, h.state_to)
    )
    found: Counter[tuple[str, str]] = Counter()
    for at, state, moves in c.execute(query):
        moment = datetime.strptime(at, "%Y-%m-%dT%H").replace(tzinfo=UTC)
        found[(moment.astimezone(LOCAL).date().isoformat(), state)] += moves
    return dict(found)


def count_dues(c: Connection, source_ids: Sequence[str]) -> tuple[Dues, Dues]:
    """Open dossiers read back from the new system by the day on which they are due: as mapped, and as read."""
    d, e = t.deadline.c, t.entry.c
    tables = t.deadline.join(t.entry, and_(e.source_id == d.source_id, e.key == d.key))
    both = []
    for due in (e.due_at, d.due_at):
        day = func.substr(func.coalesce(due, ""), 1, 10)
        where = (d.source_id.in_(source_ids), d.is_held.is_(True), e.is_open.is_(True), e.state.in_(t.IN_TARGET))
        query = select(day, func.count()).select_from(tables).where(*where).group_by(day)
        both.append({row[0]: row[1] for row in c.execute(query)})
    return both[0], both[1]
