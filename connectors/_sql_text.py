"""From declared reads to SQL text: names found in the catalogue without regard to case, markers filled in."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.base import Column, Join, Misconfigured, TableRead

MAIN_ALIAS = "d"
_MARKER = re.compile(r"\{(#?)([^\W\d][\w$]*)(?:\.([^\W\d][\w$]*))?\}")
_ALIASED = re.compile(r"\{#([^\W\d][\w$]*)\}\s+(?:as\s+)?([^\W\d][\w$]*)", re.IGNORECASE)
_UNBOUNDED = re.compile(r"text|blob|clob|json|xml|bytea|string|\(\d{4,}\)|^(character varying|varchar)$", re.IGNORECASE)


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
    """The tables of one database, and its ways: quoting a name, selecting a column, comparing keys."""

    place: str
    tables: Mapping[str, Table]  # by lower-case name
    quote: Callable[[str], str]
    cell: Callable[[str, str], str]  # (quoted column, declared type) → expression to select
    is_numeric: Callable[[str], bool]  # whether keys of a declared type compare as numbers

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


def _near(name: str, names: Iterable[str]) -> str:
    known = {candidate.lower(): candidate for candidate in names}
    near = difflib.get_close_matches(name.lower(), known, n=3)
    return f" (gần giống: {', '.join(known[match] for match in near)})" if near else ""


def list_tables(rows: Iterable[tuple[object, ...]]) -> dict[str, Table]:
    """Tables by lower-case name, from (table, column, type, is part of the key) rows; of twins the first wins."""
    columns: dict[str, list[tuple[Column, bool]]] = {}
    for table, column, type_name, is_key in rows:
        columns.setdefault(str(table), []).append((Column(str(column), str(type_name or "")), bool(is_key)))
    tables: dict[str, Table] = {}
    for name, pairs in columns.items():
        by_name = {column.name.lower(): column for column, _ in pairs}
        tables.setdefault(name.lower(), Table(name, by_name, tuple(column.name for column, is_key in pairs if is_key)))
    return tables


def render(sql: str, catalogue: Catalogue, aliases: Mapping[str, Table]) -> str:
    """Fill the markers of a declared SQL text with quoted names."""
    known = dict(aliases)
    for table, alias in _ALIASED.findall(sql):
        known[alias] = catalogue.table(table)

    def fill(match: re.Match[str]) -> str:
        mark, name, column = match.groups()
        if mark:
            return catalogue.quote(catalogue.table(name).name)
        alias, wanted = (name, column) if column else (MAIN_ALIAS, name)
        return f"{alias}.{catalogue.quote(_column_of(alias, wanted, known))}"

    return _MARKER.sub(fill, sql)


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
    is_numeric: bool = False


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
    cells = [catalogue.cell(f"{alias}.{catalogue.quote(column.name)}", column.type) for alias, column in columns]
    order = [
        f"{MAIN_ALIAS}.{catalogue.quote(table.column(name).name)}"
        for name in dict.fromkeys((read.parent, read.key) if read.parent else (read.key,))
        if name
    ]
    parent = order[0] if read.parent else ""
    conditions = ["{bound}"] if parent else []
    conditions += [f"({render(read.where, catalogue, aliases)})"] if read.where else []
    sql = (
        f"SELECT {', '.join([*cells, parent] if parent else cells)} FROM {_from(read, catalogue, aliases)}"
        + (f" WHERE {' AND '.join(conditions)}" if conditions else "")
        + (f" ORDER BY {', '.join(order)}" if order else "")
    )
    wide = tuple(at for at, (_, column) in enumerate(columns) if _UNBOUNDED.search(column.type))
    is_numeric = bool(parent) and catalogue.is_numeric(table.column(read.parent).type)
    return Query(read, sql, names, wide, parent, is_numeric)


def locate(
    catalogue: Catalogue, table: str, columns: Sequence[str], join: Sequence[Join] = ()
) -> tuple[list[tuple[str, str]], str]:
    """(Quoted column, expression that selects it) of each column, and the table (alias ``d``) with its joins."""
    read = TableRead("", table, (), join=tuple(join))
    aliases = {MAIN_ALIAS: catalogue.table(table), **{one.alias: catalogue.table(one.table) for one in join}}
    named = [(alias or MAIN_ALIAS, name) for alias, _, name in (column.rpartition(".") for column in columns)]
    real = [(alias, aliases[alias].column(name)) for alias, name in named]
    quoted = [(f"{alias}.{catalogue.quote(column.name)}", column.type) for alias, column in real]
    return [(name, catalogue.cell(name, kind)) for name, kind in quoted], _from(read, catalogue, aliases)


def _from(read: TableRead, catalogue: Catalogue, aliases: Mapping[str, Table]) -> str:
    ours = aliases[MAIN_ALIAS]
    parts = [f"{catalogue.quote(ours.name)} {MAIN_ALIAS}"]
    for join in read.join:
        theirs = aliases[join.alias]
        pairs = " AND ".join(
            f"{_left(left, catalogue, aliases)} = {join.alias}.{catalogue.quote(theirs.column(right).name)}"
            for left, right in join.on
        )
        parts.append(f"LEFT JOIN {catalogue.quote(theirs.name)} {join.alias} ON {pairs}")
    return " ".join(parts)


def _left(name: str, catalogue: Catalogue, aliases: Mapping[str, Table]) -> str:
    """The side of a join that is there already: a column of the main table, or "alias.column" of an earlier join."""
    alias, dot, column = name.rpartition(".")
    alias = alias if dot else MAIN_ALIAS
    return f"{alias}.{catalogue.quote(aliases[alias].column(column).name)}"
