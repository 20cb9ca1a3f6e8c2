"""``lienthong receiver``: the stand-in for a new system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from connectors.rehearsal.receiver import process as rehearsal_receiver
from flows.failures import FORBIDDEN, MATCHED, USAGE
from flows.screen import say
from flows.site import Site, load_site
from flows.verbs.options import Host, Port, Says

SAYS: Final[Says] = {
    "receiver": (
        "Chạy hệ thống nhận diễn tập (không phải hệ thống thật) cho đến khi dừng bằng Ctrl-C.",
        "Run the rehearsal receiver (a stand-in, not a real system) until Ctrl-C.",
    ),
    "database": (
        "Cơ sở dữ liệu của hệ thống nhận: đường dẫn SQLite hoặc địa chỉ PostgreSQL.",
        "The receiver's database: a SQLite path or a PostgreSQL URL.",
    ),
    "mode": (
        "Đóng vai ai: strict (đặc tả của công cụ), opencps, td; mặc định như target.mode của SITE.",
        "Whom it plays: strict (this tool's contract), opencps, td; by default target.mode of SITE.",
    ),
    "tables": (
        "Không chạy gì: dựng các bảng trống của TD.DichVuCong trong một cơ sở dữ liệu trống (target.url_env của SITE, "
        "hay --database), đánh dấu diễn tập, rồi thoát.",
        "Serve nothing: make the empty tables of TD.DichVuCong in an empty database (target.url_env of SITE, or "
        "--database), marked as made for rehearsals, and end.",
    ),
    "token_env": ("Tên biến môi trường chứa mã truy cập để đẩy.", "Environment variable with the token for pushing."),
    "read_token_env": (
        "Tên biến môi trường chứa mã truy cập chỉ đọc.",
        "Environment variable with the read-only token.",
    ),
    "fault": (
        "Diễn tập sự cố (lặp lại được): cut, limit, errors, stall, truncate, twice, expire; ví dụ cut:3, stall:10:30.",
        "Rehearse a fault (repeatable): cut, limit, errors, stall, truncate, twice, expire; e.g. cut:3, stall:10:30.",
    ),
}


class Mode(StrEnum):
    STRICT = "strict"
    OPENCPS = "opencps"
    TD = "td"


def run(
    site: Annotated[Path | None, typer.Argument(help="site", metavar="[SITE]")] = None,
    database: Annotated[str, typer.Option("--database", help="database")] = "",
    mode: Annotated[Mode | None, typer.Option("--mode", help="mode")] = None,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    token_env: Annotated[str, typer.Option("--token-env", help="token_env")] = "NEW_TOKEN",
    read_token_env: Annotated[str, typer.Option("--read-token-env", help="read_token_env")] = "",
    tables: Annotated[bool, typer.Option("--tables", help="tables")] = False,
    fault: Annotated[list[str] | None, typer.Option("--fault", help="fault", metavar="KIND:EVERY:SIZE")] = None,
) -> int:
    """Serve until Ctrl-C."""
    if tables:
        return _lay_tables(None if site is None else load_site(site), database)
    environment: Mapping[str, str] = os.environ
    if site is not None:
        loaded = load_site(site)
        environment = loaded.environment
        database = database or loaded.receiver_database()
        mode = mode or Mode(loaded.settings.target.mode)
    if not database:
        say("Cần --database hoặc một SITE có target.rehearsal.")
        return USAGE
    token = environment.get(token_env, "")
    if not token:
        say(f"Chưa có mã truy cập: đặt biến môi trường {token_env} rồi chạy lại.")
        return FORBIDDEN
    read_token = environment.get(read_token_env, "") or token
    how = ((mode or Mode.STRICT).value, tuple(fault or ()))
    rehearsal_receiver.serve(database, host, port, token, read_token, *how)
    return MATCHED


def _lay_tables(site: Site | None, url: str) -> int:
    from connectors.rehearsal.td_target import lay_tables  # the drivers of every database

    if not url and site is not None and site.settings.target.connector == "sql":
        url = site.database_url(site.secret(site.settings.target.url_env, "địa chỉ cơ sở dữ liệu của hệ thống mới"))
    if not url:
        say("Cần --database hoặc một SITE có target {connector: sql, url_env: …}.")
        return USAGE
    lay_tables(url)
    say("Đã dựng các bảng trống của TD.DichVuCong, đánh dấu diễn tập.")
    return MATCHED
