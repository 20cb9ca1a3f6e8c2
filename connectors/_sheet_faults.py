"""What must be known of a book before it is read whole: how large it gets, and the cells that its reader would hide.

calamine gives nothing for a cell that holds an error (#REF!) and for a formula that was never computed; a cell far out
makes it allocate all the area before. XLSX and ODS are therefore passed over once, in constant memory.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from lxml import etree
from openpyxl.utils.cell import column_index_from_string

from connectors._sheet_shapes import SheetShapes
from connectors._xml_guard import FileBroken
from connectors._xml_zip import open_zip

MOST_FAULTS: Final = 100_000
_BLOCK: Final = 1024 * 1024
LOCKED: Final = "tệp có mật khẩu; mở ra, bỏ mật khẩu (Lưu thành… bản không mật khẩu) rồi chạy lại"
_MANIFEST: Final = "META-INF/manifest.xml"
_OFFICE: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE_NS: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC: Final = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"

_DAMAGED: Final = (
    *(FileBroken, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError),
    *(EOFError, NotImplementedError, RuntimeError),
)
"""What a damaged archive, or a part that is no XML, raises."""


class BookBroken(Exception):
    """A file, or one sheet of it, cannot be read; why, in Vietnamese and without a value of it."""

    @property
    def said(self) -> str:
        return str(self)


@dataclass
class Survey:
    """One sheet: how far it reaches, and its cells (row, column from 0) that hold an error or an uncomputed formula."""

    rows: int = 0
    columns: int = 0
    cells: set[tuple[int, int]] = field(default_factory=set)

    def add(self, row: int, column: int, *, is_fault: bool) -> None:
        self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
        if is_fault:
            self.cells.add((row, column))
            if len(self.cells) > MOST_FAULTS:
                raise BookBroken(f"hơn {MOST_FAULTS:,} ô lỗi (#REF!, #N/A…) hoặc chưa tính; sửa công thức rồi lưu lại")


def survey(stream: BinaryIO, shapes: SheetShapes) -> dict[str, Survey]:
    """Sheet → survey, of an XLSX or ODS. Raises BookBroken, for any other archive, too."""
    stream.seek(0)
    try:
        with open_zip(stream) as book:
            if sum(info.file_size for info in book.infolist()) > shapes.unpacked:
                raise BookBroken(f"bên trong lớn hơn {shapes.unpacked >> 30} GB; tách thành nhiều tệp, hoặc lưu CSV")
            names = set(book.namelist())
            if _MANIFEST in names and b"encryption-data" in book.read(_MANIFEST):
                raise BookBroken(LOCKED)
            if "xl/workbook.xml" in names:
                _pass_over(book, names & {"xl/sharedStrings.xml", "xl/styles.xml"})
                return {sheet: _xlsx(book, part) for sheet, part in _parts(book) if part in names}
            return _ods(book)
    except _DAMAGED:
        raise BookBroken("tệp hỏng hoặc chép dở; chép lại từ máy gốc, mở thử bằng Excel rồi lưu lại") from None
    except (KeyError, ValueError):
        raise BookBroken("tệp không đúng dạng sổ tính; mở bằng Excel hay LibreOffice rồi lưu lại") from None


def _pass_over(book: zipfile.ZipFile, names: Collection[str]) -> None:
    """Unpack parts that the reader takes whole: one larger than its archive says is refused here."""
    for name in names:
        with book.open(name) as part:
            while part.read(_BLOCK):
                pass


def _parse(part: Any, *tags: str, events: tuple[str, ...] = ("end",)) -> Iterator[tuple[str, Any]]:
    options = {"resolve_entities": False, "no_network": True, "remove_comments": True, "remove_pis": True}
    return iter(etree.iterparse(part, events, tag=tags, **options))


def _parts(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(sheet, part of the archive)."""
    with book.open("xl/_rels/workbook.xml.rels") as part:
        targets = {e.get("Id"): e.get("Target", "") for _, e in _parse(part, "{*}Relationship")}
    with book.open("xl/workbook.xml") as part:
        sheets = [(e.get("name", ""), e.get(_OFFICE) or e.get(_STRICT)) for _, e in _parse(part, "{*}sheet")]
    for name, link in sheets:
        target = targets.get(link, "")
        yield name, target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


def _xlsx(book: zipfile.ZipFile, name: str) -> Survey:
    found = Survey()
    number = 0
    with book.open(name) as part:
        for _, row in _parse(part, "{*}row"):
            number = int(row.get("r") or number + 1)
            column = 0
            for cell in row:
                place = cell.get("r")
                column = column_index_from_string(place.rstrip("0123456789")) if place else column + 1
                if len(cell):
                    found.add(number - 1, column - 1, is_fault=_is_fault(cell))
            _forget(row)
    return found


def _is_fault(cell: Any) -> bool:
    """Whether a cell of an XLSX holds an error, or a formula without what it came to."""
    kind = cell.get("t")
    if kind == "e":
        return True
    first, last = cell[0], cell[-1]
    return first.tag.endswith("}f") and kind != "str" and (last is first or not last.text)


def _forget(element: Any) -> None:
    """Drop what has been read: memory stays as it is."""
    element.clear(keep_tail=False)
    while element.getprevious() is not None:
        del element.getparent()[0]


def _ods(book: zipfile.ZipFile) -> dict[str, Survey]:
    found: dict[str, Survey] = {}
    now, row, column = Survey(), 0, 0
    tags = tuple(_TABLE + name for name in ("table", "table-row", "table-cell", "covered-table-cell"))
    with book.open("content.xml") as part:
        for event, element in _parse(part, *tags, events=("start", "end")):
            tag = element.tag.removeprefix(_TABLE)
            if event == "start":
                if tag == "table":
                    now, row = found.setdefault(element.get(f"{_TABLE}name", ""), Survey()), 0
                elif tag == "table-row":
                    column = 0
                continue
            if tag in ("table-cell", "covered-table-cell"):
                times = int(element.get(f"{_TABLE}number-columns-repeated") or 1)
                kind, fault = element.get(f"{_OFFICE_NS}value-type"), element.get(f"{_CALC}value-type") == "error"
                if kind or fault or len(element):
                    now.add(row, column + times - 1, is_fault=fault)
                column += times
            elif tag == "table-row":
                times = int(element.get(f"{_TABLE}number-rows-repeated") or 1)
                if times > 1 and now.rows == row + 1:  # the row had something: it is there that many times
                    now.rows += times - 1
                row += times
                _forget(element)
    return found
