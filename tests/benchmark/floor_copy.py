"""Run C, the floor: read each table with PyMySQL row by row and give it to PostgreSQL's COPY, converting nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg
import pymysql
from psycopg import sql
from pymysql.converters import conversions
from pymysql.cursors import SSCursor

from tests.benchmark.copied import TABLES, address

_TYPES = {
    "bigint": "bigint",
    "int": "integer",
    "tinyint": "boolean",
    "double": "double precision",
    "datetime": "timestamp",
}
_FETCH_ROWS = 5000


def main() -> None:
    """Copy the three tables that the job on standard input names."""
    job = json.load(sys.stdin)
    # no converters of what is read (their keys are numbers): numbers and dates arrive as the text that COPY takes
    sending: Any = {kind: write for kind, write in conversions.items() if not isinstance(kind, int)}
    with (
        closing(pymysql.connect(**address(job["old_url"]), cursorclass=SSCursor, conv=sending)) as old,
        psycopg.connect(job["new_url"]) as new,
    ):
        rows = {table: _copy(old, new, table) for table in TABLES}
    print(json.dumps({"rows": rows}))


def _copy(old: pymysql.Connection[SSCursor], new: psycopg.Connection, table: str) -> int:
    columns = _columns(old, table)
    new.execute(_create(table, columns))
    names = [sql.Identifier(name) for name, _ in columns]
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), sql.SQL(", ").join(names))
    count = 0
    with old.cursor() as reader, new.cursor() as writer, writer.copy(into) as copy:
        reader.execute(f"SELECT {', '.join(f'`{name}`' for name, _ in columns)} FROM `{table}`")
        while rows := reader.fetchmany(_FETCH_ROWS):
            for row in rows:
                copy.write_row(row)
            count += len(rows)
    new.commit()
    return count


def _columns(old: pymysql.Connection[SSCursor], table: str) -> list[tuple[str, str]]:
    """Name and type of each column, in order."""
    with old.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position",
            (table,),
        )
        return [(name, _TYPES.get(kind, "text")) for name, kind in cursor.fetchall()]


def _create(table: str, columns: Sequence[tuple[str, str]]) -> sql.Composed:
    parts = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns]
    return sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table), sql.SQL(", ").join(parts))


if __name__ == "__main__":
    main()
