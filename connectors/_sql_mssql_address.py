"""Where a SQL Server is and how to enter it: from the options of a URL to one ODBC connection string."""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL

from connectors._sql_flavour import braced
from connectors.base import Misconfigured

FREETDS: Final = "FreeTDS"
_DATABASE: Final = "database."
_OPTIONS: Final = (
    "instance", "encrypt", "trust_certificate", "certificate", "windows_login", "read_only_intent", "odbc_driver",
    "varchar",
)  # fmt: skip
_INSTALLED: Final = ("ODBC Driver 18 for SQL Server", "ODBC Driver 17 for SQL Server")
_MACHINES: Final = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Address:
    """One database of one server, and the further databases that its profile reads under names of its own."""

    odbc: str  # the connection string, password included: never shown
    database: str
    databases: Mapping[str, str]  # the profile's name, lower case → the database on this server
    varchar: str  # encoding of texts that are not Unicode; "": as their collation says
    is_freetds: bool


def read_address(url: URL) -> Address:
    """The address that a URL spells. Raises Misconfigured for an option that is not known or a driver not installed."""
    options = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    databases = {
        name[len(_DATABASE) :].lower(): options.pop(name) for name in list(options) if name.startswith(_DATABASE)
    }
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise Misconfigured(
            f"Địa chỉ SQL Server có tùy chọn lạ: {', '.join(unknown)}. "
            f"Dùng được: {', '.join(_OPTIONS)}, database.<tên>."
        )
    varchar = _known_encoding(options.get("varchar", ""))
    driver = _driver(options.get("odbc_driver", ""))
    is_freetds = "tds" in driver.lower()
    parts = {"Driver": driver, **_server(url, options, is_freetds), **_login(url, options)}
    parts |= _freetds_ways(url, options) if is_freetds else _microsoft_ways(options)
    if _is_on(options.get("read_only_intent", "true")):
        parts["ApplicationIntent"] = "ReadOnly"
    text = ";".join(f"{name}={braced(value)}" for name, value in parts.items() if value)
    return Address(text, url.database or "", databases, varchar, is_freetds)


def _is_on(text: str) -> bool:
    return text.lower() in ("true", "yes", "on", "1")


def _server(url: URL, options: Mapping[str, str], is_freetds: bool) -> dict[str, str]:
    host, _, instance = (url.host or "").partition("\\")
    instance = options.get("instance", "") or instance
    database = {"Database": url.database or ""}
    if instance and not url.port:  # the server's browser service tells the port
        return {"Server": f"{host}\\{instance}", **database}
    port = str(url.port or 1433)
    return {"Server": host, "Port": port, **database} if is_freetds else {"Server": f"tcp:{host},{port}", **database}


def _login(url: URL, options: Mapping[str, str]) -> dict[str, str]:
    if _is_on(options.get("windows_login", "")):
        return {"Trusted_Connection": "yes"}
    return {"UID": url.username or "", "PWD": str(url.password or "")}


def _microsoft_ways(options: Mapping[str, str]) -> dict[str, str]:
    encrypt = options.get("encrypt", "true").lower()
    if options.get("certificate") and encrypt != "strict":
        raise Misconfigured("Khóa `certificate` chỉ dùng được cùng `encrypt: strict` (SQL Server 2022 trở lên).")
    return {
        "Encrypt": "strict" if encrypt == "strict" else "yes" if _is_on(encrypt) else "no",
        "TrustServerCertificate": "yes" if _is_on(options.get("trust_certificate", "")) else "no",
        "ServerCertificate": options.get("certificate", ""),
        "APP": "lienthong",
    }


def _freetds_ways(url: URL, options: Mapping[str, str]) -> dict[str, str]:
    """FreeTDS checks no certificate unless freetds.conf names an authority: encryption without it must be asked for."""
    encrypt = options.get("encrypt", "true").lower()
    if encrypt == "strict" or options.get("certificate"):
        raise Misconfigured("FreeTDS không có `encrypt: strict` và `certificate`. Dùng trình điều khiển của Microsoft.")
    if _is_on(encrypt) and not _is_on(options.get("trust_certificate", "")):
        raise Misconfigured(
            "FreeTDS không kiểm tra chứng thư của SQL Server. Ghi `trust_certificate: true` nếu chấp nhận điều đó, "
            "hoặc bỏ `odbc_driver` để dùng trình điều khiển của Microsoft."
        )
    if "}" in str(url.password or ""):
        raise Misconfigured("FreeTDS không nhận mật khẩu có dấu }. Đổi mật khẩu, hoặc bỏ `odbc_driver`.")
    ways = {"Encryption": "require" if _is_on(encrypt) else "off", "TDS_Version": "7.4", "ClientCharset": "UTF-8"}
    return {**ways, "APP": "lienthong"}


def _known_encoding(name: str) -> str:
    try:
        "".encode(name or "utf-8")
    except LookupError:
        raise Misconfigured(f"Không có bảng mã {name} (khóa `varchar`). Dùng cp1252, cp1258 hoặc latin-1.") from None
    return name


# ---------------------------------------------------------------- drivers


def _driver(asked: str) -> str:
    """Path or registered name of the ODBC driver; Microsoft's when none is asked for."""
    import pyodbc

    registered: list[str] = pyodbc.drivers()
    if asked:
        known = {name.lower(): name for name in registered}
        if asked.lower() in known or Path(asked).is_file():
            return known.get(asked.lower(), asked)
        package = "apt-get install tdsodbc" if "tds" in asked.lower() else ".venv/bin/pip install mssql-python-odbc"
        raise Misconfigured(
            f"Chưa cài trình điều khiển ODBC {asked}. Cài: {package}; xem tên đúng bằng `odbcinst -q -d`."
        )
    found = bundled_driver() or next((name for name in _INSTALLED if name in registered), "")
    if not found:
        raise Misconfigured(
            "Chưa cài trình điều khiển ODBC của SQL Server. Cài: .venv/bin/pip install mssql-python-odbc "
            "(trình điều khiển 18 của Microsoft, giấy phép của Microsoft), hoặc apt-get install tdsodbc "
            "rồi ghi `odbc_driver: FreeTDS`."
        )
    return found


def bundled_driver() -> str:
    """Microsoft's driver inside the package mssql-python-odbc, where it was installed; "" without that package."""
    package = importlib.util.find_spec("mssql_python_odbc")
    if package is None or not package.submodule_search_locations:
        return ""
    release = Path("/etc/os-release")
    said = release.read_text(encoding="utf-8") if release.exists() else ""
    family = "suse" if "suse" in said else "rhel" if "rhel" in said or "fedora" in said else "debian_ubuntu"
    machine = _MACHINES.get(platform.machine(), platform.machine())
    folder = Path(package.submodule_search_locations[0]) / "libs" / "linux" / family / machine / "lib"
    return str(next(iter(sorted(folder.glob("libmsodbcsql-18*.so*"), reverse=True)), ""))


def connect(address: Address, seconds: int) -> Any:
    """A new driver connection that commits every statement by itself."""
    import pyodbc

    pyodbc.pooling = False  # a pooled session would keep the settings of whoever had it before
    return pyodbc.connect(address.odbc, timeout=seconds, autocommit=True)
