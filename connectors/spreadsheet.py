"""Registers kept as spreadsheets: one book or a folder of them (XLSX, XLSM, ODS, XLS, CSV).

The sheets whose header is recognised become rows of the store of :mod:`connectors._staged`; from there on it is a
database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from connectors._file_stores import Store
from connectors._open_files import open_files
from connectors._sheet_books import Sheet, Unread, read_book
from connectors._sheet_csv import read_csv
from connectors._sheet_faults import BookBroken
from connectors._sheet_header import HEAD_ROWS, find_header
from connectors._sheet_rows import LEFT_OUT, Place, read_sheet
from connectors._sheet_shapes import SHEETS, SheetShapes, staged_tables
from connectors._staged import StagedSource
from connectors._staged_inputs import files_below, in_order
from connectors._staged_rows import StagedTable, Staging
from connectors.base import Misconfigured, Probe

BOOKS: Final = (".xlsx", ".xlsm", ".ods", ".xls")
TEXTS: Final = (".csv", ".tsv")
FOREIGN: Final = (".xlsb", ".et", ".fods", ".numbers", ".sxc", ".dbf", ".xlt", ".xltx", ".ots", ".uos", ".gsheet")
"""Other spreadsheets: they are named, not passed by."""
MARK: Final = "lienthong_rehearsal"
"""A file of this name says that the books beside it were invented; it shows as a table does in a database."""
READ: Final = "5"
"""Raise it when the same file begins to give other rows."""


def open_spreadsheet(
    path: Path,
    shapes: SheetShapes,
    store: Path,
    *,
    files: Store = None,
    accepted: Mapping[str, str] | None = None,
    rate_rows_per_s: int | None = None,
) -> StagedSource:
    """A source over the books at ``path``. ``files``: where the attachments lie that its cells name."""
    shredder = SheetShredder(path, shapes)
    return Registers(path, store, shredder, open_files(files), accepted=accepted, rate_rows_per_s=rate_rows_per_s)


class Registers(StagedSource):
    """Books, with the mark of those that a generator wrote."""

    def __init__(self, path: Path, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._mark = (path if path.is_dir() else path.parent) / MARK

    def probe(self) -> Probe:
        """Read what changed, and describe the tables."""
        found = super().probe()
        marked = {MARK: ()} if self._mark.is_file() else {}
        return replace(found, tables={**found.tables, **marked}, notes=(*found.notes, *self._left_out(found)))

    def _left_out(self, found: Probe) -> Iterator[str]:
        for name in found.tables:
            sql = f'SELECT COUNT(*) FROM "{name}" WHERE source_key_trouble = :trouble'
            number = self.count(sql, {"trouble": LEFT_OUT})
            if number:
                yield (
                    f"Bảng {name}: {number} dòng cộng, dòng tiêu đề mang mã hồ sơ mà không đủ chữ của một hồ sơ: "
                    "để ngoài, đếm ở quy tắc register_heading_row."
                )


class SheetShredder:
    """Finds the books below a path and turns their sheets into rows."""

    kind = "bảng tính"

    def __init__(self, root: Path, shapes: SheetShapes) -> None:
        self.root = root
        self.tables: Sequence[StagedTable] = staged_tables(shapes)
        self.version = f"{READ}:{shapes.version}"
        self._shapes = shapes

    def inputs(self) -> Iterator[tuple[str, Path]]:
        """(name, path) of every book in the order of names, and of the marks that one is open somewhere."""
        if not self.root.exists():
            raise Misconfigured(f"Không thấy {self.root}. Sửa `path` của nguồn này, hoặc gắn ổ đĩa mạng.")
        if not self.root.is_dir():
            yield self.root.name, self.root
            for name in (f"~${self.root.name}", f".~lock.{self.root.name}#"):
                if (self.root.parent / name).exists():
                    yield name, self.root.parent / name
            return
        found = sorted(files_below(self.root, _is_read), key=lambda item: in_order(item[0]))
        if not found:  # an empty folder is a drive that is not mounted, never a system without dossiers
            kinds = ", ".join((*BOOKS, *TEXTS))
            raise Misconfigured(f"{self.root} không có tệp {kinds} nào. Sửa `path`, hoặc gắn ổ đĩa mạng.")
        yield from found

    def shred(self, stream: BinaryIO, name: str, staging: Staging) -> None:
        """Give the rows of one book."""
        base = name.rpartition("/")[2].lower()
        opened = _opened(base)
        if opened:
            staging.broken(
                0, f"sổ {opened} đang mở ở một máy: lưu, đóng lại rồi chạy lại (dấu khóa còn sót thì xóa đi)"
            )
        elif base.endswith(FOREIGN):
            staging.broken(0, "loại sổ tính này chưa đọc được; mở ra rồi lưu thành .xlsx")
        else:
            try:
                self._shred(stream, name, staging, is_text=base.endswith(TEXTS))
            except BookBroken as broken:
                staging.broken(0, broken.said)

    def _shred(self, stream: BinaryIO, name: str, staging: Staging, *, is_text: bool) -> None:
        if is_text:
            text, rows = read_csv(stream, self._shapes)
            read_sheet(rows, Place(name, "", text.note), self._shapes, staging)
            return
        note = "có macro, không chạy" if name.lower().endswith(".xlsm") else ""
        for sheet in read_book(stream, self._shapes):
            if isinstance(sheet, Unread) or self._shapes.is_ignored(sheet.name):
                said = sheet.said if isinstance(sheet, Unread) else "để ngoài đích danh (ignored_sheets)"
                _pass_by(name, sheet.name, said, staging)
            elif sheet.is_hidden:
                self._hidden(sheet, name, staging)
            else:
                place = Place(name, sheet.name, note, sheet.first_column, sheet.faults)
                read_sheet(sheet.rows(), place, self._shapes, staging)

    def _hidden(self, sheet: Sheet, name: str, staging: Staging) -> None:
        """A hidden register is somebody's draft or the register itself: nobody can tell but its owner."""
        said = "sheet ẩn, không có dòng tiêu đề của sổ"
        if find_header(list(islice(sheet.rows(), HEAD_ROWS)), self._shapes.tables):
            said = "sheet ẩn mà trông như sổ: bỏ ẩn nếu là sổ thật, xóa nếu không, hoặc để ngoài đích danh"
            staging.broken(0, said, f"{name}/{sheet.name}")
        _pass_by(name, sheet.name, said, staging)


def _pass_by(file: str, sheet: str, said: str, staging: Staging) -> None:
    staging.add([(SHEETS.name, [file, sheet, "", said, None, 0, 0, 0, 0, ""])], 0)


def _is_read(name: str) -> bool:
    low = name.lower()
    if low.startswith("._"):  # what another system keeps beside a file
        return False
    return bool(_opened(low)) or low.endswith((*BOOKS, *TEXTS, *FOREIGN))


def _opened(name: str) -> str:
    """The book that a mark of Excel or LibreOffice says is open; "" for any other name."""
    if name.startswith("~$"):
        return name.removeprefix("~$")
    return name.removeprefix(".~lock.").removesuffix("#") if name.startswith(".~lock.") else ""
