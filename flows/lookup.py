"""The look-up page beside the report: every dossier in scope by its old and new numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, func, select

from flows import ledger_schema as t
from flows.site import write_private
from flows.workplace import OpenSource, Workplace
from validations.lookup import MOST, Found, lookup_page

FILE = "tra_cuu.html"


def write_lookup(work: Workplace, sources: Sequence[OpenSource], names: Mapping[str, str], folder: Path) -> str:
    """Write the page; its name, or "" where a page cannot hold so many dossiers (``explain`` finds them one by one)."""
    file, in_scope = folder / FILE, t.entry.c.state != t.EXCLUDED
    with work.ledger.transaction() as c:
        whole = c.execute(select(func.count()).select_from(t.entry).where(in_scope)).scalar_one()
        if whole > MOST:
            file.unlink(missing_ok=True)
            return ""
        rows = (row for source in sources for row in _rows(c, source, names))
        write_private(file, lookup_page(work.site.settings.name, work.ledger.now(), rows))
    return FILE


def _rows(c: Connection, source: OpenSource, names: Mapping[str, str]) -> Iterator[Found]:
    e, merged = t.entry.c, _merged(c, source.id)
    query = (
        select(e.key, e.code, e.second_code, e.new_id, e.unit, e.state)
        .where(e.source_id == source.id, e.state != t.EXCLUDED)
        .order_by(e.key)
        .execution_options(yield_per=1000)
    )
    for row in c.execute(query):
        codes = dict.fromkeys(code for code in (row.code, row.second_code, *merged.get(row.key, ())) if code)
        unit = names.get(row.unit or "", row.unit or "")
        yield Found(tuple(codes), row.new_id or "", row.key, source.name, unit, row.state)


def _merged(c: Connection, source_id: str) -> dict[str, list[str]]:
    """Key of a kept dossier → the codes of the records merged into it."""
    p = t.pair.c
    query = select(p.keep_key, p.codes).where(p.keep_source == source_id, p.outcome == "same")
    found: dict[str, list[str]] = {}
    for row in c.execute(query.order_by(p.keep_key, p.source_id, p.key)):
        found.setdefault(row.keep_key, []).extend(code for code, _, _ in json.loads(row.codes))
    return found
