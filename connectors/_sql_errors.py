"""Driver exceptions in the words of recovery: Unavailable, Forbidden or Misconfigured, without what the driver said.

Driver texts may hold values and accounts; only names of tables, columns and databases are taken from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DBAPIError, StatementError, TimeoutError

from connectors._sql_mssql_errors import Reason, reason_of
from connectors.base import ConnectorError, Forbidden, Misconfigured, Unavailable

_Make = Callable[[str, str], ConnectorError]  # (place, driver's text)
_NAMED: Final = {
    "table": re.compile(r"(?:table|relation|Table|object name|object)[: ]+[\"'`]?(?:[\w$]+[`'\"]?\.[`'\"]?)*([\w$]+)"),
    "column": re.compile(
        r"column(?: name)?[: ]+[\"'`]?(?:[\w$]+\.)*([\w$]+)|column(?: name)? '(?:[\w$]+\.)*([\w$]+)'", re.IGNORECASE
    ),
    "database": re.compile(r"database \"([^\"]+)\""),
}
_NATIVE_CODE: Final = re.compile(r"\((\d{4})\)")
_MODULES: Final = {"pymysql": "pymysql", "psycopg": "psycopg[binary]", "pyodbc": "pyodbc", "MySQLdb": "mysqlclient"}


def _named(kind: str, text: str) -> str:
    found = _NAMED[kind].search(text)
    return next((name for name in found.groups() if name), "?") if found else "?"


def _unreachable(place: str, _: str) -> ConnectorError:
    return Unavailable(
        f"Không kết nối được cơ sở dữ liệu {place}. Kiểm tra máy chủ đang chạy, tên máy, cổng, tường lửa rồi chạy lại."
    )


def _busy(place: str, _: str) -> ConnectorError:
    return Unavailable(f"Cơ sở dữ liệu {place} đang bận hoặc vừa ngắt kết nối. Chạy lại sau ít phút.")


def _no_login(place: str, _: str) -> ConnectorError:
    return Forbidden(f"Cơ sở dữ liệu {place} từ chối tài khoản hoặc mật khẩu. Kiểm tra tên, mật khẩu và địa chỉ máy.")


def _no_right(place: str, text: str) -> ConnectorError:
    table = _named("table", text)
    return Forbidden(
        f"Tài khoản không được đọc bảng {table} của {place} (hoặc bảng không có). "
        f"Nhờ quản trị cấp quyền SELECT trên bảng này."
    )


def _no_database(place: str, _: str) -> ConnectorError:
    return Misconfigured(f"Không có cơ sở dữ liệu {place}. Kiểm tra tên cơ sở dữ liệu hoặc đường dẫn tệp trong URL.")


def _no_table(place: str, text: str) -> ConnectorError:
    return Misconfigured(f"Cơ sở dữ liệu {place} không có bảng {_named('table', text)}. Kiểm tra SQL trong profile.")


def _no_column(place: str, text: str) -> ConnectorError:
    return Misconfigured(f"Cơ sở dữ liệu {place} không có cột {_named('column', text)}. Kiểm tra SQL trong profile.")


def _bad_sql(place: str, _: str) -> ConnectorError:
    return Misconfigured(
        f"Cơ sở dữ liệu {place} không hiểu một câu SQL. Kiểm tra `where`, `sql`, `counts` trong profile."
    )


def _writes(place: str, _: str) -> ConnectorError:
    return Misconfigured(f"Một câu SQL trong profile muốn ghi vào {place}: nguồn chỉ được đọc. Sửa profile.")


def _bad_encoding(place: str, _: str) -> ConnectorError:
    return Misconfigured(f"Chữ đọc từ {place} không đúng bảng mã đã khai. Kiểm tra bảng mã trong URL.")


def _no_odbc_driver(place: str, _: str) -> ConnectorError:
    return Misconfigured(
        f"Không mở được trình điều khiển ODBC cho {place}. Cài gói của nó (apt-get install odbc-mariadb), "
        "rồi xem tên đúng bằng `odbcinst -q -d`."
    )


def _no_entry(place: str, text: str) -> ConnectorError:
    return Forbidden(
        f"Tài khoản không được vào cơ sở dữ liệu {_named('database', text)} trên máy chủ của {place}. "
        "Nhờ quản trị tạo người dùng của tài khoản này ở đó và cấp quyền SELECT."
    )


def _bad_value(place: str, _: str) -> ConnectorError:
    return Misconfigured(
        f"Một câu SQL trong profile so sánh hai kiểu dữ liệu không đổi được sang nhau ({place}). "
        "Kiểm tra kiểu của cột trong `where`, `sql`, `counts`."
    )


def _no_snapshot(place: str, _: str) -> ConnectorError:
    return Unavailable(f"Cơ sở dữ liệu {place} vừa đổi cách đọc ảnh chụp (SNAPSHOT). Chạy lại sau ít phút.")


def _no_certificate(place: str, _: str) -> ConnectorError:
    return Misconfigured(
        f"Máy này không tin chứng thư TLS của {place}. Cài chứng thư gốc của đơn vị vào máy (hoặc đặt SSL_CERT_FILE); "
        "chỉ trong mạng nội bộ tin cậy mới ghi `trust_certificate: true` cho nguồn này trong site.yaml."
    )


def _no_encryption(place: str, _: str) -> ConnectorError:
    return Misconfigured(
        f"Không thiết lập được TLS với {place}: máy chủ không hỗ trợ, hoặc chỉ có TLS đời cũ. Cập nhật SQL Server; "
        "chỉ trong mạng nội bộ tin cậy mới ghi `encrypt: false` cho nguồn này trong site.yaml."
    )


def _no_ticket(place: str, _: str) -> ConnectorError:
    return Forbidden(
        f"Không có vé Kerberos để đăng nhập Windows vào {place}. Chạy `kinit tài_khoản@MIỀN` rồi chạy lại, "
        "hoặc dùng tài khoản SQL (`windows_login: false`)."
    )


def _no_mssql_driver(place: str, _: str) -> ConnectorError:
    return Misconfigured(
        f"Không mở được trình điều khiển ODBC cho {place}. Cài: .venv/bin/pip install mssql-python-odbc "
        "(trình điều khiển 18 của Microsoft), hoặc apt-get install tdsodbc rồi ghi `odbc_driver: FreeTDS`."
    )


_MSSQL: Final[dict[Reason, _Make]] = {
    "no_login": _no_login,
    "no_right": _no_right,
    "no_database": _no_database,
    "no_entry": _no_entry,
    "no_table": _no_table,
    "no_column": _no_column,
    "bad_sql": _bad_sql,
    "bad_value": _bad_value,
    "writes": _writes,
    "unreachable": _unreachable,
    "busy": _busy,
    "no_snapshot": _no_snapshot,
    "no_certificate": _no_certificate,
    "no_encryption": _no_encryption,
    "no_ticket": _no_ticket,
    "no_driver": _no_mssql_driver,
}
_MYSQL: Final[dict[_Make, tuple[int, ...]]] = {
    _no_login: (1044, 1045, 1130, 1251, 1275, 1524, 1698, 1820, 4151),
    _no_right: (1142, 1143, 1227, 1370),
    _no_database: (1049,),
    _no_table: (1146, 1051),
    _no_column: (1054,),
    _bad_sql: (1064, 1052, 1055, 1060, 1066, 1247, 1305),
    _writes: (1290, 1792),
    _unreachable: (2002, 2003, 2005),
    _busy: (1040, 1053, 1129, 1203, 1205, 1213, 1226, 1317, 1969, 2006, 2013, 2014, 2055, 3024),
}
_STATES: Final[tuple[tuple[str, _Make], ...]] = (
    ("28", _no_login),
    ("42501", _no_right),
    ("3D", _no_database),
    ("42P01", _no_table),
    ("42S02", _no_table),
    ("42703", _no_column),
    ("42S22", _no_column),
    ("42", _bad_sql),
    ("22021", _bad_encoding),
    ("22", _bad_sql),
    ("25006", _writes),
    ("IM", _no_odbc_driver),
    ("08", _unreachable),
    ("HYT", _busy),
    ("53", _busy),
    ("55", _busy),
    ("57", _busy),
    ("40", _busy),
)
_WORDS: Final[tuple[tuple[str, _Make], ...]] = (  # where the driver gives no code: SQLite, and PostgreSQL's log-in
    (r"Can't open lib", _no_odbc_driver),
    (r"authentication failed|no pg_hba|role .* does not exist|not permitted to log in|no password", _no_login),
    (r"permission denied for (table|relation|view)", _no_right),
    (r"database .* does not exist|unable to open database file|file is not a database", _no_database),
    (r"no such table", _no_table),
    (r"no such column", _no_column),
    (r"readonly database|not authorized", _writes),
    (r"syntax error|no such function|ambiguous column|incomplete input", _bad_sql),
    (r"locked|disk I/O|busy|too many|remaining connection slots", _busy),
)


def translate(error: Exception, place: str, kind: str) -> ConnectorError:
    """The connector's word for any exception of SQLAlchemy or a driver; raise it ``from None``.

    ``kind``: the dialect; SQL Server's numbers are not MariaDB's.
    """
    if isinstance(error, ConnectorError):
        return error
    if isinstance(error, TimeoutError):
        return _busy(place, "")
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        missing = re.search(r"required for bind parameter '(\w+)'", str(error))
        hint = f" thiếu tham số :{missing[1]}" if missing else " sai"
        return Misconfigured(f"Một câu SQL trong profile{hint}. Sửa `where`, `sql` hoặc `counts` của nguồn {place}.")
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(cause, UnicodeError):
        return _bad_encoding(place, "")
    reason = reason_of(str(cause)) if kind == "mssql" else None
    told = _by_words(cause) if _code(cause).startswith("08") else None  # PostgreSQL's ODBC driver says no more by code
    make = _MSSQL[reason] if reason else told or _by_code(cause) or _by_words(cause)
    if make:
        return make(place, str(cause))
    return Unavailable(f"Cơ sở dữ liệu {place} báo lỗi {type(cause).__name__} {_code(cause)}".rstrip() + ".")


def missing_module(error: ImportError, place: str) -> Misconfigured:
    """A driver module that cannot be imported: what to install."""
    if "libodbc" in str(error):
        return Misconfigured(f"Thiếu thư viện unixODBC để đọc {place}. Cài: apt-get install libodbc2 unixodbc.")
    package = _MODULES.get(error.name or "", error.name or "?")
    return Misconfigured(f"Thiếu trình điều khiển {package} để đọc {place}. Cài: .venv/bin/pip install '{package}'.")


def _code(error: BaseException) -> str:
    """The server's own number where there is one (MariaDB's says more than its SQLSTATE), else the SQLSTATE."""
    first = error.args[0] if error.args else ""
    if isinstance(first, int):
        return str(first)
    return str(getattr(error, "sqlstate", None) or (first if re.fullmatch(r"\w{5}", str(first)) else ""))


def _by_code(error: BaseException) -> _Make | None:
    code, native = _code(error), _NATIVE_CODE.search(str(error))
    for number in (code, native[1] if native and type(error).__module__ == "pyodbc" else ""):
        for make, numbers in _MYSQL.items():
            if number.isdigit() and len(number) == 4 and int(number) in numbers:
                return make
    return next((make for start, make in _STATES if len(code) == 5 and code.startswith(start)), None)


def _by_words(error: BaseException) -> _Make | None:
    text = str(error)
    found = next((make for words, make in _WORDS if re.search(words, text, re.IGNORECASE)), None)
    if found is None and type(error).__module__.startswith("psycopg") and type(error).__name__ == "OperationalError":
        return _unreachable  # before log-in PostgreSQL's driver has no code to give
    return found
