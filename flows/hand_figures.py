"""How the human sample stands. Apart from its form: a report need not load a workbook for it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, and_, select

from flows import ledger_schema as t
from validations.report_inputs import HandFigures

RANDOM: Final = "ngẫu nhiên"
"""Why a dossier was drawn that chance alone chose."""
MARK: Final = 16
"""Hex digits of what was pushed that a result is of."""


def read_hand_figures(c: Connection) -> HandFigures:
    """Drawn, by chance, right, wrong, and changed since they were drawn."""
    h, e = t.handcheck.c, t.entry.c
    tables = t.handcheck.outerjoin(t.entry, and_(e.source_id == h.source_id, e.key == h.key))
    drawn = by_chance = right = wrong = moved = 0
    for row in c.execute(select(h.mark, h.why, h.is_right, e.pushed_fp, e.new_id).select_from(tables)):
        drawn += 1
        by_chance += row.why == RANDOM
        right += row.is_right is True
        wrong += row.is_right is False
        moved += row.new_id is None or row.pushed_fp is None or row.pushed_fp.hex()[:MARK] != row.mark
    return HandFigures(drawn, by_chance, right, wrong, moved)
