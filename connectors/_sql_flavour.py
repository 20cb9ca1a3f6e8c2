"""What each kind of database says for itself, and what they share."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool

from connectors.base import Cell

CONNECT_SECONDS: Final = 10
READ_SECONDS: Final = 900
"""Longest silence of a server before the read counts as lost; a tally of a large table is slow."""

ReadBlob = Callable[[Any, str, str, str, Mapping[str, Any], int, int], tuple[int | None, bytes] | None]
"""(driver connection, table, column, FROM and WHERE of the row, its parameters, from, bytes) → (size, piece); None:
it cannot be read this way."""


@dataclass(frozen=True)
class Flavour:
    """One kind of database behind one driver."""

    begin: str
    catalogue: str  # SQL → (table, column, type, is part of the primary key), in declared order
    server: str  # SQL → the server's name and version
    can_write: Callable[[Connection], bool]
    is_numeric: Callable[[str], bool]
    has_snapshots: Callable[[Connection], bool] = lambda _: True
    is_guid: Callable[[str], bool] = lambda _: False
    describe: Callable[[Sequence[Any]], Sequence[Any]] = tuple  # a row of the catalogue, as list_tables takes it
    place: Callable[[str, Callable[[str], str]], str] = lambda name, quote: quote(name)  # of a table nobody listed
    utc: str = ""  # SQL → the server's clock in UTC; "" where it is this machine's
    cell: Callable[[str, str], str] = lambda column, _: column
    exact: Callable[[str, str], str] = lambda column, _: column  # groups texts that the collation would equate apart
    bound: Callable[[str, str], str] = lambda mark, _: mark  # a parameter, as a key of a declared type compares
    limit: Callable[[str, int], str] = lambda sql, rows: f"{sql} LIMIT {rows}"
    admit: Callable[[str, bool], str] = lambda sql, _: sql  # SQL of a profile (whole, or a part), as it may be sent
    is_content: Callable[[str], bool] = lambda declared: is_binary(declared)  # whether a file may stand in the column
    size: Callable[[str], str] = lambda cell: f"OCTET_LENGTH({cell})"  # bytes of a binary cell; of NULL: NULL
    piece: Callable[[str], str] = lambda cell: f"SUBSTRING({cell}, :at, :wide)"  # so many bytes of it
    piece_bytes: int = 1 << 20
    blob: ReadBlob | None = None  # the same past SQL, where a piece in SQL costs the whole
    stamp: Callable[[Any], None] = lambda _: None  # prepares a new driver connection
    lenient: Callable[[Any], Callable[[], None]] | None = None  # reads undecodable text; returns the way back
    smuggle: Callable[[str], str] = str  # SQL text while lenient
    tidy: Callable[[Any], Cell] | None = None  # a cell that the driver made an object of
    recover: Callable[[Cell], Cell] | None = None  # a cell read while lenient


def make_engine(url: URL | str, **options: Any) -> Engine:
    few = {"pool_size": 1, "max_overflow": 1, "pool_timeout": 60, "pool_pre_ping": True, "poolclass": QueuePool}
    return create_engine(url, hide_parameters=True, isolation_level="AUTOCOMMIT", **few, **options)


def trim_moment(moment: str) -> str:
    return moment[:-7] if moment.endswith(".000000") else moment


def braced(value: str) -> str:
    """A value of an ODBC connection string, in braces where it needs them: FreeTDS crashes on needless ones."""
    if value == value.strip() and not set(value) & set(";{}[]()?*=!@"):
        return value
    return "{" + value.replace("}", "}}") + "}"


def is_number(declared: str) -> bool:
    kinds = r"(unsigned |small|medium|tiny|big)*(int(eger|\d)?|serial)\b|long$|number|numeric|dec|double|float|real"
    return re.match(kinds, declared, re.IGNORECASE) is not None


def is_binary(declared: str) -> bool:
    return re.search(r"blob|binary|bytea|image", declared, re.IGNORECASE) is not None


def is_undecodable(error: Exception) -> bool:
    """Whether a read failed on text that is not valid in its declared encoding."""
    return isinstance(error, UnicodeDecodeError) or (
        isinstance(error, sqlite3.OperationalError) and str(error).startswith("Could not decode")
    )
