"""PostgreSQL through psycopg: all but numbers and bytes as text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, event

from connectors._sql_flavour import CONNECT_SECONDS, Flavour, is_number, make_engine
from connectors._sql_postgres_odbc import open_postgres_odbc
from connectors.base import Misconfigured


def open_postgres(url: URL) -> tuple[Engine, Flavour]:
    if url.get_driver_name() not in ("psycopg", "pyodbc"):
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
        utc="SELECT timezone('UTC', now())",
        can_write=_postgres_can_write,
        is_numeric=is_number,
    )
    if url.get_driver_name() == "pyodbc":
        return open_postgres_odbc(url, flavour)
    engine = make_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
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
