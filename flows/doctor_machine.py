"""What ``doctor`` sees of the machine itself: programs, ODBC, disk, clock, text, ports."""

from __future__ import annotations

import importlib.metadata
import locale
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from packaging.requirements import Requirement

from connectors.odbc import look_at_odbc
from flows.doctor import Sign, doubt, fault
from flows.failures import UNAVAILABLE, WRONG_SITE
from flows.ledger_open import filesystem_of, is_network
from flows.prefect_home import is_listening, running_server, settings_of
from flows.screen import number
from flows.site import LOCAL, Site

PREFECT_PORT: Final = 4200
OWN_TOOLS: Final = ("prefect", "sqlalchemy", "pyodbc", "lxml", "great-expectations")


def programs() -> Iterator[Sign]:
    """Python, the packages that the project asks for, and the machine they run on."""
    yield Sign("Máy", "hệ điều hành", f"{platform.system()} {platform.release()}, {os.cpu_count()} lõi")
    yield Sign("Máy", "Python", f"{platform.python_version()} ({sys.executable})")
    lacking, found = [], []
    for text in importlib.metadata.requires("lienthong") or ():
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            lacking.append(str(wanted))
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            lacking.append(f"{wanted} (đang có {version})")
        if wanted.name in OWN_TOOLS:
            found.append(f"{wanted.name} {version}")
    if lacking:
        remedy = "Chạy lại .ci/install runtime trong thư mục chương trình."
        yield fault("Máy", "gói Python", f"Thiếu hoặc sai bản: {', '.join(lacking)}.", remedy, WRONG_SITE)
    else:
        yield Sign("Máy", "gói Python", ", ".join(found))


def odbc(*, is_needed: bool) -> Iterator[Sign]:
    """The driver manager and its drivers. ``is_needed``: a source of the site connects through ODBC."""
    state = look_at_odbc()
    if state.trouble:
        said, remedy = f"Không nạp được trình quản lý ODBC ({state.trouble}).", "Chạy: apt-get install libodbc2"
        yield (
            fault("ODBC", "unixODBC", said, remedy, WRONG_SITE)
            if is_needed
            else doubt("ODBC", "unixODBC", said, f"Chỉ cần khi nối qua ODBC. {remedy}")
        )
        return
    files = ", ".join(map(str, state.files)) or "không có odbcinst.ini"
    yield Sign("ODBC", "unixODBC", f"pyodbc {state.version}; {files}")
    for driver in state.drivers:
        if driver.library and not driver.is_there:
            remedy = "Cài lại gói của trình điều khiển, hoặc sửa dòng Driver= trong odbcinst.ini."
            yield doubt("ODBC", driver.name, f"Không thấy tệp {driver.library}.", remedy)
        else:
            yield Sign("ODBC", driver.name, driver.library or "có")
    if not state.drivers:
        remedy = "Cài gói cần dùng: odbc-mariadb, odbc-postgresql, tdsodbc."
        yield doubt("ODBC", "trình điều khiển", "Chưa đăng ký trình điều khiển nào.", remedy)


def disk(site: Site) -> Iterator[Sign]:
    """Free space and kind of every folder that is written."""
    wanted = site.settings.free_space_mb
    for subject, folder in (("site", site.path), ("var", site.var), ("thư mục tạm", Path(tempfile.gettempdir()))):
        place = folder if folder.exists() else site.path
        free = shutil.disk_usage(place).free // 2**20
        kind = filesystem_of(place)
        said = f"{place}: còn {number(free)} MB ({kind or 'không rõ loại'})"
        if free < wanted:
            remedy = "Giải phóng chỗ trống, hoặc đổi free_space_mb trong site.yaml."
            yield fault("Đĩa", subject, f"{said}, cần ít nhất {number(wanted)} MB.", remedy, UNAVAILABLE)
        elif is_network(kind) and subject != "thư mục tạm":
            remedy = "Đặt site trên ổ của máy này, hoặc dùng sổ cái PostgreSQL."
            yield doubt("Đĩa", subject, f"{said}: ổ mạng, khóa tệp ở đó không tin được.", remedy)
        else:
            yield Sign("Đĩa", subject, said)
    yield from _secrecy(site)


def growth(site: Site, found: int, kept: int) -> Iterator[Sign]:
    """What the ledger will need for all ``found`` dossiers of the sources, by what the ``kept`` ones need."""
    file = site.var / "ledger.sqlite"
    if not (kept and found and file.is_file()):
        return
    used = file.stat().st_size / 2**20
    needed = used * found / kept
    free = shutil.disk_usage(site.var).free / 2**20
    said = f"{number(kept)} hồ sơ dùng {used:.0f} MB; cả {number(found)} hồ sơ cần chừng {needed:.0f} MB"
    if needed - used > free:
        yield doubt("Đĩa", "sổ cái", f"{said}, ổ chỉ còn {free:.0f} MB.", "Thêm ổ đĩa, hoặc dùng sổ cái PostgreSQL.")
    else:
        yield Sign("Đĩa", "sổ cái", said)


def _secrecy(site: Site) -> Iterator[Sign]:
    """The ledger is as secret as the database it copies."""
    for path in (site.path / ".env", site.var):
        if path.exists() and path.stat().st_mode & 0o077:
            mode = "700" if path.is_dir() else "600"
            yield doubt("Đĩa", path.name, f"Tài khoản khác trên máy này vào được {path}.", f"chmod {mode} {path}")


def clock() -> Iterator[Sign]:
    """The zone of this machine, and whether it knows Việt Nam's."""
    try:
        ZoneInfo(str(LOCAL))
    except (ZoneInfoNotFoundError, OSError):
        yield fault("Giờ", "múi giờ", "Máy không có dữ liệu múi giờ.", "Chạy: apt-get install tzdata", WRONG_SITE)
        return
    shown = time.strftime("%d/%m/%Y %H:%M:%S", time.localtime())
    yield Sign("Giờ", "máy này", f"{shown} theo {time.tzname[0]}; mọi con số của công cụ tính theo giờ Việt Nam")


def text() -> Iterator[Sign]:
    """Whether Vietnamese gets through the terminal and into file names."""
    encodings = {"màn hình": sys.stdout.encoding or "?", "tên tệp": sys.getfilesystemencoding()}
    wrong = {name: found for name, found in encodings.items() if found.lower().replace("-", "") != "utf8"}
    said = ", ".join(f"{name} {found}" for name, found in encodings.items())
    if wrong:
        remedy = "Đặt LANG=C.UTF-8 (thêm vào ~/.profile) rồi mở lại cửa sổ lệnh."
        yield doubt("Chữ Việt", "bảng mã", f"{said}; {locale.getlocale()[0] or 'không đặt ngôn ngữ'}", remedy)
    else:
        yield Sign("Chữ Việt", "bảng mã", said)


def ports(site: Site) -> Iterator[Sign]:
    """The port on which ``serve`` shows Prefect."""
    server = running_server(site, settings_of(site))
    if server is not None:
        yield Sign("Cổng", "Prefect", f"đang chạy tại {server.url}")
    elif is_listening(f"http://127.0.0.1:{PREFECT_PORT}"):
        remedy = "Dùng lienthong serve … --port 0, hoặc tắt chương trình kia."
        yield doubt("Cổng", "Prefect", f"Cổng {PREFECT_PORT} đang có chương trình khác dùng.", remedy)
    else:
        yield Sign("Cổng", "Prefect", f"cổng {PREFECT_PORT} còn trống cho lienthong serve")
