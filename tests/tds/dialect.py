"""One query in T-SQL, checked as SQL Server would and rewritten for DuckDB on its syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tests.tds import catalogue
from tests.tds.instance import Account, Instance, Table, TdsError
from tests.tds.sql_types import SqlType, declared

_CALLS: Final = {
    "SERVERPROPERTY",
    "DB_NAME",
    "DB_ID",
    "HAS_PERMS_BY_NAME",
    "QUOTENAME",
    "IS_SRVROLEMEMBER",
    "SCHEMA_NAME",
    "SYSUTCDATETIME",
    "DATALENGTH",
}
_PROPERTIES: Final = {"PRODUCTVERSION": "'16.0.4105.2'", "EDITION": "'Developer Edition'", "ENGINEEDITION": "3"}
_GLOBALS: Final = {"VERSION": "'Microsoft SQL Server 2022 - 16.0.4105.2'", "SPID": "51", "TRANCOUNT": "0"}


@dataclass(frozen=True)
class Session:
    """Who asks, and where."""

    instance: Instance
    account: Account
    database: str
    isolation: str


@dataclass(frozen=True)
class Row:
    """Where one row of parameters goes: a table and its columns as DuckDB quotes them, and the parameters' names."""

    place: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A statement ready for DuckDB; ``types`` (None: as DuckDB says) are those of its result, if it has one."""

    sql: str
    types: tuple[SqlType | None, ...] | None
    views: Mapping[str, str]  # temporary table → SELECT that fills it
    parameters: frozenset[str]
    writes: str  # the database that it changes; "" for a query
    row: Row | None = None  # of an INSERT that is one row of parameters


def translate(sql: str, session: Session) -> Query:
    """Raises TdsError as SQL Server would: syntax, objects, rights, types."""
    try:
        tree = sqlglot.parse_one(sql, read="tsql")
    except SqlglotError:
        raise TdsError(102, "Incorrect syntax near the statement.") from None
    if not isinstance(tree, exp.Query | exp.Insert | exp.Update | exp.Delete):
        raise TdsError(102, f"Incorrect syntax near '{sql.split(maxsplit=1)[0][:20]}'.")
    return _Translation(tree, session).done()


class _Translation:
    """The work on one tree: names are resolved first, then types, then what DuckDB says otherwise."""

    def __init__(self, tree: exp.Expression, session: Session) -> None:
        self.tree, self.session = tree, session
        self.views: dict[str, str] = {}
        self.tables: dict[str, Table | int] = {}  # by alias, lower case; of a view the number of its columns

    def done(self) -> Query:
        self._resolve()
        returned = self.tree.args.get("returning")  # OUTPUT inserted.id
        types = tuple(self._result_types()) if isinstance(self.tree, exp.Query) else None
        if returned is not None:
            self.tables.update(inserted=next(iter(self.tables.values())))
            types = tuple(map(self._type, returned.expressions))
        parameters = {p.name for p in self.tree.find_all(exp.Parameter) if not isinstance(p.this, exp.Parameter)}
        self._refuse_bits()
        for node in list(self.tree.find_all(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)):
            self._compare(node)
        for node in list(self.tree.find_all(exp.In)):
            self._compare_list(node)
        for node in reversed(list(self.tree.walk())):  # what is inside first: a replaced node leaves the tree
            replacement = self._rewritten(node)
            if replacement is not None:
                node.replace(replacement)
        written = next((table.database for table in self.tables.values() if isinstance(table, Table)), "")
        writes = "" if isinstance(self.tree, exp.Query) else written
        sql = self.tree.sql(dialect="duckdb")
        return Query(sql, types, self.views, frozenset(parameters), writes, _row(self.tree))

    # ------------------------------------------------------------ names and rights

    def _resolve(self) -> None:
        own = {cte.alias.lower() for cte in self.tree.find_all(exp.CTE)}
        for node in list(self.tree.find_all(exp.Table)):
            if node.name.lower() in own and not node.db:
                continue
            database = self._entered(node.catalog or self.session.database)
            node.set("hints", None)
            if node.db.lower() == "sys":
                self._view(node, database)
                continue
            table = self.session.instance.find(database, node.db, node.name)
            self._may(table, node)
            self.tables[(node.alias or node.name).lower()] = table
            found = sqlglot.to_table(table.duckdb, dialect="duckdb")
            for part in ("this", "db", "catalog"):
                node.set(part, found.args[part])

    def _entered(self, name: str) -> str:
        database = self.session.instance.database(name).name
        if not self.session.account.may_enter(database):
            who = self.session.account.name
            message = f'The server principal "{who}" is not able to access the database "{database}"'
            raise TdsError(916, f"{message} under the current security context.", 14)
        return database

    def _view(self, node: exp.Table, database: str) -> None:
        instance, account = self.session.instance, self.session.account
        name = node.name.lower()
        filled = catalogue.view(instance, instance.database(database), account, self.session.isolation, name)
        if filled is None:
            raise TdsError(208, f"Invalid object name 'sys.{node.name}'.")
        place = catalogue.temporary(database, name)
        self.views[place] = filled
        self.tables[(node.alias or node.name).lower()] = catalogue.COLUMNS[name].count(",") + 1
        node.set("alias", node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name)))
        node.set("this", exp.to_identifier(place.split(".", 1)[1].strip('"'), quoted=True))
        node.set("db", exp.to_identifier("temp"))
        node.set("catalog", None)

    def _may(self, table: Table, node: exp.Table) -> None:
        written = self.tree.this if isinstance(self.tree, exp.Insert | exp.Update | exp.Delete) else None
        is_written = written is not None and (node is written or node.parent is written)
        account = self.session.account
        if account.is_admin or (not is_written and account.may_read(table)):
            return
        right = type(self.tree).__name__.upper() if is_written else "SELECT"
        place = f"object '{table.name}', database '{table.database}', schema '{table.schema}'"
        raise TdsError(229, f"The {right} permission was denied on the {place}.", 14)

    # ------------------------------------------------------------ types

    def _result_types(self) -> Iterator[SqlType | None]:
        for node in self.tree.selects:
            if not node.is_star or isinstance(node, exp.Count):
                yield self._type(node)
                continue
            wanted = [node.table.lower()] if isinstance(node, exp.Column) else list(self.tables)
            for alias in wanted:
                table = self.tables[alias]
                yield from (column.type for column in table.columns) if isinstance(table, Table) else [None] * table

    def _type(self, node: exp.Expression) -> SqlType | None:
        """The declared type behind an expression, as far as it can be told."""
        node = node.unalias()
        if isinstance(node, exp.Paren | exp.Min | exp.Max | exp.Collate):
            return self._type(node.this)
        if isinstance(node, exp.Column):
            return self._declared(node)
        if isinstance(node, exp.Count):
            return declared("int", [])
        if isinstance(node, exp.Cast | exp.Convert):
            return _cast_type(node.args["to"] if isinstance(node, exp.Cast) else node.this)
        return None

    def _declared(self, node: exp.Column) -> SqlType | None:
        table = self.tables.get(node.table.lower())
        for known in [table] if node.table else self.tables.values():
            if isinstance(known, Table) and (found := known.column(node.name)):
                return found.type
        return None

    def _refuse_bits(self) -> None:
        for node in self.tree.find_all(exp.Min, exp.Max, exp.Sum, exp.Avg):
            kind = self._type(node.this)
            if kind is not None and kind.name == "bit":
                raise TdsError(8117, f"Operand data type bit is invalid for {node.key} operator.")

    def _compare(self, node: exp.Binary) -> None:
        left, right = self._type(node.left), self._type(node.right)
        for one, other, side in ((left, node.right, "expression"), (right, node.left, "this")):
            if one is not None and not one.is_text and _is_bare(other):
                node.set(side, _as(other, one))

    def _compare_list(self, node: exp.In) -> None:
        kind = self._type(node.this)
        if kind is not None and not kind.is_text:
            node.set("expressions", [_as(each, kind) if _is_bare(each) else each for each in node.expressions])

    # ------------------------------------------------------------ what DuckDB says otherwise

    def _rewritten(self, node: exp.Expression) -> exp.Expression | None:
        if isinstance(node, exp.Column) and node.table.lower() == "inserted":
            return exp.column(node.this)
        if isinstance(node, exp.Column) and node.args.get("db"):
            return exp.column(node.this, table=node.args["table"])
        if isinstance(node, exp.National):
            return exp.Literal.string(node.this)
        if isinstance(node, exp.Literal) and node.is_string:
            # a literal without N has the letters of the database's code page only
            return exp.Literal.string(node.this.encode("cp1252", "replace").decode("cp1252"))
        if isinstance(node, exp.Collate):
            return node.this
        if isinstance(node, exp.Add) and (self._is_words(node.left) or self._is_words(node.right)):
            return exp.DPipe(this=node.left, expression=node.right, safe=False)
        if isinstance(node, exp.Cast):
            return self._cast(node)
        if isinstance(node, exp.Parameter) and isinstance(node.this, exp.Parameter):
            return _constant(_GLOBALS, node.this.name)
        if isinstance(node, exp.CurrentSchema):
            return exp.Literal.string("dbo")
        if isinstance(node, exp.Substring) and self._is_bytes(node.this):
            return _bytes_of(node)
        if isinstance(node, exp.Anonymous):
            return self._call(node)
        return None

    def _is_words(self, node: exp.Expression) -> bool:
        if isinstance(node, exp.Add):
            return self._is_words(node.left) or self._is_words(node.right)
        kind = self._type(node)
        return (
            (isinstance(node, exp.Literal) and node.is_string)
            or isinstance(node, exp.National | exp.DPipe)
            or (kind is not None and kind.is_text)
        )

    def _is_bytes(self, node: exp.Expression) -> bool:
        kind = self._type(node)
        return kind is not None and kind.duckdb == "BLOB"

    def _cast(self, node: exp.Cast) -> exp.Expression | None:
        to, of = _cast_type(node.args["to"]), self._type(node.this)
        if to is None:
            return None
        if to.name.startswith("datetime") and isinstance(node.this, exp.Literal) and node.this.is_string:
            return node.this  # a seventh digit outlives DuckDB as a text: the wire takes it as one
        if to.duckdb == "BLOB" and of is not None and of.is_text:
            return exp.func("encode", exp.cast(node.this, "TEXT", dialect="duckdb"), dialect="duckdb")
        made = exp.cast(node.this, to.duckdb.removesuffix(" COLLATE NOCASE"), dialect="duckdb")
        return exp.func("left", made, exp.convert(to.size)) if to.is_text and to.size > 0 else made

    def _call(self, node: exp.Anonymous) -> exp.Expression | None:
        name, session = node.name.upper(), self.session
        if name not in _CALLS:
            return None
        words = [argument.this for argument in node.expressions if isinstance(argument, exp.Literal | exp.National)]
        if name == "DATALENGTH":
            (cell,) = node.expressions
            if not self._is_bytes(cell):
                raise TdsError(50000, "DATALENGTH of what is not binary")
            return exp.func("octet_length", cell.copy(), dialect="duckdb")
        if name == "SERVERPROPERTY":
            return _constant(_PROPERTIES, words[0])
        if name == "QUOTENAME":
            return exp.DPipe(this=exp.DPipe(this=exp.Literal.string("["), expression=node.expressions[0]),
                             expression=exp.Literal.string("]"))  # fmt: skip
        if name == "HAS_PERMS_BY_NAME":
            return self._has_right(node)
        values: dict[str, Callable[[], str | int]] = {
            "DB_NAME": lambda: session.database,
            "DB_ID": lambda: list(session.instance.databases).index(session.database.lower()) + 1,
            "SCHEMA_NAME": lambda: "dbo",
            "SYSUTCDATETIME": lambda: f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}0",
            "IS_SRVROLEMEMBER": lambda: int(session.account.is_admin),
        }
        return exp.convert(values[name]())

    def _has_right(self, node: exp.Anonymous) -> exp.Expression:
        what, kind, right = node.expressions
        account = self.session.account
        if kind.name.upper() == "DATABASE":
            may = account.is_admin or right.name.upper() in ("SELECT", "CONNECT")
            return exp.convert(int(may))
        database = self.session.instance.database(self.session.database)
        names = catalogue.writable(self.session.instance, database, account)
        listed = exp.In(this=what.copy(), expressions=[exp.Literal.string(name) for name in [*names, ""]])
        return exp.Case().when(listed, "1").else_("0")


def _row(tree: exp.Expression) -> Row | None:
    """The row that an INSERT adds when it is one row of parameters and gives nothing back."""
    values = tree.args.get("expression")
    if not isinstance(tree, exp.Insert) or not isinstance(values, exp.Values) or len(values.expressions) != 1:
        return None
    cells = values.expressions[0].expressions
    if tree.args.get("returning") or not all(isinstance(cell, exp.Parameter) for cell in cells):
        return None
    return Row(tree.this.sql(dialect="duckdb"), tuple(cell.name for cell in cells))


def _bytes_of(node: exp.Substring) -> exp.Expression:
    """A stretch of bytes; DuckDB cuts texts only."""
    cell, start, length = (node.args[part].sql(dialect="duckdb") for part in ("this", "start", "length"))
    digits = f"SUBSTRING(HEX({cell}), 2 * CAST({start} AS BIGINT) - 1, 2 * CAST({length} AS BIGINT))"
    return sqlglot.parse_one(f"FROM_HEX({digits})", dialect="duckdb")


def _is_bare(node: exp.Expression) -> bool:
    return isinstance(node, exp.Parameter | exp.National) or (isinstance(node, exp.Literal) and node.is_string)


def _as(node: exp.Expression, kind: SqlType) -> exp.Expression:
    """A text or parameter beside a value of another type takes that type."""
    return exp.cast(node.copy(), kind.duckdb, dialect="duckdb")


def _cast_type(to: exp.Expression) -> SqlType | None:
    name = to.this.name if isinstance(to, exp.DataType) and isinstance(to.this, exp.DataType.Type) else ""
    words = to.sql(dialect="tsql").replace("(", " ").replace(")", " ").replace(",", " ").split()
    if name == "USERDEFINED":
        return SqlType("nvarchar", 128)
    is_bare = words[0].lower() in ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary") and len(words) == 1
    try:
        return declared(words[0], ["30"] if is_bare else words[1:])
    except KeyError:
        return None


def _constant(known: Mapping[str, str], name: str) -> exp.Expression:
    if name.upper() not in known:
        raise TdsError(137, f"'{name}' is not known to this endpoint.")
    return sqlglot.parse_one(known[name.upper()], dialect="duckdb")
