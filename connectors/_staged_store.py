"""The private SQLite store into which files are shredded: built beside the old one, swapped in one step.

A store holds the declared tables and four of its own: ``_inputs`` (what was read), ``_broken`` (what could not be
read, by place), ``_undeclared`` (what stands in the files without a declared column) and ``_contents`` (stored files).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from connectors._staged_contents import Contents
from connectors._staged_rows import StagedTable, Staging, create_tables, finish_tables
from connectors.base import Forbidden, Unavailable

LAYOUT: Final = "4"
"""Raise it when stores of before must be built again."""
ATTEMPTS: Final = 3
CACHE_KB: Final = 32 * 1024


class Shredder(Protocol):
    """One kind of file: where its inputs lie, and how one of them becomes rows."""

    kind: str  # for technicians: "XML"
    tables: Sequence[StagedTable]
    version: str  # anything that changes the rows made of the same bytes
    root: Path

    def inputs(self) -> Iterator[tuple[str, Path]]:
        """(name, path) of every file to read, in an order that does not change. Raises Misconfigured."""

    def shred(self, stream: BinaryIO, name: str, staging: Staging) -> None:
        """Give the rows of one open file to ``staging``; what cannot be read goes to ``staging.broken``."""


@dataclass(frozen=True)
class Seen:
    """A file as the folder shows it; size -1: it cannot be looked at."""

    size: int
    mtime_ns: int


class Store:
    """The store of one source: ``path`` is the SQLite file, ``contents`` the stored files that its rows name."""

    def __init__(
        self, path: Path, shredder: Shredder, contents: Contents, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.path = path
        self.contents = contents
        self._shredder = shredder
        self._pause = pause

    def refresh(self) -> bool:
        """Build the store again when an input or a declared shape changed; True when it did."""
        try:
            inputs = {_printable(name): path for name, path in self._shredder.inputs()}
            seen = {name: _look(path) for name, path in inputs.items()}
            if self._is_current(inputs, seen):
                return False
            with self._alone():
                if self._is_current(inputs, seen):
                    return False  # another command built it meanwhile
                self._build(inputs)
            return True
        except PermissionError as error:
            raise Forbidden(
                f"Không được đọc {error.filename}. Cấp quyền đọc tệp này cho tài khoản đang chạy."
            ) from None
        except (OSError, sqlite3.OperationalError) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            raise Unavailable(
                f"Không dựng được kho đọc {self.path} từ {self._shredder.root}: {said}. "
                "Kiểm tra chỗ trống của ổ đĩa và thư mục nguồn rồi chạy lại."
            ) from None

    # ------------------------------------------------------------ is it still true

    def _is_current(self, inputs: Mapping[str, Path], seen: Mapping[str, Seen]) -> bool:
        if not self.path.is_file():
            return False
        store = sqlite3.connect(self.path, isolation_level=None)
        try:
            known = self._known(store)
            if known is None or set(known) != set(seen):
                return False
            moved = [name for name in seen if known[name][0] != seen[name]]
            if any(seen[name].size != known[name][0].size or seen[name].size < 0 for name in moved):
                return False
            if any(_digest(inputs[name]) != known[name][1] for name in moved):
                return False
            kept = store.execute("SELECT sha256 FROM _contents LIMIT 1").fetchone()
            if kept is not None and not self.contents.has(kept[0]):
                return False  # somebody took the stored files away
            times = [(seen[name].mtime_ns, name) for name in moved]
            store.executemany("UPDATE _inputs SET mtime_ns = ? WHERE name = ?", times)
        except sqlite3.DatabaseError:
            return False  # a store that is damaged is built again
        finally:
            store.close()
        return True

    def _known(self, store: sqlite3.Connection) -> dict[str, tuple[Seen, str]] | None:
        made = store.execute("SELECT value FROM _meta WHERE name = 'version'").fetchone()
        if made != (self._version,):
            return None
        rows = store.execute("SELECT name, size, mtime_ns, sha256 FROM _inputs")
        return {name: (Seen(size, mtime_ns), sha256) for name, size, mtime_ns, sha256 in rows}

    @property
    def _version(self) -> str:
        return f"{LAYOUT}:{self._shredder.version}"

    # ------------------------------------------------------------ building

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Unavailable(
                    f"Một lệnh khác đang đọc tệp của nguồn này vào {self.path}. Đợi lệnh ấy xong rồi chạy lại."
                ) from None
            yield
        finally:
            os.close(handle)

    def _build(self, inputs: Mapping[str, Path]) -> None:
        fresh = self.path.with_suffix(".new")
        _remove(fresh)
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        store = sqlite3.connect(fresh, isolation_level=None)
        try:
            for pragma in ("journal_mode = TRUNCATE", "synchronous = OFF", f"cache_size = -{CACHE_KB}"):
                store.execute(f"PRAGMA {pragma}")
            create_tables(store, self._shredder.tables)
            store.execute("INSERT INTO _meta VALUES ('version', ?)", (self._version,))
            for name, path in inputs.items():
                self._read(store, name, path)
            finish_tables(store, self._shredder.tables)
            kept = {sha256 for (sha256,) in store.execute("SELECT sha256 FROM _contents")}
            store.execute("PRAGMA journal_mode = DELETE")
            store.close()
            _to_disk(fresh, has_contents=bool(kept))
            fresh.replace(self.path)
        except BaseException:
            store.close()
            _remove(fresh)
            raise
        self.contents.keep_only(kept)

    def _read(self, store: sqlite3.Connection, name: str, path: Path) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            if attempt > 1:
                self._pause(1.0)
            store.execute("BEGIN")
            staging = Staging(store, self._shredder.tables, name, self.contents)
            if self._read_once(store, name, path, staging):
                store.execute("COMMIT")
                return
            store.execute("ROLLBACK")
        raise Unavailable(f"Tệp {name} thay đổi trong lúc đọc. Đợi việc chép, xuất tệp xong rồi chạy lại.")

    def _read_once(self, store: sqlite3.Connection, name: str, path: Path, staging: Staging) -> bool:
        """Read one input into the open transaction; False when it changed meanwhile."""
        fault = self._refusal(path)
        if fault:
            staging.broken(0, fault)
            staging.close()
            _note(store, name, _look(path), "")
            return True
        try:
            stream = _open(path)
        except FileNotFoundError:
            return False
        with stream:
            before = os.fstat(stream.fileno())
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            self._shredder.shred(stream, name, staging)
            staging.close()
            after = os.fstat(stream.fileno())
        seen = Seen(before.st_size, before.st_mtime_ns)
        _note(store, name, seen, sha256)
        return (after.st_size, after.st_mtime_ns) == (seen.size, seen.mtime_ns) and _look(path) == seen

    def _refusal(self, path: Path) -> str:
        """Why a name in the folder is not read at all."""
        root = self._shredder.root.resolve()
        try:
            if not path.resolve().is_relative_to(root):
                return "liên kết dẫn ra ngoài thư mục nguồn"
            mode = path.stat().st_mode
        except FileNotFoundError:
            return "liên kết dẫn tới một tệp không còn" if path.is_symlink() else ""
        except (RuntimeError, OSError) as error:  # a loop is one or the other, by the version of Python
            if isinstance(error, OSError) and error.errno != errno.ELOOP:
                raise
            return "liên kết vòng quanh"
        if path.is_symlink() and stat.S_ISDIR(mode):
            return "liên kết tới một thư mục: không đọc qua liên kết; chép hoặc gắn (mount) thư mục ấy vào đây"
        return "" if stat.S_ISREG(mode) else "không phải tệp thường"


def _note(store: sqlite3.Connection, name: str, seen: Seen, sha256: str) -> None:
    store.execute("INSERT INTO _inputs VALUES (?, ?, ?, ?)", (name, seen.size, seen.mtime_ns, sha256))


def _open(path: Path) -> BufferedReader:
    # a pipe that took the place of the file since must not hold us up
    return open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")


def _look(path: Path) -> Seen:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return Seen(-1, 0)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        return Seen(-1, 0)
    return Seen(found.st_size if stat.S_ISREG(found.st_mode) else -1, found.st_mtime_ns)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _remove(store: Path) -> None:
    for file in (store, store.with_name(f"{store.name}-journal")):
        file.unlink(missing_ok=True)


def _printable(name: str) -> str:
    """A name as it can be stored and shown: bytes that are no UTF-8 become ``\\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _to_disk(path: Path, *, has_contents: bool) -> None:
    if has_contents:
        os.sync()  # one call for all stored files: the store must not outlive what it names
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_undeclared(path: Path) -> list[tuple[str, str]]:
    """(table, name) of what stands in the inputs of a built store without a declared column."""
    return _ask(path, "SELECT tbl, path FROM _undeclared ORDER BY tbl, path")


def read_broken(path: Path) -> list[tuple[str, int, str, str, str]]:
    """(file, line, reason, hash of what stands there, hash of the input) of what could not be read into a store."""
    return _ask(
        path,
        "SELECT b.file, b.line, b.said, b.mark, i.sha256 FROM _broken b JOIN _inputs i ON i.name = b.input "
        "ORDER BY b.rowid",
    )


def count_replaced(path: Path) -> int:
    """How many records took the place of an earlier one of their key."""
    return int(_ask(path, "SELECT COUNT(*) FROM _replaced")[0][0])


def _ask(path: Path, sql: str) -> list[Any]:
    store = sqlite3.connect(path)
    try:
        return store.execute(sql).fetchall()
    finally:
        store.close()
