"""The review as one printable page: no script, no outside address, A4 across."""

from __future__ import annotations

from collections.abc import Sequence

from validations.report import render
from validations.review import Review, Sheet


def page(review: Review, sheets: Sequence[Sheet]) -> str:
    """The HTML of a review; what stands in the workbook stands here."""
    return render("review.html.j2", review=review, sheets=sheets)
