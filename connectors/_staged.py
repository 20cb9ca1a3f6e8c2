"""Sources that are files: shredded into a private SQLite store, then read as any database is.

Counts, joins, sweeps in constant memory, snapshots and fingerprints are those of :mod:`connectors.sql`. What a kind
of file adds is a shredder (:class:`connectors._staged_store.Shredder`).
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import URL

from connectors._file_stores import Files
from connectors._sql_files import hang_files, is_inside
from connectors._staged_contents import Contents
from connectors._staged_store import Shredder, Store, count_replaced, read_broken, read_undeclared
from connectors.base import Broken, Cell, Column, Join, Look, Misconfigured, Probe, ReadPlan, Record, Row, TableRead
from connectors.sql import SqlSource

UNDECLARED: Final = "undeclared"
"""Type of a column that stands in the files and that no shape declares."""

SHOWN_IDLE: Final = 5
_MARK: Final = 12
"""Characters of a hash by which a site names what it leaves out."""


class StagedSource:
    """A source over a store that is built again when its inputs changed: asked at each probe, count and sweep."""

    def __init__(
        self,
        store: Path,
        shredder: Shredder,
        beside: Files,
        *,
        accepted: Mapping[str, str] | None = None,
        rate_rows_per_s: int | None = None,
    ) -> None:
        """``accepted``: what is broken (``file#hash``, see :func:`_names`) → why it may be left out."""
        self._contents = Contents(store.with_suffix(".files"))
        self._store = Store(store, shredder, self._contents)
        self._shredder = shredder
        self._beside = beside
        self._accepted = accepted or {}
        self._rate = rate_rows_per_s
        self._sql: SqlSource | None = None

    def probe(self) -> Probe:
        """Read what changed, and describe the tables with what stands in the files beyond their columns."""
        self._beside.check()
        found = self._fresh().probe()
        tables = {name: columns for name, columns in found.tables.items() if not name.startswith("_")}
        for table, path in read_undeclared(self._store.path):
            tables[table] = (*tables[table], Column(path, UNDECLARED))
        broken = tuple(self._broken())
        words = f"{self._shredder.kind}, {sum(1 for _ in self._shredder.inputs())} tệp"
        replaced = count_replaced(self._store.path)
        notes = [f"{replaced} bản ghi thế chỗ bản xuất trước của cùng khóa."] if replaced else []
        return Probe(tables, False, words, broken, (*notes, *self._idle()))

    def count(self, sql: str, params: Mapping[str, str | int]) -> int:
        """One number, by a query of its own."""
        return self._fresh().count(sql, params)

    def count_all(self, queries: Mapping[str, str], params: Mapping[str, str | int]) -> dict[str, int]:
        """Several numbers by queries of their own, all of one moment."""
        return self._fresh().count_all(queries, params)

    def tally(
        self, table: str, columns: Sequence[str], join: Sequence[Join] = ()
    ) -> list[tuple[tuple[Cell, ...], int]]:
        """Distinct combinations of ``columns`` with their row counts, most frequent first."""
        return self._open().tally(table, columns, join)

    def column(self, table: str, column: str, *, limit: int) -> list[Cell]:
        """Up to ``limit`` non-NULL values of one column, the newest keys first."""
        return self._open().column(table, column, limit=limit)

    def look(self, table: str, *, rows: int) -> Look:
        """About ``rows`` rows of one table."""
        return self._open().look(table, rows=rows)

    def reference(self, read: TableRead) -> list[Row]:
        """A small catalogue table, whole."""
        return self._open().reference(read)

    def sweep(self, plan: ReadPlan, *, after: str = "") -> Iterator[list[Record]]:
        """Pages of records in key order. Raises Misconfigured behind the last page when something was broken."""
        source = self._fresh()
        for page in source.sweep(dataclasses.replace(plan, files=()), after=after):
            yield self._with_files(plan, page)
        waiting = [broken for broken in self._broken() if not broken.accepted]
        if waiting:
            raise Misconfigured(
                f"{len(waiting)} chỗ trong tệp nguồn không đọc được, nên lượt quét chưa trọn; chỗ đầu tiên: "
                f"{waiting[0].place}: {waiting[0].said}. Chạy lienthong check để xem hết; sửa tệp, hoặc chấp nhận "
                "đích danh ở accept_broken trong site.yaml, rồi chạy lại."
            )

    def fetch(self, plan: ReadPlan, keys: Sequence[str]) -> list[Record]:
        """These records again, in key order; a key that is gone is left out."""
        return self._with_files(plan, self._open().fetch(dataclasses.replace(plan, files=()), keys))

    def stat_file(self, locator: str) -> int | None:
        """Size in bytes of a stored file; None when it is gone."""
        inside = self._contents.find(locator)
        if inside is None:
            return self._beside.stat(locator)
        return inside.stat().st_size if inside.is_file() else None

    def open_file(self, locator: str) -> AbstractContextManager[BinaryIO]:
        """The bytes of a stored file. Raises FileNotFoundError when it is gone."""
        inside = self._contents.find(locator)
        if inside is None:
            return self._beside.open(locator)
        try:
            return inside.open("rb")
        except FileNotFoundError:
            raise FileNotFoundError(f"Tệp {locator} không còn.") from None

    def close(self) -> None:
        """Give every connection back."""
        self._forget()
        self._beside.close()

    # ------------------------------------------------------------ the store

    def _fresh(self) -> SqlSource:
        if self._store.refresh():
            self._forget()
        return self._open()

    def _forget(self) -> None:
        if self._sql is not None:
            self._sql.close()
        self._sql = None

    def _open(self) -> SqlSource:
        if self._sql is None:
            self._store.refresh()
            address = URL.create("sqlite", database=str(self._store.path))
            self._sql = SqlSource(address.render_as_string(), rate_rows_per_s=self._rate)
        return self._sql

    def _broken(self) -> Iterator[Broken]:
        for file, line, said, mark, sha256 in read_broken(self._store.path):
            place = f"{file}:{line}" if line else file
            own, whole = _names(file, line, said, mark, sha256)
            accepted = self._accepted.get(own) or self._accepted.get(whole) or ""
            is_stale = not accepted and (place in self._accepted or file in self._accepted)
            yield Broken(place, said, accepted, own, is_stale)

    def _idle(self) -> Iterator[str]:
        """What the site leaves out and no file has any more."""
        known = {
            name for row in read_broken(self._store.path) for name in (*_names(*row), row[0], f"{row[0]}:{row[1]}")
        }
        idle = sorted(set(self._accepted) - known)
        if idle:
            more = ", …" if len(idle) > SHOWN_IDLE else ""
            shown = ", ".join(idle[:SHOWN_IDLE]) + more
            yield f"accept_broken có {len(idle)} mục không còn ứng với chỗ hỏng nào, nên không có tác dụng: {shown}."

    def _with_files(self, plan: ReadPlan, page: list[Record]) -> list[Record]:
        if plan.files:
            self._beside.wait_for()
        hang_files(plan.files, page, self._size, self._beside.at_once)
        return page

    def _size(self, locator: str) -> int | None:
        # a name from the data that leads out of the store: the row stays, its file is gone
        if self._contents.find(locator) is None and not is_inside(locator):
            return None
        return self.stat_file(locator)


def _names(file: str, line: int, said: str, mark: str, sha256: str) -> tuple[str, str]:
    """How a site names one broken place, and its whole file: bound to their content, wherever it moves to."""
    if not mark and line:
        mark = hashlib.sha256(f"{sha256}:{line}:{said}".encode()).hexdigest()
    return f"{file}#{(mark or sha256)[:_MARK]}", f"{file}#{sha256[:_MARK]}"
