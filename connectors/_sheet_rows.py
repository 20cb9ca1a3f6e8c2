"""The rows of one sheet on their way into the store: which are records, which are not, and by what key."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from connectors._sheet_cells import READERS, Raw, is_iso, text_of
from connectors._sheet_header import (
    HEAD_ROWS,
    Header,
    find_header,
    header_fault,
    is_header_again,
    is_other_header,
    lines_above,
)
from connectors._sheet_shapes import COLUMNS, SHEETS, SheetShapes, SheetTable, column_letter, fold
from connectors._staged_rows import Staging
from connectors.base import Cell

MOST_HELD: Final = 200
"""Rows behind a total that are kept back until it is known whether the table goes on."""
SHOWN_ROWS: Final = 20
ERRORS: Final = frozenset({"#ref!", "#n/a", "#value!", "#div/0!", "#name?", "#null!", "#num!", "#getting_data"})
"""What a cell in error shows, in small letters; a CSV has it as text."""
NO_KEY: Final = "key_missing"
KEY_TWICE: Final = "key_twice"
LEFT_OUT: Final = "row_left_out"
"""A total, a closing line or a heading that bears a code: it is counted, as it may be a dossier after all."""
_ENUMERATOR: Final = re.compile(r"^\s*(?:[IVXLC]+|[A-Za-z]|\d{1,3})\s*[./)-]\s*")
_CODE: Final = re.compile(r"(?=\S*\d)\S{5,}")
_OTHER: Final = (
    "dòng này là một dòng tiêu đề khác với tiêu đề ở đầu, các dòng từ đây không được đọc; tách chúng sang sheet riêng, "
    "hoặc xếp các cột như ở đầu"
)
_NOWHERE: Final[frozenset[tuple[int, int]]] = frozenset()


Texts = dict[str, str | None]


@dataclass(frozen=True)
class Place:
    """Where rows come from. ``sheet`` is empty for a CSV; ``label`` names both, for messages."""

    file: str
    sheet: str
    note: str
    first_column: int = 0
    faults: frozenset[tuple[int, int]] = _NOWHERE

    @property
    def label(self) -> str:
        return f"{self.file}/{self.sheet}" if self.sheet else self.file


@dataclass(frozen=True)
class _Taken:
    """One row: its number from 0, its key ("" for none), its cells by column, where it has something."""

    number: int
    key: str
    cells: Texts
    filled: Sequence[int]
    faults: Sequence[str]


@dataclass
class Figures:
    """What was met in one sheet."""

    rows: int = 0
    blank: int = 0
    left: list[int] = field(default_factory=list)  # rows that are none of the table's, as the sheet numbers them
    filled: Counter[int] = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)


def read_sheet(rows: Iterable[Sequence[Raw]], place: Place, shapes: SheetShapes, staging: Staging) -> None:
    """Give the records of one sheet to the store, or note why there are none."""
    source = iter(rows)
    head = [_shifted(row, place) for row in islice(source, HEAD_ROWS)]
    header = find_header(head, shapes.tables)
    fault = header_fault(header) if header else "không có dòng tiêu đề nào nhận ra được"
    if header is None or fault:
        _unread(place, fault, header, staging)
        return
    reader = _Reader(header, place, staging, lines_above(head, header))
    for number, row in enumerate(chain(head, (_shifted(row, place) for row in source))):
        if number >= header.first and not reader.take(number, row):
            staging.broken(number + 1, _OTHER, place.label)
            break
    reader.close()


def _shifted(row: Sequence[Raw], place: Place) -> list[Raw]:
    return [*[None] * place.first_column, *row]


def _unread(place: Place, fault: str, header: Header | None, staging: Staging) -> None:
    staging.broken(header.row + 1 if header and not place.sheet else 0, fault, place.label)
    found = header.row + 1 if header else None
    staging.add([(SHEETS.name, [place.file, place.sheet, "", f"{place.note}; {fault}", found, 0, 0, 0, 0, ""])], 0)
    if header:
        _tell_columns(header, place, Figures(), staging)


def _tell_columns(header: Header, place: Place, figures: Figures, staging: Staging) -> None:
    for claim in header.claims:
        filled, odd = figures.filled[claim.at], figures.odd[claim.column]
        cells: list[Cell] = [column_letter(claim.at), claim.label, claim.column, claim.how, filled, odd]
        staging.add([(COLUMNS.name, [place.file, place.sheet, *cells])], 0)


class _Reader:
    """Takes the rows behind a header."""

    def __init__(self, header: Header, place: Place, staging: Staging, above: Mapping[str, str]) -> None:
        self._header, self._place, self._staging = header, place, staging
        self._above = {name: READERS[header.table.columns[name].form](text) for name, text in above.items()}
        self._table: SheetTable = header.table
        self._at = header.columns
        self._readers: list[tuple[str, int | None, Callable[[Raw], str | None]]] = [
            (name, self._at.get(name), READERS[column.form]) for name, column in self._table.columns.items()
        ]
        self._dates = [name for name, column in self._table.columns.items() if column.form == "date"]
        self._no_values = ERRORS | {text.casefold() for text in self._table.not_values}
        self._words = tuple(f"{fold(word)} " for word in self._table.left_out)
        self._needed = [name for name in self._table.required if all(name not in key for key in self._table.keys)]
        self._named = {claim.at for claim in header.claims}
        self._nameless: set[int] = set()
        self._held: list[_Taken] = []  # rows behind a total
        self._is_behind = False
        self._last: dict[str, int] = {}
        self.figures = Figures()

    def take(self, number: int, row: Sequence[Raw]) -> bool:
        """One row, numbered from 0. False: another header begins here, by which the columns are others."""
        filled = [at for at, cell in enumerate(row) if text_of(cell) is not None]
        faults = self._faults(number, row)
        if not filled and not faults:
            self.figures.blank += 1
            return True
        cells = {name: read(row[at]) if at is not None and at < len(row) else None for name, at, read in self._readers}
        has_date = any(is_iso(cells[name] or "") for name in self._dates)  # no header has one, and most records do
        if not has_date and is_other_header(row, self._header):
            return False
        if not has_date and is_header_again(row, self._header):
            self.figures.left.append(number + 1)
            return True
        taken = _Taken(number, self._key(cells), cells, filled, faults)
        is_record = self._is_record(taken)
        if not is_record and self._begins_left_out(row, filled):
            self._is_behind = True
            self.figures.left.append(number + 1)
            if taken.key and self._table.keys and self._has_code(taken):
                self._store(taken, LEFT_OUT)
        elif self._is_behind and not (is_record or self._has_code(taken)) and len(self._held) < MOST_HELD:
            self._held.append(taken)
        else:
            self._release()
            self._add(taken)
        return True

    def close(self) -> None:
        """The sheet ends: what stood behind its last total was the foot of the page."""
        self.figures.left = sorted([*self.figures.left, *(taken.number + 1 for taken in self._held)])
        figures, place, header = self.figures, self._place, self._header
        shown = ", ".join(map(str, figures.left[:SHOWN_ROWS])) + (", …" if len(figures.left) > SHOWN_ROWS else "")
        counts: list[Cell] = [figures.rows, figures.blank, len(figures.left), shown]
        head: list[Cell] = [place.file, place.sheet, self._table.name, place.note, header.row + 1, header.depth]
        self._staging.add([(SHEETS.name, [*head, *counts])], 0)
        _tell_columns(header, place, figures, self._staging)
        for claim in header.claims:
            if claim.how == "left":
                self._staging.undeclared(self._table.name, claim.label)
        for at in sorted(self._nameless):
            self._staging.undeclared(self._table.name, f"(cột {column_letter(at)} không tiêu đề)")

    # ------------------------------------------------------------ what a row is

    def _key(self, cells: Texts) -> str:
        for names in self._table.keys:
            parts = [" ".join((self._value(name, cells) or "").split()) for name in names]
            if all(parts):
                return "/".join(parts)
        return ""

    def _faults(self, number: int, row: Sequence[Raw]) -> list[str]:
        """Columns whose cell holds no value: an error, as the book says or as its text has it, or "as above"."""
        known = self._place.faults
        wrong = {at for at, cell in enumerate(row) if type(cell) is str and cell.strip().casefold() in self._no_values}
        if not wrong and not known:
            return []
        return [name for name, at, _ in self._readers if at in wrong or (number, at) in known]

    def _value(self, name: str, cells: Texts) -> str | None:
        places = {"source_file": self._place.file, "source_sheet": self._place.sheet or "-"}
        return places.get(name) or cells.get(name)

    def _begins_left_out(self, row: Sequence[Raw], filled: Sequence[int]) -> bool:
        """Whether a row is a total, a closing line or a heading, by its first words."""
        first = text_of(row[filled[0]]) or "" if filled else ""
        texts = {f"{fold(first)} ", f"{fold(_ENUMERATOR.sub('', first))} "}
        return any(text.startswith(self._words) for text in texts)

    def _is_record(self, taken: _Taken) -> bool:
        """Whether a row has so much of what every record has that it must be one."""
        if not self._needed:
            return bool(taken.key)
        return sum(bool(taken.cells[name]) for name in self._needed) >= min(2, len(self._needed))

    def _has_code(self, taken: _Taken) -> bool:
        """Whether a row names itself by a code, which no foot of a page does; rows without keys are never a foot."""
        first = self._table.keys[0] if self._table.keys else ()
        return not first or (
            len(first) == 1 and bool(_CODE.fullmatch((self._value(first[0], taken.cells) or "").strip()))
        )

    # ------------------------------------------------------------ into the store

    def _release(self) -> None:
        """The table goes on behind a total: what was held are rows of it."""
        self._is_behind = False
        for taken in self._held:
            self._add(taken)
        self._held.clear()

    def _add(self, taken: _Taken) -> None:
        self._count(taken)
        for name, text in self._above.items():
            taken.cells[name] = taken.cells[name] or text
        self._store(taken, "" if taken.key or not self._table.keys else NO_KEY)

    def _store(self, taken: _Taken, trouble: str) -> None:
        cells, number = taken.cells, taken.number + 1
        key = taken.key or f"{self._place.label}/{number}"
        key, trouble = self._free(f"{key}~0" if trouble == LEFT_OUT else key, trouble)
        where: list[Cell] = [key, self._place.file, self._place.sheet, number, trouble, " ".join(taken.faults)]
        self._staging.add([(self._table.name, [*cells.values(), *where])], number, self._place.label)

    def _count(self, taken: _Taken) -> None:
        self.figures.rows += 1
        self.figures.filled.update(taken.filled)
        self._nameless.update(at for at in taken.filled if at not in self._named)
        for name in self._dates:
            cell = taken.cells[name]
            if cell and not is_iso(cell):
                self.figures.odd[name] += 1

    def _free(self, key: str, trouble: str) -> tuple[str, str]:
        """A key that no row has yet, in whatever letters or form of Unicode, and the trouble that says so."""
        key = unicodedata.normalize("NFC", key)
        alike = unicodedata.normalize("NFKC", key).casefold()
        if self._staging.claim(self._table.name, alike):
            return key, trouble
        number = self._last.get(alike, 1)
        while True:
            number += 1
            if self._staging.claim(self._table.name, f"{alike}~{number}"):
                self._last[alike] = number
                return f"{key}~{number}", trouble or KEY_TWICE
