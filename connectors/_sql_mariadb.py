"""MariaDB and MySQL, through PyMySQL or the ODBC driver: zero dates survive, bad text becomes bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine

from connectors._sql_flavour import CONNECT_SECONDS, READ_SECONDS, Flavour, is_number, make_engine, trim_moment
from connectors._sql_odbc import decode_texts, lenient, text_or_bytes
from connectors.base import Misconfigured

_WRITE_RIGHTS: Final = re.compile(r"\b(ALL PRIVILEGES|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|SUPER)\b")


def open_mysql(url: URL) -> tuple[Engine, Flavour]:
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
        utc="SELECT UTC_TIMESTAMP()",
        can_write=_mysql_can_write,
        is_numeric=is_number,
        piece_bytes=1 << 19,  # more than max_allowed_packet comes back as NULL; old servers have 1 MB
        exact=lambda column, _: f"CAST({column} AS BINARY)",
        stamp=_stamp_odbc if is_odbc else _stamp_mysql,
        lenient=lenient if is_odbc else _lenient_pymysql,
        smuggle=str if is_odbc else lambda sql: sql.encode().decode("latin-1"),
        recover=text_or_bytes,
    )
    if is_odbc:
        return make_engine(url, connect_args={"timeout": CONNECT_SECONDS}), flavour
    waits = {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
    return make_engine(url, connect_args={"conv": _pymysql_cells(), **waits}), flavour


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
    cells.update(dict.fromkeys((FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP), trim_moment))
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

    decode_texts(raw, "utf-8")
    raw.setencoding("utf-8")
    moments = (pyodbc.SQL_TYPE_TIMESTAMP, pyodbc.SQL_TYPE_DATE, pyodbc.SQL_TYPE_TIME)
    for kind in (*moments, pyodbc.SQL_DECIMAL, pyodbc.SQL_NUMERIC):
        # the driver hands its own text to a converter, '0000-00-00' included
        raw.add_output_converter(kind, lambda text: trim_moment(text.decode("ascii")))
    _stamp_mysql(raw)
