"""The database that the generator fills: refused when it holds anything foreign, emptied when it is our own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pyodbc
import sqlalchemy
from pymysql.converters import escape_string
from sqlalchemy.pool import NullPool

from connectors.base import ConnectorError, Forbidden, Misconfigured, Unavailable
from connectors.rehearsal import store_sql_server as sql_server
from connectors.rehearsal.office_time import stored
from connectors.rehearsal.tables import (
    MARKER,
    MARKER_VERSION,
    Schema,
    create_indexes,
    create_marker,
    create_table,
    quoted,
)

CHUNK_ROWS = 1000
_DRIVERS = {"pysqlite": "sqlite", "pymysql": "mysql", "psycopg": "postgresql", "pyodbc": "mssql"}
_LIST_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'",
    "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
    "postgresql": "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
    "AND n.nspname NOT LIKE 'pg_toast%' AND n.nspname NOT LIKE 'pg_temp%'",
}
# STRICT_ALL_TABLES alone: nothing is cut silently, and '0000-00-00' is still allowed (no NO_ZERO_DATE).
_PREPARE = {
    "sqlite": ("PRAGMA synchronous=OFF",),
    "mysql": ("SET sql_mode='STRICT_ALL_TABLES', unique_checks=0, foreign_key_checks=0", "SET NAMES utf8mb4"),
    "postgresql": ("SET synchronous_commit TO OFF",),
    "mssql": sql_server.PREPARE,
}
_FORBIDDEN_MYSQL = frozenset({1044, 1045, 1142, 1227, 1698})
_UNKNOWN_DATABASE_MYSQL = 1049

Cell = None | int | float | str | datetime
Row = dict[str, Cell]


class Store:
    """An open old database: rows go in by table, in chunks."""

    def __init__(
        self, connection: Any, dialect: str, shift: timedelta, schema: Schema, databases: Mapping[str, str]
    ) -> None:
        self._connection = connection
        self._databases = databases  # further ones, of SQL Server only
        self._shift = shift
        self.schema = schema
        self._waiting: dict[str, list[tuple[Cell, ...]]] = {}
        self._columns: dict[str, tuple[str, ...]] = {}
        self.dialect = dialect

    def add(self, table: str, row: Mapping[str, Cell]) -> None:
        """Queue one row; every row of a table has the same columns in the same order. Instants are local time."""
        columns = self._columns.setdefault(table, tuple(row))
        assert len(columns) == len(row), table
        shift = self._shift
        cells = tuple(stored(cell, shift) if isinstance(cell, datetime) else cell for cell in row.values())
        waiting = self._waiting.setdefault(table, [])
        waiting.append(cells)
        if len(waiting) >= CHUNK_ROWS:
            self._send(table)

    def spoil(self, table: str, column: str, key_column: str, key: int, text: bytes) -> None:
        """Put bytes that are no UTF-8 into a text cell. SQLite only: the others would refuse them."""
        self._send(table)
        sql = f'UPDATE "{table}" SET "{column}" = CAST(? AS TEXT) WHERE "{key_column}" = ?'
        self.execute(sql, (sqlite3.Binary(text), key))

    def place(self, table: str) -> str:
        """A table of the schema as the database takes it; ``database.table`` is one name where there is one only."""
        if self.dialect == "mssql":
            return sql_server.table_place(table, self._databases, self.schema.owners)
        return quoted(table, self.dialect)

    def tables(self) -> list[str]:
        """What is in the database, and in the further ones under ``database.table``."""
        if self.dialect != "mssql":
            return [str(name) for (name,) in self.execute(_LIST_TABLES[self.dialect])]
        found = self.execute(sql_server.list_tables(self._databases))
        return [".".join(filter(None, (alias, "" if owner == "dbo" else owner, name))) for alias, owner, name in found]

    def execute(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement; its rows, if it gives any."""
        with _translated(), closing(self._connection.cursor()) as cursor:
            # Without parameters the drivers leave a "%" in the statement alone.
            cursor.execute(sql, params) if params else cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def finish(self) -> None:
        """Write what waits, then make the indexes."""
        for table in list(self._waiting):
            self._send(table)
        for sql in create_indexes(self.schema, self.dialect, self.place):
            self.execute(sql)
        self.commit()

    def commit(self) -> None:
        """Make what was sent durable."""
        with _translated():
            self._connection.commit()

    def _send(self, table: str) -> None:
        rows = self._waiting.get(table)
        if not rows:
            return
        columns = ", ".join(quoted(name, self.dialect) for name in self._columns[table])
        target = f"{self.place(table)} ({columns})"
        with _translated(), closing(self._connection.cursor()) as cursor:
            if self.dialect == "postgresql":
                with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            elif self.dialect == "mysql":
                # PyMySQL's own executemany spends twice the time of the server on dispatching each cell by type.
                cursor.execute(f"INSERT INTO {target} VALUES {','.join(map(_mysql_row, rows))}")
            else:
                cursor.executemany(f"INSERT INTO {target} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        self._waiting[table] = []


@contextmanager
def open_store(url: str, shift: timedelta, seed: int, dossiers: int, schema: Schema) -> Iterator[Store]:
    """Open, check and empty the database at ``url`` and make its tables; what is not finished is rolled back.

    Raises Misconfigured when the database holds any table that the generator did not make.
    """
    dialect, connection, databases = _connect(url)
    try:
        store = Store(connection, dialect, shift, schema, databases)
        for sql in _PREPARE[dialect]:
            store.execute(sql)
        _empty(store)
        mark = "?, ?, ?" if dialect in ("sqlite", "mssql") else "%s, %s, %s"
        store.execute(f"INSERT INTO {MARKER} VALUES ({mark})", (seed, dossiers, MARKER_VERSION))
        for sql in sql_server.missing_owners(schema.owners, store.execute) if dialect == "mssql" else ():
            store.execute(sql)
        for table in schema.tables:
            store.execute(create_table(table, dialect, store.place(table.name)))
        store.commit()
        yield store
    finally:
        connection.close()


def _empty(store: Store) -> None:
    """Drop our own tables, or refuse. The marker is made before anything else, so that a killed run can be redone."""
    found = store.tables()
    ours = {table.name.casefold() for table in store.schema.tables} | {MARKER}
    is_marked = MARKER in found
    foreign = sorted(name for name in found if not is_marked or name.casefold() not in ours)
    if foreign:
        shown = ", ".join(foreign[:8]) + (f" … ({len(foreign)} bảng)" if len(foreign) > 8 else "")
        raise Misconfigured(
            f"Không ghi dữ liệu diễn tập vào cơ sở dữ liệu này: có bảng không do bộ sinh dữ liệu tạo ra: {shown}. "
            "Hãy dùng một cơ sở dữ liệu trống."
        )
    if is_marked:
        for name in found:
            if name != MARKER:
                store.execute(f"DROP TABLE {_as_found(name, store)}")
        store.execute(f"DELETE FROM {MARKER}")
    else:
        store.execute(create_marker(store.dialect))
    store.commit()


def _mysql_row(row: Sequence[object]) -> str:
    """Literals of one row; sql_mode is ours, so a backslash escapes."""
    cells = (
        f"'{escape_string(cell)}'" if isinstance(cell, str) else "NULL" if cell is None else str(cell) for cell in row
    )
    return f"({','.join(cells)})"


def _as_found(name: str, store: Store) -> str:
    if store.dialect == "mssql":
        return store.place(name)
    return f"`{name}`" if store.dialect == "mysql" else f'"{name}"'


def _connect(url: str) -> tuple[str, Any, dict[str, str]]:
    try:
        parsed = sqlalchemy.make_url(url)
        chosen = parsed.get_dialect()
        known = _DRIVERS.get(chosen.driver, "") if chosen.driver != "pyodbc" or chosen.name == "mssql" else ""
        options: dict[str, Any] = {"charset": "utf8mb4"} if chosen.driver == "pymysql" else {}
        if known and known != "mssql":
            engine = sqlalchemy.create_engine(parsed, poolclass=NullPool, hide_parameters=True, connect_args=options)
    except (sqlalchemy.exc.ArgumentError, ImportError) as error:
        raise Misconfigured("URL của cơ sở dữ liệu diễn tập không đúng dạng hoặc thiếu trình điều khiển.") from error
    if not known:
        usable = "sqlite://, mysql+pymysql://, postgresql+psycopg://, mssql+pyodbc://"
        raise Misconfigured(f"Bộ sinh dữ liệu chỉ ghi qua {usable}; không phải {chosen.driver}.")
    if known == "sqlite":
        _private_file(parsed.database or "")
    with _translated():
        if known == "mssql":
            return known, *sql_server.open_sql_server(parsed)
        return known, engine.raw_connection(), {}


def _private_file(path: str) -> None:
    """Make a new SQLite file readable by its owner only, before anything is in it."""
    if path and path != ":memory:" and not Path(path).exists():
        with _translated():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what a driver raises into an error named by what to do next; its own text stays out (it quotes rows)."""
    try:
        yield
    except pyodbc.Error as error:
        found = sql_server.named(error)
        if found is None:
            raise
        raise found from None
    except (sqlite3.Error, pymysql.MySQLError, psycopg.Error, sqlalchemy.exc.DBAPIError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        if _is_own_mistake(cause):
            raise
        raise _named(cause) from None


def _named(error: BaseException) -> ConnectorError:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    state = str(getattr(error, "sqlstate", None) or "")
    kind = f"{type(error).__name__}{f' {number or state}' if number or state else ''}"
    if (isinstance(error, pymysql.MySQLError) and number == _UNKNOWN_DATABASE_MYSQL) or state == "3D000":
        return Misconfigured("Cơ sở dữ liệu diễn tập không tồn tại trên máy chủ.")
    is_login = isinstance(error, psycopg.OperationalError) and "authentication failed" in str(error)
    if number in _FORBIDDEN_MYSQL or state[:2] == "28" or state == "42501" or is_login:
        return Forbidden(f"Không đủ quyền trên cơ sở dữ liệu diễn tập ({kind}).")
    if isinstance(error, PermissionError) or "readonly" in str(error):
        return Forbidden("Không có quyền ghi tệp cơ sở dữ liệu diễn tập.")
    return Unavailable(f"Cơ sở dữ liệu diễn tập không dùng được lúc này ({kind}).")


def _is_own_mistake(error: BaseException) -> bool:
    """A statement that no database would accept: a bug of the generator, not a trouble of the server."""
    mistakes = (sqlite3.ProgrammingError, psycopg.ProgrammingError, pymysql.ProgrammingError)
    return isinstance(error, mistakes) and getattr(error, "sqlstate", None) != "42501"
