"""Many rows into a table, the fastest way each driver has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Table, and_, bindparam, column, func, update
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


KNOWN = "known_"
"""Before the name of a column: what the caller took it to be, for a condition; it is not written."""


def update_rows(
    connection: Connection,
    table: Table,
    keys: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    fixed: Mapping[str, Any] | None = None,
    only: Callable[[Mapping[str, ColumnElement[Any]]], ColumnElement[bool]] | None = None,
) -> None:
    """Write each row's other columns where its ``keys`` are: SQLite row by row, PostgreSQL in one statement.

    Rows with the same columns go together. ``fixed``: columns that every row gets. ``only``: a further condition; it is
    given the columns of the row by name, those after KNOWN too.
    """
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(sorted(row)), []).append(row)
    for names, group in alike.items():
        _update_alike(connection, table, keys, names, group, fixed or {}, only)


def _update_alike(
    connection: Connection,
    table: Table,
    keys: Sequence[str],
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    fixed: Mapping[str, Any],
    only: Callable[[Mapping[str, ColumnElement[Any]]], ColumnElement[bool]] | None,
) -> None:
    types = {name: table.c[name.removeprefix(KNOWN)].type for name in names}
    given: Mapping[str, ColumnElement[Any]]
    values: Any
    if connection.dialect.name == "sqlite":
        given = {name: bindparam(f"b_{name}", type_=types[name]) for name in names}
        values = [{f"b_{name}": row[name] for name in names} for row in rows]
    else:
        arrays = [bindparam(f"b_{name}", type_=ARRAY(types[name])) for name in names]
        columns = [column(name, types[name]) for name in names]
        unnested = func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
        given = {name: unnested.c[name] for name in names}
        values = {f"b_{name}": [row[name] for row in rows] for name in names}
    where = [table.c[name] == given[name] for name in keys]
    if only is not None:
        where.append(only(given))
    written = {name: given[name] for name in names if name not in keys and not name.startswith(KNOWN)}
    connection.execute(update(table).where(and_(*where)).values({**written, **fixed}), values)
