"""SQL Server through ODBC: Microsoft's driver or FreeTDS; everything but numbers and bytes as text.

Reads see one moment where the database allows snapshots; elsewhere they take the short locks of READ COMMITTED, give
way at once in a deadlock, and never wait long. NOLOCK is not used: it loses rows and reads others twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import URL, Engine

from connectors._sql_flavour import CONNECT_SECONDS, READ_SECONDS, Flavour, is_number, make_engine
from connectors._sql_mssql_address import Address, connect, read_address
from connectors._sql_mssql_admit import admitted
from connectors._sql_mssql_cells import lenient, stamp_cells
from connectors.base import Misconfigured

LOCK_SECONDS: Final = 10
"""How long a read waits for a clerk's write before it gives up (Unavailable)."""

_SETTINGS: Final = (  # FreeTDS may cut long cells without the last one
    f"SET DATEFORMAT ymd; SET LOCK_TIMEOUT {LOCK_SECONDS * 1000}; SET DEADLOCK_PRIORITY LOW; SET TEXTSIZE 2147483647"
)
_CHANGES: Final = ("INSERT", "UPDATE", "DELETE")
_COLUMNS: Final = """
SELECT N'{alias}' AS base, s.name AS owner, o.name AS tab, c.name AS col, t.name AS kind, c.max_length, c.precision,
 c.scale, k.column_id AS keyed, c.column_id AS ordinal
FROM {prefix}sys.columns c
JOIN {prefix}sys.objects o ON o.object_id = c.object_id
JOIN {prefix}sys.schemas s ON s.schema_id = o.schema_id
LEFT JOIN {prefix}sys.types t ON t.user_type_id = c.system_type_id
LEFT JOIN (SELECT ic.object_id, ic.column_id FROM {prefix}sys.index_columns ic
 JOIN {prefix}sys.indexes i ON i.object_id = ic.object_id AND i.index_id = ic.index_id
 WHERE i.is_primary_key = 1 AND ic.key_ordinal > 0) k ON k.object_id = c.object_id AND k.column_id = c.column_id
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0
"""
_MAY: Final = "HAS_PERMS_BY_NAME({what}, '{kind}', '{right}') = 1"
_SNAPSHOTS: Final = (
    "SELECT COUNT(*) FROM sys.databases WHERE snapshot_isolation_state = 1 AND name IN (DB_NAME(){others})"
)
_SERVER: Final = "SELECT N'SQL Server ' + CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(40))"
_UTC: Final = "SELECT SYSUTCDATETIME()"
_LEVEL: Final = "SELECT transaction_isolation_level FROM sys.dm_exec_sessions WHERE session_id = @@SPID"
_SNAPSHOT: Final = 5
_TEXTS: Final = re.compile(r"n?(var)?char\b|n?text$|xml$", re.IGNORECASE)
_KEYS: Final = re.compile(r"(var)?char\(\d+\)|uniqueidentifier", re.IGNORECASE)


def open_mssql(url: URL) -> tuple[Engine, Flavour]:
    if url.get_driver_name() != "pyodbc":
        raise Misconfigured(f"Trình điều khiển {url.get_driver_name()} chưa dùng được: dùng mssql+pyodbc.")
    address = read_address(url)
    flavour = Flavour(
        begin="BEGIN TRANSACTION",
        catalogue=catalogue_query(address.databases),
        server=_SERVER,
        utc=_UTC,
        can_write=lambda connection: bool(connection.exec_driver_sql(rights_query()).scalar()),
        is_numeric=is_number,
        has_snapshots=lambda connection: connection.exec_driver_sql(_LEVEL).scalar() == _SNAPSHOT,
        is_guid=lambda declared: declared == "uniqueidentifier",
        describe=partial(_describe, address.databases),
        place=partial(_place, address.databases),
        cell=_cell,
        exact=_exact,
        bound=_bound,
        limit=lambda sql, rows: f"SELECT TOP ({rows}) {sql.removeprefix('SELECT ')}",
        admit=admitted,
        size=lambda cell: f"DATALENGTH({cell})",
        stamp=partial(_stamp, address),
        lenient=lenient,
    )
    return make_engine("mssql+pyodbc://", creator=partial(connect, address, CONNECT_SECONDS)), flavour


def _stamp(address: Address, raw: Any) -> None:
    """Prepare a session; SNAPSHOT only where every database that is read allows it."""
    raw.autocommit = True
    raw.timeout = READ_SECONDS
    stamp_cells(raw, address.varchar)
    cursor = raw.cursor()
    cursor.execute(_SETTINGS)
    others = sorted(set(address.databases.values()))
    allowed = cursor.execute(snapshots_query(others)).fetchone()[0]
    level = "SNAPSHOT" if allowed > len(others) else "READ COMMITTED"
    cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
    cursor.close()


# ---------------------------------------------------------------- questions to the catalogue


def catalogue_query(databases: Mapping[str, str]) -> str:
    """Every column of the database and of the further ones, tables in the order of their names."""
    places = {"": "", **{alias: f"{_quoted(name)}." for alias, name in databases.items()}}
    parts = [_COLUMNS.format(alias=alias, prefix=prefix) for alias, prefix in places.items()]
    return "UNION ALL".join(parts) + "ORDER BY base, owner, tab, ordinal"


def rights_query() -> str:
    """1 when the account may change the database, by a right on all of it or on one table."""
    whole = [_MAY.format(what="DB_NAME()", kind="DATABASE", right=right) for right in (*_CHANGES, "ALTER")]
    name = "QUOTENAME(s.name) + N'.' + QUOTENAME(o.name)"
    single = [_MAY.format(what=name, kind="OBJECT", right=right) for right in _CHANGES]
    return (
        f"SELECT CASE WHEN {' OR '.join(whole)} OR EXISTS (SELECT 1 FROM sys.objects o JOIN sys.schemas s"
        f" ON s.schema_id = o.schema_id WHERE o.type = 'U' AND ({' OR '.join(single)})) THEN 1 ELSE 0 END"
    )


def snapshots_query(others: Sequence[str]) -> str:
    """How many of the databases that are read allow snapshots."""
    return _SNAPSHOTS.format(others="".join(f", {_literal(name)}" for name in others))


def _describe(databases: Mapping[str, str], row: Sequence[Any]) -> Sequence[Any]:
    alias, owner, table, column, kind, length, precision, scale, keyed, _ = row
    name = ".".join(part for part in (alias, "" if owner == "dbo" else owner, table) if part)
    place = ".".join(_quoted(part) for part in (databases.get(alias, ""), owner, table) if part)
    return name, column, _declared(str(kind or "variant"), length, precision, scale), keyed is not None, place


def _declared(kind: str, length: int, precision: int, scale: int) -> str:
    if kind in ("nchar", "nvarchar", "char", "varchar", "binary", "varbinary"):
        letters = length // 2 if kind.startswith("n") else length
        return f"{kind}({'max' if length < 0 else letters})"
    if kind in ("decimal", "numeric"):
        return f"{kind}({precision},{scale})"
    return f"{kind}({scale})" if kind in ("datetime2", "time", "datetimeoffset") else kind


def _place(databases: Mapping[str, str], name: str, quote: Callable[[str], str]) -> str:
    """``table``, ``schema.table``, ``database.table`` or ``database.schema.table`` as FROM takes it."""
    first, *rest = name.split(".")
    if rest and first.lower() in databases:
        rest = rest if len(rest) > 1 else ["dbo", *rest]
        return ".".join(map(quote, [databases[first.lower()], *rest]))
    return ".".join(map(quote, [first, *rest]))


def _bound(mark: str, declared: str) -> str:
    """A bound in the type of its column; whole numbers as bigint: a child may count narrower than its parent."""
    if declared in ("int", "smallint", "tinyint"):
        return f"CAST({mark} AS bigint)"
    return f"CAST({mark} AS {declared})" if _KEYS.fullmatch(declared) else mark


def _quoted(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def _literal(text: str) -> str:
    return "N'" + text.replace("'", "''") + "'"


# ---------------------------------------------------------------- columns


def _cell(column: str, declared: str) -> str:
    """What has no MIN, or no way through ODBC, is selected as its nearest type that has."""
    near = {
        "bit": "tinyint", "text": "varchar(max)", "ntext": "nvarchar(max)", "xml": "nvarchar(max)",
        "image": "varbinary(max)", "sql_variant": "nvarchar(4000)", "variant": "varbinary(max)",
        "timestamp": "binary(8)",
    }  # fmt: skip
    return f"CAST({column} AS {near[declared]})" if declared in near else column


def _exact(column: str, declared: str) -> str:
    if not _TEXTS.match(declared):
        return _cell(column, declared)
    return f"CAST({_cell(column, declared)} AS varbinary(max))"
