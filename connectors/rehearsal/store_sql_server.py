"""SQL Server as the generator fills it: the same door as the source has, its catalogue, and its errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy

from connectors._sql_mssql_address import connect, read_address
from connectors._sql_mssql_errors import Reason, reason_of
from connectors.base import ConnectorError, Forbidden, Misconfigured, Unavailable

PREPARE: Final = ("SET DATEFORMAT ymd",)
_SECONDS: Final = 15
_TABLES: Final = (
    "SELECT N'{alias}', s.name, o.name FROM {prefix}sys.objects o JOIN {prefix}sys.schemas s"
    " ON s.schema_id = o.schema_id WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0"
)
_FORBIDDEN: Final[tuple[Reason, ...]] = ("no_login", "no_right", "no_entry", "no_ticket", "writes")
_MISCONFIGURED: Final[Mapping[Reason, str]] = {
    "no_database": "Cơ sở dữ liệu diễn tập không tồn tại trên máy chủ.",
    "no_driver": "Không mở được trình điều khiển ODBC của SQL Server.",
    "no_certificate": "Máy này không tin chứng thư TLS của SQL Server. Máy diễn tập thì thêm trust_certificate=true "
    "hoặc encrypt=false vào URL.",
    "no_encryption": "Không thiết lập được TLS với SQL Server. Máy diễn tập thì thêm encrypt=false vào URL.",
}
_OWN: Final[tuple[Reason, ...]] = ("no_table", "no_column", "bad_sql", "bad_value")


def open_sql_server(url: sqlalchemy.URL) -> tuple[Any, dict[str, str]]:
    """A connection that commits when told to, and the further databases: name in the profile, lower case → its own."""
    # the generator writes: never the copy that only reads
    address = read_address(url.update_query_dict({"read_only_intent": "false"}))
    connection = connect(address, _SECONDS)
    connection.autocommit = False
    return connection, dict(address.databases)


def list_tables(databases: Mapping[str, str]) -> str:
    """Every table and view as (name in the profile of a further database, schema, name)."""
    places = {"": "", **{alias: f"{bracketed(name)}." for alias, name in databases.items()}}
    return " UNION ALL ".join(_TABLES.format(alias=alias, prefix=prefix) for alias, prefix in places.items())


def missing_owners(owners: Sequence[str], ask: Callable[[str], Sequence[Sequence[Any]]]) -> list[str]:
    """DDL of the schemas that are not there yet."""
    there = {str(name).casefold() for (name,) in ask("SELECT name FROM sys.schemas")} if owners else set()
    return [f"CREATE SCHEMA {bracketed(owner)}" for owner in owners if owner.casefold() not in there]


def table_place(name: str, databases: Mapping[str, str], owners: Sequence[str]) -> str:
    """``table``, ``owner.table`` or ``database.table`` as SQL Server takes it. Raises Misconfigured."""
    first, dot, table = name.partition(".")
    if not dot:
        return bracketed(name)
    if first in owners:
        return f"{bracketed(first)}.{bracketed(table)}"
    if first.lower() not in databases:
        raise Misconfigured(
            f"Phần mềm này có thêm cơ sở dữ liệu {first}: thêm database.{first}=<tên trên máy chủ> vào URL của --url."
        )
    return f"{bracketed(databases[first.lower()])}.dbo.{bracketed(table)}"


def bracketed(name: str) -> str:
    """A name between brackets."""
    return "[" + name.replace("]", "]]") + "]"


def named(error: BaseException) -> ConnectorError | None:
    """What to do about an error of the driver; None when the generator itself is wrong."""
    reason = reason_of(str(error))
    if reason in _OWN:
        return None
    if reason in _FORBIDDEN:
        return Forbidden(f"Không đủ quyền trên cơ sở dữ liệu diễn tập (SQL Server, {reason}).")
    if reason is not None and reason in _MISCONFIGURED:
        return Misconfigured(_MISCONFIGURED[reason])
    return Unavailable(f"Cơ sở dữ liệu diễn tập không dùng được lúc này (SQL Server{f', {reason}' if reason else ''}).")
