"""From declared reads to SQL text: names found in the catalogue without regard to case, markers filled in."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connectors._content_names import Content, content_of
from connectors._sql_flavour import Flavour
from connectors.base import Column, Join, Misconfigured, TableRead

MAIN_ALIAS = "d"
_NAME = r"[^\W\d][\w$]*"
_TABLE = rf"{_NAME}(?:\.{_NAME}){{0,2}}"
_MARKER = re.compile(rf"\{{#({_TABLE})\}}|\{{({_NAME})(?:\.({_NAME}))?\}}")
_ALIASED = re.compile(rf"\{{#({_TABLE})\}}\s+(?:as\s+)?({_NAME})", re.IGNORECASE)
_UNBOUNDED = re.compile(
    r"text|blob|clob|json|xml|bytea|string|image|variant|\((\d{4,}|max)\)|^(character varying|varchar)$", re.IGNORECASE
)


class TableMissing(Misconfigured):
    """No such table, as far as this account can see."""

    def __init__(self, message: str, table: str) -> None:
        super().__init__(message)
        self.table = table


@dataclass(frozen=True)
class Table:
    """A table as the database names it."""

    name: str
    columns: Mapping[str, Column]  # by lower-case name
    key: tuple[str, ...]  # primary key, real names
    place: str = ""  # quoted, where the name alone does not lead to it

    def column(self, name: str) -> Column:
        """The column of this name in any case."""
        found = self.columns.get(name.lower())
        if found is None:
            raise Misconfigured(
                f"Bảng {self.name} không có cột {name}{_near(name, (c.name for c in self.columns.values()))}. "
                "Sửa profile của nguồn này, rồi chạy lại `lienthong check`."
            )
        return found


@dataclass(frozen=True)
class Catalogue:
    """The tables of one database, and its ways of naming and selecting."""

    place: str
    tables: Mapping[str, Table]  # by lower-case name
    quote: Callable[[str], str]
    flavour: Flavour

    def table(self, name: str) -> Table:
        """The table of this name in any case."""
        found = self.tables.get(name.lower())
        if found is None:
            near = _near(name, (table.name for table in self.tables.values()))
            raise TableMissing(
                f"Cơ sở dữ liệu {self.place} không có bảng {name}{near}. "
                "Kiểm tra tên cơ sở dữ liệu trong URL, quyền đọc của tài khoản, và profile của nguồn này.",
                name,
            )
        return found

    def locate(self, table: Table) -> str:
        """A table as FROM names it."""
        return table.place or self.quote(table.name)

    def guess(self, name: str) -> str:
        """The same for a table that is not listed."""
        return self.flavour.place(name, self.quote)


def _near(name: str, names: Iterable[str]) -> str:
    known = {candidate.lower(): candidate for candidate in names}
    near = difflib.get_close_matches(name.lower(), known, n=3)
    return f" (gần giống: {', '.join(known[match] for match in near)})" if near else ""


def list_tables(rows: Iterable[Sequence[object]]) -> dict[str, Table]:
    """Tables by lower-case name; of twins the first wins.

    Rows: (table, column, type, is part of the key), then the table's place where its name is not enough.
    """
    places: dict[str, str] = {}
    columns: dict[str, list[tuple[Column, bool]]] = {}
    for table, column, type_name, is_key, *place in rows:
        places[str(table)] = str(place[0]) if place else ""
        columns.setdefault(str(table), []).append((Column(str(column), str(type_name or "")), bool(is_key)))
    tables: dict[str, Table] = {}
    for name, pairs in columns.items():
        by_name = {column.name.lower(): column for column, _ in pairs}
        key = tuple(column.name for column, is_key in pairs if is_key)
        tables.setdefault(name.lower(), Table(name, by_name, key, places[name]))
    return tables


def render(sql: str, catalogue: Catalogue, aliases: Mapping[str, Table], *, is_whole: bool = True) -> str:
    """Fill the markers of a declared SQL text (a whole query, or a condition) with quoted names."""
    known = dict(aliases)
    for table, alias in _ALIASED.findall(sql):
        known[alias] = catalogue.table(table)

    def fill(match: re.Match[str]) -> str:
        table, name, column = match.groups()
        if table:
            return catalogue.locate(catalogue.table(table))
        alias, wanted = (name, column) if column else (MAIN_ALIAS, name)
        return f"{alias}.{catalogue.quote(_column_of(alias, wanted, known))}"

    return catalogue.flavour.admit(_MARKER.sub(fill, sql), is_whole)


def _column_of(alias: str, name: str, known: Mapping[str, Table]) -> str:
    if alias in known:
        return known[alias].column(name).name
    # a derived table: its column carries the name of some column read inside it
    for table in known.values():
        if name.lower() in table.columns:
            return table.columns[name.lower()].name
    raise Misconfigured(f"SQL trong profile dùng {{{alias}.{name}}} nhưng không có bảng nào mang bí danh {alias}.")


@dataclass(frozen=True)
class Query:
    """A read made ready; ``{bound}`` in ``sql`` is where the range of keys goes.

    Rows come as ``names`` in order, then the parent once more where there is one. ``wide`` are the positions of
    cells whose length their type does not bound. Rows of a declared SQL text come in any order of columns.
    """

    read: TableRead
    sql: str
    names: tuple[str, ...]
    wide: tuple[int, ...]
    parent: str = ""  # quoted, with alias
    low: str = ":lo"  # the parameters of a range, as the parent compares with them
    high: str = ":hi"
    is_numeric: bool = False
    is_guid: bool = False
    content: Content | None = None  # then the cells _locator (as yet the key) and _size come behind the declared ones

    @property
    def is_text(self) -> bool:
        """Whether the parent is compared by the rules of a collation."""
        return not (self.is_numeric or self.is_guid)


def build_query(read: TableRead, catalogue: Catalogue) -> Query:
    """Make a read ready for one database."""
    names = (*read.columns, *(f"{join.alias}.{column}" for join in read.join for column in join.columns))
    if read.sql:
        return Query(read, render(read.sql, catalogue, {}), names, tuple(range(len(names))))
    table = catalogue.table(read.table)
    aliases = {MAIN_ALIAS: table, **{join.alias: catalogue.table(join.table) for join in read.join}}
    wanted = [(MAIN_ALIAS, name) for name in read.columns]
    wanted += [(join.alias, name) for join in read.join for name in join.columns]
    columns = [(alias, aliases[alias].column(name)) for alias, name in wanted]
    flavour = catalogue.flavour
    cells = [flavour.cell(f"{alias}.{catalogue.quote(column.name)}", column.type) for alias, column in columns]
    content = None
    if read.content:
        alias, content = content_of(read)
        cells += _content_cells(content, alias or MAIN_ALIAS, catalogue)
        names += ("_locator", "_size")
    order = [
        f"{MAIN_ALIAS}.{catalogue.quote(table.column(name).name)}"
        for name in dict.fromkeys((read.parent, read.key) if read.parent else (read.key,))
        if name
    ]
    parent = order[0] if read.parent else ""
    conditions = ["{bound}"] if parent else []
    conditions += [f"({render(read.where, catalogue, aliases, is_whole=False)})"] if read.where else []
    sql = (
        f"SELECT {', '.join([*cells, parent] if parent else cells)} FROM {_from(read, catalogue, aliases)}"
        + (f" WHERE {' AND '.join(conditions)}" if conditions else "")
        + (f" ORDER BY {', '.join(order)}" if order else "")
    )
    wide = tuple(at for at, (_, column) in enumerate(columns) if _UNBOUNDED.search(column.type))
    kind = table.column(read.parent).type if parent else ""
    low, high = flavour.bound(":lo", kind), flavour.bound(":hi", kind)
    is_numeric = bool(parent) and flavour.is_numeric(kind)
    return Query(read, sql, names, wide, parent, low, high, is_numeric, flavour.is_guid(kind), content)


def find_content(content: Content, catalogue: Catalogue) -> tuple[Table, Column]:
    """The table and the column that hold a content. Raises Misconfigured when it cannot hold one."""
    table = catalogue.table(content.table)
    column = table.column(content.column)
    if not catalogue.flavour.is_content(column.type):
        raise Misconfigured(
            f"Cột {column.name} của {table.name} ({column.type}) không phải kiểu nhị phân, không giữ nội dung tệp "
            "được. Sửa content trong profile của nguồn này."
        )
    return table, column


def _content_cells(content: Content, alias: str, catalogue: Catalogue) -> list[str]:
    """What selects the key and the size of a content, never the content."""
    table, column = find_content(content, catalogue)
    key, flavour = table.column(content.key), catalogue.flavour
    held = flavour.cell(f"{alias}.{catalogue.quote(column.name)}", column.type)
    return [flavour.cell(f"{alias}.{catalogue.quote(key.name)}", key.type), flavour.size(held)]


class Selected(NamedTuple):
    """A column: quoted with its alias, the expression that selects it, its declared type."""

    sql: str
    cell: str
    type: str


def locate(
    catalogue: Catalogue, table: str, columns: Sequence[str], join: Sequence[Join] = ()
) -> tuple[list[Selected], str]:
    """The columns, and the table (alias ``d``) with its joins as FROM names them."""
    read = TableRead("", table, (), join=tuple(join))
    aliases = {MAIN_ALIAS: catalogue.table(table), **{one.alias: catalogue.table(one.table) for one in join}}
    named = [(alias or MAIN_ALIAS, name) for alias, _, name in (column.rpartition(".") for column in columns)]
    real = [(alias, aliases[alias].column(name)) for alias, name in named]
    quoted = [(f"{alias}.{catalogue.quote(column.name)}", column.type) for alias, column in real]
    cells = [Selected(sql, catalogue.flavour.cell(sql, kind), kind) for sql, kind in quoted]
    return cells, _from(read, catalogue, aliases)


def _from(read: TableRead, catalogue: Catalogue, aliases: Mapping[str, Table]) -> str:
    ours = aliases[MAIN_ALIAS]
    parts = [f"{catalogue.locate(ours)} {MAIN_ALIAS}"]
    for join in read.join:
        theirs = aliases[join.alias]
        pairs = " AND ".join(
            f"{_left(left, catalogue, aliases)} = {join.alias}.{catalogue.quote(theirs.column(right).name)}"
            for left, right in join.on
        )
        parts.append(f"LEFT JOIN {catalogue.locate(theirs)} {join.alias} ON {pairs}")
    return " ".join(parts)


def _left(name: str, catalogue: Catalogue, aliases: Mapping[str, Table]) -> str:
    """The side of a join that is there already: a column of the main table, or "alias.column" of an earlier join."""
    alias, dot, column = name.rpartition(".")
    alias = alias if dot else MAIN_ALIAS
    return f"{alias}.{catalogue.quote(aliases[alias].column(column).name)}"
