"""What the server holds: databases, the tables as they were declared, and accounts with their rights."""

from __future__ import annotations

import csv
import itertools
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from tests.tds.sql_types import SqlType

_NULL: Final = "\x02"


class TdsError(Exception):
    """An error as SQL Server numbers it."""

    def __init__(self, number: int, message: str, level: int = 16) -> None:
        super().__init__(message)
        self.number, self.level = number, level


@dataclass(frozen=True)
class Column:
    name: str
    type: SqlType
    is_nullable: bool = True
    is_identity: bool = False


@dataclass(frozen=True)
class Table:
    """A table as it was declared; names in DuckDB are the same, quoted."""

    number: int
    database: str
    schema: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)

    @property
    def duckdb(self) -> str:
        return ".".join(quoted(part) for part in (self.database, self.schema, self.name))


@dataclass
class Database:
    name: str
    allows_snapshot: bool = True
    tables: dict[tuple[str, str], Table] = field(default_factory=dict)  # by (schema, name), lower case


@dataclass
class Account:
    """Who may log in; ``reads`` are the tables of each database that it may select from, as DuckDB quotes them."""

    name: str
    password: str
    is_admin: bool = False
    reads: dict[str, set[str]] = field(default_factory=dict)  # by lower-case name of the database

    def may_enter(self, database: str) -> bool:
        return self.is_admin or database.lower() in ("master", *self.reads)

    def may_read(self, table: Table) -> bool:
        return self.is_admin or table.duckdb in self.reads.get(table.database.lower(), ())


class Instance:
    """One server: what all its sessions share."""

    def __init__(self, password: str) -> None:
        self.duck = duckdb.connect()
        self.accounts = {"sa": Account("sa", password, is_admin=True)}
        self.databases: dict[str, Database] = {}
        self.logins: list[dict[str, Any]] = []  # what each log-in said of itself
        self.errors: list[str] = []  # what was refused so far: the first place to look when a test fails
        self.version = 0  # of the catalogue
        self._numbers = itertools.count(901)
        self._lock = threading.Lock()
        self.create_database("master")

    def create_database(self, name: str, *, allows_snapshot: bool = True) -> Database:
        """An empty database with a schema ``dbo``."""
        made = self.databases[name.lower()] = Database(name, allows_snapshot)
        self.duck.execute(f"ATTACH ':memory:' AS {quoted(name)}")
        self.duck.execute(f"CREATE SCHEMA {quoted(name)}.dbo")
        return made

    def database(self, name: str) -> Database:
        """A database that exists. Raises TdsError 911."""
        if name.lower() not in self.databases:
            raise TdsError(911, f"Database '{name}' does not exist. Make sure that the name is entered correctly.")
        return self.databases[name.lower()]

    def create_table(
        self,
        cursor: duckdb.DuckDBPyConnection,
        place: tuple[str, str, str],
        columns: Sequence[Column],
        key: Sequence[str],
    ) -> Table:
        """Declare a table and create it in DuckDB. Raises TdsError 2714."""
        database, schema, name = place
        owner = self.database(database)
        if (schema.lower(), name.lower()) in owner.tables:
            raise TdsError(2714, f"There is already an object named '{name}' in the database.")
        table = Table(next(self._numbers), owner.name, schema, name, tuple(columns), tuple(key))
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(owner.name)}.{quoted(schema)}")
        lines = [self._column(cursor, table, column) for column in columns]
        lines += [f"PRIMARY KEY ({', '.join(map(quoted, key))})"] if key else []
        cursor.execute(f"CREATE TABLE {table.duckdb} ({', '.join(lines)})")
        with self._lock:
            owner.tables[schema.lower(), name.lower()] = table
            self.version += 1
        return table

    def drop_table(self, cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
        cursor.execute(f"DROP TABLE {table.duckdb}")
        with self._lock:
            del self.databases[table.database.lower()].tables[table.schema.lower(), table.name.lower()]
            self.version += 1

    def find(self, database: str, schema: str, name: str) -> Table:
        """A table by its names in any case. Raises TdsError 208, as SQL Server does for what is not there."""
        found = self.database(database).tables.get(((schema or "dbo").lower(), name.lower()))
        if found is None:
            raise TdsError(208, f"Invalid object name '{f'{schema}.' if schema else ''}{name}'.")
        return found

    def load(self, database: str, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Put rows into a table (``name`` or ``schema.name``), values in the order of its columns, past the wire."""
        schema, _, name = table.rpartition(".")
        found = self.find(database, schema, name)
        copy_rows(self.duck.cursor(), found.duckdb, rows)

    def visible(self, database: str, account: Account) -> Iterator[Table]:
        """The tables that this account can see: without a right on it, a table hides."""
        return (table for table in self.database(database).tables.values() if account.may_read(table))

    def _column(self, cursor: duckdb.DuckDBPyConnection, table: Table, column: Column) -> str:
        line = f"{quoted(column.name)} {column.type.duckdb}"
        if column.is_identity:
            sequence = f"{quoted(table.database)}.{quoted(table.schema)}.{quoted(f'{table.name}_{column.name}')}"
            cursor.execute(f"CREATE SEQUENCE {sequence}")
            line += f" DEFAULT nextval('{sequence}')"
        if column.type.is_text and column.type.size > 0:
            line += f" CHECK (length({quoted(column.name)}) <= {column.type.size})"
        return line + ("" if column.is_nullable else " NOT NULL")


def copy_rows(cursor: duckdb.DuckDBPyConnection, place: str, rows: Sequence[Sequence[Any]]) -> None:
    """Put rows into a table (or a table with some of its columns): INSERT takes a hundred times as long."""
    with tempfile.NamedTemporaryFile("w", newline="", encoding="utf-8", suffix=".csv") as file:
        lines = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")  # DuckDB guesses by the first line's end
        lines.writerows([_as_text(cell) for cell in row] for row in rows)
        file.flush()
        shape = "AUTO_DETECT false, HEADER false, PARALLEL false, DELIMITER ',', QUOTE '\"', ESCAPE '\"'"
        ways = f"FORMAT csv, {shape}, NULLSTR '{_NULL}', ALLOW_QUOTED_NULLS true"
        cursor.execute(f"COPY {place} FROM '{file.name}' ({ways})")


def _as_text(cell: Any) -> str:
    """A value as COPY reads it."""
    if cell is None:
        return _NULL
    if isinstance(cell, bytes):
        return "".join(f"\\x{byte:02X}" for byte in cell)
    return str(int(cell)) if isinstance(cell, bool) else str(cell)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
