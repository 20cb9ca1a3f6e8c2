"""The tables of an old system, by the words of its own schema, on SQLite, MariaDB, PostgreSQL and SQL Server."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files

MARKER = "lienthong_rehearsal"
"""The table that says: this database was filled by the generator. It is made first and dropped never."""
MARKER_VERSION = 1

_TYPES: Mapping[str, Mapping[str, str]] = {
    "sqlite": {"LONG": "BIGINT", "INTEGER": "INTEGER", "DOUBLE": "DOUBLE", "BOOLEAN": "INTEGER",
               "DATE": "TEXT", "TEXT": "TEXT", "STRING": "TEXT", "DATETIME": "TEXT", "LONGTEXT": "TEXT",
               "LONGBLOB": "BLOB", "INT": "INTEGER", "DAY": "TEXT", "BIGINT": "BIGINT", "BIT": "INTEGER",
               "FLOAT": "DOUBLE", "MONEY": "NUMERIC", "DECIMAL": "NUMERIC", "DATETIME2": "TEXT",
               "DATETIMEOFFSET": "TEXT", "UNIQUEIDENTIFIER": "TEXT", "VARBINARY": "BLOB"},
    "mysql": {"LONG": "BIGINT", "INTEGER": "INTEGER", "DOUBLE": "DOUBLE", "BOOLEAN": "TINYINT(1)",
              "DATE": "DATETIME(6)", "TEXT": "LONGTEXT", "STRING": "LONGTEXT", "DATETIME": "DATETIME",
              "LONGTEXT": "LONGTEXT", "LONGBLOB": "LONGBLOB", "INT": "INTEGER", "DAY": "DATE", "BIGINT": "BIGINT",
              "BIT": "TINYINT(1)", "FLOAT": "DOUBLE", "MONEY": "DECIMAL(19,4)", "DECIMAL": "DECIMAL",
              "DATETIME2": "DATETIME(6)", "DATETIMEOFFSET": "VARCHAR(40)", "UNIQUEIDENTIFIER": "CHAR(36)",
              "VARBINARY": "LONGBLOB"},
    "postgresql": {"LONG": "BIGINT", "INTEGER": "INTEGER", "DOUBLE": "DOUBLE PRECISION", "BOOLEAN": "BOOLEAN",
                   "DATE": "TIMESTAMP", "TEXT": "TEXT", "STRING": "TEXT", "DATETIME": "TIMESTAMP",
                   "LONGTEXT": "TEXT", "LONGBLOB": "BYTEA", "INT": "INTEGER", "DAY": "DATE", "BIGINT": "BIGINT",
                   "BIT": "BOOLEAN", "FLOAT": "DOUBLE PRECISION", "MONEY": "NUMERIC(19,4)", "DECIMAL": "NUMERIC",
                   "DATETIME2": "TIMESTAMP", "DATETIMEOFFSET": "TIMESTAMPTZ", "UNIQUEIDENTIFIER": "UUID",
                   "VARBINARY": "BYTEA"},
    "mssql": {"LONG": "bigint", "INTEGER": "int", "DOUBLE": "float", "BOOLEAN": "bit", "DATE": "datetime2(6)",
              "TEXT": "nvarchar(max)", "STRING": "nvarchar(max)", "DATETIME": "datetime", "LONGTEXT": "nvarchar(max)",
              "LONGBLOB": "varbinary(max)", "INT": "int", "DAY": "date", "BIGINT": "bigint", "BIT": "bit",
              "FLOAT": "float", "MONEY": "money", "DECIMAL": "decimal", "DATETIME2": "datetime2",
              "DATETIMEOFFSET": "datetimeoffset", "UNIQUEIDENTIFIER": "uniqueidentifier", "VARBINARY": "varbinary"},
}  # fmt: skip
_SIZED = {"mysql": ("DOUBLE", "DECIMAL"), "postgresql": ("DECIMAL",),
          "mssql": ("DECIMAL", "DATETIME2", "DATETIMEOFFSET", "VARBINARY")}  # fmt: skip
"""Types whose size a database takes over; on MySQL a DOUBLE(22,0) keeps its digits: old systems declare keys so."""
_LETTERS = re.compile(r"N?(?:VAR)?CHAR\((\d+|MAX)\)", re.IGNORECASE)
_LONG_TEXT = {"sqlite": "TEXT", "mysql": "LONGTEXT", "postgresql": "TEXT", "mssql": "nvarchar(max)"}
_TABLE_END = {"sqlite": "", "mysql": " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"}


@dataclass(frozen=True)
class Column:
    """A column in the words of Liferay's service.xml, of a MySQL dump or of SQL Server, in capitals (a DATE is DAY)."""

    name: str
    type: str  # LONG | LONG PK | INTEGER | DOUBLE | BOOLEAN | DATE | TEXT | VARCHAR(n) | NVARCHAR(MAX) | DATETIME …
    is_required: bool


@dataclass(frozen=True)
class Table:
    """A table with its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key: the column marked PK, else every required column (a pair of ids)."""
        marked = tuple(column.name for column in self.columns if column.type.endswith(" PK"))
        return marked or tuple(column.name for column in self.columns if column.is_required)


@dataclass(frozen=True)
class Schema:
    """The tables of one old system, and the columns that its makers indexed: (table, column).

    ``owners``: the schemas of SQL Server that stand before the names of tables (``owner.table``).
    """

    tables: tuple[Table, ...]
    indexes: tuple[tuple[str, str], ...] = ()
    owners: tuple[str, ...] = ()

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a table in order."""
        return next(tuple(column.name for column in found.columns) for found in self.tables if found.name == table)


def read_schema(file: str, indexes: tuple[tuple[str, str], ...] = (), owners: tuple[str, ...] = ()) -> Schema:
    """The schema that a file of the data folder lists."""
    found: dict[str, list[Column]] = {}
    text = files(__package__).joinpath(f"data/{file}").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["table"], []).append(Column(row["column"], row["type"], row["not_null"] == "1"))
    return Schema(tuple(Table(name, tuple(columns)) for name, columns in found.items()), indexes, owners)


def quoted(name: str, dialect: str) -> str:
    """An identifier as Liferay's own unquoted DDL leaves it: PostgreSQL folds it to lower case."""
    if dialect == "mysql":
        return f"`{name}`"
    if dialect == "mssql":
        return f"[{name}]"
    return f'"{name.lower()}"' if dialect == "postgresql" else f'"{name}"'


def create_table(table: Table, dialect: str, place: str) -> str:
    """DDL of one table; ``place`` is its name as the database takes it."""
    lines = [
        f"{quoted(column.name, dialect)} {_sql_type(column.type, dialect)}{' NOT NULL' if column.is_required else ''}"
        for column in table.columns
    ]
    key = ", ".join(quoted(name, dialect) for name in table.key)
    if key:
        lines.append(f"PRIMARY KEY ({key})")
    return f"CREATE TABLE {place} ({', '.join(lines)}){_TABLE_END.get(dialect, '')}"


def create_indexes(schema: Schema, dialect: str, place: Callable[[str], str]) -> list[str]:
    """DDL of the indexes for the columns that a migration reads by; ``place``: a table as the database takes it."""
    return [
        f"CREATE INDEX {quoted(f'IX_{number:02d}_{column}', dialect)} ON {place(table)} ({quoted(column, dialect)})"
        for number, (table, column) in enumerate(schema.indexes)
    ]


def create_marker(dialect: str) -> str:
    """DDL of the marker table."""
    columns = "seed BIGINT NOT NULL, dossiers BIGINT NOT NULL, version INTEGER NOT NULL"
    return f"CREATE TABLE {MARKER} ({columns}){_TABLE_END.get(dialect, '')}"


def _sql_type(type_name: str, dialect: str) -> str:
    plain = type_name.removesuffix(" PK")
    if letters := _LETTERS.fullmatch(plain):
        return _text_type(plain, letters[1], dialect)
    word, sign, size = plain.partition("(")
    known = _TYPES[dialect][word]
    return f"{known}{sign}{size}" if word in _SIZED.get(dialect, ()) else known


def _text_type(plain: str, size: str, dialect: str) -> str:
    """A text of so many letters. What is Unicode in the old system is Unicode in SQL Server too."""
    if size.upper() == "MAX":
        return _LONG_TEXT[dialect]
    if dialect == "sqlite" and plain.startswith("N"):
        return f"VARCHAR({size}) COLLATE NOCASE"  # as on the SQL Server that it stands in for
    return f"nvarchar({size})" if dialect == "mssql" else f"VARCHAR({size})"
