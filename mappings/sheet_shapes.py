"""The shapes of a spreadsheet source: which tables its sheets hold, and under which labels their columns stand.

A shape gives its table the declared columns and those of :data:`PLACE`: the key of the row, where it stands
(``source_file``, ``source_sheet``, ``source_row``), ``source_key_trouble`` (key_missing, key_twice or empty) and
``source_cell_errors`` (columns whose cell holds #REF!, "as above", or a formula that nobody computed).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mappings.spec import Names, Strict

PLACE: Final = ("source_key", "source_file", "source_sheet", "source_row", "source_key_trouble", "source_cell_errors")
"""Columns of every shape beside the declared ones."""
KEY_PARTS: Final = ("source_file", "source_sheet")
"""Places that may be part of a key: they stay when rows move."""
_COLUMN: Final = re.compile(r"[^\W\d]\w*")


class SheetColumn(Strict):
    """One column. ``labels``: how sheets call it, without regard to case, marks and a slip of the hand; a label under
    a heading may be written ``heading / label``. ``as: date`` reads what people write as a date, day first.

    ``above``: how a line above the header begins that holds for every row which says nothing of its own."""

    labels: Names = Field(min_length=1)
    form: Literal["text", "integer", "date"] = Field("text", alias="as")
    above: Names = ()
    required: bool = False  # a sheet without it is none of this table


def _column(raw: Any) -> Any:
    return {"labels": raw} if isinstance(raw, str | list) else raw


AColumn = Annotated[SheetColumn, BeforeValidator(_column)]
"""A column, or just its labels."""


class SheetShape(Strict):
    """One table. ``key``: the first entry whose columns are all filled in names the row."""

    columns: dict[str, AColumn] = Field(min_length=1)
    key: tuple[Names, ...] = ()
    links: Names = ()  # columns that hold keys of another table's rows
    left_out: Names = ()  # words that begin a total, a closing line, a heading
    not_values: Names = ()  # what people write for "as above": such a cell is in error
    ignore: dict[str, str] = Field(default_factory=dict)  # label → reason

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name in self.columns:
            if not _COLUMN.fullmatch(name) or name in PLACE:
                raise ValueError(f"tên cột {name!r} không dùng được: chữ, số, _; không trùng {', '.join(PLACE)}")
        for name in (*(part for key in self.key for part in key), *self.links):
            if name not in self.columns and name not in KEY_PARTS:
                raise ValueError(f"key, links: không có cột {name!r} trong columns")
        if not any(column.required for column in self.columns.values()):
            raise ValueError("phải có ít nhất một cột required: true, để biết sheet nào là bảng này")
        owners: dict[str, str] = {}
        for label, name in self._labels():
            if owners.setdefault(_plain(label), name) != name:
                raise ValueError(f"nhãn {label!r} khai ở cả {owners[_plain(label)]} và {name}")
        return self

    def _labels(self) -> Iterator[tuple[str, str]]:
        for name, column in self.columns.items():
            yield from ((label, name) for label in column.labels)
        yield from ((label, "ignore") for label in self.ignore)


class SheetReading(Strict):
    """The shapes of a source that is spreadsheets. ``ignored_sheets``: name (``*`` for anything) → reason."""

    tables: dict[str, SheetShape] = Field(min_length=1)
    ignored_sheets: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _plain_names(self) -> Self:
        for name in self.tables:
            if not _COLUMN.fullmatch(name) or name.startswith("_"):
                raise ValueError(f"tên bảng {name!r} không dùng được: chữ, số, _")
        return self

    def columns(self, name: str) -> list[str]:
        """All columns of a shape's table."""
        return [*self.tables[name].columns, *PLACE]


def _plain(label: str) -> str:
    apart = unicodedata.normalize("NFD", label.casefold()).replace("đ", "d")
    return " ".join(re.findall(r"[^\W_]+", "".join(sign for sign in apart if not unicodedata.combining(sign))))
