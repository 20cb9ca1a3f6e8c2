"""Old databases over SQL: SQLite, MariaDB/MySQL (PyMySQL or ODBC), PostgreSQL and SQL Server (ODBC), opened read-only.

A page of dossiers is read by key in one snapshot, its children in one query each, bounded by the page's keys.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from operator import itemgetter
from typing import Any, BinaryIO, Final, TypeVar

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.exc import SQLAlchemyError

from connectors._content_names import is_content
from connectors._file_stores import Store
from connectors._open_files import open_files
from connectors._sql_contents import StoredContents
from connectors._sql_errors import translate
from connectors._sql_flavour import is_undecodable
from connectors._sql_look import COUNTED, Glance
from connectors._sql_open import open_engine
from connectors._sql_pages import (
    Job,
    Meter,
    PageTooBig,
    Rows,
    as_bound,
    hang_rows,
    lowest_bound,
    make_records,
    native,
    not_a_key,
)
from connectors._sql_text import Catalogue, Query, TableMissing, build_query, list_tables, locate, render
from connectors._text_keys import TextKeys
from connectors.base import Cell, Join, Look, Misconfigured, Probe, ReadPlan, Record, Row, TableRead

CHUNK_ROWS: Final = 1000
CHUNK_KEYS: Final = 500

_T = TypeVar("_T")


class SqlSource:
    """An old system's database, and the store of its files."""

    def __init__(self, url: str, *, files: Store = None, rate_rows_per_s: int | None = None) -> None:
        """``rate_rows_per_s`` bounds the rows read a second, children included. Nothing connects before it is used."""
        self._engine, self._flavour, self._place = open_engine(url)
        self._files = open_files(files)
        self._contents = StoredContents(self._flavour, self._prepare, self._at_the_rate)
        self._rate = rate_rows_per_s
        self._rest_until = 0.0
        self._known: Catalogue | None = None

    def probe(self) -> Probe:
        """Connect and describe the tables, under the names the database gives them."""
        self._files.check()
        with self._snapshot() as connection:
            can_write = self._flavour.can_write(connection)
            has_snapshots = self._flavour.has_snapshots(connection)
            server = str(connection.exec_driver_sql(self._flavour.server).scalar())
            utc = str(connection.exec_driver_sql(self._flavour.utc).scalar())[:19] if self._flavour.utc else ""
        tables = {table.name: tuple(table.columns.values()) for table in self._catalogue().tables.values()}
        return Probe(tables, can_write, server, has_snapshots=has_snapshots, utc=utc)

    def count(self, sql: str, params: Mapping[str, str | int]) -> int:
        """One number, by a query of its own."""
        return self.count_all({"": sql}, params)[""]

    def count_all(self, queries: Mapping[str, str], params: Mapping[str, str | int]) -> dict[str, int]:
        """Several numbers by queries of their own, all in one snapshot."""
        ready = {
            name: self._prepare(lambda catalogue, sql=sql: render(sql, catalogue, {}))  # type: ignore[misc]
            for name, sql in queries.items()
        }
        with self._snapshot() as connection:
            return {name: int(connection.execute(text(sql), dict(params)).scalar() or 0) for name, sql in ready.items()}

    def tally(
        self, table: str, columns: Sequence[str], join: Sequence[Join] = ()
    ) -> list[tuple[tuple[Cell, ...], int]]:
        """Distinct combinations of ``columns`` with their row counts, most frequent first; texts told apart exactly."""
        cells, name = self._prepare(lambda catalogue: locate(catalogue, table, columns, join))
        keys = [self._flavour.exact(column.sql, column.type) for column in cells]
        shown = [f"MIN({column.cell})" for column in cells]
        sql = f"SELECT {', '.join(shown)}, COUNT(*) FROM {name} GROUP BY {', '.join(keys)} ORDER BY COUNT(*) DESC"
        with self._snapshot() as connection:
            _, rows = self._read(connection, f"{sql}, {', '.join(keys)}", {})
        return [(tuple(row[:-1]), int(str(row[-1]))) for row in rows]

    def column(self, table: str, column: str, *, limit: int) -> list[Cell]:
        """Up to ``limit`` non-NULL values of one column, the newest keys first."""
        cells, name = self._prepare(lambda catalogue: locate(catalogue, table, [column]))
        catalogue = self._catalogue()
        newest = ", ".join(f"d.{catalogue.quote(key)} DESC" for key in catalogue.table(table).key)
        order = f" ORDER BY {newest}" if newest else ""
        sql = f"SELECT {cells[0].cell} FROM {name} WHERE {cells[0].sql} IS NOT NULL{order}"
        with self._snapshot() as connection:
            return [row[0] for row in self._read(connection, self._flavour.limit(sql, int(limit)), {})[1]]

    def look(self, table: str, *, rows: int) -> Look:
        """About ``rows`` rows of one table, read in a few short stretches of its key at the site's rate."""
        found = self._prepare(lambda catalogue: catalogue.table(table))
        glance = Glance(self._catalogue(), self._flavour, found)
        count = self._glance(glance.count())[0][0]
        is_counted = int(str(count)) <= COUNTED
        if is_counted and int(str(count)) <= rows:
            stretches = [glance.all(rows)]
        elif (ends := glance.ends()) is None:
            stretches = glance.outer(rows)
        else:
            stretches = glance.along(self._glance(ends)[0], rows)
        cells = [row for sql in stretches for row in self._glance(sql)]
        cells = list(dict.fromkeys(cells)) if found.key else cells  # stretches of a key may meet
        names = [column.name for column in glance.columns]
        shown = tuple(dict(zip(names, row, strict=True)) for row in cells)
        return Look(found.key, shown, min(int(str(count)), COUNTED), is_counted)

    def _glance(self, sql: str) -> list[tuple[Cell, ...]]:
        self._rest()
        with self._snapshot() as connection:
            rows = [tuple(row) for row in self._read(connection, sql, {})[1]]
        self._slow_down(len(rows))
        return rows

    def reference(self, read: TableRead) -> list[Row]:
        """A small catalogue table, whole."""
        query = self._prepare(partial(build_query, read))
        with self._snapshot() as connection:
            rows = self._query(connection, query, "1 = 1", {}, Meter())
        return [dict(zip(query.names, row, strict=False)) for row in rows]

    def sweep(self, plan: ReadPlan, *, after: str = "") -> Iterator[list[Record]]:
        """Pages of records in key order, each page one consistent snapshot."""
        job = self._job(plan)
        low: Any = as_bound(after, job.main) if after else lowest_bound(job.main)
        size = plan.page_rows
        while True:
            self._rest()
            meter = Meter(plan.page_bytes if size > 1 else None)
            try:
                with self._snapshot() as connection:
                    records, low = self._page(connection, job, low, size, meter)
            except PageTooBig:
                size = max(1, size // 2)
                continue
            self._slow_down(meter.rows)
            if not records:
                return
            self._files.hang(plan.files, records)
            yield records
            size = min(plan.page_rows, size * 2) if meter.used * 4 < plan.page_bytes else size

    def fetch(self, plan: ReadPlan, keys: Sequence[str]) -> list[Record]:
        """These records again, in key order; a key that is gone is left out."""
        job = self._job(plan)
        bounds = sorted({bound for key in keys if (bound := as_bound(key, job.main)) is not None})
        found: list[Record] = []
        for start in range(0, len(bounds), CHUNK_KEYS):
            with self._snapshot() as connection:
                found += self._chosen(connection, job, bounds[start : start + CHUNK_KEYS])
        self._files.hang(plan.files, found)
        return found

    def stat_file(self, locator: str) -> int | None:
        """Size in bytes of a stored file, or of a content in a column; None when it is gone."""
        return self._contents.stat(locator) if is_content(locator) else self._files.stat(locator)

    def open_file(self, locator: str) -> AbstractContextManager[BinaryIO]:
        """The bytes of a stored file. Raises FileNotFoundError when it is gone."""
        return self._contents.open(locator) if is_content(locator) else self._files.open(locator)

    def close(self) -> None:
        """Give every connection back."""
        self._files.close()
        self._engine.dispose()

    # ------------------------------------------------------------ pages

    def _page(self, connection: Connection, job: Job, low: Any, size: int, meter: Meter) -> tuple[list[Record], Any]:
        """Up to ``size`` records beyond ``low``, and the key of the last."""
        bound = f"{job.main.parent} > {job.main.low}"
        rows = self._query(connection, job.main, bound, {**job.plan.params, "lo": low}, meter, limit=size)
        if not rows:
            return [], low
        records, high = make_records(job, rows), rows[-1][-1]
        if job.main.is_text:
            self._keys(connection, job).tell_apart(records, str(high))
        span = {**job.plan.params, "lo": low, "hi": native(high, job.main)}
        for child in job.children:
            bound = f"{child.parent} > {child.low} AND {child.parent} <= {child.high}"
            self._hang(connection, job, records, child, self._query(connection, child, bound, span, meter))
        return list(records.values()), span["hi"]

    def _chosen(self, connection: Connection, job: Job, keys: list[Any]) -> list[Record]:
        params, meter = {**job.plan.params, "keys": keys}, Meter()
        records = make_records(job, self._query(connection, job.main, f"{job.main.parent} IN :keys", params, meter))
        for child in job.children:
            if not child.read.sql:
                rows = self._query(connection, child, f"{child.parent} IN :keys", params, meter)
                self._hang(connection, job, records, child, rows)
                continue
            for high in keys:  # a declared SQL text is bounded by a range only: the one that holds this key alone
                span = {**job.plan.params, "lo": self._before(connection, job, high), "hi": high}
                self._hang(connection, job, records, child, self._query(connection, child, "", span, meter))
        return list(records.values())

    def _hang(self, connection: Connection, job: Job, records: Mapping[str, Record], child: Query, rows: Rows) -> None:
        strays = [str(row[-1]) for row in rows if row[-1] not in records] if job.main.is_text else []
        hang_rows(records, child, rows, self._keys(connection, job).owners(strays, records) if strays else {})

    def _keys(self, connection: Connection, job: Job) -> TextKeys:
        catalogue = self._catalogue()
        table = catalogue.locate(catalogue.table(job.main.read.table))
        sql = f"SELECT {job.main.parent} FROM {table} d WHERE {job.main.parent} IN :keys"

        def ask(texts: Sequence[str]) -> list[str]:
            chunks = [list(texts[start : start + CHUNK_KEYS]) for start in range(0, len(texts), CHUNK_KEYS)]
            return [str(row[0]) for keys in chunks for row in self._read(connection, sql, {"keys": keys})[1]]

        return TextKeys(ask, not_a_key(job.main))

    def _before(self, connection: Connection, job: Job, key: Any) -> Any:
        catalogue = self._catalogue()
        table = catalogue.locate(catalogue.table(job.main.read.table))
        sql = f"SELECT MAX({job.main.parent}) FROM {table} d WHERE {job.main.parent} < {job.main.low}"
        below = self._read(connection, sql, {"lo": key})[1][0][0]
        return lowest_bound(job.main) if below is None else native(below, job.main)

    def _query(
        self,
        connection: Connection,
        query: Query,
        bound: str,
        params: Mapping[str, Any],
        meter: Meter,
        limit: int | None = None,
    ) -> Rows:
        """Rows of a read: the cells in the order of its names, then the parent."""
        sql = query.sql.replace("{bound}", bound)
        sql = sql if limit is None else self._flavour.limit(sql, limit)
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
        on_chunk: Callable[[Rows], None] = lambda _: None,
    ) -> tuple[list[str], Rows]:
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
        self, connection: Connection, sql: str, params: Mapping[str, Any], on_chunk: Callable[[Rows], None]
    ) -> tuple[list[str], Rows]:
        statement = text(sql)
        if "keys" in params:
            statement = statement.bindparams(bindparam("keys", expanding=True))
        tidy = self._flavour.tidy
        with connection.execute(statement, dict(params), execution_options={"yield_per": CHUNK_ROWS}) as result:
            rows: list[Sequence[Cell]] = []
            for chunk in result.partitions(CHUNK_ROWS):
                on_chunk(chunk)
                rows += chunk if tidy is None else [tuple(map(tidy, row)) for row in chunk]
            return list(result.keys()), rows

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """One read-only transaction that sees one moment."""
        drivers = self._engine.dialect.loaded_dbapi
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(self._flavour.begin)
                try:
                    yield connection
                except PageTooBig:
                    connection.exec_driver_sql("ROLLBACK")
                    raise
                except BaseException:
                    connection.invalidate()  # a transaction left open would hold old versions of rows over there
                    raise
                connection.exec_driver_sql("ROLLBACK")
        except (SQLAlchemyError, drivers.Error, UnicodeError) as error:
            raise translate(error, self._place, self._engine.dialect.name) from None

    # ------------------------------------------------------------ names

    def _catalogue(self) -> Catalogue:
        if self._known is None:
            with self._snapshot() as connection:
                tables = list_tables(map(self._flavour.describe, connection.exec_driver_sql(self._flavour.catalogue)))
            quote = self._engine.dialect.identifier_preparer.quote_identifier
            self._known = Catalogue(self._place, tables, quote, self._flavour)
        return self._known

    def _prepare(self, make: Callable[[Catalogue], _T]) -> _T:
        """Make something of the catalogue; a table that is hidden for want of a right is Forbidden, not missing."""
        try:
            return make(self._catalogue())
        except TableMissing as missing:
            try:
                sql = f"SELECT 1 FROM {self._catalogue().guess(missing.table)}"
                with self._snapshot() as connection:
                    connection.exec_driver_sql(self._flavour.limit(sql, 0))
            except Misconfigured:
                pass
            raise

    def _job(self, plan: ReadPlan) -> Job:
        if plan.main.sql or not plan.main.parent:
            raise Misconfigured(
                "Bảng hồ sơ trong profile phải là một bảng có cột khóa (`table`, `parent`), không phải SQL."
            )
        main = self._prepare(partial(build_query, plan.main))
        children = [self._prepare(partial(build_query, read)) for read in plan.children]
        return Job(plan, main, tuple(children))

    # ------------------------------------------------------------ pace

    @contextmanager
    def _at_the_rate(self) -> Iterator[Connection]:
        self._rest()
        with self._snapshot() as connection:
            yield connection
        self._slow_down(1)

    def _rest(self) -> None:
        if (pause := self._rest_until - time.monotonic()) > 0:
            time.sleep(pause)

    def _slow_down(self, rows: int) -> None:
        if self._rate:
            self._rest_until = max(self._rest_until, time.monotonic()) + rows / self._rate
