"""Opening a ledger: its database, its file, its schema version."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, delete, event, func, insert, inspect, select, text, tuple_, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from connectors.base import ConnectorError, Misconfigured, Unavailable
from flows import ledger_schema as t
from flows.difference_rows import give_life
from flows.ledger import Ledger

_NETWORK_FILESYSTEMS: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"})


def open_ledger(url: str, clock: Callable[[], datetime]) -> Ledger:
    """Connect, create the tables, and refuse a ledger that a newer version wrote."""
    parsed = make_url(url)
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise Misconfigured("Sổ cái chỉ dùng SQLite hoặc PostgreSQL. Sửa biến của ledger trong site.yaml.")
    if parsed.get_backend_name() == "sqlite":
        _prepare_file(Path(str(parsed.database)))
    elif parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    ledger = Ledger(engine, clock)
    try:
        _create(ledger)
    except ConnectorError:
        ledger.close()
        raise
    return ledger


def _prepare_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    if is_network(kind := filesystem_of(path.parent)):
        raise Misconfigured(
            f"Sổ cái SQLite nằm trên ổ mạng ({kind}): khóa tệp ở đó không tin được. "
            "Đặt site trên ổ của máy này, hoặc dùng PostgreSQL."
        )
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)


@dataclass(frozen=True)
class LedgerLook:
    """A ledger as it stands. ``version`` 0: there is none yet. ``found`` as the last sweeps counted, all sources."""

    server: str
    version: int = 0
    entries: int = 0
    found: int = 0


def look_at_ledger(url: str) -> LedgerLook:
    """See what a ledger holds without making or upgrading it. Raises ConnectorError when it cannot be reached."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).is_file():
        return LedgerLook(f"SQLite {sqlite3.sqlite_version}")
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, hide_parameters=True)
    try:
        with engine.connect() as c:
            name = "SQLite" if engine.dialect.name == "sqlite" else "PostgreSQL"
            server = f"{name} {'.'.join(str(part) for part in engine.dialect.server_version_info or ())}"
            tables = set(inspect(c).get_table_names())
            if not {"meta", "entry", "sweep"} <= tables:
                return LedgerLook(server)
            written = c.execute(select(t.meta.c.value).where(t.meta.c.name == "schema_version")).scalar()
            entries = c.execute(select(func.count()).select_from(t.entry)).scalar() or 0
            sweep = t.sweep.c
            last = select(sweep.source_id, func.max(sweep.number)).group_by(sweep.source_id)
            found = (
                c.execute(select(func.sum(sweep.found)).where(tuple_(sweep.source_id, sweep.number).in_(last))).scalar()
                or 0
            )
            return LedgerLook(server, int(written or 0), entries, int(found))
    except SQLAlchemyError as error:
        raise Unavailable(f"Không mở được sổ cái ({type(error).__name__}). Kiểm tra địa chỉ và mật khẩu.") from None
    finally:
        engine.dispose()


def is_network(kind: str) -> bool:
    """Whether a filesystem of this type lies on another machine."""
    return kind in _NETWORK_FILESYSTEMS


def filesystem_of(path: Path) -> str:
    """Type of the filesystem that holds ``path`` ("" when the system does not say)."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return ""
    resolved = path.resolve()
    inside = [(len(mount), kind) for mount, kind in mounts if resolved.is_relative_to(mount)]
    return max(inside)[1] if inside else ""


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN IMMEDIATE instead
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "cache_size=-65536"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _create(ledger: Ledger) -> None:
    with ledger.transaction() as c:
        if not ledger.is_sqlite:  # two commands may open a new ledger at the same moment
            c.execute(text("SELECT pg_advisory_xact_lock(7052025)"))
        t.meta.create(c, checkfirst=True)
        written = c.execute(select(t.meta.c.value).where(t.meta.c.name == "schema_version")).scalar()
        version = int(written or 0)
        if version > t.SCHEMA_VERSION:
            raise Misconfigured(
                f"Sổ cái do bản lienthong mới hơn ghi (phiên bản {version}, bản này hiểu {t.SCHEMA_VERSION}). "
                "Cài bản lienthong mới hơn rồi chạy lại."
            )
        t.metadata.create_all(c)  # an older ledger gets the tables it lacks
        if version == t.SCHEMA_VERSION:
            return
        if c.execute(select(t.meta.c.value).where(t.meta.c.name == "mark_salt")).scalar() is None:
            c.execute(insert(t.meta).values(name="mark_salt", value=secrets.token_hex(16)))
        if version:
            _back_up(ledger, version)
            _add_columns(c)
            give_life(c)
        c.execute(delete(t.meta).where(t.meta.c.name == "schema_version"))
        c.execute(insert(t.meta).values(name="schema_version", value=str(t.SCHEMA_VERSION)))


def _back_up(ledger: Ledger, version: int) -> None:
    """Copy a ledger in a file beside itself, once a version; a ledger on a server is its administrator's to keep."""
    if ledger.is_sqlite:
        file = Path(str(ledger.engine.url.database))
        backup = file.with_name(f"{file.name}.v{version}.bak")
        if not backup.exists():
            os.close(os.open(backup, os.O_CREAT | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(backup)) as copy:
                old.backup(copy)


def _add_columns(c: Connection) -> None:
    """Give older tables the columns that came later: all may be empty until a dossier is mapped, so map all again."""
    for table in t.metadata.sorted_tables:
        there = {column["name"] for column in inspect(c).get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                kind = column.type.compile(c.dialect)
                c.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"))
    c.execute(update(t.entry).where(t.entry.c.mapping_version.is_not(None)).values(mapping_version=""))
