"""A record's element into rows: every text and attribute goes to its column, or is noted as declared by nobody."""

from __future__ import annotations

import binascii
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from lxml import etree

from connectors._staged_rows import Staging
from connectors._xml_guard import FileBroken
from connectors._xml_outside import NIL, NO_DATA, Outside, is_text, path_of
from connectors._xml_shapes import Cell, Node, Plan, Table
from connectors.base import Cell as Value

MOST_BROKEN: Final = 1000
"""Records of one file that may be broken before it is not read on."""
LONGEST: Final = 200
"""Characters shown of the place of something undeclared."""
DECODED: Final = 1024 * 1024
"""Characters of base64 decoded at a time."""
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
BLANKS: Final = dict.fromkeys(map(ord, " \t\r\n"))
"""Blanks to take out of base64; cutting at them would cost a piece of memory for each."""


class RecordBroken(Exception):
    """This record cannot be read; its neighbours can."""


@dataclass(eq=False)
class _Row:
    table: Table
    cells: list[Value]
    above: _Row | None


class RecordReader:
    """Turns the records of one file into rows."""

    def __init__(self, plan: Plan, staging: Staging, file: str) -> None:
        self._plan = plan
        self._staging = staging
        self._file = file
        self._zone = ZoneInfo(plan.shapes.zone)
        self.outside = Outside(plan, self._undeclared, self._late)
        self._orders: Counter[str] = Counter()
        self.records = 0
        self._broken = 0

    # ------------------------------------------------------------ a record

    def take(self, element: Any, table: Table, line: int) -> None:
        """Give the rows of a whole record to the store, or its fault."""
        rows: list[_Row] = []
        self._orders[table.name] += 1
        inside: Counter[str] = Counter()
        try:
            top = self._row(rows, table, None, line, self._orders[table.name])
            for path, cell in table.outer.items():
                found = self.outside.value(element, table, path)
                self._set(top, cell, None if found is None else self._formed(found, cell), path[-1])
            self._walk(element, table.node, top, rows, inside)
            record = [(row.table.name, _linked(row)) for row in rows]
        except RecordBroken as broken:
            self._staging.broken(line, str(broken), self._file, _content(element))
            record = []
        if record and self._staging.add(record, line, self._file, lambda: _content(element)):
            self.records += 1
        else:
            self._broken += 1
        if self._broken > MOST_BROKEN:
            raise FileBroken("có quá nhiều bản ghi hỏng: tệp không đúng dạng đã khai", line)

    def _row(self, rows: list[_Row], table: Table, above: _Row | None, line: int, order: int) -> _Row:
        made = _Row(table, [None] * table.width, above)
        made.cells[table.place : table.place + 3] = self._file, line, order
        rows.append(made)
        return made

    def _walk(self, element: Any, node: Node, row: _Row, rows: list[_Row], inside: Counter[str]) -> None:
        if element.keys():
            self._take_attributes(element, node, row)
        cell = node.text
        if cell is not None:
            if element.get(NIL) not in ("true", "1"):
                self._set(row, cell, self._text(element, cell), node.name)
            if cell.form in ("mixed", "xml"):
                return
        stray = None if cell is not None else element.text
        for child in element:
            if cell is None:
                tail = child.tail
                if tail and not tail.isspace():
                    stray = tail
            found = node.children.get(child.tag) or node.find(child.tag)
            if found is None:
                self._note_all(row.table, child)
            elif found.is_plain and not len(child) and not child.keys():  # most elements are
                self._set(row, found.text, child.text or "", found.name)
            elif found.table is not None:
                inside[found.table.name] += 1
                line = max(child.sourceline or 0, _line(row))
                below = self._row(rows, found.table, row, line, inside[found.table.name])
                self._walk(child, found.table.node, below, rows, inside)
            elif not found.is_ignored:
                self._walk(child, found, row, rows, inside)
        if is_text(stray):
            self._note(row.table, element, "text()" if len(element) else "")

    def _take_attributes(self, element: Any, node: Node, row: _Row) -> None:
        for name, value in element.attrib.items():
            cell = node.attributes.get(name) or node.attributes.get("*" + name.rpartition("}")[2])
            if cell is not None:
                self._set(row, cell, self._formed(value, cell), f"@{name}")
            elif name not in NO_DATA:
                found = node.children.get(f"@{name}")
                if found is None or not found.is_ignored:
                    self._note(row.table, element, f"@{self._plan.shown(name)}")

    def _set(self, row: _Row, cell: Cell | None, value: Value, name: str) -> None:
        if value is None or cell is None:
            return
        if cell.is_key and isinstance(value, str):
            value = value.strip()
        before = row.cells[cell.at]
        if before is not None:
            if not cell.join:
                raise RecordBroken(
                    f"{self._plan.shown(name)} có nhiều lần trong một bản ghi {row.table.name}, "
                    f"cột {cell.name} chỉ nhận một"
                )
            value = f"{before!s}{cell.join}{value!s}"
        row.cells[cell.at] = value

    def _text(self, element: Any, cell: Cell) -> Value:
        if cell.form == "mixed":
            return "".join(element.itertext())
        if cell.form == "xml":
            return etree.tostring(element, encoding="unicode", with_tail=False)
        text = element.text or ""
        if len(element):
            text += "".join(child.tail or "" for child in element)
            text = "" if text.isspace() else text
        if cell.form == "file":
            return self._staging.keep(_decoded(text, cell.name)) if text.strip() else None
        return self._formed(text, cell)

    def _formed(self, text: str, cell: Cell) -> str | None:
        if cell.form in ("moment", "wall"):
            return wall_time(text, self._zone if cell.form == "moment" else None)
        return self._path(text) if cell.form == "path" else text

    def _path(self, text: str) -> str | None:
        """The name of a file beside, counted from the root of the source; one that leads out stays as it stands."""
        name = text.strip().replace("\\", "/")
        whole = posixpath.normpath(posixpath.join(posixpath.dirname(self._file), name))
        if not name:
            return None
        return text if name.startswith("/") or whole.startswith("..") else whole

    # ------------------------------------------------------------ what nobody declared

    def _note_all(self, table: Table, element: Any) -> None:
        """Note every text and attribute of an element that no node knows; when it has none, the element itself."""
        waiting = [(element, self._place(table, element))]
        while waiting:
            found, place = waiting.pop()
            for name in found.attrib:
                if name not in NO_DATA:
                    self._undeclared(table.name, f"{place}/@{self._plan.shown(name)}")
            if is_text(found.text) or not len(found):
                self._undeclared(table.name, place)
            # a name beyond its bound grows no longer, however deep a file goes
            waiting += [(child, f"{place}/{self._plan.shown(child.tag)}"[: LONGEST + 1]) for child in found]

    def _note(self, table: Table, element: Any, last: str) -> None:
        place = self._place(table, element)
        self._undeclared(table.name, "/".join(part for part in (place, last) if part) or ".")

    def _place(self, table: Table, element: Any) -> str:
        """The path of an element below its record."""
        steps: list[str] = []
        while element is not None and not self._is_record(element, table):
            steps.insert(0, self._plan.shown(element.tag))
            element = element.getparent()
        return "/".join(steps)

    def _is_record(self, element: Any, table: Table) -> bool:
        node: Node | None = self._plan.outside
        begins: Table | None = None
        for step in path_of(element):
            node = node.find(step) if node is not None else None
            begins = node.table if node is not None else None
            if begins is not None:
                node = begins.node
        return begins is table

    def _late(self, path: str, line: int) -> None:
        said = f"{path} đứng sau bản ghi phải lấy nó: các bản ghi phía trước trống cột ấy; đưa nó lên đầu, hoặc bỏ cột"
        self._staging.broken(line, said, self._file)

    def _undeclared(self, table: str, path: str) -> None:
        if not self._staging.undeclared(table, path[:LONGEST]):
            raise FileBroken(f"có quá nhiều phần tử không khai ở bảng {table}: tệp không đúng dạng đã khai")


def _content(element: Any) -> bytes:
    """A record as its file has it, by which it is known again."""
    return bytes(etree.tostring(element, with_tail=False))


def _line(row: _Row) -> int:
    line = row.cells[row.table.place + 1]
    assert isinstance(line, int)
    return line


def wall_time(text: str, zone: ZoneInfo | None) -> str:
    """An XML date or moment as databases write it, in wall time of ``zone``; None: the offset is not believed.

    What is no such moment stays as it stands.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return text
    day, time, fraction, offset = match.groups()
    if time is None:
        return str(day)
    part = (fraction or "").rstrip("0").rstrip(".")[:7]
    if zone is None or offset is None:
        return f"{day} {time}{part}"
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{'+00:00' if offset == 'Z' else offset}").astimezone(zone)
    except (ValueError, OverflowError):
        return text
    return f"{moment:%Y-%m-%d %H:%M:%S}{part}"


def _linked(row: _Row) -> list[Value]:
    for at, above, there in row.table.links:
        found = row.above
        while found is not None and found.table.name != above:
            found = found.above
        row.cells[at] = None if found is None else found.cells[there]
    return row.cells


def _decoded(text: str, name: str) -> Iterator[bytes]:
    packed = text.translate(BLANKS)
    if len(packed) % 4:
        raise RecordBroken(f"tệp đính kèm ở cột {name} không phải base64")
    for start in range(0, len(packed), DECODED):
        piece = packed[start : start + DECODED]
        is_last = start + DECODED >= len(packed)
        try:
            if not is_last and piece.endswith("="):
                raise ValueError
            yield binascii.a2b_base64(piece, strict_mode=True)
        except ValueError:
            raise RecordBroken(f"tệp đính kèm ở cột {name} không phải base64") from None
