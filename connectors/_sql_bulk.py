"""Many rows into a table, the fastest way each driver has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Sequence[object]], columns: Iterable[str] = ()
) -> None:
    """Insert rows whose values come in the order of ``columns`` (default: all of the table): SQLite or PostgreSQL.

    Raises what SQLAlchemy raises for an insert of its own.
    """
    if not rows:
        return
    names = [f'"{name}"' for name in columns or table.columns.keys()]
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", list(rows))
        return
    copy_rows(connection, table.name, names, rows)


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows by COPY, through psycopg; names are quoted where they must be. Raises as :func:`insert_rows`."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    trouble = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except trouble as error:  # beside SQLAlchemy's own way: give it the same class
        raise DBAPIError.instance(statement, None, error, trouble, hide_parameters=True) from None
