"""What ``doctor`` sees of the other systems and the ledger: names, ports, log-in, rights, versions, clocks."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from connectors._file_stores import FileServer, Store
from connectors._open_files import open_files
from connectors.base import Probe, Unavailable
from connectors.rest import RestTarget
from flows import doctor_machine as machine
from flows.doctor import Sign, doubt, fault, guarded
from flows.failures import WRONG_SITE
from flows.ledger_open import filesystem_of, look_at_ledger
from flows.ledger_schema import SCHEMA_VERSION
from flows.screen import number
from flows.site import Site, Source
from flows.workplace import open_connector
from mappings.profile import load_profile
from mappings.targets import load_target

CONNECT_SECONDS: Final = 5
CLOCK_SECONDS: Final = 60
"""Clocks that are further apart than this put a filing time in the future, or let a lease run out early."""


def examine(site: Site) -> Iterator[Sign]:
    """Everything, in the order in which a technician mends it."""
    yield from machine.programs()
    sources = list(_resolved(site))
    yield from machine.odbc(is_needed=any("pyodbc" in source.url for source in sources))
    yield from guarded("Đĩa", "ổ đĩa", partial(machine.disk, site))
    yield from machine.clock()
    yield from machine.text()
    yield from guarded("Cổng", "Prefect", partial(machine.ports, site))
    yield from guarded("Sổ cái", "sổ cái", partial(_ledger, site))
    for name in site.settings.sources:
        yield from guarded(f"Nguồn {name}", "nguồn", partial(_source, site, name))
    yield from guarded("Hệ thống nhận", "hệ thống nhận", partial(_target, site))


def _resolved(site: Site) -> Iterator[Source]:
    """The sources whose secrets are there; the others are told in their turn."""
    for name in site.settings.sources:
        with suppress(Exception):
            yield from site.sources((name,))


# ---------------------------------------------------------------- the ledger


def _ledger(site: Site) -> Iterator[Sign]:
    look = look_at_ledger(site.ledger_url())
    if not look.version:
        yield Sign("Sổ cái", look.server, "chưa có; lần chạy đầu tiên sẽ tạo")
    elif look.version > SCHEMA_VERSION:
        said = f"Sổ cái do bản mới hơn ghi (phiên bản {look.version}, bản này hiểu {SCHEMA_VERSION})."
        yield fault("Sổ cái", look.server, said, "Cài bản lienthong mới hơn.", WRONG_SITE)
    else:
        older = f"; lần chạy tới nâng từ phiên bản {look.version}" if look.version < SCHEMA_VERSION else ""
        yield Sign("Sổ cái", look.server, f"{number(look.entries)} hồ sơ{older}")
    yield from machine.growth(site, look.found, look.entries)


# ---------------------------------------------------------------- sources


def _source(site: Site, name: str) -> Iterator[Sign]:
    area = f"Nguồn {name}"
    (source,) = site.sources((name,))
    if source.settings.path is not None:
        yield from _inputs(area, site.path / source.settings.path)
        yield from guarded(area, "kho tệp", partial(_files, area, source.files))
        return
    yield from _reach(area, *address_of(source.url))
    started = time.monotonic()
    connector = open_connector(site, replace(source, files=None), load_profile(source.settings.profile, site.path))
    try:
        probe = connector.probe()
    finally:
        connector.close()
    spent = time.monotonic() - started
    yield Sign(area, "kết nối", f"{probe.server}, {number(len(probe.tables))} bảng, trả lời sau {spent:.1f} giây")
    yield from _rights(area, probe)
    if probe.utc:
        yield _clock(area, datetime.fromisoformat(probe.utc).replace(tzinfo=UTC))
    if not probe.has_snapshots:
        remedy = "Nhờ quản trị bật ALLOW_SNAPSHOT_ISOLATION (docs/sql-server.md), hoặc chạy ngoài giờ làm việc."
        yield doubt(area, "ảnh chụp", "Lượt đọc có thể phải chờ cán bộ đang ghi.", remedy)
    for note in probe.notes:
        yield doubt(area, "lưu ý", note, "Xem docs/limits.md.")
    yield from guarded(area, "kho tệp", partial(_files, area, source.files))


def _inputs(area: str, path: Path) -> Iterator[Sign]:
    """The files of a source, by their names alone: reading them is check's work, and may take minutes."""
    if not path.exists():
        remedy = "Chép tệp vào đó, gắn ổ đĩa mạng, hoặc sửa path của nguồn trong site.yaml."
        yield fault(area, "tệp", f"Không thấy {path}.", remedy, WRONG_SITE)
        return
    sizes = [file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    said = (
        f"{path}: {number(len(sizes))} tệp, {number(sum(sizes) // 2**20)} MB ({filesystem_of(path) or 'không rõ loại'})"
    )
    yield Sign(area, "tệp", said) if sizes else doubt(area, "tệp", f"{path} trống.", "Gắn ổ đĩa mạng, hoặc sửa path.")


def _rights(area: str, probe: Probe) -> Iterator[Sign]:
    if probe.can_write:
        remedy = "Nhờ quản trị cơ sở dữ liệu cấp tài khoản chỉ có quyền SELECT."
        yield doubt(area, "quyền", "Tài khoản có quyền ghi; công cụ chỉ đọc.", remedy)
    else:
        yield Sign(area, "quyền", "chỉ đọc")


def _files(area: str, store: Store) -> Iterator[Sign]:
    if isinstance(store, FileServer):
        yield from _file_server(area, store)
    elif store is not None and not store.is_dir():
        remedy = "Gắn (mount) kho tệp cũ, hoặc sửa files trong site.yaml."
        yield fault(area, "kho tệp", f"Không thấy kho tệp {store}.", remedy, WRONG_SITE)
    elif store is not None:
        yield Sign(area, "kho tệp", f"{store} ({filesystem_of(store) or 'không rõ loại'})")


def _file_server(area: str, server: FileServer) -> Iterator[Sign]:
    """The store behind HTTP; its address alone: check looks whether files are there."""
    address = urlsplit(server.url)
    yield from _reach(area, address.hostname or "", address.port or (443 if address.scheme == "https" else 80))
    files = open_files(server)
    try:
        files.check()
    finally:
        files.close()
    login = f"nhận đăng nhập ({server.login_env})" if server.login_env else "không cần đăng nhập"
    yield Sign(area, "kho tệp", f"{address.scheme}://{address.hostname}: trả lời, {login}")


def address_of(url: str) -> tuple[str, int]:
    """Host and port of a database URL; ("", 0) when it names none."""
    parsed = make_url(url)
    ports = {"mysql": 3306, "mariadb": 3306, "postgresql": 5432, "mssql": 1433}
    return parsed.host or "", parsed.port or ports.get(parsed.get_backend_name(), 0)


def _reach(area: str, host: str, port: int) -> Iterator[Sign]:
    """Name, route and port, before any driver has its say."""
    if not host or not port:
        return
    if "\\" in host:  # a named instance tells its port by itself
        yield Sign(area, "địa chỉ", f"{host}: thực thể có tên, cổng do SQL Server Browser báo")
        return
    try:
        started = time.monotonic()
        with socket.create_connection((host, port), timeout=CONNECT_SECONDS):
            spent = (time.monotonic() - started) * 1000
    except socket.gaierror:
        raise Unavailable(f"Không phân giải được tên máy {host}. Kiểm tra DNS hoặc dùng địa chỉ IP.") from None
    except TimeoutError:
        raise Unavailable(f"{host}:{port} không trả lời trong {CONNECT_SECONDS} giây: tường lửa chặn?") from None
    except OSError:
        raise Unavailable(f"{host} từ chối cổng {port}: máy chủ chưa chạy, hoặc sai cổng.") from None
    yield Sign(area, "địa chỉ", f"{host}:{port} mở, {spent:.0f} ms")


def _clock(area: str, theirs: datetime) -> Sign:
    apart = (theirs - datetime.now(UTC)).total_seconds()
    if abs(apart) > CLOCK_SECONDS:
        side = "nhanh" if apart > 0 else "chậm"
        remedy = "Bật đồng bộ giờ (NTP) ở cả hai máy: thời điểm nộp ở tương lai bị coi là sai."
        return doubt(area, "đồng hồ", f"{side} hơn máy này {abs(apart):.0f} giây.", remedy)
    return Sign(area, "đồng hồ", f"lệch {abs(apart):.0f} giây so với máy này")


# ---------------------------------------------------------------- the new system


def _target(site: Site) -> Iterator[Sign]:
    settings, area = site.settings.target, "Hệ thống nhận"
    if settings.is_rehearsal:
        yield Sign(area, "diễn tập", "do công cụ tự chạy khi cần; không phải hệ thống thật")
        return
    if settings.connector == "sql":
        yield from _tables(site, area)
        return
    url = site.secret(settings.url_env, "địa chỉ hệ thống mới")
    address = urlsplit(url)
    yield from _reach(area, address.hostname or "", address.port or (443 if address.scheme == "https" else 80))
    tokens = {"mã đẩy": settings.token_env, "mã đọc": settings.read_token_env}
    for subject, variable in tokens.items():
        if not variable:
            remedy = "Khai read_token_env: người đối soát nên có mã chỉ đọc của riêng mình."
            yield doubt(area, subject, "Đối soát dùng chung mã với việc đẩy.", remedy)
            continue
        yield from guarded(area, subject, partial(_token, site, url, variable, area, subject))


def _tables(site: Site, area: str) -> Iterator[Sign]:
    """Tables, columns and rights of both accounts."""
    settings = site.settings.target
    yield from _reach(area, *address_of(site.secret(settings.url_env, "địa chỉ cơ sở dữ liệu của hệ thống mới")))
    yield from guarded(area, "tài khoản ghi", partial(_account, site, area, "tài khoản ghi", reading=False))
    if settings.read_url_env:
        yield from guarded(area, "tài khoản đọc", partial(_account, site, area, "tài khoản đọc", reading=True))
    else:
        remedy = "Khai read_url_env: người đối soát nên có tài khoản chỉ đọc của riêng mình."
        yield doubt(area, "tài khoản đọc", "Đối soát dùng chung tài khoản với việc ghi.", remedy)


def _account(site: Site, area: str, subject: str, *, reading: bool) -> Iterator[Sign]:
    from flows.target_tables import open_tables

    target = open_tables(site, load_target(site.settings.target.profile, site.path), reading=reading)
    try:
        server = target.probe()
        kind = "diễn tập" if target.is_rehearsal else "thật"
    finally:
        target.close()
    yield Sign(area, subject, f"{server} ({kind}): đủ bảng, cột và quyền")


def _token(site: Site, url: str, variable: str, area: str, subject: str) -> Iterator[Sign]:
    target = RestTarget(url, site.secret(variable, "mã truy cập"), timeout_s=CONNECT_SECONDS * 2, retries=0)
    try:
        server = target.probe()
        kind = "diễn tập" if target.is_rehearsal else "thật"
        answered = target.answered_at
    finally:
        target.close()
    yield Sign(area, subject, f"{server} ({kind}) nhận mã {variable}")
    if answered is not None and subject == "mã đẩy":
        yield _clock(area, answered)
