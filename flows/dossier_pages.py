"""Pages of the dossiers that a report names as examples: masked, bounded in number, below the report's folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final

from flows.explain import Explainer, entries_of
from flows.site import make_private, write_private
from flows.workplace import OpenSource, Workplace
from validations.passport import to_html
from validations.report import Report

PAGES: Final = 50
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")  # what may stand in the name of a file


def write_pages(work: Workplace, sources: Sequence[OpenSource], report: Report, folder: Path) -> dict[str, str]:
    """Old key → address of its page beside the report. Pages of an earlier report are taken away."""
    pages = make_private(folder / "dossiers")
    for old in pages.glob("*.html"):
        old.unlink()
    written: dict[str, str] = {}
    for source in sources:
        keys = _examples(report, source.name, PAGES - len(written))
        if not keys:
            continue
        explainer = Explainer(work, source)
        with work.ledger.transaction() as c:
            for row in entries_of(c, source.id, keys):
                name = f"{source.name}-{row.key}.html"
                write_private(pages / name, [to_html(explainer.explain(c, row, is_masked=True)).encode()])
                written.setdefault(row.key, f"dossiers/{name}")
    return written


def _examples(report: Report, source: str, at_most: int) -> list[str]:
    """Keys that the report names of a source: differences first."""
    figures = next((figures for figures in report.sources if figures.name == source), None)
    if figures is None:
        return []
    told = (figures.differences, figures.accepted, figures.quarantine)
    named = chain.from_iterable(each.keys for shelf in told for each in shelf)
    return list(islice(dict.fromkeys(key for key in named if _PLAIN.fullmatch(key)), at_most))
