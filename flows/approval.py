"""What a bulk approval is asked to do. Apart from the review: the command line need not load a workbook for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Approval:
    """Which open rows of which list are approved, by whom, on what ground.

    ``min_score`` None: drafted targets are taken as they are, mere suggestions only when they are sure.
    """

    table: str
    author: str
    note: str
    code: str = ""
    min_score: int | None = None
    min_dossiers: int = 0
