"""The tray as a workbook: out with every finding and the old cells behind it, back in as corrections."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from connectors.base import Cell, Record
from flows import ledger_schema as t
from flows.decision_files import write_dated
from flows.explain import entries_of, record_unmasked
from flows.payloads import plain, unpack
from flows.questions import pages
from flows.site import SiteError, write_private
from flows.tray import Standing, carries, read_standings
from flows.workplace import OpenSource, Workplace
from mappings.cells import VIETNAM, code_of
from mappings.corrections import FOLDER, mark_of
from mappings.declared import ProfileError
from mappings.model import Issue, Severity
from mappings.personal import column_kinds
from mappings.tracing import Trace
from validations.review_xlsx import workbook
from validations.telling import Teller
from validations.tray_cells import OldPlace, places_of
from validations.tray_sheet import MOST_ROWS, Corrected, TrayRow, read_tray, tray_sheets


@dataclass(frozen=True)
class Wanted:
    """What of the tray goes into the workbook. ``code`` "" for every cause."""

    code: str = ""
    is_masked: bool = True


def export(work: Workplace, file: Path, wanted: Wanted) -> int:
    """Write the workbook, readable by its owner only; how many rows. Raises SiteError when they are too many."""
    rows = list(_rows(work, wanted))
    if len(rows) > MOST_ROWS:
        raise SiteError(f"Khay có {len(rows)} dòng, quá {MOST_ROWS} dòng của một sổ. Chọn từng nguyên nhân: --code MÃ.")
    write_private(file, [workbook(tray_sheets(rows))])
    return len(rows)


def _rows(work: Workplace, wanted: Wanted) -> Iterator[TrayRow]:
    for source in work.open_sources():
        reader = _Reader(work, source, wanted)
        for page in pages(_keys(work, source.id, wanted.code)):
            with work.ledger.transaction() as c:
                entries = entries_of(c, source.id, page)
                standings = read_standings(c, source.id, page, work.clock())
                rows = [row for entry in entries for row in reader.rows(c, entry, standings[entry.key])]
            if not wanted.is_masked and entries:
                record_unmasked(work, entries)
            yield from rows


def _keys(work: Workplace, source_id: str, code: str) -> list[str]:
    e = t.entry.c
    query = select(e.key).where(e.source_id == source_id, e.state == t.QUARANTINED).order_by(e.key)
    if code:
        query = query.where(carries(code))
    with work.ledger.transaction() as c:
        return list(c.execute(query).scalars())


class _Reader:
    """Makes the rows of quarantined dossiers of one source."""

    def __init__(self, work: Workplace, source: OpenSource, wanted: Wanted) -> None:
        self._work, self._source, self._code = work, source, wanted.code
        self._trace = Trace()
        self._mapper = source.build_mapper(self._trace)
        self._teller = Teller(source.profile, column_kinds(source.profile), frozenset(), wanted.is_masked)

    def rows(self, c: Connection, entry: Any, standing: Standing) -> Iterator[TrayRow]:
        """A row for each error and each old cell behind it."""
        record = unpack(plain(entry.raw)) if entry.raw else Record(entry.key, {}, {})
        self._trace.clear()
        if entry.raw:
            self._mapper.map(record.key, record.row, record.children, datetime.fromisoformat(entry.seen_at))
        for issue in _errors(c, entry, self._code):
            told = (entry.code or "", issue.code, issue.field, issue.about)
            rest = (standing.owner, standing.days, standing.times)
            places = places_of(issue, self._trace, self._source.profile, record.row)
            cells = [(place, found) for place in places if (found := _raw(record, self._source, place)) is not None]
            if not cells:
                yield TrayRow(self._source.name, entry.key, *told, *rest)
            for place, (cell,) in cells:
                shown = self._teller.cell(place.column, cell).value
                yield TrayRow(self._source.name, entry.key, *told, *rest, *place, shown, mark_of(cell))


def _errors(c: Connection, entry: Any, code: str) -> Iterator[Issue]:
    i = t.issue.c
    query = select(i.code, i.field, i.about).where(
        i.source_id == entry.source_id, i.key == entry.key, i.severity == "error"
    )
    for row in c.execute((query.where(i.code == code) if code else query).order_by(i.code, i.field)):
        yield Issue(row.code, row.field, Severity.ERROR, row.about)


def _raw(record: Record, source: OpenSource, place: OldPlace) -> tuple[Cell] | None:
    """The cell as the old system has it, before anything was done to it; None when there is no such cell."""
    rows: Sequence[Any] = [record.row]
    if place.child:
        key = source.profile.reading.children[place.child].key
        rows = [row for row in record.children.get(place.child, ()) if code_of(row.get(key)) == place.row]
    return (rows[0][place.column],) if len(rows) == 1 and place.column in rows[0] else None


# ---------------------------------------------------------------- back


def take_back(work: Workplace, file: Path, author: str, note: str) -> tuple[list[Path], int, int]:
    """Keep what people corrected: the files written, how many cells, of how many dossiers.

    All or nothing. Raises ProfileError with the line of a dossier that left the tray, or of a cell that has changed.
    """
    found = read_tray(file)
    sources = {source.name: source for source in work.open_sources()}
    for one in found:
        if one.source not in sources:
            raise ProfileError(f"site không có nguồn {one.source!r}", file, one.line)
    written = []
    for name, source in sources.items():
        own = [one for one in found if one.source == name]
        if own:
            _refuse_changed(work, source, own, file)
            written.append((source, own))
    files = [_write(work, source, own, author, note) for source, own in written]
    return files, len(found), len({(one.source, one.key) for one in found})


def _refuse_changed(work: Workplace, source: OpenSource, own: Sequence[Corrected], file: Path) -> None:
    by_key: dict[str, list[Corrected]] = {}
    for one in own:
        by_key.setdefault(one.key, []).append(one)
    for page in pages(sorted(by_key)):
        with work.ledger.transaction() as c:
            entries = {entry.key: entry for entry in entries_of(c, source.id, page)}
        for key in page:
            entry = entries.get(key)
            record = unpack(plain(entry.raw)) if entry is not None and entry.raw else None
            for one in by_key[key]:
                _refuse(record, entry, source, one, file)


def _refuse(record: Record | None, entry: Any, source: OpenSource, one: Corrected, file: Path) -> None:
    if record is None or entry.state != t.QUARANTINED:
        raise ProfileError(f"hồ sơ {one.key} không còn trong khay cách ly; xuất lại sổ", file, one.line)
    if one.child and one.child not in source.profile.reading.children:
        raise ProfileError(f"profile không đọc bảng con {one.child!r}", file, one.line)
    cell = _raw(record, source, OldPlace(one.child, one.row, one.column))
    if cell is None:
        raise ProfileError(f"hồ sơ {one.key} không có ô {one.column!r} ấy", file, one.line)
    if mark_of(cell[0]) != one.mark:
        message = f"ô {one.column} của hồ sơ {one.key} đã đổi ở hệ thống cũ sau khi xuất sổ; xuất lại"
        raise ProfileError(message, file, one.line)


def _write(work: Workplace, source: OpenSource, own: Sequence[Corrected], author: str, note: str) -> Path:
    """A file of corrections. It may hold personal values: its folder keeps it out of the site's git."""
    folder = work.site.path / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", encoding="utf-8")
    os.chmod(folder, 0o700)
    cells = [
        {
            "dossier": one.key,
            **({"child": one.child, "row": one.row} if one.child else {}),
            "column": one.column,
            "was": one.mark,
            "value": _as_stored(source, one),
        }
        for one in own
    ]
    return write_dated(folder, work.clock(), author, note, {"source": source.id, "cells": cells})


def _as_stored(source: OpenSource, one: Corrected) -> str:
    """An instant that people wrote as they do, in local time, as the old system stores it; any other text as it is."""
    if one.field.endswith("_at"):
        for form in ("%d/%m/%Y %H:%M", "%d/%m/%Y"):
            with suppress(ValueError):
                return source.stored_time(datetime.strptime(one.value, form).replace(tzinfo=VIETNAM))
    return one.value
