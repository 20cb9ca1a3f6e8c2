"""Books as the tests need them: XLSX by openpyxl, ODS by our own writer, CSV as text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from connectors.rehearsal.ods import write_ods

Rows = Sequence[Sequence[object]]


def xlsx(path: Path, sheets: Mapping[str, Rows], *, hidden: Collection[str] = (), merged: Sequence[str] = ()) -> Path:
    """``merged``: ranges of the first sheet. A text that begins with "=" is a formula that nobody computed."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for at, value in enumerate(row, start=1):
                if value is not None and value != "":
                    sheet.cell(number, at, value)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    book.save(path)
    return path


def ods(path: Path, sheets: Mapping[str, Rows], *, hidden: Collection[str] = ()) -> Path:
    write_ods(path, sheets, hidden=hidden)
    return path


def csv(path: Path, rows: Rows, *, encoding: str = "utf-8", separator: str = ",") -> Path:
    lines = (separator.join(_quoted("" if cell is None else str(cell), separator) for cell in row) for row in rows)
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path


def _quoted(text: str, separator: str) -> str:
    return f'"{text}"' if separator in text or "\n" in text else text
