"""What a cell becomes behind every kind of database: numbers, moments, broken text."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from connectors.base import TableRead
from connectors.sql import SqlSource
from tests.contract.old_system import Door, everything
from tests.servers import MakeDatabase


def test_a_decimal_comes_as_the_database_writes_it(door: Door, source: SqlSource) -> None:
    fee = TableRead("fee", "ho_so", ("lePhi",), key="hoSoId", where="{hoSoId} = 1")
    assert source.reference(fee) == [{"lePhi": 12.5 if door.kind == "sqlite" else "12.50"}]


def test_microseconds_stay_and_a_zero_fraction_goes(door: Door, source: SqlSource) -> None:
    door.run("UPDATE Ho_So SET nopLuc = '2025-06-30 17:00:00.000000' WHERE hoSoId = 1")
    door.run("UPDATE Ho_So SET nopLuc = '0025-03-04 05:06:07.123456' WHERE hoSoId = 2")
    door.run("UPDATE Ho_So SET nopLuc = NULL WHERE hoSoId = 3")
    moments = [record.row["nopLuc"] for record in everything(source)[:3]]
    assert moments == ["2025-06-30 17:00:00", "0025-03-04 05:06:07.123456", None]


@pytest.mark.parametrize("door", ["sqlite"], indirect=True)
def test_sqlite_delivers_a_moment_that_is_none_as_it_stands(door: Door, source: SqlSource) -> None:
    door.run("UPDATE Ho_So SET nopLuc = '31/02/2025' WHERE hoSoId = 1")
    assert everything(source)[0].row["nopLuc"] == "31/02/2025"


@pytest.mark.parametrize("door", ["mariadb", "mariadb_odbc"], indirect=True)
def test_mariadb_delivers_a_zero_date_as_it_stands(door: Door, source: SqlSource) -> None:
    door.run("UPDATE Ho_So SET nopLuc = '0000-00-00 00:00:00' WHERE hoSoId = 1")
    assert everything(source)[0].row["nopLuc"] == "0000-00-00 00:00:00"
    moment = TableRead("m", "", ("nopLuc",), sql="SELECT {h.nopLuc} AS nopLuc FROM {#ho_so} h WHERE {h.hoSoId} = 1")
    assert source.reference(moment) == [{"nopLuc": "0000-00-00 00:00:00"}]


def corrupt(door: Door, make_postgres: MakeDatabase) -> Door:
    """Put bytes that are no UTF-8 into one note: each database has its own way to come by them."""
    if door.kind == "sqlite":
        door.run("UPDATE Ho_So SET ghiChu = CAST(x'56f520' AS TEXT) WHERE hoSoId = 2")
        return door
    if door.kind == "mariadb":  # an old table file whose declared charset is wrong
        door.run("UPDATE Ho_So SET ghiChu = NULL WHERE hoSoId = 2", "ALTER TABLE Ho_So ENGINE = MyISAM")
        door.run("CREATE TABLE Latin LIKE Ho_So", "ALTER TABLE Latin MODIFY ghiChu blob")
        door.run("INSERT INTO Latin SELECT * FROM Ho_So", "UPDATE Latin SET ghiChu = x'56f520' WHERE hoSoId = 2")
        door.run("FLUSH TABLES")
        with door.admin.connect() as connection:
            folder = Path(str(connection.execute(text("SELECT CONCAT(@@datadir, DATABASE())")).scalar()))
        shutil.copyfile(folder / "Latin.MYD", folder / "Ho_So.MYD")
        door.run("FLUSH TABLES")
        return door
    address, name = make_url(make_postgres()), f"ascii_{door.address.database}"
    with door.admin.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(
            text(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        )
    filled = create_engine(address.set(database=name, query={"client_encoding": "utf8"}))
    other = Door("postgres", filled, filled.url.set(query={}), door.url)
    other.create()
    other.run("INSERT INTO Ho_So VALUES (1, 'H44-1', NULL, 'done', 'Đã nhận đủ', NULL, 0)")
    other.run("INSERT INTO Ho_So VALUES (2, 'H44-2', NULL, 'done', convert_from('\\x56f520', 'SQL_ASCII'), NULL, 0)")
    return other


@pytest.mark.parametrize("door", ["sqlite", "mariadb", "mariadb_odbc", "postgres", "postgres_odbc"], indirect=True)
def test_a_text_that_is_no_utf8_stays_bytes_and_its_neighbours_text(door: Door, make_postgres: MakeDatabase) -> None:
    broken = corrupt(door, make_postgres)
    source = broken.source()
    records = everything(source)
    source.close()
    broken.admin.dispose()
    assert [record.row["ghiChu"] for record in records[:2]] == ["Đã nhận đủ", b"V\xf5 "]
    assert records[1].row["ma"] == "H44-2"
