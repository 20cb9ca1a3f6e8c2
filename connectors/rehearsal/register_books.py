"""Writes registers as four offices keep them: an XLSX with months, an ODS with states, a CSV, an XLSX of two sheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from connectors.rehearsal.ods import write_ods
from connectors.rehearsal.register_life import Cell, Entry, RegisterLife, shown

Row = list[Cell]

FIELDS: Final = (
    "code", "procedure", "copies", "name", "id", "address", "agency", "received", "due", "sent", "result", "returned",
    "way",
)  # fmt: skip
_TOP: Final = (
    "STT", "MÃ HỒ SƠ", "TÊN TTHC", "SỐ LƯỢNG HỒ SƠ (BỘ)", "TÊN CÁ NHÂN, TỔ CHỨC", "CMND/CCCD", "ĐỊA CHỈ, SỐ ĐIỆN THOẠI",
    "CƠ QUAN CHỦ TRÌ GIẢI QUYẾT", "NGÀY, THÁNG, NĂM", None, None, None, "TRẢ KẾT QUẢ", None, None, "GHI CHÚ",
)  # fmt: skip
_BELOW: Final = (
    *(None,) * 8, "Nhận hồ sơ", "Hẹn trả kết quả", "Chuyển hồ sơ", "Nhận kết quả giải quyết", "Ngày, tháng, năm",
    "Phương thức nhận kết quả", "Ký nhận",
)  # fmt: skip
_MERGED: Final = ("I5:L5", "M5:O5", *(f"{column}5:{column}6" for column in "ABCDEFGHP"))
_FLAT: Final = (
    "Số TT", "Mã số hồ sơ", "Tên thủ tục hành chính", "Số bộ", "Họ và tên", "Số CMND/CCCD", "Địa chỉ và số điện thoại",
    "Cơ quan giải quyết", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày chuyển", "Ngày có kết quả", "Ngày trả",
    "Hình thức trả", "Ghi chú",
)  # fmt: skip


def write_books(folder: Path, life: RegisterLife, entries: Iterable[Entry]) -> list[str]:
    """Write a book for each office and year; their names."""
    names = []
    ordered = sorted(entries, key=lambda entry: (entry.office, entry.year))  # stable: in the order of receipt
    for (office, year), group in groupby(ordered, key=lambda entry: (entry.office, entry.year)):
        write, suffix = _WAYS[office]
        name = f"so_{office + 1}_{year}{suffix}"
        write(folder / name, life, year, list(group))
        names.append(name)
    return names


def _with_months(path: Path, life: RegisterLife, year: int, entries: Sequence[Entry]) -> None:
    """The printed form: titles, a header of two lines, numbers of columns, months with their totals, a signature."""
    dated: Row = [*[None] * 9, f"Ngày 31 tháng 12 năm {year}"]
    rows: list[Row] = [
        [life.title(0).upper(), *[None] * 7, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        ["BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ", *[None] * 7, "Độc lập - Tự do - Hạnh phúc"],
        [None, None, f"SỔ THEO DÕI HỒ SƠ NĂM {year}"],
        [],
        [*_TOP],
        [*_BELOW],
        [f"({number})" for number in range(1, len(_TOP) + 1)],
    ]
    number = 0
    for month, group in groupby(entries, key=_month):
        rows.append([f"Tháng {month}/{year}"])
        before = number
        for entry in group:
            number += 1
            rows.append(_row(entry, number, signed=True))
        rows += [[f"Cộng tháng {month}: {number - before} hồ sơ"], []]
    rows += [*_foot(year, number), dated, [None, "Người vào sổ"], [None, "(Ký)"]]
    book = Workbook()
    _sheet(book, f"Sổ {year}", rows)
    for cells in _MERGED:
        book.worksheets[0].merge_cells(cells)
    _add_lists(book, life)
    _save(book, path)


def _with_states(path: Path, life: RegisterLife, year: int, entries: Sequence[Entry]) -> None:
    head: Row = [*_FLAT, "Tình trạng"]
    rows: list[Row] = [[f"Sổ theo dõi hồ sơ năm {year}"], head]
    rows += [[*_row(entry, number), shown(entry, "state", is_text=False)] for number, entry in enumerate(entries, 1)]
    rows += _foot(year, len(entries))
    write_ods(path, {f"Năm {year}": rows, "TTHC": _procedures(life), "Thống kê": [["Tháng", "Số hồ sơ"]]})


def _as_text(path: Path, life: RegisterLife, year: int, entries: Sequence[Entry]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_FLAT)
    writer.writerows(_row(entry, number, is_text=True) for number, entry in enumerate(entries, 1))
    path.write_bytes(out.getvalue().encode("utf-8-sig"))


def _in_halves(path: Path, life: RegisterLife, year: int, entries: Sequence[Entry]) -> None:
    """Two sheets, each numbered from 1, the header again at the top of each printed page."""
    book = Workbook()
    for half, group in groupby(entries, key=lambda entry: _month(entry) > 6):
        rows: list[Row] = [[], [*_FLAT]]
        for number, entry in enumerate(group, 1):
            if number % 40 == 0:
                rows.append([*_FLAT])
            rows.append(_row(entry, number))
        _sheet(book, ("6 tháng đầu", "6 tháng cuối")[half], [*rows, *_foot(year, len(rows))])
    _add_lists(book, life)
    _save(book, path)


Write = Callable[[Path, RegisterLife, int, Sequence[Entry]], None]
_WAYS: Final[Sequence[tuple[Write, str]]] = (
    (_with_months, ".xlsx"), (_with_states, ".ods"), (_as_text, ".csv"), (_in_halves, ".xlsx"),
)  # fmt: skip


def _month(entry: Entry) -> int:
    received = entry.setting.times.received
    assert received is not None
    return received.month


def _row(entry: Entry, number: int, *, signed: bool = False, is_text: bool = False) -> Row:
    if entry.heading:
        code = entry.cells["code"]
        return [entry.heading, None if isinstance(code, datetime) else code]
    cells = [shown(entry, name, is_text=is_text) for name in FIELDS]
    return [
        number if entry.has_number else None,
        *cells,
        *([None] if signed else []),
        shown(entry, "note", is_text=is_text),
    ]


def _foot(year: int, number: int) -> list[Row]:
    return [[], ["Tổng cộng", f"{number} hồ sơ"], [None, None, f"Khóa sổ năm {year}"]]


def _procedures(life: RegisterLife) -> list[Row]:
    """The sheet from which names are looked up: every procedure that communes handle."""
    known = [procedure for procedure in life.world.procedures if procedure.level == "commune"]
    rows: list[Row] = [["STT", "Mã TTHC", "Tên TTHC", "Lĩnh vực"]]
    rows += [[number, each.code, each.name, each.field] for number, each in enumerate(known, 1)]
    return rows


def _add_lists(book: Workbook, life: RegisterLife) -> None:
    _sheet(book, "TTHC", _procedures(life))
    _sheet(book, "Thống kê", [["Tháng", "Số hồ sơ"], [1, 0]])
    _sheet(book, "DanhMuc", [["Trực tiếp"], ["Bưu chính"]]).sheet_state = "hidden"


def _sheet(book: Workbook, name: str, rows: Iterable[Row]) -> Worksheet:
    sheet: Worksheet = book.create_sheet(name)
    for row in rows:
        sheet.append(row)
    return sheet


def _save(book: Workbook, path: Path) -> None:
    del book["Sheet"]
    book.properties.created = book.properties.modified = datetime(2025, 12, 31)
    book.save(path)
