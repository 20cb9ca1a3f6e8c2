"""One old system with a few dossiers, behind every kind of database, and what a source must deliver of it.

SQL Server is the TDS endpoint of ``tests/tds`` behind Microsoft's driver and behind FreeTDS: what it proves of T-SQL
is the dialect, not the server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from connectors._sql_open import open_engine
from connectors.base import Join, ReadPlan, Record, Row, Source, TableRead
from connectors.sql import SqlSource
from tests.servers import MakeDatabase, odbc_url

DOORS = ("sqlite", "mariadb", "mariadb_odbc", "postgres", "postgres_odbc", "mssql", "mssql_freetds")
SERVERS = DOORS[1:]
MOMENTS = {"sqlite": "DATE", "mariadb": "datetime(6)", "postgres": "timestamp", "mssql": "datetime2(6)"}
TABLES = (
    "CREATE TABLE Ho_So (hoSoId bigint PRIMARY KEY, ma {words}(50), nopLuc {moment}, trangThai {words}(20),"
    " ghiChu {text}, lePhi decimal(12,2), daXoa smallint)",
    "CREATE TABLE Giay_To (giayToId bigint PRIMARY KEY, hoSoId bigint, ten {words}(200), tepId bigint)",
    "CREATE TABLE Tep (tepId bigint PRIMARY KEY, thuMuc bigint, tenTep {words}(50))",
    "CREATE TABLE Buoc (buocId bigint PRIMARY KEY, hoSoId bigint, ten {words}(200))",
)
LITERAL = re.compile(r"(?<=[ (,=])'(?=[^',)])")
"""Where a text begins: SQL Server keeps Vietnamese letters of a literal only with N before it."""
HELD = (1, 2, 3, 9, 10, 11, 100)
STEPS = (
    "SELECT {b.hoSoId} AS hoSoId, {b.ten} AS ten, {h.ma} AS ma FROM {#buoc} b JOIN {#ho_so} h"
    " ON {h.hoSoId} = {b.hoSoId} WHERE {b.hoSoId} > :lo AND {b.hoSoId} <= :hi ORDER BY {b.hoSoId}, {b.buocId}"
)
PLAN = ReadPlan(
    main=TableRead(
        "dossier",
        "ho_so",
        ("hoSoId", "ma", "nopLuc", "trangThai", "ghiChu"),
        "hoSoId",
        "hoSoId",
        (),
        "{daXoa} = 0",
    ),
    children=(
        TableRead(
            "papers",
            "GIAY_TO",
            ("giayToId", "ten", "tepId"),
            "hosoid",
            "giaytoid",
            (Join("tep", "t", (("tepId", "tepId"),), ("thuMuc", "tenTep")),),
        ),
        TableRead("steps", "", ("ten", "ma"), "hoSoId", sql=STEPS),
    ),
    page_rows=3,
)


@dataclass(frozen=True)
class Door:
    """One old system: how a test fills it, and how the conveyor opens it."""

    kind: str  # the database
    admin: Engine
    address: URL
    url: Callable[[URL], str]  # from the database's own URL to the one that is examined

    def run(self, *statements: str) -> None:
        with self.admin.begin() as connection:
            for statement in statements:
                connection.execute(text(statement if self.kind != "mssql" else LITERAL.sub("N'", statement)))

    def create(self) -> None:
        wide = ("nvarchar", "nvarchar(max)") if self.kind == "mssql" else ("varchar", "text")
        self.run(*(table.format(moment=MOMENTS[self.kind], words=wide[0], text=wide[1]) for table in TABLES))

    def source(self, address: URL | None = None, **options: Any) -> SqlSource:
        return SqlSource(self.url(address or self.address), **options)


def odbc(address: URL) -> str:
    return odbc_url(plain(address))


def freetds(address: URL) -> str:
    return plain(address.update_query_dict({"odbc_driver": "FreeTDS"}))


def plain(address: URL) -> str:
    return address.render_as_string(hide_password=False)


@contextmanager
def old_system(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """An old system with a few dossiers, behind the door of this name."""
    kind = name.partition("_")[0]
    if kind == "sqlite":
        address = f"sqlite:///{tmp_path}/old.sqlite"
    else:
        make: MakeDatabase = request.getfixturevalue(f"make_{kind}")
        address = make()
    admin = open_engine(address)[0] if kind == "mssql" else create_engine(address)
    urls = {"odbc": odbc, "freetds": freetds}
    built = Door(kind, admin, make_url(address), urls.get(name.partition("_")[2], plain))
    built.create()
    for key in HELD:
        built.run(
            f"INSERT INTO Ho_So VALUES ({key}, 'H44-{key}', '2025-06-30 16:59:59', 'done', 'Đã nhận đủ', 12.50, 0)",
            f"INSERT INTO Tep VALUES ({key}, 7, '{key}.pdf')",
            f"INSERT INTO Giay_To VALUES ({key * 10 + 1}, {key}, 'Tờ khai', {key}), ({key * 10}, {key}, 'Đơn', NULL)",
            f"INSERT INTO Buoc VALUES ({key * 10}, {key}, 'Tiếp nhận'), ({key * 10 + 1}, {key}, 'Trả kết quả')",
        )
    built.run("INSERT INTO Ho_So VALUES (5, 'xóa', NULL, 'new', NULL, NULL, 1)")
    built.run("INSERT INTO Buoc VALUES (5, 5, 'của hồ sơ đã xóa')")
    yield built
    admin.dispose()


def held(key: int) -> Record:
    """What every source must deliver for a dossier."""
    row: Row = {"hoSoId": key, "ma": f"H44-{key}", "nopLuc": "2025-06-30 16:59:59", "trangThai": "done"}
    papers: list[Row] = [
        {"giayToId": key * 10, "ten": "Đơn", "tepId": None, "t.thuMuc": None, "t.tenTep": None},
        {"giayToId": key * 10 + 1, "ten": "Tờ khai", "tepId": key, "t.thuMuc": 7, "t.tenTep": f"{key}.pdf"},
    ]
    steps: list[Row] = [{"ten": ten, "ma": f"H44-{key}"} for ten in ("Tiếp nhận", "Trả kết quả")]
    return Record(str(key), row | {"ghiChu": "Đã nhận đủ"}, {"papers": papers, "steps": steps})


def everything(source: Source, plan: ReadPlan = PLAN, **options: Any) -> list[Record]:
    return [record for page in source.sweep(plan, **options) for record in page]


def lower(row: Row) -> Row:
    """A row under small names: PostgreSQL has no others unless they are quoted."""
    return {name.lower(): cell for name, cell in row.items()}
