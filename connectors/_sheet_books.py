"""Books (XLSX, XLSM, ODS, XLS) sheet by sheet, read by calamine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from connectors._sheet_cells import Raw
from connectors._sheet_faults import LOCKED, BookBroken, Survey, survey
from connectors._sheet_shapes import SheetShapes

DAMAGED: Final = "tệp hỏng, chép dở, có mật khẩu, hoặc không phải sổ tính; mở thử bằng Excel rồi lưu lại"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_BLOCK: Final = 1024 * 1024
_STARTS: Final = (
    (b"<", "là trang web hay XML mang đuôi của sổ Excel (phần mềm cũ xuất ra); mở bằng Excel rồi lưu thành .xlsx"),
    (b"{\\rtf", "là văn bản RTF mang đuôi của sổ Excel; mở bằng Word, chép bảng sang Excel"),
    (b"%PDF", "là tệp PDF; cần bản sổ tính gốc"),
)


@dataclass(frozen=True)
class Sheet:
    """One sheet with rows. ``faults``: cells (row, column from 0) that hold an error or were never computed."""

    name: str
    is_hidden: bool
    faults: frozenset[tuple[int, int]]
    first_column: int
    opened: CalamineSheet

    def rows(self) -> Iterator[list[Raw]]:
        """Every row from the first one of the sheet; cells from ``first_column`` on."""
        for row in self.opened.iter_rows():
            yield list(row)


@dataclass(frozen=True)
class Unread:
    """A sheet that is not read, and why."""

    name: str
    said: str


def read_book(stream: BinaryIO, shapes: SheetShapes) -> Iterator[Sheet | Unread]:
    """The sheets of a book in its order. Raises BookBroken."""
    stream.seek(0)
    head = stream.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
    if not head:
        raise BookBroken("tệp trống")
    for start, said in _STARTS:
        if head.startswith(start):
            raise BookBroken(said)
    if head.startswith(_OLE) and _holds(stream, _ENCRYPTED):
        raise BookBroken(LOCKED)
    surveys = survey(stream, shapes) if head.startswith(b"PK") else {}
    _refuse_wide(surveys, shapes)
    stream.seek(0)
    with _guard(), CalamineWorkbook.from_filelike(stream) as book:
        for told in book.sheets_metadata:
            yield _sheet(book, told, surveys.get(told.name, Survey()))


def _holds(stream: BinaryIO, wanted: bytes) -> bool:
    stream.seek(0)
    before = b""
    while block := stream.read(_BLOCK):
        if wanted in before + block:
            return True
        before = block[-len(wanted) :]
    return False


def _refuse_wide(surveys: dict[str, Survey], shapes: SheetShapes) -> None:
    for name, found in surveys.items():
        if found.rows * found.columns > shapes.cells:
            raise BookBroken(
                f"sheet {name} trải tới dòng {found.rows}, cột {found.columns}: quá lớn để đọc cả. Xóa các dòng, cột "
                "thừa ở xa; nếu thật sự lớn như vậy thì lưu sheet thành CSV UTF-8"
            )


def _sheet(book: CalamineWorkbook, told: SheetMetadata, found: Survey) -> Sheet | Unread:
    if told.typ is not SheetTypeEnum.WorkSheet:
        return Unread(told.name, "biểu đồ, hộp thoại hay macro: không có dòng nào")
    opened = book.get_sheet_by_name(told.name)
    start = opened.start
    if start is None:
        return Unread(told.name, "trống")
    is_hidden = told.visible is not SheetVisibleEnum.Visible
    return Sheet(told.name, is_hidden, frozenset(found.cells), start[1], opened)


@contextmanager
def _guard() -> Iterator[None]:
    """What the reader of books raises, in words for technicians."""
    try:
        yield
    except PasswordError:
        raise BookBroken(LOCKED) from None
    except (CalamineError, OSError):
        raise BookBroken(DAMAGED) from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader's Rust, which is no Exception
            raise BookBroken(DAMAGED) from None
        raise
