"""Rows on their way into a store: whole records, one line for each broken one, and a bounded amount in memory."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from connectors._staged_contents import Contents
from connectors.base import Cell

BUFFERED_ROWS: Final = 2000
BUFFERED_BYTES: Final = 4 * 1024 * 1024
MOST_UNDECLARED: Final = 1000
"""Different undeclared names in one table; a file with more is not of this shape."""

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_TYPES: Final = {"text": "TEXT", "integer": "ANY", "any": "ANY"}
_OWN: Final = (
    "CREATE TABLE _meta (name TEXT PRIMARY KEY, value TEXT) STRICT",
    "CREATE TABLE _inputs (name TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, sha256 TEXT) STRICT",
    "CREATE TABLE _broken (file TEXT, line INTEGER, said TEXT, input TEXT, mark TEXT) STRICT",
    "CREATE TABLE _claimed (tbl TEXT, key TEXT, PRIMARY KEY (tbl, key)) STRICT, WITHOUT ROWID",
    "CREATE TABLE _replaced (file TEXT, line INTEGER) STRICT",
    "CREATE TABLE _undeclared (tbl TEXT, path TEXT, PRIMARY KEY (tbl, path)) STRICT",
    "CREATE TABLE _contents (sha256 TEXT PRIMARY KEY, size INTEGER) STRICT",
)


@dataclass(frozen=True)
class StagedColumn:
    """A column of a store. ``integer``: whole numbers without leading zeros are numbers, other text stays text;
    ``any``: cells keep the type they come with."""

    name: str
    type: Literal["text", "integer", "any"] = "text"


@dataclass(frozen=True)
class StagedTable:
    """A table of a store. ``key`` is unique and must be there; ``links`` hold keys of rows above: they are indexed.

    ``keeps_last``: a record whose key was there before takes its place, with all that hangs on it (tables that name
    this one as their ``head``, by their first link); otherwise it is broken.
    """

    name: str
    columns: tuple[StagedColumn, ...]
    key: str = ""
    links: tuple[str, ...] = ()
    head: str = ""
    keeps_last: bool = False

    def position(self, column: str) -> int:
        return [known.name for known in self.columns].index(column)


StagedRow = tuple[str, list[Cell]]
"""(Table, cells in the order of its columns)."""


def create_tables(store: sqlite3.Connection, tables: Sequence[StagedTable]) -> None:
    for statement in _OWN:
        store.execute(statement)
    for table in tables:
        columns = [f"{_quoted(column.name)} {_TYPES[column.type]}" for column in table.columns]
        if table.key:
            columns.append(f"PRIMARY KEY ({_quoted(table.key)})")
        store.execute(f"CREATE TABLE {_quoted(table.name)} ({', '.join(columns)}) STRICT")
    for table in _replaceable(tables):
        _index(store, table, table.links[0])


def finish_tables(store: sqlite3.Connection, tables: Sequence[StagedTable]) -> None:
    """Index what children are found by, once the rows are in."""
    for table in tables:
        for link in table.links:
            _index(store, table, link)
    store.execute("ANALYZE")


def _replaceable(tables: Sequence[StagedTable], head: str = "") -> list[StagedTable]:
    """Tables whose rows go when a later record takes the place of theirs."""
    last = {table.name for table in tables if table.keeps_last and head in ("", table.name)}
    return [table for table in tables if table.head in last]


def _index(store: sqlite3.Connection, table: StagedTable, link: str) -> None:
    name = _quoted(f"{table.name} theo {link}")
    store.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {_quoted(table.name)} ({_quoted(link)})")


class Staging:
    """The rows of one input. Nothing of a record is kept when a part of it cannot be."""

    def __init__(self, store: sqlite3.Connection, tables: Sequence[StagedTable], name: str, contents: Contents) -> None:
        self.name = name
        self._store = store
        self._contents = contents
        self._tables = {table.name: table for table in tables}
        self._numbers = {
            table.name: [at for at, column in enumerate(table.columns) if column.type == "integer"] for table in tables
        }
        self._insert = {
            table.name: f"INTO {_quoted(table.name)} VALUES ({', '.join('?' * len(table.columns))})" for table in tables
        }
        self._waiting: dict[str, list[list[Cell]]] = {}
        self._rows = self._bytes = 0
        self._undeclared: dict[str, set[str]] = {}

    def add(
        self,
        record: Sequence[StagedRow],
        line: int,
        file: str = "",
        content: Callable[[], bytes] = bytes,
    ) -> bool:
        """Take a record: its own row first, then the rows that hang on it. False: it is broken, and noted.

        ``content``: the record as the file has it.
        """
        for name, cells in record:
            for at in self._numbers[name]:
                cell = cells[at]
                if isinstance(cell, str) and _INTEGER.fullmatch(cell):
                    cells[at] = int(cell)
        head, cells = record[0]
        fault = self._enter_head(self._tables[head], cells, line, file) if self._tables[head].key else ""
        if fault:
            self.broken(line, fault, file, content())
            return False
        for name, row in record[1 if self._tables[head].key else 0 :]:
            self._waiting.setdefault(name, []).append(row)
            self._rows += 1
            self._bytes += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
        if self._rows >= BUFFERED_ROWS or self._bytes >= BUFFERED_BYTES:
            self._flush()
        return True

    def claim(self, table: str, key: str) -> bool:
        """Take a key for a table; False when it was taken before, in whatever input."""
        return bool(self._store.execute("INSERT OR IGNORE INTO _claimed VALUES (?, ?)", (table, key)).rowcount)

    def broken(self, line: int, said: str, file: str = "", content: bytes = b"") -> None:
        """Note what could not be read, by place; ``said`` is Vietnamese and holds no value of the data.

        ``content``: what stands there; without it the place is known by the whole input.
        """
        mark = hashlib.sha256(content).hexdigest() if content else ""
        row = (file or self.name, line, said, self.name, mark)
        self._store.execute("INSERT INTO _broken VALUES (?, ?, ?, ?, ?)", row)

    def undeclared(self, table: str, path: str) -> bool:
        """Note that ``path`` stands in the file and no column takes it: ``check`` asks for it as for a column.

        False: there are so many that the file is not of the declared shape.
        """
        known = self._undeclared.setdefault(table, set())
        known.add(path)
        return len(known) < MOST_UNDECLARED

    def keep(self, pieces: Iterable[bytes]) -> str:
        """Store a file that came inside; its locator. What ``pieces`` raises leaves nothing behind."""
        sha256, size = self._contents.put(pieces)
        self._store.execute("INSERT OR IGNORE INTO _contents VALUES (?, ?)", (sha256, size))
        return self._contents.locator(sha256)

    def close(self) -> None:
        """Write what still waits."""
        self._flush()
        rows = [(table, path) for table, paths in self._undeclared.items() for path in sorted(paths)]
        self._store.executemany("INSERT OR IGNORE INTO _undeclared VALUES (?, ?)", rows)

    def _enter_head(self, table: StagedTable, cells: list[Cell], line: int, file: str) -> str:
        """Enter the row that carries the key; why it cannot be entered."""
        at = table.position(table.key)
        key = cells[at]
        if key is None or key == "":
            return f"bản ghi {table.name} không có khóa {table.key}"
        if table.columns[at].type == "integer" and not isinstance(key, int):
            return f"khóa {table.key} của bản ghi {table.name} không phải số nguyên"
        if self._store.execute(f"INSERT OR IGNORE {self._insert[table.name]}", cells).rowcount:
            return ""
        if not table.keeps_last:
            return f"khóa {table.key} của bản ghi {table.name} đã có ở một bản ghi trước"
        self._flush()
        for below in _replaceable(tuple(self._tables.values()), table.name):
            self._store.execute(f"DELETE FROM {_quoted(below.name)} WHERE {_quoted(below.links[0])} = ?", (key,))
        self._store.execute(f"INSERT OR REPLACE {self._insert[table.name]}", cells)
        self._store.execute("INSERT INTO _replaced VALUES (?, ?)", (file or self.name, line))
        return ""

    def _flush(self) -> None:
        for name, rows in self._waiting.items():
            self._store.executemany(f"INSERT {self._insert[name]}", rows)
        self._waiting, self._rows, self._bytes = {}, 0, 0


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
