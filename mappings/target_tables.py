"""What a target profile says of tables: which column takes which value of a dossier, and which rows hang on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LISTS_WITH_FILES = ("TaiLieuNop", "DanhSachGiayToKetQua", "DanhSachVanBan")
FILE, LOCATOR, MISSING = "TepDinhKem", "TepDinhKemId", "TepBiThieu"
"""Where a dossier names its files, in the words of the model."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cell(_Model):
    """What stands in a column: a path in the dossier, or in an element of a list."""

    ours: Annotated[str, Field(alias="from")]
    kind: Literal["text", "instant", "day", "code", "number", "flag", "file"] = "text"
    codes: dict[str, str] = Field(default_factory=dict)
    copied: Annotated[bool, Field(alias="copy")] = False
    required: bool = False
    narrow: bool = False
    longest: int = 0


def _as_cell(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


class DossierTable(_Model):
    """The table of the dossiers."""

    table: str
    id: str
    number: str
    rest: str
    stamp: str
    mark: dict[str, str]
    fixed: dict[str, str] = Field(default_factory=dict)
    cells: dict[str, Annotated[Cell, BeforeValidator(_as_cell)]]


class ListTable(_Model):
    """The table of one list of the dossier. ``parent``: its column → the column of the dossiers' table it repeats."""

    table: str
    id: str
    parent: dict[str, str]
    fixed: dict[str, str] = Field(default_factory=dict)
    cells: dict[str, Annotated[Cell, BeforeValidator(_as_cell)]]


class Tables(_Model):
    """A new system as tables."""

    dossiers: DossierTable
    lists: dict[str, ListTable] = Field(default_factory=dict)


def table_faults(tables: Tables, fields: Mapping[str, frozenset[str]]) -> Iterator[tuple[list[Any], str]]:
    """(place in the file, what is wrong). ``fields``: names of a dossier ("") and of the elements of each list."""
    own = tables.dossiers
    number = own.cells.get(own.number)
    if number is None or number.copied or number.kind != "text":
        yield ["tables", "dossiers", "number"], f"cột {own.number} phải là một cells kiểu text, không copy"
    if len(own.mark) != 1:
        yield ["tables", "dossiers", "mark"], "mark cần đúng một cột: giá trị"
    yield from _cell_faults(["tables", "dossiers", "cells"], own.cells, fields[""])
    for name, table in tables.lists.items():
        place = ["tables", "lists", name]
        if name not in fields:
            yield place, f"hồ sơ không có danh sách {name}"
            continue
        if len(table.parent) != 1 or next(iter(table.parent.values())) not in (own.number, own.id):
            yield [*place, "parent"], f"parent cần một cột: {own.number} hoặc {own.id}"
        yield from _cell_faults([*place, "cells"], table.cells, fields[name])


def _cell_faults(place: list[Any], cells: Mapping[str, Cell], names: frozenset[str]) -> Iterator[tuple[list[Any], str]]:
    taken: dict[str, str] = {}
    for column, cell in cells.items():
        if cell.ours.partition(".")[0] not in names:
            yield [*place, column], f"không có trường {cell.ours}"
        if (cell.kind == "code") != bool(cell.codes):
            yield [*place, column], "kind: code cần codes, và chỉ nó mới có codes"
        if not cell.copied and len(set(cell.codes.values())) < len(cell.codes):
            yield [*place, column, "codes"], "hai mã của ta thành một mã của họ: thêm copy: true"
        if not cell.copied and (before := taken.setdefault(cell.ours, column)) != column:
            yield [*place, column], f"{cell.ours} đã nằm ở cột {before}: thêm copy: true"
        if cell.kind == "file" and not cell.copied:
            yield [*place, column], "kind: file cần copy: true, tên tệp gốc nằm ở rest"
