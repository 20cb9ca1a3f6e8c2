"""The door to a new system's tables: their columns, the rights on them, transactions that write, rows by key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from connectors._sql_errors import translate
from connectors._sql_mssql_address import read_address
from connectors._sql_open import open_engine
from connectors._sql_text import Catalogue, Table, list_tables
from connectors._tables_bulk import Rows, bulk_of
from connectors._tables_plan import TablePlan
from connectors.base import Cell, ConnectorError, Forbidden, Misconfigured

Row = Mapping[str, Cell]
_CHECKS: Final = ((4025,), (3819,))  # a CHECK of MariaDB, of MySQL: their driver calls it an operational error
_UNFILLED: Final = re.compile(r"Field '(\w+)' doesn't have a default value")


class Spoilt(Exception):
    """The database refused a batch for what is in it; nothing of it was written."""


class TablesDoor:
    """A database that is written to. Nothing connects before it is used; one thread at a time."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "mssql":  # never the copy that only reads
            parsed = parsed.update_query_dict({"read_only_intent": "false"})
        is_fast = parsed.get_backend_name() != "mssql" or not read_address(parsed).is_freetds
        self._engine, self._flavour, self.place = open_engine(parsed.render_as_string(hide_password=False))
        self._bulk = bulk_of(self._engine.dialect.name, self._engine.dialect.driver, is_fast=is_fast)
        self._known: Catalogue | None = None

    def server(self) -> str:
        """The server's name and version."""
        with self.reading() as connection:
            return str(connection.exec_driver_sql(self._flavour.server).scalar())

    def catalogue(self) -> Catalogue:
        """The tables that this account sees."""
        if self._known is None:
            with self.reading() as connection:
                tables = list_tables(map(self._flavour.describe, connection.exec_driver_sql(self._flavour.catalogue)))
            quote = self._engine.dialect.identifier_preparer.quote_identifier
            self._known = Catalogue(self.place, tables, quote, self._flavour)
        return self._known

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    # ------------------------------------------------------------ transactions

    def reading(self) -> Any:
        """One transaction that changes nothing and sees one moment where the database allows it."""
        return self._transaction((self._flavour.begin, *self._bulk.steer), "ROLLBACK")

    def writing(self) -> Any:
        """One transaction that stands as a whole or not at all. Raises Spoilt for what is wrong with the rows."""
        return self._transaction((*self._bulk.begin, *self._bulk.steer), "COMMIT")

    @contextmanager
    def _transaction(self, begin: Sequence[str], end: str) -> Iterator[Connection]:
        drivers = self._engine.dialect.loaded_dbapi
        try:
            with self._engine.connect() as connection:
                for sql in begin:
                    connection.exec_driver_sql(sql)
                try:
                    yield connection
                except BaseException:
                    connection.invalidate()  # whatever it left half done goes with its connection
                    raise
                connection.exec_driver_sql(end)
        except (DataError, IntegrityError):
            raise Spoilt from None
        except (SQLAlchemyError, drivers.Error, UnicodeError) as error:
            if isinstance(error, DBAPIError) and error.orig is not None and error.orig.args[:1] in _CHECKS:
                raise Spoilt from None
            raise translate(error, self.place, self._engine.dialect.name) from None

    # ------------------------------------------------------------ rows

    def find(
        self, connection: Connection, plan: TablePlan, column: str, values: Sequence[Cell], *, is_locked: bool = False
    ) -> list[Row]:
        """Rows of a table whose column has one of these values: every column, by lower-case name."""
        return self._select(connection, plan, column, values, list(self._table(plan).columns), is_locked=is_locked)

    def pairs(
        self, connection: Connection, plan: TablePlan, column: str, values: Sequence[Cell]
    ) -> list[tuple[Cell, Cell]]:
        """(key, value) of the rows whose column has one of these values."""
        names = [plan.id.lower(), column.lower()]
        found = self._select(connection, plan, column, values, names, is_locked=False)
        return [(row[names[0]], row[names[1]]) for row in found]

    def page(self, connection: Connection, plan: TablePlan, mark: tuple[str, str], after: str, rows: int) -> list[Row]:
        """Marked rows beyond a key, in the order of the database's keys; "" begins."""
        table, key = self._table(plan), self._named(plan, plan.id)
        names = list(table.columns)
        condition, values = f"{self._named(plan, mark[0])} = {self._bulk.mark}", [mark[1]]
        if after:
            condition, values = f"{condition} AND {key} > {self._bulk.mark}", [mark[1], after]
        sql = f"SELECT {self._cells(table, names)} FROM {self._where(table)} WHERE {condition} ORDER BY {key}"
        found = connection.exec_driver_sql(self._flavour.limit(sql, rows), tuple(values))
        return [dict(zip(names, row, strict=True)) for row in found]

    def _select(
        self,
        connection: Connection,
        plan: TablePlan,
        column: str,
        values: Sequence[Cell],
        names: Sequence[str],
        *,
        is_locked: bool,
    ) -> list[Row]:
        table = self._table(plan)
        found: list[Row] = []
        hint, end = (self._bulk.hint, self._bulk.end) if is_locked else ("", "")
        for at in range(0, len(values), self._bulk.most):
            some = values[at : at + self._bulk.most]
            marks = ", ".join([self._bulk.mark] * len(some))
            where = f"{self._named(plan, column)} IN ({marks})"
            sql = f"SELECT {self._cells(table, names)} FROM {self._where(table)}{hint} WHERE {where}{end}"
            rows = connection.exec_driver_sql(sql, tuple(some))
            found += [dict(zip(names, row, strict=True)) for row in rows]
        return found

    def insert(self, connection: Connection, plan: TablePlan, columns: Sequence[str], rows: Rows) -> None:
        """Rows that are not there."""
        if rows:
            names = [self._named(plan, column) for column in columns]
            self._bulk.insert(connection, self._where(self._table(plan)), names, rows)

    def update(self, connection: Connection, plan: TablePlan, columns: Sequence[str], rows: Rows) -> None:
        """Rows that are there, by the key in their first column."""
        if rows:
            names = [self._named(plan, column) for column in columns]
            self._bulk.update(connection, self._where(self._table(plan)), names, rows)

    def delete(self, connection: Connection, plan: TablePlan, ids: Sequence[Cell]) -> None:
        """Rows by their keys."""
        for at in range(0, len(ids), self._bulk.most):
            some = ids[at : at + self._bulk.most]
            marks = ", ".join([self._bulk.mark] * len(some))
            sql = f"DELETE FROM {self._where(self._table(plan))} WHERE {self._named(plan, plan.id)} IN ({marks})"
            connection.exec_driver_sql(sql, tuple(some))

    def _cells(self, table: Table, names: Sequence[str]) -> str:
        quote = self.catalogue().quote
        columns = [table.columns[name] for name in names]
        return ", ".join(self._flavour.cell(quote(column.name), column.type) for column in columns)

    def _where(self, table: Table) -> str:
        return self.catalogue().locate(table)

    def _table(self, plan: TablePlan) -> Table:
        return self.catalogue().table(plan.table)

    def _named(self, plan: TablePlan, column: str) -> str:
        return self.catalogue().quote(self._table(plan).column(column).name)

    # ------------------------------------------------------------ what is missing

    def faults(self, plans: Sequence[tuple[TablePlan, Sequence[str]]], *, is_reader: bool) -> Iterator[ConnectorError]:
        """Everything that is missing there for these tables and columns: tables, columns, key, rights."""
        for plan, columns in plans:
            table = self.catalogue().tables.get(plan.table.lower())
            if table is None:
                yield Misconfigured(
                    f"Cơ sở dữ liệu {self.place} không có bảng {plan.table}, hoặc tài khoản không thấy bảng ấy. "
                    "Nhờ nhà cung cấp dựng bảng, hoặc sửa hồ sơ hệ thống nhận trong targets/."
                )
                continue
            missing = [column for column in columns if column.lower() not in table.columns]
            if missing:
                yield Misconfigured(
                    f"Bảng {table.name} của {self.place} không có cột {', '.join(missing)}. "
                    "Nhờ nhà cung cấp thêm cột, hoặc sửa hồ sơ hệ thống nhận trong targets/."
                )
                continue
            if [name.lower() for name in table.key] != [plan.id.lower()]:
                yield Misconfigured(
                    f"Khóa chính của bảng {table.name} ({self.place}) không phải một mình cột {plan.id}: ghi hai lần "
                    "có thể thành hai dòng. Nhờ nhà cung cấp đặt khóa chính, hoặc sửa id của bảng này trong targets/."
                )
            yield from self._rights(plan, columns, is_reader=is_reader)

    def _rights(self, plan: TablePlan, columns: Sequence[str], *, is_reader: bool) -> Iterator[Forbidden]:
        """Try each verb on no row: a database judges the right before it looks at rows."""
        table = self._where(self._table(plan))
        names = [self._named(plan, column) for column in columns]
        key, listed = names[0], ", ".join(names)
        tries = {"SELECT": f"SELECT {listed} FROM {table} WHERE 1 = 0"}
        if not is_reader:
            tries["INSERT"] = f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {table} WHERE 1 = 0"
            tries["UPDATE"] = f"UPDATE {table} SET {names[-1]} = {names[-1]} WHERE 1 = 0"
            tries["DELETE"] = f"DELETE FROM {table} WHERE {key} IS NULL AND 1 = 0"
        for verb, sql in tries.items():
            if not self._may(sql, is_reader=is_reader):
                yield Forbidden(
                    f"Tài khoản của {self.place} không có quyền {verb} trên bảng {self._table(plan).name}. "
                    f"Nhờ quản trị cấp quyền {verb} trên bảng này, rồi chạy lại `lienthong check`."
                )

    def _may(self, sql: str, *, is_reader: bool) -> bool:
        with self._engine.connect() as connection:
            try:
                for begin in (self._flavour.begin,) if is_reader else self._bulk.begin:
                    connection.exec_driver_sql(begin)
                connection.exec_driver_sql(sql)
                connection.exec_driver_sql("ROLLBACK")
            except DBAPIError as error:
                connection.invalidate()
                if unfilled := _UNFILLED.search(str(error.orig)):
                    raise Misconfigured(
                        f"Cột {unfilled[1]} của {self.place} bắt buộc có giá trị mà hồ sơ hệ thống nhận không điền. "
                        "Thêm cột ấy vào cells hoặc fixed trong targets/."
                    ) from None
                said = translate(error, self.place, self._engine.dialect.name)
                if not isinstance(said, Forbidden):
                    raise said from None
                return False
        return True
