"""A new system of tables for tests: those of TD.DichVuCong on a server, a target that writes them, and a clerk."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url

from connectors._sql_mssql_address import connect, read_address
from connectors.rehearsal.tables import quoted
from connectors.rehearsal.td_target import lay_tables
from connectors.sql_target import SqlTarget
from flows.target_tables import build_tables_plan
from mappings.targets import load_target

PROFILE = "td_dichvucong_sql"
DOSSIERS, PAPERS, STEPS = "Business.HoSos", "Business.ThanhPhanHoSos", "Business.QuaTrinhXuLyHoSos"
ROUNDS = "Business.HoSoBoSungs"
_NAME = re.compile(r"\{([\w.]+)\}")


@dataclass(frozen=True)
class Vendor:
    """A database with a vendor's empty tables, and the folder of files beside it."""

    url: str
    folder: Path

    @classmethod
    def made(cls, url: str, folder: Path) -> Vendor:
        """Lay the tables into an empty database."""
        if url.startswith("mssql"):  # the endpoint takes no rows by the array, nor does FreeTDS
            url = f"{url}&odbc_driver=FreeTDS"
        lay_tables(url)
        folder.mkdir(exist_ok=True)
        return cls(url, folder)

    def target(self, *, is_reader: bool = False, url: str = "") -> SqlTarget:
        """A target that writes here, as the shipped profile says."""
        plan = build_tables_plan(load_target(PROFILE))
        return SqlTarget(plan, url or self.url, files=self.folder, is_reader=is_reader)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement of somebody else, committed; ``{name}`` is quoted."""
        dialect = make_url(self.url).get_backend_name()
        text = _NAME.sub(lambda name: self._quoted(name[1], dialect), statement)
        if dialect == "mssql":
            with closing(connect(read_address(make_url(self.url)), 10)) as raw, closing(raw.cursor()) as cursor:
                cursor.execute(text)
                return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        engine = create_engine(self.url)
        try:
            with engine.begin() as connection:
                done = connection.exec_driver_sql(text.replace("%", "%%"))
                return [tuple(row) for row in done] if done.returns_rows else []
        finally:
            engine.dispose()

    @staticmethod
    def _quoted(name: str, dialect: str) -> str:
        if dialect == "mssql":
            return ".".join(quoted(part, dialect) for part in name.split("."))
        return quoted(name, dialect)

    def clerk_notes(self, key: str) -> None:
        """A clerk writes a note on a dossier; its number ends in the old key."""
        self.sql(f"UPDATE {{{DOSSIERS}}} SET {{GhiChu}} = N'Cán bộ đã xem' WHERE {{MaHoSo}} LIKE '%-{key:0>4}'")

    def wiped(self) -> Vendor:
        """The same with empty tables: numbers of dossiers are the same in every test."""
        for table in (DOSSIERS, PAPERS, STEPS, ROUNDS):
            self.sql(f"DELETE FROM {{{table}}}")
        return self

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.sql(f"SELECT COUNT(*) FROM {{{table}}}")[0][0])
