"""SQLite files: text as stored, whatever its column was declared to be."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine

from connectors._sql_flavour import CONNECT_SECONDS, Flavour, make_engine
from connectors.base import Misconfigured


def open_sqlite(url: URL) -> tuple[Engine, Flavour]:
    path = Path(re.sub(r"^file:|\?.*$", "", url.database or "")).expanduser()
    if not path.is_file():
        raise Misconfigured(
            f"Không thấy tệp SQLite {path}. Kiểm tra đường dẫn trong URL (sqlite:////đường/dẫn.sqlite)."
        )

    def connect() -> sqlite3.Connection:
        address = f"file:{quote(str(path.resolve()))}?mode=ro"
        return sqlite3.connect(address, uri=True, timeout=CONNECT_SECONDS, check_same_thread=False)

    flavour = Flavour(
        begin="BEGIN",
        catalogue="SELECT m.name, p.name, p.type, p.pk > 0 FROM sqlite_master m JOIN pragma_table_info(m.name) p"
        " WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, p.cid",
        server="SELECT 'SQLite ' || sqlite_version()",
        can_write=lambda _: os.access(path, os.W_OK),
        # any column without text affinity may hold numbers
        is_numeric=lambda declared: not re.search(r"char|clob|text", declared, re.IGNORECASE),
        cell=_sqlite_cell,
        exact=lambda column, _: f"{column} COLLATE BINARY",
        stamp=lambda raw: raw.execute("PRAGMA query_only = ON").close(),
        lenient=_lenient_sqlite,
        is_content=lambda _: True,  # what a cell holds, its column does not say
        # length() of a text counts letters; a CAST of a blob would read all of it
        size=lambda cell: f"CASE typeof({cell}) WHEN 'blob' THEN length({cell}) ELSE length(CAST({cell} AS BLOB)) END",
        piece=lambda cell: f"substr(CAST({cell} AS BLOB), :at, :wide)",
        piece_bytes=1 << 22,
        blob=_read_blob,
    )
    return make_engine("sqlite+pysqlite://", creator=connect), flavour


def _sqlite_cell(column: str, declared: str) -> str:
    if not re.search(r"date|time", declared, re.IGNORECASE):
        return column
    return f"CASE typeof({column}) WHEN 'text' THEN replace({column}, '.000000', '') ELSE {column} END"


def _read_blob(
    raw: Any, table: str, column: str, row: str, params: Mapping[str, Any], at: int, wide: int
) -> tuple[int | None, bytes] | None:
    """A piece by the row's number: substr() loads the whole content for each. A view has no such numbers."""
    try:
        found = raw.execute(f"SELECT d.rowid FROM {row} LIMIT 2", params).fetchall()
        if len(found) != 1 or found[0][0] is None:
            return None
        with raw.blobopen(table, column, found[0][0], readonly=True) as blob:
            blob.seek(min(at, len(blob)))
            return len(blob), blob.read(wide)
    except sqlite3.OperationalError:  # NULL, a number, a view: asked again in SQL, where a real trouble shows
        return None


def _lenient_sqlite(raw: sqlite3.Connection) -> Callable[[], None]:
    def text_or_bytes(stored: bytes) -> str | bytes:
        try:
            return stored.decode()
        except UnicodeDecodeError:
            return stored

    def back() -> None:
        raw.text_factory = str

    raw.text_factory = text_or_bytes
    return back
