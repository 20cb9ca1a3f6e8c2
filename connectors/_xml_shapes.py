"""Declared shapes of XML made ready: a tree of nodes to walk along with each record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from connectors._staged_rows import StagedColumn, StagedTable

Form = Literal["text", "integer", "moment", "wall", "mixed", "xml", "file", "path"]
PLACE: Final = (
    StagedColumn("source_file"),
    StagedColumn("source_line", "integer"),
    StagedColumn("source_order", "integer"),
)


@dataclass(frozen=True)
class XmlColumn:
    """Fields as in a profile: a path below the record or from the root, and what becomes of its text."""

    path: str
    form: Form = "text"
    join: str = ""


@dataclass(frozen=True)
class XmlTable:
    """Elements at ``record`` are rows. ``links``: (column, table) of the shapes it lies in, outermost first."""

    name: str
    record: str
    columns: Mapping[str, XmlColumn]
    key: str = ""
    links: tuple[tuple[str, str], ...] = ()
    ignore: tuple[str, ...] = ()
    keeps_last: bool = False


@dataclass(frozen=True)
class XmlShapes:
    """All tables of a source. ``namespaces``: shorthand → URI; ``zone``: of the cells that are moments."""

    tables: tuple[XmlTable, ...]
    namespaces: Mapping[str, str] = field(default_factory=dict)
    record_bytes: int = 64 * 1024 * 1024
    zone: str = "Asia/Ho_Chi_Minh"

    @property
    def version(self) -> str:
        """Hash of all that decides which rows come of a file."""
        return hashlib.sha256(
            repr((self.tables, sorted(self.namespaces.items()), self.record_bytes, self.zone)).encode()
        ).hexdigest()

    @property
    def has_files(self) -> bool:
        return any(column.form == "file" for table in self.tables for column in table.columns.values())


@dataclass(frozen=True)
class Cell:
    """Where a text goes."""

    at: int
    form: Form
    join: str
    name: str
    is_key: bool = False  # blanks around a key are the writer's, never a part of it


@dataclass(eq=False)
class Node:
    """What is known of one element: its text, its attributes, what may stand inside, or that it is left out."""

    name: str
    children: dict[str, Node] = field(default_factory=dict)  # "{uri}name", or "*name" in any namespace
    attributes: dict[str, Cell] = field(default_factory=dict)
    text: Cell | None = None
    table: Table | None = None  # a row of another table begins here
    is_ignored: bool = False

    @cached_property
    def is_plain(self) -> bool:
        """Whether nothing but text is expected here. Asked only once the shapes are ready."""
        return self.text is not None and self.text.form in ("text", "integer") and self.table is None

    def below(self, step: str) -> Node:
        if step not in self.children:
            self.children[step] = Node(step)
        return self.children[step]

    def find(self, tag: str) -> Node | None:
        found = self.children.get(tag)
        return found or self.children.get("*" + tag.rpartition("}")[2])


@dataclass(eq=False)
class Table:
    """A table at work: what a row of it is made of. ``outer``: cells whose text stands outside the record."""

    name: str
    width: int
    node: Node
    links: tuple[tuple[int, str, int], ...]  # (position, table above, position there)
    place: int  # position of source_file; line and order follow
    path: tuple[str, ...]  # steps of a record from the root; empty for a table inside another
    outer: dict[tuple[str, ...], Cell] = field(default_factory=dict)


def staged_tables(shapes: XmlShapes) -> tuple[StagedTable, ...]:
    """The tables of the store."""
    return tuple(_staged(shapes, table) for table in shapes.tables)


def _staged(shapes: XmlShapes, table: XmlTable) -> StagedTable:
    types = {
        (known.name, name): StagedColumn(name, "integer" if column.form == "integer" else "text")
        for known in shapes.tables
        for name, column in known.columns.items()
    }
    own = [types[table.name, name] for name in table.columns]
    links = [types.get((above, link), StagedColumn(link, "integer")) for link, above in table.links]
    return StagedTable(
        table.name,
        (*own, *links, *PLACE),
        key="" if table.links else table.key,
        links=tuple(link for link, _ in table.links),
        head=table.links[0][1] if table.links else "",
        keeps_last=table.keeps_last,
    )


def _position(columns: Sequence[str], link: str) -> int:
    """Where the value of a link stands in the table above: its key, or its order where it has none."""
    return columns.index(link if link in columns else "source_order")


class Plan:
    """The shapes as trees. ``outside`` is what stands around the records, from the root down."""

    def __init__(self, shapes: XmlShapes) -> None:
        self.shapes = shapes
        self.first = shapes.tables[0].name
        self.outside = Node("")
        self._short = {uri: prefix for prefix, uri in shapes.namespaces.items()}
        columns = {table.name: [c.name for c in _staged(shapes, table).columns] for table in shapes.tables}
        self._tables: dict[str, Table] = {}
        for table in sorted(shapes.tables, key=lambda table: len(table.links)):
            self._add(table, columns)

    def roots(self) -> Iterator[Table]:
        """The tables whose records stand on their own."""
        return (table for table in self._tables.values() if table.path)

    def shown(self, name: str) -> str:
        """A "{uri}name" as a profile writes it."""
        uri, close, local = name.rpartition("}")
        if not close:
            return name
        prefix = self._short.get(uri[1:])
        return local if prefix == "" else f"{prefix}:{local}" if prefix else name

    def _add(self, table: XmlTable, columns: Mapping[str, list[str]]) -> None:
        steps = self._steps(table.record)
        links = tuple(
            (columns[table.name].index(link), above, _position(columns[above], link)) for link, above in table.links
        )
        made = Table(
            table.name,
            len(columns[table.name]),
            Node(table.name),
            links,
            columns[table.name].index("source_file"),
            () if table.links else steps,
        )
        node = self._tables[table.links[-1][1]].node if table.links else self.outside
        for step in steps:
            node = node.below(step)
        node.table = self._tables[table.name] = made
        for at, (name, column) in enumerate(table.columns.items()):
            self._put(made, column, Cell(at, column.form, column.join, name, name == table.key))
        for path in table.ignore:
            node = self.outside if path.startswith("/") else made.node
            for step in self._steps(path):
                node = node.below(step)
            node.is_ignored = True

    def _put(self, table: Table, column: XmlColumn, cell: Cell) -> None:
        *steps, last = self._steps(column.path)
        is_outer = column.path.startswith("/")
        node = self.outside if is_outer else table.node
        if is_outer:
            table.outer[(*steps, last)] = cell
        for step in steps:
            node = node.below(step)
        if last.startswith("@"):
            node.attributes[last[1:]] = cell
        else:
            node = node if last == "." else node.below(last)
            node.text = cell

    def _steps(self, path: str) -> tuple[str, ...]:
        return tuple(self._step(step) for step in path.strip("/").split("/"))

    def _step(self, step: str) -> str:
        mark = "@" if step.startswith("@") else ""
        prefix, colon, local = step.removeprefix("@").rpartition(":")
        if step == "." or (mark and not colon):
            return step  # an attribute without prefix is in no namespace
        if prefix == "*":
            return f"*{local}"
        uri = self.shapes.namespaces.get(prefix, "")
        return f"{mark}{{{uri}}}{local}" if uri else f"{mark}{local}"
