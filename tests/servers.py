"""Real servers for tests and benchmarks: private, on loopback, fast instead of durable, gone with their parent."""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote_plus

import psycopg
import pymysql
from sqlalchemy.engine import make_url

START_SECONDS = 90
STOP_SECONDS = 30
INSTALL_HINT = "chạy `make test` bằng root, hoặc: apt-get install mariadb-server postgresql chromium"

MakeDatabase = Callable[[], str]
"""Returns the URL of a fresh, empty database; the account may create users and grant rights."""


class ServerMissing(AssertionError):
    """A server program that the tests need is not installed. A failure, never a skip."""


def find_program(name: str, *folders: str) -> str:
    """Path of a server program, searched in PATH and in Debian's private folders, newest version first."""
    beside = sorted((found for folder in folders for found in Path("/").glob(f"{folder[1:]}/{name}")), reverse=True)
    found = str(beside[0]) if beside else shutil.which(name)
    if not found:
        raise ServerMissing(f"Thiếu chương trình {name}: {INSTALL_HINT}")
    return found


@contextmanager
def mariadb_server() -> Iterator[MakeDatabase]:
    """A private MariaDB for as long as the context lasts."""
    install, daemon = find_program("mariadb-install-db"), find_program("mariadbd", "/usr/sbin")
    with _home("mysql") as (home, user):
        data, port, password = home / "data", free_port(), secrets.token_hex(8)
        admin = f"CREATE USER admin@'127.0.0.1' IDENTIFIED BY '{password}'; GRANT ALL ON *.* TO admin@'127.0.0.1'"
        init = home / "init.sql"
        init.write_text(f"{admin} WITH GRANT OPTION;\n".replace("; ", ";\n"))
        init.chmod(0o644)
        run_as = _as_user(user)
        quick = ["--no-defaults", f"--datadir={data}", "--innodb-log-file-size=16M", "--innodb-use-native-aio=0"]
        _run([*run_as, install, *quick, "--skip-test-db", "--auth-root-authentication-method=normal"], home)
        lean = ["--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"]
        place = [f"--socket={home}/s", f"--port={port}", "--bind-address=127.0.0.1", f"--pid-file={home}/pid"]
        words = ["--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--skip-name-resolve"]
        command = [*run_as, daemon, *quick, *lean, *place, *words, f"--init-file={init}", f"--tmpdir={home}"]

        def create(name: str) -> str:
            connection = pymysql.connect(host="127.0.0.1", port=port, user="admin", password=password)
            with connection, connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}" if name else "SELECT 1")
            return f"mysql+pymysql://admin:{password}@127.0.0.1:{port}/{name}?charset=utf8mb4"

        with _running(command, home, signal.SIGTERM, lambda: create("")):
            yield _numbered(create)


@contextmanager
def postgres_server() -> Iterator[MakeDatabase]:
    """A private PostgreSQL for as long as the context lasts."""
    folder = "/usr/lib/postgresql/*/bin"
    initdb, daemon = find_program("initdb", folder), find_program("postgres", folder)
    with _home("postgres") as (home, user):
        data, port, password = home / "data", free_port(), secrets.token_hex(8)
        secret = home / "password"
        secret.write_text(password)
        secret.chmod(0o644)
        run_as = _as_user(user, "INT")
        quick = ["--no-sync", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8"]
        _run([*run_as, initdb, "-D", str(data), "-U", "admin", *quick], home)
        settings = {
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(home),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "64MB",
            "max_connections": "60",
        }
        command = [*run_as, daemon, "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]

        def create(name: str) -> str:
            login = f"postgresql://admin:{password}@127.0.0.1:{port}"
            with psycopg.connect(f"{login}/postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}" if name else "SELECT 1")
            return f"{login.replace('://', '+psycopg://')}/{name}"

        with _running(command, home, signal.SIGINT, lambda: create("")):
            yield _numbered(create)


def odbc_url(url: str) -> str:
    """The same database of MariaDB or PostgreSQL through its ODBC driver."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        return address.set(drivername="postgresql+pyodbc").render_as_string(hide_password=False)
    parts = f"DRIVER={{MariaDB Unicode}};SERVER={address.host};PORT={address.port};DATABASE={address.database}"
    login = f"{parts};USER={address.username};PASSWORD={address.password};CHARSET=utf8mb4"
    return f"mariadb+pyodbc:///?odbc_connect={quote_plus(login)}"


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _numbered(create: Callable[[str], str]) -> MakeDatabase:
    numbers = itertools.count(1)
    return lambda: create(f"t{next(numbers)}")


@contextmanager
def _home(account: str) -> Iterator[tuple[Path, str]]:
    """A short temporary folder owned by the account that will run the server: root must not."""
    home, user = Path(tempfile.mkdtemp(prefix="lt-", dir="/tmp")), ""
    try:
        if os.geteuid() == 0:
            entry = pwd.getpwnam(account)
            os.chown(home, entry.pw_uid, entry.pw_gid)
            user = account
        yield home, user
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _as_user(user: str, parent_death: str = "TERM") -> list[str]:
    """The prefix that drops root and lets the kernel stop the server when its parent dies, kill -9 included."""
    drop = [f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    return ["setpriv", *drop, "--pdeathsig", parent_death, "--"]


def _run(command: Sequence[str], home: Path) -> None:
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=START_SECONDS, check=False)
    if done.returncode:
        raise AssertionError(f"{command[0]} … hỏng:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


@contextmanager
def _running(command: Sequence[str], home: Path, stop: signal.Signals, ping: Callable[[], object]) -> Iterator[None]:
    """Start a server, wait until it answers, stop it at the end."""
    log = home / "log"
    with log.open("wb") as out, subprocess.Popen(command, cwd=home, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            _wait(process, log, ping)
            yield
        finally:
            process.send_signal(stop)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], log: Path, ping: Callable[[], object]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            ping()
            return
        except (pymysql.MySQLError, psycopg.Error) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-2000:]
                raise AssertionError(f"Máy chủ không khởi động: {type(error).__name__}\n{tail}") from error
        time.sleep(0.05)
