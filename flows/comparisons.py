"""The last comparison of the whole, and the figures that it kept."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, select

from flows import ledger_schema as t

EVERYWHERE: Final = ""
"""Stands for the source in figures that are of no source."""


def last_compare(c: Connection) -> Any:
    """The run whose comparison figures are the newest: id, started_at, ended_at."""
    f, r = t.check_figure.c, t.run.c
    query = select(r.id, r.started_at, r.ended_at).where(r.id.in_(select(f.run_id)))
    return c.execute(query.order_by(r.started_at.desc(), r.id.desc()).limit(1)).one_or_none()


def figures_of(c: Connection, run_id: str, source_id: str = EVERYWHERE) -> dict[str, int]:
    """What a comparison counted at a source, or at no source."""
    f = t.check_figure.c
    rows = c.execute(select(f.name, f.value).where(f.run_id == run_id, f.source_id == source_id))
    return {row.name: row.value for row in rows}
