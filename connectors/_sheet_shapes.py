"""Declared shapes of spreadsheets: which columns a table has, and by which labels a sheet names them."""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from connectors._staged_rows import StagedColumn, StagedTable

Form = Literal["text", "integer", "date"]
KEY: Final = "source_key"
PLACE: Final = (
    StagedColumn(KEY),
    StagedColumn("source_file"),
    StagedColumn("source_sheet"),
    StagedColumn("source_row", "integer"),
    StagedColumn("source_key_trouble"),
    StagedColumn("source_cell_errors"),
)
"""Columns of every table beside the declared ones."""

SHEETS: Final = StagedTable(
    "_sheets",
    tuple(
        StagedColumn(name, "any")
        for name in ("file", "sheet", "tbl", "note", "header", "header_rows", "rows", "blank", "left_out", "left_rows")
    ),
)
"""What was made of each sheet; ``tbl`` is empty where nothing was."""
COLUMNS: Final = StagedTable(
    "_sheet_columns",
    tuple(StagedColumn(name, "any") for name in ("file", "sheet", "at", "label", "column", "how", "filled", "odd")),
)
"""What was made of each column of a sheet that is read. ``how``: exact | alike | ignored | left; ``odd``: cells that
hold no date though their column does."""


@dataclass(frozen=True)
class SheetColumn:
    """A column: the labels under which sheets have it, and what becomes of its cells. ``above``: how a line above the
    header begins that holds for every row which says nothing of its own."""

    labels: tuple[str, ...]
    form: Form = "text"
    is_required: bool = False
    above: tuple[str, ...] = ()


@dataclass(frozen=True)
class SheetTable:
    """A table. ``keys``: the first group of columns that are all filled in names the row; without any, rows go by
    their place. ``links``: columns that hold keys of another table's rows: they are indexed.

    ``left_out``: words that begin a row which is none of the table's (totals, closing lines, section headings).
    ``not_values``: what people write for "as above"; a cell of nothing else is in error.
    ``ignored``: labels of columns that are left out by name.
    """

    name: str
    columns: Mapping[str, SheetColumn]
    keys: tuple[tuple[str, ...], ...] = ()
    links: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    not_values: tuple[str, ...] = ()

    @functools.cached_property
    def by_label(self) -> dict[str, str]:
        """Folded label → column."""
        return {fold(label): name for name, column in self.columns.items() for label in column.labels}

    @functools.cached_property
    def folded_ignored(self) -> frozenset[str]:
        return frozenset(fold(label) for label in self.ignored)

    @functools.cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name, column in self.columns.items() if column.is_required)


@dataclass(frozen=True)
class SheetShapes:
    """All tables of a source. ``ignored_sheets``: names, ``*`` stands for anything."""

    tables: tuple[SheetTable, ...]
    ignored_sheets: tuple[str, ...] = ()
    cells: int = 20_000_000  # the area of a sheet that is still read whole
    unpacked: int = 2 * 1024**3  # bytes inside one XLSX or ODS

    @property
    def version(self) -> str:
        """Hash of all that decides which rows come of a file."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def is_ignored(self, sheet: str) -> bool:
        patterns = (".*".join(fold(part) for part in name.split("*")) for name in self.ignored_sheets)
        return any(re.fullmatch(pattern, fold(sheet)) for pattern in patterns)


def staged_tables(shapes: SheetShapes) -> tuple[StagedTable, ...]:
    """The tables of the store."""
    return (*(_staged(table) for table in shapes.tables), SHEETS, COLUMNS)


def _staged(table: SheetTable) -> StagedTable:
    own = [StagedColumn(name, "integer" if c.form == "integer" else "text") for name, c in table.columns.items()]
    return StagedTable(table.name, (*own, *PLACE), key=KEY, links=table.links)


@functools.lru_cache(8192)  # labels and first words come again and again
def fold(text: str) -> str:
    """Words to compare: small letters without marks, one space between."""
    apart = unicodedata.normalize("NFD", text.replace("Ð", "Đ").casefold()).replace("đ", "d")
    return " ".join(re.findall(r"[^\W_]+", "".join(sign for sign in apart if not unicodedata.combining(sign))))


def column_letter(at: int) -> str:
    """The name of a column as a spreadsheet shows it, from 0."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
