"""The look-up page beside the report: every dossier in scope by its old and new numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, func, select

from flows import ledger_schema as t
from flows.merging import read_merged_codes
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
    e, merged = t.entry.c, read_merged_codes(c, source.id)
    query = (
        select(e.key, e.code, e.second_code, e.new_id, e.unit, e.state)
        .where(e.source_id == source.id, e.state != t.EXCLUDED)
        .order_by(e.key)
        .execution_options(yield_per=1000)
    )
    for row in c.execute(query):
        others = (other.code for other in merged.get(row.key, ()))
        codes = dict.fromkeys(code for code in (row.code, row.second_code, *others) if code)
        unit = names.get(row.unit or "", row.unit or "")
        yield Found(tuple(codes), row.new_id or "", row.key, source.name, unit, row.state)
