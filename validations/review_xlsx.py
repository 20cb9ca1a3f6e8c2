"""The review as a workbook: written the same byte for byte for the same review, and read back strictly."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from mappings.declared import ProfileError
from validations.review import Column, Sheet, tidy
from validations.spreadsheet import timeless

SPARE: Final = 200
"""Empty rows below a list that offer the drop-downs, too."""
LARGEST: Final = 50_000_000
"""Bytes of the largest workbook that is read."""
_MOMENT: Final = datetime(2025, 7, 1)  # of the file itself; a clock would make two equal reviews two files

# ---------------------------------------------------------------- writing


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An XLSX file of these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "lienthong"
    book.properties.created = _MOMENT
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet)
    out = io.BytesIO()
    book.save(out)
    return timeless(out.getvalue())


def _write_sheet(page: Worksheet, sheet: Sheet) -> None:
    for at, column in enumerate(sheet.columns, start=1):
        cell = page.cell(1, at, column.title)
        cell.font, cell.fill, cell.border = _HEAD_FONT, _HEAD_FILL, _BORDER
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = column.width
        page.column_dimensions[letter].hidden = column.is_hidden
    page.row_dimensions[1].height = _height([column.title for column in sheet.columns], sheet.columns)
    for number, row in enumerate(sheet.rows, start=2):
        page.row_dimensions[number].height = _height(row, sheet.columns)
        for at, (column, value) in enumerate(zip(sheet.columns, row, strict=True), start=1):
            _write_cell(page, number, at, column, value)
    _offer_choices(page, sheet)
    _lay_out(page, sheet)


def _write_cell(page: Worksheet, number: int, at: int, column: Column, value: str | int) -> None:
    cell = page.cell(number, at)
    if isinstance(value, int):
        cell.value = value
        cell.number_format = "#,##0"
    else:
        if value:
            cell.value = tidy(value)
            cell.data_type = "s"  # a text that begins with = is no formula
        cell.number_format = "@"
    cell.font, cell.border = _FONT, _BORDER
    cell.alignment = _NUMBER if column.is_number else _TEXT
    if column.cell:
        cell.fill = _EDITED_FILL


def _offer_choices(page: Worksheet, sheet: Sheet) -> None:
    last = len(sheet.rows) + 1 + SPARE
    for at, column in enumerate(sheet.columns, start=1):
        if not column.choices:
            continue
        rule = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = column.title, f"Chọn một trong: {', '.join(column.choices)}"
        rule.add(f"{get_column_letter(at)}2:{get_column_letter(at)}{last}")
        page.add_data_validation(rule)
    if sheet.table:  # new rows are typed as text, too
        for number in range(len(sheet.rows) + 2, last + 1):
            for at, column in enumerate(sheet.columns, start=1):
                if column.cell:
                    page.cell(number, at).number_format = "@"


def _lay_out(page: Worksheet, sheet: Sheet) -> None:
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    page.print_title_rows = "1:1"
    page.print_area = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    if page.oddFooter is not None:
        page.oddFooter.left.text, page.oddFooter.right.text = "&A", "Trang &P/&N"


def _height(row: Sequence[str | int], columns: Sequence[Column]) -> float:
    """Points that the longest wrapped cell of a row needs: not every program fits rows to their text by itself."""
    lines = 1
    for value, column in zip(row, columns, strict=True):
        if isinstance(value, str) and not column.is_hidden:
            lines = max(lines, sum(-(-max(len(line), 1) // int(column.width * _SIGNS)) for line in value.split("\n")))
    return min(_LINE_POINTS * lines + 4, 409)  # more is not allowed


_LINE_POINTS: Final = 11.5
_SIGNS: Final = 1.1
"""Signs of the font below in a unit of a column's width."""
_FONT: Final = Font(name="Arial", size=9)
_TEXT: Final = Alignment(wrap_text=True, vertical="top")
_NUMBER: Final = Alignment(vertical="top", horizontal="right", indent=1)
_HEAD_FONT: Final = Font(name="Arial", size=9, bold=True, color="FFFFFF")
_HEAD_FILL: Final = PatternFill("solid", fgColor="1F4A7A")
_EDITED_FILL: Final = PatternFill("solid", fgColor="FFF8DC")
_LINE: Final = Side(style="thin", color="D5DBE2")
_BORDER: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class ReadRow:
    """A row of a sheet. ``cells``: column title → what stands there."""

    line: int
    cells: dict[str, object]


def read_sheets(file: Path) -> dict[str, tuple[list[str], list[ReadRow]]]:
    """Sheet name → (titles, rows that are not empty). Raises ProfileError for a file that is no workbook."""
    try:
        if file.stat().st_size > LARGEST:
            raise ProfileError("sổ quá lớn", file)
        data = io.BytesIO(file.read_bytes())
    except OSError as error:
        raise ProfileError(f"không đọc được tệp: {error.strerror}", file) from error
    try:
        book = load_workbook(data)
    except Exception as error:  # openpyxl lets through whatever its zip and XML readers meet
        raise ProfileError("không phải sổ XLSX, hoặc sổ đã hỏng", file) from error
    return {page.title: _read_sheet(page) for page in book.worksheets}


def _read_sheet(page: Worksheet) -> tuple[list[str], list[ReadRow]]:
    lines = page.iter_rows()
    titles = [str(cell.value).strip() if cell.value is not None else "" for cell in next(lines, ())]
    while titles and not titles[-1]:
        titles.pop()
    rows = []
    for number, line in enumerate(lines, start=2):
        cells: dict[str, object] = {
            title: Formula() if cell.data_type == "f" else cell.value for title, cell in zip(titles, line, strict=False)
        }
        if any(value not in (None, "") for value in cells.values()):
            rows.append(ReadRow(number, cells))
    return titles, rows


class Formula:
    """Stands for a cell that holds a formula."""


def as_text(value: object) -> tuple[str, str]:
    """(text, fault) of a cell that must hold text: NFC, without outer spaces."""
    if value is None:
        return "", ""
    if isinstance(value, str):
        return tidy(value), ""
    if isinstance(value, bool):
        return "", "ô đã biến thành TRUE/FALSE"
    if isinstance(value, int | float):
        return "", "ô đã biến thành số, số 0 đứng đầu có thể đã mất; định dạng ô là Text rồi gõ lại"
    if isinstance(value, date | datetime | time):
        return "", "ô đã biến thành ngày; định dạng ô là Text rồi gõ lại"
    if isinstance(value, Formula):
        return "", "ô là công thức; chỉ nhận chữ"
    return "", "ô không phải chữ"
