"""Prefect's home in a site, and the server a run is shown on: one that is up, or an own one for the time of the run.

Imports no Prefect: Prefect reads its settings from the environment when it is first imported.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from connectors.base import Misconfigured, Unavailable
from flows.ledger_trouble import process_identity
from flows.site import Site, make_private

START_SECONDS: Final = 180
STOP_SECONDS: Final = 10
REPORTS_ROUTE: Final = "/bao-cao"


class WithoutTraceback(logging.Filter):
    """Keep tracebacks out of Prefect: messages of foreign exceptions may hold personal values."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = record.stack_info = None
        return True


@dataclass
class Server:
    """A Prefect server. ``process`` is set when this command started it and must stop it."""

    url: str
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def api(self) -> str:
        return f"{self.url}/api"

    def check_alive(self) -> None:
        """Raise Unavailable when the own server has died."""
        if self.process is not None and self.process.poll() is not None:
            raise Unavailable(f"Máy chủ Prefect không khởi động được. Xem {self.log} rồi chạy lại.")

    def stop(self) -> None:
        """End the own server; one that was up before stays up."""
        if self.process is None or self.process.stdin is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def home_of(site: Site) -> Path:
    """Prefect's folder in a site; never in git, readable by its owner only."""
    return site.var / "prefect"


def settings_of(site: Site) -> dict[str, str]:
    """Prefect's settings for a site, as environment variables. What the site or the environment sets wins.

    No telemetry, no outside request of the UI (the second UI still makes one), no result on disk, no server that
    Prefect starts by itself, nothing on the terminal.
    """
    home = home_of(site)
    ours = {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui"),
        "PREFECT_SERVER_UI_API_URL": "/api",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_LOGGING_SETTINGS_PATH": str(Path(__file__).with_name("prefect_logging.yml")),
        "PREFECT_RUNNER_POLL_FREQUENCY": "3",
        "PREFECT_CLIENT_MAX_RETRIES": "3",
    }
    theirs = {name: value for name, value in site.environment.items() if name.startswith("PREFECT_")}
    if auth := theirs.get("PREFECT_SERVER_API_AUTH_STRING"):
        ours["PREFECT_API_AUTH_STRING"] = auth
    return {**ours, **theirs, "PREFECT_HOME": str(home)}


@contextmanager
def server_for(site: Site) -> Iterator[Server]:
    """The server that PREFECT_API_URL names, else the one of ``lienthong serve``, else an own one for this run.

    Returns while an own server is still starting: there is other work to do meanwhile. Changes the environment of
    this process, so it comes before the first import of Prefect.
    """
    settings = settings_of(site)
    server = running_server(site, settings) or start_server(site, settings)
    os.environ.update({**settings, "PREFECT_API_URL": server.api})
    try:
        yield server
    finally:
        server.stop()


def running_server(site: Site, settings: Mapping[str, str]) -> Server | None:
    """The server that the environment names or that ``serve`` left a note of; None when there is none."""
    log = home_of(site) / "server.log"
    if named := settings.get("PREFECT_API_URL"):
        return Server(named.rstrip("/").removesuffix("/api"), log)
    try:
        note = json.loads(note_file(site).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if process_identity(note["pid"]) != note["process"] or not is_listening(note["url"]):
        return None
    return Server(note["url"], log)


def note_file(site: Site) -> Path:
    """Where ``serve`` says that it is up."""
    return home_of(site) / "serve.json"


@contextmanager
def noted(site: Site, server: Server) -> Iterator[None]:
    """Leave a note of the server for as long as ``serve`` runs."""
    note = {"url": server.url, "pid": os.getpid(), "process": process_identity(os.getpid())}
    note_file(site).write_text(json.dumps(note), encoding="utf-8")
    make_private(note_file(site), is_folder=False)
    try:
        yield
    finally:
        note_file(site).unlink(missing_ok=True)


def is_listening(url: str) -> bool:
    """Whether somebody accepts connections at this address."""
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname or "127.0.0.1", address.port or 80), timeout=2):
            return True
    except OSError:
        return False


def start_server(site: Site, settings: Mapping[str, str], host: str = "127.0.0.1", port: int = 0) -> Server:
    """Start a server that ends with this process, kill -9 included; ``port`` 0 is any free one.

    It inherits the listening socket, so no port can be lost between choosing and using it, and a client that asks
    early waits for the answer. Its standard input is a pipe nobody writes to: its end is the parent's end.
    """
    make_private(site.var)
    home = make_private(home_of(site))
    try:
        listener = socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        raise _no_listener(error, host, port) from error
    with listener, os.fdopen(os.open(home / "server.log", _LOG_FLAGS, 0o600), "ab") as log:
        reports = site.var / "reports" if is_loopback(host) else ""
        command = [sys.executable, "-P", "-m", "flows.prefect_server", str(listener.fileno()), str(home), str(reports)]
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(listener.fileno(),),
            env={**os.environ, **settings, "PYTHONPATH": _import_path()},
            start_new_session=True,  # Ctrl-C ends the command, which then ends its server
            umask=0o077,
        )
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return Server(f"http://{shown}:{port}", home / "server.log", process)


def _import_path() -> str:
    room = str(Path(__file__).resolve().parents[1])
    return os.pathsep.join(filter(None, (room, os.environ.get("PYTHONPATH", ""))))


_LOG_FLAGS: Final = os.O_CREAT | os.O_WRONLY | os.O_TRUNC


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _no_listener(error: OSError, host: str, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return Misconfigured(f"Cổng {port} đang có chương trình khác dùng. Dùng --port 0 để lấy cổng trống.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Misconfigured(f"Không có quyền mở cổng {port}. Chọn cổng từ 1024 trở lên.")
    return Misconfigured(f"Không mở được địa chỉ {host}. Kiểm tra --host rồi chạy lại.")


def wait_for(server: Server) -> None:
    """Wait until the server answers; raises Unavailable."""
    from prefect.client.orchestration import get_client

    deadline = time.monotonic() + START_SECONDS
    with get_client(sync_client=True) as client:
        while (trouble := client.api_healthcheck()) is not None:
            server.check_alive()
            if server.process is None or time.monotonic() > deadline:
                raise Unavailable(
                    f"Máy chủ Prefect {server.url} không trả lời ({type(trouble).__name__}). "
                    "Kiểm tra địa chỉ này (PREFECT_API_URL hoặc --port) rồi chạy lại."
                )
            time.sleep(0.2)
