"""The views of ``sys`` that drivers, SQLAlchemy and the connector ask, filled for one database and one account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tests.tds.instance import Account, Database, Instance, Table, quoted
from tests.tds.sql_types import NAMES, SqlType, declared

_MODES: Final = {"SNAPSHOT": 5, "SERIALIZABLE": 4, "REPEATABLE READ": 3, "READ COMMITTED": 2, "READ UNCOMMITTED": 1}
SESSION: Final = 51
COLUMNS: Final[dict[str, str]] = {
    "databases": "name, database_id, collation_name, snapshot_isolation_state, is_read_committed_snapshot_on",
    "schemas": "name, schema_id",
    "objects": "name, object_id, schema_id, type, type_desc, is_ms_shipped",
    "tables": "name, object_id, schema_id, type, type_desc, is_ms_shipped",
    "types": "name, system_type_id, user_type_id",
    "columns": "object_id, name, column_id, system_type_id, user_type_id, max_length, precision, scale,"
    " collation_name, is_nullable, is_identity, is_computed",
    "indexes": "object_id, index_id, is_primary_key",
    "index_columns": "object_id, index_id, column_id, key_ordinal",
    "dm_exec_sessions": "session_id, transaction_isolation_level",
    "system_views": "name",
}


def view(instance: Instance, database: Database, account: Account, isolation: str, name: str) -> str | None:
    """A SELECT that yields the view; None when there is no such view here."""
    if name not in COLUMNS:
        return None
    tables = sorted(instance.visible(database.name, account), key=lambda table: table.number)
    rows = list(_rows(name, instance, tables, isolation))
    columns = COLUMNS[name]
    if not rows:
        return f"SELECT {', '.join(f'NULL AS {column}' for column in columns.split(', '))} WHERE false"
    values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
    return f"SELECT * FROM (VALUES {values}) AS v({columns})"


def _rows(name: str, instance: Instance, tables: list[Table], isolation: str) -> Iterator[tuple[Any, ...]]:
    schemas = {schema: number for number, schema in enumerate(dict.fromkeys(["dbo", *(t.schema for t in tables)]), 1)}
    if name == "databases":
        for number, database in enumerate(instance.databases.values(), 1):
            yield database.name, number, "SQL_Latin1_General_CP1_CI_AS", int(database.allows_snapshot), 0
    elif name == "schemas":
        yield from schemas.items()
    elif name in ("objects", "tables"):
        for table in tables:
            yield table.name, table.number, schemas[table.schema], "U", "USER_TABLE", 0
    elif name == "types":
        for kind in NAMES:
            number = declared(kind, []).number
            yield kind, number, 256 if kind == "sysname" else number
    elif name == "columns":
        for table in tables:
            yield from _columns(table)
    elif name == "indexes":
        for table in tables:
            yield table.number, 1, int(bool(table.key))
    elif name == "index_columns":
        for table in tables:
            places = {column.name.lower(): at for at, column in enumerate(table.columns, 1)}
            for ordinal, column in enumerate(table.key, 1):
                yield table.number, 1, places[column.lower()], ordinal
    elif name == "dm_exec_sessions":
        yield SESSION, _MODES[isolation]
    else:
        yield ("dm_exec_sessions",)


def _columns(table: Table) -> Iterator[tuple[Any, ...]]:
    for at, column in enumerate(table.columns, 1):
        kind = column.type
        has_precision = kind.name in ("decimal", "numeric")
        yield (
            table.number, column.name, at, kind.number, kind.number, kind.max_length,
            kind.size if has_precision else 0, kind.scale, kind.collation if kind.is_text else None,
            int(column.is_nullable), int(column.is_identity), 0,
        )  # fmt: skip


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def type_info(kind: int) -> tuple[Any, ...]:
    """The one row of sp_datatype_info that pyodbc asks for, per ODBC type: how long a parameter of it may be."""
    name, size = {-9: ("nvarchar", 4000), -3: ("varbinary", 8000), 93: ("datetime2", 27)}.get(kind, ("varchar", 8000))
    return name, kind, size, "'", "'", None, 1, 0, 3, None, 0, None, name, None, None, kind, None, None, None, 0


TYPE_INFO: Final = (
    "TYPE_NAME", "DATA_TYPE", "PRECISION", "LITERAL_PREFIX", "LITERAL_SUFFIX", "CREATE_PARAMS", "NULLABLE",
    "CASE_SENSITIVE", "SEARCHABLE", "UNSIGNED_ATTRIBUTE", "MONEY", "AUTO_INCREMENT", "LOCAL_TYPE_NAME",
    "MINIMUM_SCALE", "MAXIMUM_SCALE", "SQL_DATA_TYPE", "SQL_DATETIME_SUB", "NUM_PREC_RADIX", "INTERVAL_PRECISION",
    "USERTYPE",
)  # fmt: skip
_TYPE_NAMES: Final = ("TYPE_NAME", "LITERAL_PREFIX", "LITERAL_SUFFIX", "CREATE_PARAMS", "LOCAL_TYPE_NAME")


def type_columns() -> list[tuple[str, SqlType]]:
    return [(name, SqlType("nvarchar", 128) if name in _TYPE_NAMES else declared("int", [])) for name in TYPE_INFO]


def writable(instance: Instance, database: Database, account: Account) -> list[str]:
    """Quoted two-part names of the tables that this account may write."""
    return [f"[{t.schema}].[{t.name}]" for t in database.tables.values()] if account.is_admin else []


def temporary(database: str, name: str) -> str:
    """The name of a view's copy among a session's temporary tables."""
    return f"temp.{quoted(f'{database}.sys.{name}'.lower())}"
