"""The human sample as a form: dossiers to be looked at side by side in both systems, and what people found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mappings.declared import ProfileError
from validations.review import Column, Sheet
from validations.review_xlsx import ReadRow, as_text, read_sheets

NAME: Final = "Mẫu đối chiếu"
RIGHT: Final = "đúng"
WRONG: Final = "sai"
_RESULT: Final = "Kết quả"
_WHO: Final = "Người xem"
_NOTE: Final = "Sai ở đâu"
_PLACE: Final = ("Nguồn", "Khóa cũ", "Dấu hồ sơ")
_COLUMNS: Final = (
    Column("Nguồn", 14),
    Column("Khóa cũ", 14),
    Column("Mã hồ sơ", 26),
    Column("Mã ở hệ thống mới", 20),
    Column("Vì sao chọn", 40),
    Column(_RESULT, 12, cell="result", choices=(RIGHT, WRONG)),
    Column(_NOTE, 40, cell="note"),
    Column(_WHO, 26, cell="who"),
    Column("Dấu hồ sơ", 18, is_hidden=True),
)
_GUIDE: Final = (
    ("Làm thế nào", "Mở hồ sơ ở phần mềm cũ bằng khóa hoặc mã cũ, ở hệ thống mới bằng mã mới, hai màn hình cạnh nhau."),
    ("Xem gì", "Người nộp, chủ hồ sơ; thủ tục; ngày tiếp nhận, hẹn trả; giấy tờ, mở từng tệp; từng bước; phí; kết quả"),
    ("Việc tiếp theo", "Hồ sơ đang mở: đúng người xử lý, đúng bước, nút làm tiếp có hiện không."),
    ("Kết quả", f"Cột “{_RESULT}”: {RIGHT} hoặc {WRONG}; {WRONG} thì ghi cột “{_NOTE}”."),
    ("Ai xem", f"Cột “{_WHO}”: họ tên, chức danh của cán bộ."),
    ("Không ghi", "Họ tên, số giấy tờ, số điện thoại của người dân vào sổ này."),
    ("Nhận lại", "lienthong handcheck SITE read TỆP.xlsx"),
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A dossier of the sample. ``why`` it was chosen, in words; ``mark`` of what was pushed."""

    source: str
    key: str
    code: str
    new_id: str
    why: str
    mark: str


@dataclass(frozen=True)
class Looked:
    """What somebody found of a dossier; ``line`` of the sheet."""

    line: int
    source: str
    key: str
    mark: str
    is_right: bool
    note: str
    who: str


def form_sheets(rows: Iterable[Drawn]) -> list[Sheet]:
    """The sheet to fill in, and how to."""
    cells = tuple((r.source, r.key, r.code, r.new_id, r.why, "", "", "", r.mark) for r in rows)
    guide = Sheet("Cách làm", "", (Column("Việc", 18), Column("Cách làm", 110)), _GUIDE)
    return [Sheet(NAME, "", _COLUMNS, cells), guide]


def read_form(file: Path) -> list[Looked]:
    """What people filled in; rows without a result are left out. Raises ProfileError with file, line and cause."""
    pages = read_sheets(file)
    if NAME not in pages:
        raise ProfileError(f"sổ thiếu trang {NAME!r}; rút mẫu lại bằng lienthong handcheck SITE draw", file)
    titles, rows = pages[NAME]
    if missing := [column.title for column in _COLUMNS if column.title not in titles]:
        raise ProfileError(f"trang {NAME!r} thiếu cột {', '.join(missing)}; không đổi các cột của trang", file, 1)
    return list(_looked(file, rows))


def _looked(file: Path, rows: Sequence[ReadRow]) -> Iterator[Looked]:
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        result = _text(file, row, _RESULT).casefold()
        note, who = _text(file, row, _NOTE), _text(file, row, _WHO)
        if not (result or note):
            continue
        source, key, mark = (_text(file, row, title) for title in _PLACE)
        fault = _fault(result, note, who)
        if (source, key) in seen:
            fault = f"hồ sơ này đã có ở dòng {seen[source, key]}"
        if fault:
            raise ProfileError(f"trang {NAME!r}: {fault}", file, row.line)
        seen[source, key] = row.line
        yield Looked(row.line, source, key, mark, result == RIGHT, note, who)


def _fault(result: str, note: str, who: str) -> str:
    if result not in (RIGHT, WRONG):
        return f"cột {_RESULT!r} phải là {RIGHT!r} hoặc {WRONG!r}"
    if not who:
        return f"cột {_WHO!r} còn trống: ai đã xem hồ sơ này"
    if result == WRONG and not note:
        return f"kết quả là {WRONG!r} thì cột {_NOTE!r} phải nói sai ở đâu"
    return ""


def _text(file: Path, row: ReadRow, title: str) -> str:
    text, fault = as_text(row.cells[title])
    if fault:
        raise ProfileError(f"trang {NAME!r}: cột {title!r}: {fault}", file, row.line)
    return text
