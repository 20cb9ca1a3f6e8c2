"""The receiver's database: SQLite by path, PostgreSQL by URL; opening and transactions."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Engine,
    any_,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError, SQLAlchemyError

from connectors.base import ConnectorError, Forbidden, Misconfigured, Unavailable
from connectors.rehearsal.receiver.tables import SCHEMA_VERSION, counter, metadata

_TAKE: Final = (
    update(counter)
    .where(counter.c.name == bindparam("counter"))
    .values(value=counter.c.value + bindparam("count"))
    .returning(counter.c.value)
)
BUSY_SECONDS: Final = 60
CONNECT_SECONDS: Final = 10


class Store:
    """An open database of the receiver."""

    def __init__(self, engine: Engine, folder: Path | None) -> None:
        self.folder = folder  # where large uploads wait; None: the system's folder for temporary files
        self._engine = engine
        self._writer = engine.execution_options(is_write=True)
        self._is_sqlite = engine.dialect.name == "sqlite"
        # SQLite lets one write at a time and its busy handler polls: queue here instead
        self._turn = Lock() if self._is_sqlite else nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes."""
        with self._turn, self._writer.begin() as connection:
            yield connection

    def reserve(self, name: str, count: int) -> range:
        """The next ``count`` numbers of a counter. A number is never given twice; gaps are normal."""
        with self.writing() as connection:
            last = self.next(connection, name, count)
        return range(last - count + 1, last + 1)

    def next(self, connection: Connection, name: str, count: int = 1) -> int:
        """The last of the next ``count`` numbers of a counter, taken by an open transaction."""
        last: int = connection.execute(_TAKE, {"counter": name, "count": count}).scalar_one()
        return last

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()


def among(connection: Connection, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """``column`` is one of ``values``, which travel as one parameter: a list of them costs as much as the query."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(values)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(cast(list(values), ARRAY(column.type)))


def open_store(database: str) -> Store:
    """Open or create the database: a path is a SQLite file, else a URL. Raises ConnectorError."""
    url, folder = _place(database)
    name = url.render_as_string(hide_password=True) if folder is None else str(url.database)
    try:
        if folder is not None:
            _make_private(Path(str(url.database)))
        store = Store(_engine(url), folder)
        _prepare(store)
    except OSError as error:
        raise Misconfigured(
            f"Không tạo được cơ sở dữ liệu của hệ thống nhận tại {name}: {os.strerror(error.errno or 0)}. "
            "Kiểm tra quyền của thư mục."
        ) from None
    except SQLAlchemyError as error:
        raise explain(error, name) from None
    return store


def _place(database: str) -> tuple[URL, Path | None]:
    """The URL, and the folder of a SQLite file."""
    try:
        url = make_url(database) if "://" in database else URL.create("sqlite", database=database)
    except (ArgumentError, ValueError):
        raise Misconfigured("URL cơ sở dữ liệu của hệ thống nhận viết sai. Mẫu: postgresql://…/tên") from None
    kind = url.get_backend_name()
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            raise Misconfigured("Hệ thống nhận diễn tập cần một tệp SQLite, không chạy trong bộ nhớ.")
        path = Path(url.database).resolve()
        return url.set(database=str(path)), path.parent
    if kind == "postgresql":
        return url.set(drivername="postgresql+psycopg"), None
    raise Misconfigured(f"Hệ thống nhận diễn tập chỉ chạy trên SQLite hoặc PostgreSQL, không phải {kind}.")


def _make_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its -wal and -shm the same mode


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        limits = {"connect_timeout": CONNECT_SECONDS, "application_name": "lienthong-receiver"}
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=limits)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _settle_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _settle_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver's guess
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("is_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _prepare(store: Store) -> None:
    """Create what is missing; refuse a database of another version."""
    with store.writing() as connection:
        metadata.create_all(connection)
        held = {row.name: row.value for row in connection.execute(select(counter))}
        for name, value in (("schema", SCHEMA_VERSION), ("dossier", 0), ("upload", 0), ("foreign", 0)):
            if name not in held:
                connection.execute(insert(counter).values(name=name, value=value))
    if held.get("schema", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise Misconfigured(
            "Cơ sở dữ liệu của hệ thống nhận diễn tập do một phiên bản khác tạo ra. "
            "Dùng một tệp hoặc cơ sở dữ liệu mới cho lần diễn tập này."
        )


def explain(error: SQLAlchemyError, name: str) -> ConnectorError:
    """A database trouble as an error named by what to do next; no text of the driver."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    state = getattr(cause, "sqlstate", None) or ""
    text = str(cause)
    if state in ("28P01", "28000", "42501") or "password authentication failed" in text:
        return Forbidden(f"Cơ sở dữ liệu {name} của hệ thống nhận từ chối tài khoản. Kiểm tra mật khẩu và quyền.")
    if state == "3D000" or ('database "' in text and "does not exist" in text):
        return Misconfigured(f"Không có cơ sở dữ liệu {name} cho hệ thống nhận. Tạo nó hoặc sửa URL.")
    if "unable to open database file" in text:
        return Misconfigured(f"Không mở được tệp {name} của hệ thống nhận. Kiểm tra đường dẫn và quyền.")
    if isinstance(error, OperationalError):
        return Unavailable(f"Không dùng được cơ sở dữ liệu {name} của hệ thống nhận. Kiểm tra máy chủ và ổ đĩa.")
    if isinstance(error, DatabaseError):
        return Misconfigured(
            f"Cơ sở dữ liệu {name} của hệ thống nhận hỏng hoặc không phải của nó. "
            "Khôi phục bản sao lưu hoặc chỉ tới tệp khác."
        )
    return Misconfigured(f"Không mở được cơ sở dữ liệu {name} của hệ thống nhận ({type(error).__name__}).")
