"""What differs between SQLite, MariaDB/MySQL and PostgreSQL: opening read-only, catalogues, cells as stored."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from connectors._sql_errors import missing_module
from connectors.base import Cell, Misconfigured

CONNECT_SECONDS: Final = 10
READ_SECONDS: Final = 900
"""Longest silence of a server before the read counts as lost; a tally of a large table is slow."""

_DRIVERS: Final = {
    "sqlite": "sqlite+pysqlite",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_WRITE_RIGHTS: Final = re.compile(r"\b(ALL PRIVILEGES|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|SUPER)\b")


@dataclass(frozen=True)
class Flavour:
    """One kind of database behind one driver."""

    begin: str
    catalogue: str  # SQL → (table, column, type, is part of the primary key), in declared order
    server: str  # SQL → the server's name and version
    can_write: Callable[[Connection], bool]
    is_numeric: Callable[[str], bool]
    cell: Callable[[str, str], str] = lambda column, _: column
    exact: str = "{0}"  # groups texts that the collation would equate apart
    stamp: Callable[[Any], None] = lambda _: None  # prepares a new driver connection
    lenient: Callable[[Any], Callable[[], None]] | None = None  # reads undecodable text; returns the way back
    smuggle: Callable[[str], str] = str  # SQL text while lenient
    recover: Callable[[Cell], Cell] | None = None  # a cell read while lenient


def open_engine(url: str) -> tuple[Engine, Flavour, str]:
    """Engine, flavour and a name of the place (host and database, no account) for a URL."""
    try:
        parsed = make_url(url)
        parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
        dialect = parsed.get_dialect()
    except (ArgumentError, ValueError):
        raise Misconfigured(
            "URL của cơ sở dữ liệu sai dạng. Mẫu: mysql+pymysql://tài_khoản:mật_khẩu@máy:3306/tên_csdl."
        ) from None
    except NoSuchModuleError:
        raise Misconfigured(
            f"Không biết loại cơ sở dữ liệu {parsed.drivername}. Dùng sqlite, mysql+pymysql, mysql+pyodbc, "
            "mariadb+pyodbc hoặc postgresql+psycopg."
        ) from None
    openers = {"sqlite": _open_sqlite, "mysql": _open_mysql, "mariadb": _open_mysql, "postgresql": _open_postgres}
    opener = openers.get(dialect.name)
    place = _place(parsed)
    if opener is None:
        raise Misconfigured(f"Chưa đọc được loại cơ sở dữ liệu {dialect.name} ({place}).")
    try:
        engine, flavour = opener(parsed)
    except ImportError as error:
        raise missing_module(error, place) from None
    event.listen(engine, "connect", lambda connection, _record: flavour.stamp(connection))
    return engine, flavour, place


def _place(url: URL) -> str:
    options = dict(re.findall(r"(\w+)\s*=\s*([^;]*)", str(url.query.get("odbc_connect", ""))))
    options = {name.lower(): value for name, value in options.items()}
    host, port = url.host or options.get("server", ""), url.port or options.get("port", "")
    database = url.database or options.get("database", "")
    return f"{host}:{port}/{database}" if host else database


def _engine(url: URL | str, **options: Any) -> Engine:
    few = {"pool_size": 1, "max_overflow": 1, "pool_timeout": 60, "pool_pre_ping": True, "poolclass": QueuePool}
    return create_engine(url, hide_parameters=True, isolation_level="AUTOCOMMIT", **few, **options)


def _trim(moment: str) -> str:
    return moment[:-7] if moment.endswith(".000000") else moment


# ---------------------------------------------------------------- SQLite


def _open_sqlite(url: URL) -> tuple[Engine, Flavour]:
    path = Path(re.sub(r"^file:|\?.*$", "", url.database or "")).expanduser()
    if not path.is_file():
        raise Misconfigured(
            f"Không thấy tệp SQLite {path}. Kiểm tra đường dẫn trong URL (sqlite:////đường/dẫn.sqlite)."
        )

    def connect() -> sqlite3.Connection:
        address = f"file:{quote(str(path.resolve()))}?mode=ro"
        return sqlite3.connect(address, uri=True, timeout=CONNECT_SECONDS, check_same_thread=False)

    flavour = Flavour(
        begin="BEGIN",
        catalogue="SELECT m.name, p.name, p.type, p.pk > 0 FROM sqlite_master m JOIN pragma_table_info(m.name) p"
        " WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, p.cid",
        server="SELECT 'SQLite ' || sqlite_version()",
        can_write=lambda _: os.access(path, os.W_OK),
        # any column without text affinity may hold numbers
        is_numeric=lambda declared: not re.search(r"char|clob|text", declared, re.IGNORECASE),
        cell=_sqlite_cell,
        exact="{0} COLLATE BINARY",
        stamp=lambda raw: raw.execute("PRAGMA query_only = ON").close(),
        lenient=_lenient_sqlite,
    )
    return _engine("sqlite+pysqlite://", creator=connect), flavour


def _sqlite_cell(column: str, declared: str) -> str:
    if not re.search(r"date|time", declared, re.IGNORECASE):
        return column
    return f"CASE typeof({column}) WHEN 'text' THEN replace({column}, '.000000', '') ELSE {column} END"


def _lenient_sqlite(raw: sqlite3.Connection) -> Callable[[], None]:
    def text_or_bytes(stored: bytes) -> str | bytes:
        try:
            return stored.decode()
        except UnicodeDecodeError:
            return stored

    def back() -> None:
        raw.text_factory = str

    raw.text_factory = text_or_bytes
    return back


# ---------------------------------------------------------------- MariaDB and MySQL


def _open_mysql(url: URL) -> tuple[Engine, Flavour]:
    is_odbc = url.get_driver_name() == "pyodbc"
    if not is_odbc and url.get_driver_name() != "pymysql":
        raise Misconfigured(
            f"Trình điều khiển {url.get_driver_name()} chưa dùng được: dùng mysql+pymysql hoặc mysql+pyodbc."
        )
    begin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
    flavour = Flavour(
        begin=begin,
        catalogue="SELECT table_name, column_name, column_type, column_key = 'PRI' FROM information_schema.columns"
        " WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
        server="SELECT CONCAT(IF(INSTR(VERSION(), 'Maria'), 'MariaDB ', 'MySQL '), SUBSTRING_INDEX(VERSION(), '-', 1))",
        can_write=_mysql_can_write,
        is_numeric=_is_number,
        exact="CAST({0} AS BINARY)",
        stamp=_stamp_odbc if is_odbc else _stamp_mysql,
        lenient=_lenient_odbc if is_odbc else _lenient_pymysql,
        smuggle=str if is_odbc else lambda sql: sql.encode().decode("latin-1"),
        recover=_text_or_bytes,
    )
    if is_odbc:
        return _engine(url, connect_args={"timeout": CONNECT_SECONDS}), flavour
    waits = {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
    return _engine(url, connect_args={"conv": _pymysql_cells(), **waits}), flavour


def _is_number(declared: str) -> bool:
    kinds = r"(unsigned |small|medium|tiny|big)*(int(eger|\d)?|serial)\b|long$|number|numeric|dec|double|float|real"
    return re.match(kinds, declared, re.IGNORECASE) is not None


def _mysql_can_write(connection: Connection) -> bool:
    database = str(connection.exec_driver_sql("SELECT DATABASE()").scalar())
    for (grant,) in connection.exec_driver_sql("SHOW GRANTS"):
        found = re.match(r"GRANT (.+?) ON (?:TABLE )?(?:`([^`]*)`|\*)\.", str(grant))
        if found and _WRITE_RIGHTS.search(found[1]):
            where = (found[2] or "%").replace("\\", "")
            if where == database or "%" in where:
                return True
    return False


def _stamp_mysql(raw: Any) -> None:
    cursor = raw.cursor()
    cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.close()


def _pymysql_cells() -> dict[Any, Any]:
    """PyMySQL's conversions without those that build dates and decimals: quicker, and '0000-00-00' survives."""
    from pymysql.constants import FIELD_TYPE
    from pymysql.converters import encoders

    whole = (FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG, FIELD_TYPE.INT24, FIELD_TYPE.YEAR)
    cells: dict[Any, Any] = dict(encoders)
    cells.update(dict.fromkeys(whole, int))
    cells.update(dict.fromkeys((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE), float))
    cells.update(dict.fromkeys((FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP), _trim))
    cells[FIELD_TYPE.BIT] = lambda bits: int.from_bytes(bits, "big")
    return cells


def _lenient_pymysql(raw: Any) -> Callable[[], None]:
    usual = raw.encoding

    def back() -> None:
        raw.encoding = usual

    raw.encoding = "latin-1"
    return back


def _stamp_odbc(raw: Any) -> None:
    import pyodbc

    _decode_odbc(raw, "utf-8")
    raw.setencoding("utf-8")
    moments = (pyodbc.SQL_TYPE_TIMESTAMP, pyodbc.SQL_TYPE_DATE, pyodbc.SQL_TYPE_TIME)
    for kind in (*moments, pyodbc.SQL_DECIMAL, pyodbc.SQL_NUMERIC):
        # the driver hands its own text to a converter, '0000-00-00' included
        raw.add_output_converter(kind, lambda text: _trim(text.decode("ascii")))
    _stamp_mysql(raw)


def _decode_odbc(raw: Any, encoding: str) -> None:
    import pyodbc

    for kind in (pyodbc.SQL_CHAR, pyodbc.SQL_WCHAR):
        # SQL_CHAR as the C type of both: 2.8 times quicker than wide characters
        raw.setdecoding(kind, encoding=encoding, ctype=pyodbc.SQL_CHAR)


def _lenient_odbc(raw: Any) -> Callable[[], None]:
    _decode_odbc(raw, "latin-1")
    return lambda: _decode_odbc(raw, "utf-8")


def _text_or_bytes(cell: Cell) -> Cell:
    """A cell read as latin-1, decoded as it should have been; the bytes where that fails."""
    if not isinstance(cell, str):
        return cell
    stored = cell.encode("latin-1")
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored


# ---------------------------------------------------------------- PostgreSQL


def _open_postgres(url: URL) -> tuple[Engine, Flavour]:
    if url.get_driver_name() != "psycopg":
        raise Misconfigured(f"Trình điều khiển {url.get_driver_name()} chưa dùng được: dùng postgresql+psycopg.")
    flavour = Flavour(
        begin="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        catalogue="SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),"
        " EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey))"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped"
        " AND pg_table_is_visible(c.oid) AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        " ORDER BY c.relname, a.attnum",
        server="SELECT 'PostgreSQL ' || current_setting('server_version')",
        can_write=_postgres_can_write,
        is_numeric=_is_number,
    )
    engine = _engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
    event.listen(engine, "do_connect", _connect_postgres)
    return engine, flavour


def _postgres_can_write(connection: Connection) -> bool:
    question = (
        "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (SELECT 1 FROM pg_class c"
        " WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) AND c.relnamespace <> 'pg_catalog'::regnamespace"
        " AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))"
    )
    return bool(connection.exec_driver_sql(question).scalar())


def _connect_postgres(dialect: Dialect, _record: object, args: list[Any], options: dict[str, Any]) -> Any:
    """Connect and stamp, before the dialect asks anything: it cannot read a database without encoding."""
    from psycopg.types.string import TextLoader

    raw: Any = dialect.connect(*args, **options)
    # an instant with a zone reads as UTC and carries its offset; everything but numbers and bytes stays text
    for setting in ("default_transaction_read_only = on", "datestyle = ISO", "timezone = 'UTC'"):
        raw.execute(f"SET {setting}")
    raw.commit()
    kept = {"bool", "int2", "int4", "int8", "oid", "float4", "float8", "bytea"}
    loader = TextLoader if raw.info.encoding != "ascii" else _postgres_text_or_bytes()
    for kind in raw.adapters.types:
        for number in {kind.oid if kind.name not in kept else 0, kind.array_oid} - {0}:
            raw.adapters.register_loader(number, loader)
    return raw


def _postgres_text_or_bytes() -> Any:
    """A loader for databases without a declared encoding (SQL_ASCII)."""
    from psycopg.adapt import Loader

    class TextOrBytes(Loader):
        def load(self, data: Any) -> str | bytes:
            stored = bytes(data)
            try:
                return stored.decode()
            except UnicodeDecodeError:
                return stored

    return TextOrBytes


def is_undecodable(error: Exception) -> bool:
    """Whether a read failed on text that is not valid in its declared encoding."""
    return isinstance(error, UnicodeDecodeError) or (
        isinstance(error, sqlite3.OperationalError) and str(error).startswith("Could not decode")
    )
