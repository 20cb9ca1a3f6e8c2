"""Old databases over SQL: SQLite, MariaDB/MySQL (PyMySQL or ODBC) and PostgreSQL, opened read-only.

A page of dossiers is read by key in one snapshot, its children in one query each, bounded by the page's keys.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, TypeVar

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.exc import SQLAlchemyError

from connectors._sql_errors import translate
from connectors._sql_flavours import is_undecodable, open_engine
from connectors._sql_text import Catalogue, Query, TableMissing, build_query, list_tables, render
from connectors.base import (
    Cell,
    Column,
    Forbidden,
    Misconfigured,
    Probe,
    ReadPlan,
    Record,
    Row,
    TableRead,
    Unavailable,
)

LOWEST: Final = -(2**63)
"""Below every numeric key; the empty text is below every text key."""
CHUNK_ROWS: Final = 1000
CHUNK_KEYS: Final = 500
NARROW_BYTES: Final = 64
"""What a cell of bounded type is taken to weigh."""

_Rows = Sequence[Sequence[Cell]]
_T = TypeVar("_T")


class _PageTooBig(Exception):
    """The page outgrew its bytes: read it again with fewer dossiers."""


@dataclass
class _Meter:
    """Rows and bytes of one page; no bound where a page cannot be made smaller."""

    bound: int | None = None
    rows: int = 0
    used: int = 0

    def add(self, rows: _Rows, wide: Sequence[int]) -> None:
        self.rows += len(rows)
        self.used += len(rows) * (len(rows[0]) if rows else 0) * NARROW_BYTES
        self.used += sum(len(cell) for row in rows for at in wide if isinstance(cell := row[at], str | bytes))
        if self.bound is not None and self.used > self.bound:
            raise _PageTooBig


@dataclass(frozen=True)
class _Job:
    """A plan made ready for one database."""

    plan: ReadPlan
    main: Query
    children: tuple[Query, ...]
    files: tuple[tuple[str, str, tuple[str, ...]], ...]  # child, pattern of the locator, its cells


class SqlSource:
    """An old system's database, and the folder of its files."""

    def __init__(self, url: str, *, files: Path | None = None, rate_rows_per_s: int | None = None) -> None:
        """``rate_rows_per_s`` bounds the rows read a second, children included. Nothing connects before it is used."""
        self._engine, self._flavour, self._place = open_engine(url)
        self._files = files
        self._rate = rate_rows_per_s
        self._rest_until = 0.0
        self._known: Catalogue | None = None

    def probe(self) -> Probe:
        """Connect and describe the tables, under the names the database gives them."""
        if self._files is not None and not self._files.is_dir():
            raise Misconfigured(f"Không thấy thư mục tệp đính kèm {self._files}. Sửa `files` của nguồn này.")
        with self._snapshot() as connection:
            can_write = self._flavour.can_write(connection)
            server = str(connection.exec_driver_sql(self._flavour.server).scalar())
        tables = {table.name: tuple(table.columns.values()) for table in self._catalogue().tables.values()}
        return Probe(tables, can_write, server)

    def count(self, sql: str, params: Mapping[str, str | int]) -> int:
        """One number, by a query of its own."""
        ready = self._prepare(lambda catalogue: render(sql, catalogue, {}))
        with self._snapshot() as connection:
            number = connection.execute(text(ready), dict(params)).scalar()
        return int(number or 0)

    def tally(self, table: str, columns: Sequence[str]) -> list[tuple[tuple[Cell, ...], int]]:
        """Distinct combinations of ``columns`` with their row counts, most frequent first; texts told apart exactly."""
        cells, name = self._prepare(lambda catalogue: _locate(catalogue, table, columns))
        keys = [self._flavour.exact.format(cell) for _, cell in cells]
        shown = [f"MIN({cell})" for _, cell in cells]
        sql = f"SELECT {', '.join(shown)}, COUNT(*) FROM {name} d GROUP BY {', '.join(keys)} ORDER BY COUNT(*) DESC"
        with self._snapshot() as connection:
            _, rows = self._read(connection, f"{sql}, {', '.join(keys)}", {})
        return [(tuple(row[:-1]), int(str(row[-1]))) for row in rows]

    def column(self, table: str, column: str, *, limit: int) -> list[Cell]:
        """Up to ``limit`` non-NULL values of one column, the newest keys first."""
        cells, name = self._prepare(lambda catalogue: _locate(catalogue, table, [column]))
        catalogue = self._catalogue()
        newest = ", ".join(f"d.{catalogue.quote(key)} DESC" for key in catalogue.table(table).key)
        order = f" ORDER BY {newest}" if newest else ""
        sql = f"SELECT {cells[0][1]} FROM {name} d WHERE {cells[0][0]} IS NOT NULL{order} LIMIT {int(limit)}"
        with self._snapshot() as connection:
            return [row[0] for row in self._read(connection, sql, {})[1]]

    def reference(self, read: TableRead) -> list[Row]:
        """A small catalogue table, whole."""
        query = self._prepare(partial(build_query, read))
        with self._snapshot() as connection:
            rows = self._query(connection, query, "1 = 1", {}, _Meter())
        return [dict(zip(query.names, row, strict=False)) for row in rows]

    def sweep(self, plan: ReadPlan, *, after: str = "") -> Iterator[list[Record]]:
        """Pages of records in key order, each page one consistent snapshot."""
        job = self._job(plan)
        low: Any = _bound(after, job.main) if after else _lowest(job.main)
        size = plan.page_rows
        while True:
            self._rest()
            meter = _Meter(plan.page_bytes if size > 1 else None)
            try:
                with self._snapshot() as connection:
                    records, low = self._page(connection, job, low, size, meter)
            except _PageTooBig:
                size = max(1, size // 2)
                continue
            self._slow_down(meter.rows)
            if not records:
                return
            yield records
            size = min(plan.page_rows, size * 2) if meter.used * 4 < plan.page_bytes else size

    def fetch(self, plan: ReadPlan, keys: Sequence[str]) -> list[Record]:
        """These records again, in key order; a key that is gone is left out."""
        job = self._job(plan)
        bounds = sorted({bound for key in keys if (bound := _bound(key, job.main)) is not None})
        found: list[Record] = []
        for start in range(0, len(bounds), CHUNK_KEYS):
            with self._snapshot() as connection:
                found += self._chosen(connection, job, bounds[start : start + CHUNK_KEYS])
        return found

    def stat_file(self, locator: str) -> int | None:
        """Size in bytes of a stored file; None when it is gone."""
        return _size(self._path(locator))

    def open_file(self, locator: str) -> AbstractContextManager[BinaryIO]:
        """The bytes of a stored file. Raises FileNotFoundError when it is gone."""
        path = self._path(locator)
        try:
            return path.open("rb")
        except PermissionError:
            raise Forbidden(f"Không được đọc tệp trong {self._files}. Cấp quyền đọc thư mục này.") from None
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise FileNotFoundError(f"Tệp {locator} không còn.") from None

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    # ------------------------------------------------------------ pages

    def _page(self, connection: Connection, job: _Job, low: Any, size: int, meter: _Meter) -> tuple[list[Record], Any]:
        """Up to ``size`` records beyond ``low``, and the key of the last."""
        bound = f"{job.main.parent} > :lo"
        rows = self._query(connection, job.main, bound, {**job.plan.params, "lo": low}, meter, limit=size)
        if not rows:
            return [], low
        records, high = _records(job, rows), rows[-1][-1]
        span = {**job.plan.params, "lo": low, "hi": _native(high, job.main)}
        for child in job.children:
            bound = f"{child.parent} > :lo AND {child.parent} <= :hi"
            _hang(records, child, self._query(connection, child, bound, span, meter))
        self._add_files(job, records)
        return list(records.values()), span["hi"]

    def _chosen(self, connection: Connection, job: _Job, keys: list[Any]) -> list[Record]:
        params, meter = {**job.plan.params, "keys": keys}, _Meter()
        records = _records(job, self._query(connection, job.main, f"{job.main.parent} IN :keys", params, meter))
        for child in job.children:
            if not child.read.sql:
                _hang(records, child, self._query(connection, child, f"{child.parent} IN :keys", params, meter))
                continue
            for high in keys:  # a declared SQL text is bounded by a range only: the one that holds this key alone
                span = {**job.plan.params, "lo": self._before(connection, job, high), "hi": high}
                _hang(records, child, self._query(connection, child, "", span, meter))
        self._add_files(job, records)
        return list(records.values())

    def _before(self, connection: Connection, job: _Job, key: Any) -> Any:
        table = self._catalogue().table(job.main.read.table).name
        sql = f"SELECT MAX({job.main.parent}) FROM {self._catalogue().quote(table)} d WHERE {job.main.parent} < :key"
        below = self._read(connection, sql, {"key": key})[1][0][0]
        return _lowest(job.main) if below is None else _native(below, job.main)

    def _query(
        self,
        connection: Connection,
        query: Query,
        bound: str,
        params: Mapping[str, Any],
        meter: _Meter,
        limit: int | None = None,
    ) -> _Rows:
        """Rows of a read: the cells in the order of its names, then the parent."""
        sql = query.sql.replace("{bound}", bound) + (f" LIMIT {limit}" if limit is not None else "")
        names, rows = self._read(connection, sql, params, lambda chunk: meter.add(chunk, query.wide))
        if not query.read.sql:
            return rows
        at = {name.lower(): position for position, name in enumerate(names)}
        wanted = [*query.names, query.read.parent or query.names[0]]
        missing = [name for name in wanted if name.lower() not in at]
        if missing:
            raise Misconfigured(f"SQL của {query.read.name} trong profile không trả về cột {', '.join(missing)}.")
        return list(map(itemgetter(*(at[name.lower()] for name in wanted)), rows))

    # ------------------------------------------------------------ reading

    def _read(
        self,
        connection: Connection,
        sql: str,
        params: Mapping[str, Any],
        on_chunk: Callable[[_Rows], None] = lambda _: None,
    ) -> tuple[list[str], _Rows]:
        """Column names and rows of one query; a text that its encoding does not explain is left as bytes."""
        try:
            return self._stream(connection, sql, params, on_chunk)
        except Exception as error:
            cause = getattr(error, "orig", None) or error
            lenient = self._flavour.lenient
            if lenient is None or not is_undecodable(cause):
                raise
        back = lenient(connection.connection.dbapi_connection)
        try:
            names, rows = self._stream(connection, self._flavour.smuggle(sql), params, lambda _: None)
        finally:
            back()
        recover = self._flavour.recover
        if recover is not None:
            names, rows = [str(recover(name)) for name in names], [tuple(map(recover, row)) for row in rows]
        on_chunk(rows)
        return names, rows

    def _stream(
        self, connection: Connection, sql: str, params: Mapping[str, Any], on_chunk: Callable[[_Rows], None]
    ) -> tuple[list[str], _Rows]:
        statement = text(sql)
        if "keys" in params:
            statement = statement.bindparams(bindparam("keys", expanding=True))
        with connection.execute(statement, dict(params), execution_options={"yield_per": CHUNK_ROWS}) as result:
            rows: list[Sequence[Cell]] = []
            for chunk in result.partitions(CHUNK_ROWS):
                on_chunk(chunk)
                rows += chunk
            return list(result.keys()), rows

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """One read-only transaction that sees one moment."""
        drivers = self._engine.dialect.loaded_dbapi
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(self._flavour.begin)
                yield connection
                connection.exec_driver_sql("ROLLBACK")
        except (SQLAlchemyError, drivers.Error, UnicodeError) as error:
            raise translate(error, self._place) from None

    # ------------------------------------------------------------ names

    def _catalogue(self) -> Catalogue:
        if self._known is None:
            with self._snapshot() as connection:
                tables = list_tables(tuple(row) for row in connection.exec_driver_sql(self._flavour.catalogue))
            quote = self._engine.dialect.identifier_preparer.quote_identifier
            self._known = Catalogue(self._place, tables, quote, self._flavour.cell, self._flavour.is_numeric)
        return self._known

    def _prepare(self, make: Callable[[Catalogue], _T]) -> _T:
        """Make something of the catalogue; a table that is hidden for want of a right is Forbidden, not missing."""
        try:
            return make(self._catalogue())
        except TableMissing as missing:
            try:
                with self._snapshot() as connection:
                    connection.exec_driver_sql(f"SELECT 1 FROM {self._catalogue().quote(missing.table)} LIMIT 0")
            except Misconfigured:
                pass
            raise

    def _job(self, plan: ReadPlan) -> _Job:
        if plan.main.sql or not plan.main.parent:
            raise Misconfigured(
                "Bảng hồ sơ trong profile phải là một bảng có cột khóa (`table`, `parent`), không phải SQL."
            )
        main = self._prepare(partial(build_query, plan.main))
        children = [self._prepare(partial(build_query, read)) for read in plan.children]
        files = [(spec.child, *_locator_pattern(spec.locator)) for spec in plan.files]
        return _Job(plan, main, tuple(children), tuple(files))

    # ------------------------------------------------------------ files

    def _path(self, locator: str) -> Path:
        if self._files is None:
            raise Misconfigured("Nguồn này chưa khai thư mục tệp đính kèm. Thêm `files` vào site.yaml.")
        inside = PurePosixPath(locator)
        if inside.is_absolute() or ".." in inside.parts or "\0" in locator or "\\" in locator or not inside.parts:
            raise Misconfigured(
                "Đường dẫn một tệp đính kèm chỉ ra ngoài thư mục `files` của nguồn. Sửa `files` trong profile."
            )
        return self._files / inside

    def _add_files(self, job: _Job, records: Mapping[str, Record]) -> None:
        if job.files and self._files is not None and not self._files.is_dir():
            raise Unavailable(f"Thư mục tệp đính kèm {self._files} không mở được. Kiểm tra ổ đĩa mạng đã gắn chưa.")
        for child, pattern, names in job.files:
            for record in records.values():
                for row in record.children[child]:
                    cells = [row[name] for name in names]
                    is_named = all(isinstance(cell, str | int) and cell != "" for cell in cells)
                    locator = pattern.format(*cells) if is_named else None
                    row["_locator"], row["_size"] = locator, self._size_of(locator)

    def _size_of(self, locator: str | None) -> int | None:
        if locator is None or self._files is None:
            return None
        try:
            return self.stat_file(locator)
        except Misconfigured:  # a name from the data that leads out of the folder: no such file of ours
            return None

    # ------------------------------------------------------------ pace

    def _rest(self) -> None:
        if (pause := self._rest_until - time.monotonic()) > 0:
            time.sleep(pause)

    def _slow_down(self, rows: int) -> None:
        if self._rate:
            self._rest_until = max(self._rest_until, time.monotonic()) + rows / self._rate


def _locate(catalogue: Catalogue, table: str, columns: Sequence[str]) -> tuple[list[tuple[str, str]], str]:
    """(Quoted column, expression that selects it) of each column, and the quoted table."""
    found = catalogue.table(table)
    real: list[Column] = [found.column(column) for column in columns]
    quoted = [(f"d.{catalogue.quote(column.name)}", column.type) for column in real]
    return [(name, catalogue.cell(name, kind)) for name, kind in quoted], catalogue.quote(found.name)


def _lowest(main: Query) -> int | str:
    return LOWEST if main.is_numeric else ""


def _bound(key: str, main: Query) -> Any:
    """A key as the database compares it; None when it cannot be one."""
    if not main.is_numeric:
        return key
    try:
        return int(key)
    except ValueError:
        pass
    try:
        return Decimal(key)
    except InvalidOperation:
        return None


def _native(value: Cell, main: Query) -> Any:
    """A key as read, as the database compares it: decimals are read as text."""
    bound = _bound(value, main) if isinstance(value, str) else value
    return value if bound is None else bound


def _key(value: Cell) -> str:
    """The text of a key."""
    if isinstance(value, int | str):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    raise Misconfigured("Cột khóa trong profile không phải số nguyên hay chữ: chọn cột khác.")


def _records(job: _Job, rows: _Rows) -> dict[str, Record]:
    names, children = job.main.names, [child.read.name for child in job.children]
    records = {}
    for row in rows:
        key = _key(row[-1])
        records[key] = Record(key, dict(zip(names, row, strict=False)), {name: [] for name in children})
    if len(records) != len(rows):
        raise Misconfigured(f"Cột {job.main.read.parent} của {job.main.read.table} không phải khóa: có giá trị lặp.")
    return records


def _hang(records: Mapping[str, Record], child: Query, rows: _Rows) -> None:
    """Give each row to its dossier; a row whose dossier the plan does not read belongs to none."""
    name, names = child.read.name, child.names
    for row in rows:
        record = records.get(_key(row[-1]))
        if record is not None:
            record.children[name].append(dict(zip(names, row, strict=False)))


def _locator_pattern(locator: str) -> tuple[str, tuple[str, ...]]:
    """A locator such as ``{dl.folderId}/{dl.name}`` as a pattern by position, and the names of its cells."""
    return re.sub(r"\{[^{}]+\}", "{}", locator), tuple(re.findall(r"\{([^{}]+)\}", locator))


def _size(path: Path) -> int | None:
    try:
        return os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unavailable(f"Không đọc được thư mục tệp đính kèm: {error.strerror}.") from None
