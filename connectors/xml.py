"""XML exports of any declared shape: one file, a folder of them, or ZIPs read in place.

Each record (a declared element) becomes rows of the store of :mod:`connectors._staged`; from there on it is a database.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from lxml import etree

from connectors._file_stores import Store
from connectors._open_files import open_files
from connectors._staged import StagedSource
from connectors._staged_inputs import files_below, in_order
from connectors._staged_rows import StagedTable, Staging
from connectors._xml_beside import BesideFiles
from connectors._xml_guard import Feed, FileBroken, read_schema
from connectors._xml_outside import path_of
from connectors._xml_rows import RecordReader
from connectors._xml_shapes import Node, Plan, Table, XmlShapes, staged_tables
from connectors._xml_survey import Place as Place
from connectors._xml_survey import Survey as Survey
from connectors._xml_zip import Member, members, open_zip
from connectors.base import Misconfigured

SUFFIXES: Final = (".xml", ".edxml")
PACKED: Final = tuple(f"{kind}.{way}" for kind in SUFFIXES for way in ("gz", "bz2", "xz", "zst", "7z", "rar"))
"""XML that somebody packed by itself: not read, and never passed by in silence."""
_UNPACK: Final = "cách nén này chưa đọc được: giải nén ra, hoặc nén lại thành .zip"
READ: Final = "3"
"""Raise it when the same file begins to give other rows."""


def open_xml(
    path: Path,
    shapes: XmlShapes,
    store: Path,
    *,
    xsd: Path | None = None,
    files: Store = None,
    accepted: Mapping[str, str] | None = None,
    rate_rows_per_s: int | None = None,
) -> StagedSource:
    """A source over XML at ``path`` (file, folder or ZIP). ``files``: attachments elsewhere than beside the XML."""
    beside = open_files(files) if files is not None else BesideFiles(path)
    shredder = XmlShredder(path, shapes, xsd)
    return StagedSource(store, shredder, beside, accepted=accepted, rate_rows_per_s=rate_rows_per_s)


def survey_xml(path: Path, *, files: int) -> Survey:
    """What stands in so many XML files at ``path``, the first and the last of them. Raises Misconfigured.

    A file that cannot be read is passed over: reading the source will name it.
    """
    survey = Survey()
    inputs = list(inputs_of(path))
    first = (files + 1) // 2
    for name, file in inputs[:first] + inputs[max(first, len(inputs) - files // 2) :]:
        with suppress(FileBroken, OSError), file.open("rb") as stream:
            _survey_one(survey, name, stream, files)
    if not survey.files:
        raise Misconfigured(
            f"{path}: không tệp XML nào đọc được. Chạy lienthong check khi đã có profile để xem vì sao."
        )
    return survey


def _survey_one(survey: Survey, name: str, stream: BinaryIO, files: int) -> None:
    if not name.lower().endswith(".zip"):
        survey.read(stream.read)
        return
    with open_zip(stream) as archive:
        wanted = [i for i, fault in members(archive) if not fault and i.filename.lower().endswith(SUFFIXES)]
        for info in wanted[:files]:
            with suppress(FileBroken), closing(Member(archive, info)) as member:
                survey.read(member.read)


def inputs_of(root: Path) -> Iterator[tuple[str, Path]]:
    """(name, path) of every XML and ZIP at a path, in the order of names. Raises Misconfigured when there is none."""
    if not root.exists():
        raise Misconfigured(f"Không thấy {root}. Sửa `path` của nguồn này, hoặc gắn ổ đĩa mạng.")
    if not root.is_dir():
        yield root.name, root
        return
    wanted = (*SUFFIXES, ".zip", *PACKED)
    found = sorted(files_below(root, lambda name: name.lower().endswith(wanted)), key=lambda item: in_order(item[0]))
    if not found:  # an empty folder is a drive that is not mounted, never a system without dossiers
        raise Misconfigured(f"{root} không có tệp .xml, .edxml hay .zip nào. Sửa `path`, hoặc gắn ổ đĩa mạng.")
    yield from found


class XmlShredder:
    """Finds the XML below a path and turns it into rows."""

    kind = "XML"

    def __init__(self, root: Path, shapes: XmlShapes, xsd: Path | None = None) -> None:
        self.root = root
        self.tables: Sequence[StagedTable] = staged_tables(shapes)
        self._shapes = shapes
        self._plan = Plan(shapes)
        self._schema: etree.XMLSchema | None = None
        self._xsd = b""
        if xsd is not None:
            try:
                self._xsd = xsd.read_bytes()
            except OSError as error:
                raise Misconfigured(f"Không đọc được xsd {xsd}: {error.strerror}.") from None
            self._schema = read_schema(self._xsd, str(xsd))
        self.version = f"{READ}:{shapes.version}:{hashlib.sha256(self._xsd).hexdigest()}"

    def inputs(self) -> Iterator[tuple[str, Path]]:
        """(name, path) of every XML and ZIP in the order of names."""
        return inputs_of(self.root)

    def shred(self, stream: BinaryIO, name: str, staging: Staging) -> None:
        """Give the rows of one XML, or of each XML in one ZIP."""
        if name.lower().endswith(PACKED):
            staging.broken(0, _UNPACK)
            return
        if not name.lower().endswith(".zip"):
            self._shred_one(stream.read, name, staging)
            return
        try:
            with open_zip(stream) as archive:
                for info, fault in members(archive):
                    label = posixpath.join(name, info.filename)
                    if fault or info.filename.lower().endswith(".zip"):
                        staging.broken(0, fault or "ZIP trong ZIP không được đọc", label)
                    elif info.filename.lower().endswith(PACKED):
                        staging.broken(0, _UNPACK, label)
                    elif info.filename.lower().endswith(SUFFIXES):
                        self._shred_member(Member(archive, info), label, staging)
        except FileBroken as broken:
            staging.broken(0, broken.said)

    def _shred_member(self, member: Member, label: str, staging: Staging) -> None:
        with closing(member):
            self._shred_one(member.read, label, staging)

    def _shred_one(self, read: Callable[[int], bytes], file: str, staging: Staging) -> None:
        reader = RecordReader(self._plan, staging, file)
        feed = Feed(
            read,
            [_as_filter(table.path[-1]) for table in self._plan.roots()],
            record_bytes=self._shapes.record_bytes,
            is_huge=self._shapes.has_files,
            schema=self._schema,
        )
        try:
            for element in feed.elements():
                table = self._table_of(element)
                if table is not None:
                    _pass_by(element, reader)
                    reader.take(element, table, feed.line_of(element))
                    element.clear(keep_tail=True)
                    feed.passed()
            self._close(feed.root, reader)
        except FileBroken as broken:
            read_before = f" ({reader.records} bản ghi phía trước đã đọc)" if reader.records else ""
            staging.broken(broken.line, broken.said + read_before, file)
        for line, name in sorted(set(feed.schema_faults)):
            staging.broken(line, f"không đúng lược đồ XSD ở phần tử {name}", file)

    def _table_of(self, element: Any) -> Table | None:
        """The table whose record this element is, at its very place."""
        node: Node | None = self._plan.outside
        for step in path_of(element):
            node = node.find(step) if node is not None else None
        return node.table if node is not None else None

    def _close(self, root: Any, reader: RecordReader) -> None:
        if root is None:  # the schema refused it
            return
        if self._plan.outside.find(root.tag) is None:
            shown = self._plan.shown(root.tag)
            raise FileBroken(f"phần tử gốc {shown} không phải của dạng đã khai", root.sourceline or 0)
        reader.outside.pass_by(root, is_whole=False)


def _as_filter(step: str) -> str:
    return f"{{*}}{step[1:]}" if step.startswith("*") else step


def _pass_by(element: Any, reader: RecordReader) -> None:
    """Note and drop what is whole before this record, the outermost first."""
    for level in reversed([element, *element.iterancestors()]):
        parent = level.getparent()
        while (before := level.getprevious()) is not None:
            first = parent[0]
            reader.outside.pass_by(first)
            del parent[0]
            del first, before
