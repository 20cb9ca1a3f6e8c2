"""Batches at work: statements in order, transactions, session settings, definitions and rights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.dialects.tsql import TSQL

from tests.tds import catalogue
from tests.tds.definitions import Words, read_table, statements
from tests.tds.dialect import Query, Session, translate
from tests.tds.instance import Account, Instance, Table, TdsError, copy_rows
from tests.tds.sql_types import MAX, SqlType, of_duckdb

_FETCH: Final = 2000
_LEVELS: Final = ("SNAPSHOT", "READ COMMITTED", "READ UNCOMMITTED", "REPEATABLE READ", "SERIALIZABLE")


@dataclass(frozen=True)
class Result:
    """Rows, or how many were changed (-1: not counted)."""

    count: int = -1
    columns: Sequence[tuple[str, SqlType]] | None = None
    rows: Iterable[Sequence[Any]] = ()


class Execution:
    """A session's own state: its database, isolation and transaction."""

    def __init__(self, instance: Instance, account: Account, database: str) -> None:
        self._instance, self._account, self._database = instance, account, database
        self._cursor = instance.duck.cursor()
        self._isolation = "READ COMMITTED"
        self.is_open = False  # a transaction as the client sees it
        self._is_begun = False  # and as DuckDB sees it
        self._written = ""  # the database that DuckDB's transaction writes to
        self._waiting: dict[tuple[str, str], list[list[Any]]] = {}  # rows of a transaction, by database and place
        self._known: dict[tuple[str, int, str, str], Query] = {}

    def close(self) -> None:
        self._cursor.close()

    def run(self, sql: str, values: Mapping[str, Any]) -> Iterator[Result]:
        """The results of a batch, one statement after the other. Raises TdsError and duckdb.Error."""
        if self._key(sql) in self._known:  # a statement that is prepared once and run for every row
            yield self._query(sql, values)
            return
        for statement in statements(sql):
            words = Words(TSQL().tokenize(statement))
            if words.is_done:
                continue
            yield self._settled(words) or self._query(statement, values)

    def transact(self, what: str) -> None:
        """BEGIN, COMMIT or ROLLBACK.

        DuckDB's transactions see one moment, as SNAPSHOT does; under any other level reads see what is committed,
        so DuckDB's begins only when something is written.
        """
        if what == "BEGIN":
            self.is_open = True
            if self._isolation == "SNAPSHOT":
                self._begin()
            return
        if not self.is_open:
            raise TdsError(3903 if what == "ROLLBACK" else 3902, f"The {what} TRANSACTION request has no BEGIN.")
        if what == "COMMIT":
            self._put()
        self._waiting.clear()
        if self._is_begun:
            self._cursor.execute(what)
        self.is_open = self._is_begun = False

    @staticmethod
    def type_info(kind: int) -> Result:
        """What sp_datatype_info says of one ODBC type."""
        return Result(-1, catalogue.type_columns(), [catalogue.type_info(kind)])

    def parameters(self, sql: str) -> list[tuple[str, SqlType]]:
        """What sp_describe_undeclared_parameters suggests: the columns of an INSERT, else texts."""
        tree = sqlglot.parse_one(sql, read="tsql")
        names = list(dict.fromkeys(parameter.name for parameter in tree.find_all(exp.Parameter)))
        kinds = [SqlType("nvarchar", 4000)] * len(names)
        if isinstance(tree, exp.Insert) and isinstance(tree.this, exp.Schema):
            place = tree.this.this
            table = self._instance.find(place.catalog or self._database, place.db, place.name)
            columns = [table.column(column.name) for column in tree.this.expressions]
            kinds = [found.type if (found := columns[at % len(columns)]) else kinds[at] for at in range(len(names))]
        return list(zip(names, kinds, strict=True))

    # ------------------------------------------------------------ queries

    def _query(self, sql: str, values: Mapping[str, Any]) -> Result:
        known = self._key(sql)
        if known not in self._known:
            self._known[known] = translate(sql, Session(self._instance, self._account, self._database, self._isolation))
        query = self._known[known]
        self._check_snapshot(query)
        if query.row is not None and self.is_open:
            rows = self._waiting.setdefault((query.writes, query.row.place), [])
            rows.append([values.get(name) for name in query.row.names])
            return Result(1)
        self._put()
        if query.writes and self.is_open:
            self._begin(query.writes)
        for place, filled in query.views.items():
            self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE {place.removeprefix('temp.')} AS {filled}")
        given = {name: value for name, value in values.items() if name in query.parameters}
        done = self._cursor.execute(query.sql, given) if given else self._cursor.execute(query.sql)
        if query.types is None:
            return Result(int((done.fetchone() or [0])[0]))
        described = zip(done.description or [], query.types, strict=True)
        return Result(
            -1, [(_shown(name), kind or of_duckdb(str(own))) for (name, own, *_), kind in described], _all(done)
        )

    def _put(self) -> None:
        """Write the rows that wait; what is wrong with one is told only now."""
        waiting, self._waiting = self._waiting, {}
        for (database, place), rows in waiting.items():
            self._begin(database)
            copy_rows(self._cursor, place, rows)

    def _key(self, sql: str) -> tuple[str, int, str, str]:
        return sql, self._instance.version, self._database, self._isolation

    def _check_snapshot(self, query: Query) -> None:
        database = self._instance.database(self._database)
        if self._isolation == "SNAPSHOT" and not query.views and not database.allows_snapshot:
            place = f"database '{database.name}'"
            raise TdsError(3952, f"Snapshot isolation transaction failed accessing {place} because it is not allowed.")

    def _begin(self, database: str = "") -> None:
        """Let DuckDB's transaction begin; it writes to one database, so another one takes another transaction."""
        if self._is_begun and database and self._written not in ("", database):
            self._cursor.execute("COMMIT")
            self._is_begun = False
        self._written = database
        if not self._is_begun:
            self._cursor.execute("BEGIN")
            self._is_begun = True

    # ------------------------------------------------------------ everything else

    def _settled(self, words: Words) -> Result | None:
        """Carry out a statement that is no query; None when it is one."""
        if words.begins("SET"):
            return self._set(words)
        if words.begins("USE"):
            self._database = self._instance.database(words.take()).name
            return Result()
        if words.begins("IF", "@", "@", "TRANCOUNT", ">", "0"):
            return (self._settled(words) if self.is_open else None) or Result()
        for what in ("BEGIN", "COMMIT", "ROLLBACK"):
            if words.begins(what):
                self.transact(what)
                return Result()
        if words.next.startswith("SP_DATATYPE_INFO"):
            words.take()
            return self.type_info(int(("-" if words.begins("-") else "") + words.take()))
        if words.next in ("CREATE", "DROP", "GRANT", "ALTER"):
            self._define(words)
            return Result()
        return None

    def _set(self, words: Words) -> Result:
        if words.begins("TRANSACTION", "ISOLATION", "LEVEL"):
            level = next((level for level in _LEVELS if words.begins(*level.split())), None)
            if level is None:
                raise TdsError(102, f"Incorrect syntax near '{words.next}'.")
            self._isolation = level
        return Result()

    def _define(self, words: Words) -> None:
        self._put()
        if self._is_begun:  # DuckDB's transaction writes to one database only
            self._cursor.execute("COMMIT")
            self._is_begun = False
        if not self._account.is_admin:
            raise TdsError(262, f"{words.take().upper()} permission denied in database '{self._database}'.", 14)
        if words.begins("CREATE", "TABLE"):
            name, columns, key = read_table(words)
            place = [self._database, "dbo", *name][-3:] if len(name) != 2 else [self._database, *name]
            self._instance.create_table(self._cursor, (place[0], place[1], place[2]), columns, key)
        elif words.begins("DROP", "TABLE"):
            self._instance.drop_table(self._cursor, self._table(words))
        elif words.begins("CREATE", "INDEX"):  # it makes nothing quicker here: only its names are looked up
            words.take()
            words.need("ON")
            table = self._table(words)
            for name in words.listed():
                column = table.column(name)
                if column is None:
                    raise TdsError(1911, f"Column name '{name}' does not exist in the target table or view.")
                if column.type.max_length == MAX:
                    raise TdsError(1919, f"Column '{name}' is of a type that is invalid for use as a key column.")
        elif words.begins("CREATE", "SCHEMA"):
            words.take()  # made with the first table in it
        elif words.begins("CREATE", "DATABASE"):
            self._instance.create_database(words.take())
        elif words.begins("ALTER", "DATABASE"):
            database = self._instance.database(words.take())
            words.need("SET")
            words.need("ALLOW_SNAPSHOT_ISOLATION")
            database.allows_snapshot = words.begins("ON")
        elif words.begins("CREATE", "LOGIN"):
            name = words.take()
            for word in ("WITH", "PASSWORD", "="):
                words.need(word)
            self._instance.accounts[name] = Account(name, words.take())
        elif words.begins("CREATE", "USER"):
            self._instance.accounts[words.take()].reads.setdefault(self._database.lower(), set())
        else:
            self._grant(words)

    def _table(self, words: Words) -> Table:
        """The table that a name of one to three parts means."""
        parts = words.name()
        database, schema, name = [self._database, *([""] if len(parts) == 1 else []), *parts][-3:]
        return self._instance.find(database, schema, name)

    def _grant(self, words: Words) -> None:
        for word in ("GRANT", "SELECT", "ON"):
            words.need(word)
        table = self._table(words)
        words.need("TO")
        self._instance.accounts[words.take()].reads[self._database.lower()].add(table.duckdb)


def _all(cursor: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Any]]:
    while rows := cursor.fetchmany(_FETCH):
        yield from rows


def _shown(name: str) -> str:
    """A column without a name of its own has none in SQL Server."""
    return name if "(" not in name else ""
