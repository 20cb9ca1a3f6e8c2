"""The tray of quarantined dossiers as a workbook for people: what is wrong, with which old cell, and what is right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mappings.declared import ProfileError
from validations.remedies import look_up
from validations.review import Cell, Column, Sheet
from validations.review_xlsx import ReadRow, as_text, read_sheets

NAME: Final = "Cách ly"
MOST_ROWS: Final = 50_000
EMPTY: Final = "(trống)"
"""What people write for a cell that ought to be empty."""
_GUIDE: Final = (
    ("Điền ở đâu", "Chỉ cột “Giá trị đúng” của trang “Cách ly”. Dòng không có cột cũ thì làm theo cột “Cách xử lý”."),
    ("Viết thế nào", "Như hệ thống cũ vẫn ghi ô ấy. Ngày giờ của hồ sơ: 15/07/2025 17:00, giờ Việt Nam."),
    ("Ô phải trống", f"Viết {EMPTY}."),
    ("Nhận lại", "lienthong quarantine SITE import TỆP.xlsx --author AI --note CĂN_CỨ, rồi lienthong migrate SITE."),
    ("Được gì", "Hệ thống cũ không bị sửa; ô sửa là một quyết định có người ký tên, giá trị cũ được giữ trong hồ sơ."),
)
_COLUMNS: Final = (
    Column("Nguồn", 12),
    Column("Khóa cũ", 12),
    Column("Mã hồ sơ", 22),
    Column("Nguyên nhân", 30),
    Column("Mã lỗi", 20),
    Column("Trường", 16),
    Column("Liên quan", 20),
    Column("Bảng con", 10),
    Column("Dòng", 10),
    Column("Cột cũ", 18),
    Column("Giá trị cũ", 22),
    Column("Giá trị đúng", 22, cell="value"),
    Column("Cách xử lý", 36),
    Column("Ai có việc", 16),
    Column("Người nhận việc", 16),
    Column("Số ngày", 8, is_number=True),
    Column("Số lần", 8, is_number=True),
    Column("Dấu ô", 18, is_hidden=True),
)


@dataclass(frozen=True)
class TrayRow:
    """A finding and one old cell behind it. ``column`` "" when there is none: then nothing can be corrected here.

    ``days`` since the dossier came into the tray, ``times`` that it came. ``mark`` of the old cell as it is now.
    """

    source: str
    key: str
    code: str
    cause: str
    field: str
    about: str
    owner: str
    days: int
    times: int
    child: str = ""
    row: str = ""
    column: str = ""
    value: str = ""
    mark: str = ""

    def cells(self) -> tuple[Cell, ...]:
        """As the sheet shows it."""
        said = look_up(self.cause)
        place = (self.child, self.row, self.column, self.value, "")
        told = (self.source, self.key, self.code, said.title, self.cause, self.field, self.about, *place)
        return (*told, said.remedy, said.who, self.owner, self.days, self.times, self.mark)


def tray_sheets(rows: Iterable[TrayRow]) -> list[Sheet]:
    """The sheet of these rows, and one that says how to work on it."""
    guide = Sheet("Cách làm", "", (Column("Việc", 16), Column("Cách làm", 100)), _GUIDE)
    return [Sheet(NAME, "", _COLUMNS, tuple(row.cells() for row in rows)), guide]


@dataclass(frozen=True)
class Corrected:
    """A cell to which people gave another value. ``line`` of the sheet; ``field`` that the finding is about."""

    line: int
    source: str
    key: str
    field: str
    child: str
    row: str
    column: str
    mark: str
    value: str


def read_tray(file: Path) -> list[Corrected]:
    """What people wrote into the sheet. Raises ProfileError with file, line and cause; then nothing counts."""
    pages = read_sheets(file)
    if NAME not in pages:
        raise ProfileError(f"sổ thiếu trang {NAME!r}; xuất lại bằng lienthong quarantine SITE export", file)
    titles, rows = pages[NAME]
    wanted = [column.title for column in _COLUMNS]
    if missing := [title for title in wanted if title not in titles]:
        raise ProfileError(f"trang {NAME!r} thiếu cột {', '.join(missing)}; không đổi các cột của trang", file, 1)
    found = list(_corrected(file, rows))
    seen: dict[tuple[str, ...], Corrected] = {}
    for one in found:
        place = (one.source, one.key, one.child, one.row, one.column)
        other = seen.setdefault(place, one)
        if other.value != one.value:
            message = f"ô {one.column} của hồ sơ {one.key} có hai giá trị đúng khác nhau (dòng {other.line})"
            raise ProfileError(message, file, one.line)
    return list(seen.values())


def _corrected(file: Path, rows: Sequence[ReadRow]) -> Iterator[Corrected]:
    for row in rows:
        value = _text(file, row, "Giá trị đúng")
        if not value:
            continue
        titles = ("Nguồn", "Khóa cũ", "Trường", "Bảng con", "Dòng", "Cột cũ", "Dấu ô")
        source, key, field, child, number, column, mark = (_text(file, row, title) for title in titles)
        if not (column and mark):
            cause = "dòng này không nêu ô cũ nào để sửa; xem cột Cách xử lý"
            raise ProfileError(f"trang {NAME!r}: {cause}", file, row.line)
        right = "" if value == EMPTY else value
        yield Corrected(row.line, source, key, field, child, number, column, mark, right)


def _text(file: Path, row: ReadRow, title: str) -> str:
    text, fault = as_text(row.cells[title])
    if fault:
        raise ProfileError(f"trang {NAME!r}: cột {title!r}: {fault}", file, row.line)
    return text
