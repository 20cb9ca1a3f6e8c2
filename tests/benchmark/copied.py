"""The three tables that B and C copy, and how PyMySQL reaches them. Light: what it imports, the copies pay for."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

TABLES = ("opencps_dossier", "opencps_dossierfile", "opencps_dossieraction")


def address(url: str) -> dict[str, Any]:
    """What PyMySQL itself must be told to connect to the address that SQLAlchemy and dlt are given."""
    parts = urlsplit(url)
    login = {"host": parts.hostname, "port": parts.port, "user": parts.username}
    password, database = unquote(parts.password or ""), parts.path.lstrip("/")
    return {**login, "password": password, "database": database, "charset": "utf8mb4"}
