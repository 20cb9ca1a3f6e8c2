"""Many rows into a table in one transaction, the fastest way that each kind of database has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from connectors._sql_bulk import copy_rows
from connectors.base import Cell, Misconfigured

Rows = Sequence[Sequence[Cell]]
Write = Callable[[Connection, str, Sequence[str], Rows], None]
"""(connection, table, columns of which the first is the key, rows)"""
_STAGE: Final = "lienthong_stage"
_BY_INDEX: Final = "SET LOCAL enable_seqscan = off"
"""Of tables that were filled within a minute PostgreSQL has counted nothing: it would read them whole for every batch.
Where there is no index it still does.
"""


@dataclass(frozen=True)
class Bulk:
    """How one kind of database writes. ``hint``, ``end``: what locks the rows of a SELECT, behind FROM and at its end.

    A row that is not there is inserted, one that is there is updated, never "either": what another writer put there
    meanwhile is an error, not overwritten.
    """

    begin: tuple[str, ...]  # a transaction that writes, whatever the session says
    mark: str
    insert: Write
    update: Write
    hint: str = ""
    end: str = ""
    most: int = 500  # parameters of a statement
    steer: tuple[str, ...] = ()  # said at the start of every transaction


def bulk_of(kind: str, driver: str, *, is_fast: bool) -> Bulk:
    """The ways of a dialect. ``is_fast``: the ODBC driver takes rows by the array. Raises Misconfigured."""
    if driver == "psycopg":
        now = ("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",)
        return Bulk(now, "%s", copy_rows, _copy_and_merge, end=" FOR UPDATE", steer=(_BY_INDEX,))
    if driver == "pymysql":  # READ COMMITTED: no locks on the gaps into which other workers insert
        begin = ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION READ WRITE")
        return Bulk(begin, "%s", _insert, _insert_or_update, end=" FOR UPDATE")
    if kind == "mssql":
        begin = ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "BEGIN TRANSACTION")
        insert = _by_arrays(_insert_sql, is_fast=is_fast)
        return Bulk(begin, "?", insert, _by_arrays(_update_sql, is_fast=is_fast), hint=" WITH (UPDLOCK, ROWLOCK)")
    raise Misconfigured(
        f"Chưa ghi được vào cơ sở dữ liệu loại {kind} qua {driver}. Dùng postgresql+psycopg, mysql+pymysql hoặc "
        "mssql+pyodbc cho target.url_env."
    )


# ---------------------------------------------------------------- PostgreSQL


def _copy_and_merge(connection: Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    listed, key = ", ".join(columns), columns[0]
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {_STAGE} ON COMMIT DROP AS SELECT {listed} FROM {table} WITH NO DATA"
    )
    copy_rows(connection, _STAGE, columns, rows)
    changes = ", ".join(f"{column} = s.{column}" for column in columns[1:])
    connection.exec_driver_sql(f"UPDATE {table} AS t SET {changes} FROM {_STAGE} s WHERE t.{key} = s.{key}")
    connection.exec_driver_sql(f"DROP TABLE {_STAGE}")


# ---------------------------------------------------------------- MariaDB


def _insert(connection: Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    connection.exec_driver_sql(_insert_sql(table, columns, "%s"), [tuple(row) for row in rows])


def _insert_or_update(connection: Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    """Rows known to be there and locked, so that it is always the update that happens."""
    changes = ", ".join(f"{column} = VALUES({column})" for column in columns[1:])
    sql = f"{_insert_sql(table, columns, '%s')} ON DUPLICATE KEY UPDATE {changes}"
    connection.exec_driver_sql(sql, [tuple(row) for row in rows])


def _insert_sql(table: str, columns: Sequence[str], mark: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"


# ---------------------------------------------------------------- SQL Server


def _update_sql(table: str, columns: Sequence[str], mark: str) -> str:
    changes = ", ".join(f"{column} = {mark}" for column in columns[1:])
    return f"UPDATE {table} SET {changes} WHERE {columns[0]} = {mark}"


def _by_arrays(make: Callable[[str, Sequence[str], str], str], *, is_fast: bool) -> Write:
    def write(connection: Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
        sql = make(table, columns, "?")
        given = [tuple(row) if make is _insert_sql else (*row[1:], row[0]) for row in rows]
        trouble = connection.dialect.loaded_dbapi.Error
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor()
        try:
            cursor.fast_executemany = is_fast
            cursor.executemany(sql, given)
        except trouble as error:
            raise DBAPIError.instance(sql, None, error, trouble, hide_parameters=True) from None
        finally:
            cursor.close()

    return write
