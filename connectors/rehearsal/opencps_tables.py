"""The tables of OpenCPS v2 as Liferay makes them on SQLite, MariaDB and PostgreSQL."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

MARKER = "lienthong_rehearsal"
"""The table that says: this database was filled by the generator. It is made first and dropped never."""
MARKER_VERSION = 1

_TYPES: Mapping[str, Mapping[str, str]] = {
    "sqlite": {"LONG": "BIGINT", "INTEGER": "INTEGER", "DOUBLE": "DOUBLE", "BOOLEAN": "INTEGER",
               "DATE": "TEXT", "TEXT": "TEXT", "STRING": "TEXT"},
    "mysql": {"LONG": "BIGINT", "INTEGER": "INTEGER", "DOUBLE": "DOUBLE", "BOOLEAN": "TINYINT(1)",
              "DATE": "DATETIME(6)", "TEXT": "LONGTEXT", "STRING": "LONGTEXT"},
    "postgresql": {"LONG": "BIGINT", "INTEGER": "INTEGER", "DOUBLE": "DOUBLE PRECISION", "BOOLEAN": "BOOLEAN",
                   "DATE": "TIMESTAMP", "TEXT": "TEXT", "STRING": "TEXT"},
}  # fmt: skip
_TABLE_END = {"sqlite": "", "mysql": " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"}
_INDEXES = (
    ("opencps_dossier", "referenceUid"), ("opencps_dossier", "dossierNo"), ("opencps_dossier", "uuid_"),
    ("opencps_dossierfile", "dossierId"), ("opencps_dossieraction", "dossierId"),
    ("opencps_dossieractionuser", "dossierId"), ("opencps_dossiermark", "dossierId"),
    ("opencps_dossierrequests", "dossierId"), ("opencps_dossierdocument", "dossierId"),
    ("opencps_paymentfile", "dossierId"), ("opencps_deliverable", "dossierId"),
    ("opencps_dossierlog", "dossierId"), ("opencps_dossieruser", "dossierId"),
    ("opencps_notarization", "dossierId"), ("opencps_postconnect", "dossierId"),
    ("opencps_deliverable", "deliverableCode"), ("opencps_applicant", "applicantIdNo"),
    ("opencps_processstep", "serviceProcessId"), ("opencps_processaction", "serviceProcessId"),
    ("opencps_dictitem", "dictCollectionId"), ("opencps_dossierpart", "templateNo"), ("DLFileEntry", "folderId"),
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column in the words of Liferay's service.xml."""

    name: str
    type: str  # LONG | LONG PK | INTEGER | DOUBLE | BOOLEAN | DATE | TEXT | STRING | VARCHAR(n)
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


def tables() -> tuple[Table, ...]:
    """Every table that the generator makes, without the marker."""
    found: dict[str, list[Column]] = {}
    text = files(__package__).joinpath("data/opencps_v2_tables.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["table"], []).append(Column(row["column"], row["type"], row["not_null"] == "1"))
    return tuple(Table(name, tuple(columns)) for name, columns in found.items())


def quoted(name: str, dialect: str) -> str:
    """An identifier as Liferay's own unquoted DDL leaves it: PostgreSQL folds it to lower case."""
    if dialect == "mysql":
        return f"`{name}`"
    return f'"{name.lower()}"' if dialect == "postgresql" else f'"{name}"'


def create_table(table: Table, dialect: str) -> str:
    """DDL of one table."""
    lines = [
        f"{quoted(column.name, dialect)} {_sql_type(column.type, dialect)}{' NOT NULL' if column.is_required else ''}"
        for column in table.columns
    ]
    key = ", ".join(quoted(name, dialect) for name in table.key)
    if key:
        lines.append(f"PRIMARY KEY ({key})")
    return f"CREATE TABLE {quoted(table.name, dialect)} ({', '.join(lines)}){_TABLE_END.get(dialect, '')}"


def create_indexes(dialect: str) -> list[str]:
    """DDL of the indexes that Liferay declares for the columns a migration reads by."""
    return [
        f"CREATE INDEX {quoted(f'IX_{number:02d}_{column}', dialect)} "
        f"ON {quoted(table, dialect)} ({quoted(column, dialect)})"
        for number, (table, column) in enumerate(_INDEXES)
    ]


def create_marker(dialect: str) -> str:
    """DDL of the marker table."""
    columns = "seed BIGINT NOT NULL, dossiers BIGINT NOT NULL, version INTEGER NOT NULL"
    return f"CREATE TABLE {MARKER} ({columns}){_TABLE_END.get(dialect, '')}"


def _sql_type(type_name: str, dialect: str) -> str:
    plain = type_name.removesuffix(" PK")
    return plain if re.match(r"VARCHAR\(", plain) else _TYPES[dialect][plain]
