"""What people changed in a workbook: every changed row checked, or the workbook refused with sheet, row and cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mappings.declared import ProfileError
from mappings.review_tables import Cells, Key, NewCodes, Table
from validations.review import MARK, Column, as_read, list_columns, meant, sheet_name
from validations.review_xlsx import ReadRow, as_text, read_sheets


@dataclass
class Edited:
    """The rows of one table that a workbook changes, by key; ``kept``: rows of the site that it does not show."""

    table: Table
    rows: dict[Key, Cells] = field(default_factory=dict)
    kept: int = 0


def edits(file: Path, lists: Sequence[tuple[Table, Mapping[Key, Cells]]], known: NewCodes) -> list[Edited]:
    """What a workbook changes in these tables (rows as they stand now). Raises ProfileError; then nothing counts."""
    pages = read_sheets(file)
    if missing := [name for name in (sheet_name(table) for table, _ in lists) if name not in pages]:
        raise ProfileError(f"sổ thiếu trang {', '.join(map(repr, missing))}; xuất lại bằng lienthong review", file)
    return [_Reader(file, table, rows, known).read(*pages[sheet_name(table)]) for table, rows in lists]


@dataclass(frozen=True)
class _Reader:
    """Reads the sheet of one table."""

    file: Path
    table: Table
    current: Mapping[Key, Cells]
    known: NewCodes

    def read(self, titles: Sequence[str], rows: Sequence[ReadRow]) -> Edited:
        columns = list_columns(self.table)
        self._check_titles(titles, columns)
        edited, seen = Edited(self.table), dict[Key, int]()
        now = {self.table.key_of(as_read(cells)): as_read(cells) for cells in self.current.values()}
        for row in rows:
            cells, mark = self._cells(row, columns)
            key = self.table.key_of(cells)
            if key in seen:
                raise self._refusal(row, f"mã {_said(key)} có hai dòng (dòng {seen[key]} và dòng này)")
            seen[key] = row.line
            if self.table.mark(cells) != mark:
                self._check_change(row, cells, mark, now.get(key))
                edited.rows[key] = cells
        edited.kept = len(now.keys() - seen.keys())
        return edited

    def _check_titles(self, titles: Sequence[str], columns: Sequence[Column]) -> None:
        wanted = [column.title for column in columns]
        faults = {
            "thiếu cột": [title for title in wanted if title not in titles],
            "cột lạ": [title or "(không tên)" for title in titles if title not in wanted],
            "cột có hai lần": sorted({title for title in titles if titles.count(title) > 1}),
        }
        for fault, found in faults.items():
            if found:
                cause = f"{fault}: {', '.join(found)}. Không đổi các cột của trang; xuất lại bằng lienthong review"
                raise ProfileError(f"trang {sheet_name(self.table)!r}: {cause}", self.file, 1)

    def _cells(self, row: ReadRow, columns: Sequence[Column]) -> tuple[dict[str, str], str]:
        cells: dict[str, str] = {}
        for column in columns:
            if column.cell:
                text, fault = as_text(row.cells[column.title])
                if fault:
                    raise self._refusal(row, f"cột {column.title!r}: {fault}")
                cells[column.cell] = meant(column.cell, text)
        return cells, as_text(row.cells[MARK])[0]

    def _check_change(self, row: ReadRow, cells: Cells, mark: str, now: Cells | None) -> None:
        said = _said(self.table.key_of(cells))
        if mark and mark.partition("-")[0] != self.table.mark(cells).partition("-")[0]:
            raise self._refusal(row, f"mã cũ của dòng đã bị sửa thành {said}; thêm dòng mới với ô {MARK!r} trống")
        if now is not None and not mark:
            raise self._refusal(row, f"mã {said} đã có trong bảng; sửa dòng có sẵn thay vì thêm dòng")
        if now is not None and self.table.mark(now) != mark:
            raise self._refusal(row, f"dòng {said} đã được sửa trong site sau khi xuất sổ; xuất lại rồi sửa")
        if fault := self.table.fault(cells, self.known):
            raise self._refusal(row, f"mã {said}: {fault}")

    def _refusal(self, row: ReadRow, cause: str) -> ProfileError:
        return ProfileError(f"trang {sheet_name(self.table)!r}: {cause}", self.file, row.line)


def _said(key: Key) -> str:
    return repr("/".join(filter(None, key)))
