"""How a dossier lies in the tables of a new system, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Kind = Literal["text", "instant", "day", "code", "number", "flag", "file"]


@dataclass(frozen=True)
class Cell:
    """A column and the value of ours that stands in it (``ours``: path in the body, or in an element of a list).

    ``is_copy``: shown to their users only, ours stays in the rest, too. A text over ``longest``, or with letters
    beyond ASCII for a column that ``is_narrow``, goes there whole. ``is_required``: an empty text is written as "", not
    as NULL. A ``file`` is the path below the folder of files.
    """

    column: str
    ours: tuple[str, ...]
    kind: Kind = "text"
    codes: Mapping[str, str] = field(default_factory=dict)  # ours → theirs
    is_copy: bool = False
    is_required: bool = False
    is_narrow: bool = False
    longest: int = 0

    @cached_property
    def key(self) -> str:
        """The column as a row that was read names it."""
        return self.column.lower()


@dataclass(frozen=True)
class TablePlan:
    """A table: that of the dossiers (``path`` ""), or that of one list of theirs.

    ``parent``: (column, column of the dossiers' table that it repeats).
    """

    table: str
    id: str  # the key, a GUID: we make it of source, old key and place in the list
    cells: tuple[Cell, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    parent: tuple[str, str] = ("", "")

    @property
    def columns(self) -> tuple[str, ...]:
        """What is written, in order: key, then parent, cells, constants."""
        return (self.id, *filter(None, self.parent[:1]), *(cell.column for cell in self.cells), *self.fixed)


@dataclass(frozen=True)
class FileWords:
    """Where the body names files: lists whose elements have one, and what they call it."""

    lists: tuple[str, ...]
    file: str
    locator: str
    missing: str


@dataclass(frozen=True)
class TablesPlan:
    """A new system whose tables are written.

    ``number``: the column of the dossier's number; no two dossiers may have one in common, since rows hang on it.
    ``rest``: the text column that takes everything without a column, as JSON. ``stamp``: when a row was last written.
    ``mark``: (column, value) of what was migrated.
    """

    name: str
    title: str
    main: TablePlan
    lists: tuple[TablePlan, ...]
    number: str
    rest: str
    stamp: str
    mark: tuple[str, str]
    lost: frozenset[str]
    files: FileWords
    source: str  # name of the source and of the old key in the body
    key: str
