"""From a URL to an engine that reads only, whichever kind of database it names."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from connectors._sql_errors import missing_module
from connectors._sql_flavour import Flavour
from connectors._sql_mariadb import open_mysql
from connectors._sql_mssql import open_mssql
from connectors._sql_postgres import open_postgres
from connectors._sql_postgres_odbc import register
from connectors._sql_sqlite import open_sqlite
from connectors.base import Misconfigured

_DRIVERS: Final = {
    "sqlite": "sqlite+pysqlite",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


def open_engine(url: str) -> tuple[Engine, Flavour, str]:
    """Engine, flavour and a name of the place (host and database, no account) for a URL."""
    register()
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
            "mariadb+pyodbc, postgresql+psycopg hoặc mssql+pyodbc."
        ) from None
    openers = {
        "sqlite": open_sqlite,
        "mysql": open_mysql,
        "mariadb": open_mysql,
        "postgresql": open_postgres,
        "mssql": open_mssql,
    }
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
    if instance := url.query.get("instance"):
        host = f"{host}\\{instance}"
    return f"{host}{f':{port}' if port else ''}/{database}" if host else database
