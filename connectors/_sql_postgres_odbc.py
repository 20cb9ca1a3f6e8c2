"""PostgreSQL through its ODBC driver, where only ODBC is installed: SQLAlchemy has no dialect for that pair."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import URL, Engine
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine.interfaces import DBAPIConnection, IsolationLevel

from connectors._sql_flavour import CONNECT_SECONDS, Flavour, braced, make_engine
from connectors._sql_odbc import decode_texts, lenient, text_or_bytes
from connectors.base import Cell, Misconfigured

_DRIVER: Final = "PostgreSQL Unicode"
_WAYS: Final = (  # rows by cursor, texts whole, flags and bytes as such
    "UseDeclareFetch=1;Fetch=1000;MaxLongVarcharSize=-4;MaxVarcharSize=8190;BoolsAsChar=0;ByteaAsLongVarBinary=1;"
    "LFConversion=0;TrueIsMinus1=0"
)
_AS_TEXT: Final = re.compile(r"timestamp|date|time|interval|numeric|uuid", re.IGNORECASE)


class PostgresOdbc(PyODBCConnector, PGDialect):
    """PostgreSQL's SQL over pyodbc: nothing but text statements and positional parameters."""

    supports_statement_cache = True

    def get_isolation_level_values(self, dbapi_connection: DBAPIConnection) -> list[IsolationLevel]:
        return [*super().get_isolation_level_values(dbapi_connection), "AUTOCOMMIT"]


def register() -> None:
    """Let a URL say ``postgresql+pyodbc``."""
    registry.register("postgresql.pyodbc", __name__, PostgresOdbc.__name__)


def open_postgres_odbc(url: URL, usual: Flavour) -> tuple[Engine, Flavour]:
    """Engine and flavour; ``usual`` is that of the native driver. Raises Misconfigured without the driver."""
    from dataclasses import replace

    import pyodbc

    driver = str(url.query.get("driver", _DRIVER))
    if driver not in pyodbc.drivers():
        raise Misconfigured(
            f"Chưa cài trình điều khiển ODBC {driver}. Cài: apt-get install odbc-postgresql; "
            "xem tên đúng bằng `odbcinst -q -d`."
        )
    place = {"Server": url.host or "", "Port": str(url.port or 5432), "Database": url.database or ""}
    parts = {"Driver": driver, **place, "Uid": url.username or "", "Pwd": str(url.password or "")}
    text = ";".join([*(f"{name}={braced(value)}" for name, value in parts.items()), _WAYS])
    flavour = replace(
        usual,
        cell=lambda column, declared: f"CAST({column} AS text)" if _AS_TEXT.match(declared) else column,
        stamp=_stamp,
        lenient=lenient,
        recover=text_or_bytes,
        tidy=_tidy,
    )
    connect = partial(pyodbc.connect, text, timeout=CONNECT_SECONDS, autocommit=True)
    return make_engine("postgresql+pyodbc://", creator=connect), flavour


def _stamp(raw: Any) -> None:
    import pyodbc

    decode_texts(raw, "utf-8")
    raw.setencoding("utf-8")
    raw.add_output_converter(pyodbc.SQL_GUID, lambda data: str(uuid.UUID(bytes_le=data)))
    cursor = raw.cursor()
    for setting in ("default_transaction_read_only = on", "datestyle = ISO", "timezone = 'UTC'"):
        cursor.execute(f"SET {setting}")
    if cursor.execute("SHOW server_encoding").fetchone()[0] == "SQL_ASCII":
        cursor.execute("SET client_encoding TO 'SQL_ASCII'")  # else one bad text fails its whole page over there
    cursor.close()


def _tidy(cell: Any) -> Cell:
    """What the driver made an object of, as PostgreSQL writes it.

    Cells of a table are cast to text before; this is for SQL of a profile, where an offset is lost on the way.
    """
    if isinstance(cell, datetime | date | time):
        text = str(cell)
        return text.rstrip("0") if "." in text else text
    return f"{cell:f}" if isinstance(cell, Decimal) else cell
