"""SQL Server as far as a TDS endpoint shows it: types, texts, keys, databases, log-in, TLS and what is refused."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

import pyodbc
import pytest
import sqlglot
from sqlalchemy import (
    URL,
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Table,
    Unicode,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import DBAPIError
from sqlglot import exp

from connectors._sql_mssql import catalogue_query, rights_query, snapshots_query
from connectors._sql_mssql_address import connect, read_address
from connectors._sql_mssql_admit import admitted
from connectors._sql_mssql_cells import lenient, moment, moment_with_offset, text_or_bytes
from connectors._sql_open import open_engine
from connectors.base import Cell, Forbidden, Misconfigured, ReadPlan, TableRead, Unavailable
from connectors.sql import SqlSource
from mappings.encodings import TCVN3, decode, encode
from tests.tds.browser import browser
from tests.tds.certificates import self_signed
from tests.tds.server import TdsServer, tds_server

DRIVERS = ("", "FreeTDS")
# type, what is stored, the cell: the same behind either driver
TYPES: tuple[tuple[str, str, Cell], ...] = (
    ("datetime", "'1753-01-01'", "1753-01-01 00:00:00"),
    ("datetime", "'2025-06-30 16:59:59.997'", "2025-06-30 16:59:59.997000"),
    ("smalldatetime", "'2025-06-30 16:59'", "2025-06-30 16:59:00"),
    ("datetime2", "'0001-01-01'", "0001-01-01 00:00:00"),
    ("datetime2(7)", "'2025-06-30 16:59:59.123456'", "2025-06-30 16:59:59.123456"),
    ("datetime2(0)", "'9999-12-31 23:59:59'", "9999-12-31 23:59:59"),
    ("datetimeoffset", "'2025-06-30 09:59:59+00:00'", "2025-06-30 09:59:59+00:00"),
    ("date", "'2025-06-30'", "2025-06-30"),
    ("time(3)", "'16:59:59.120'", "16:59:59.120000"),
    ("bit", "1", 1),
    ("tinyint", "255", 255),
    ("bigint", "-9007199254740993", -9007199254740993),
    ("decimal(38,5)", "-12345678901234567890.5", "-12345678901234567890.50000"),
    ("money", "-3.5", "-3.5000"),
    ("float", "0.1", 0.1),
    ("uniqueidentifier", "'6f9619ff-8b86-d011-b42d-00c04fc964ff'", "6F9619FF-8B86-D011-B42D-00C04FC964FF"),
    ("nvarchar(20)", "N'Đường Lê Lợi'", "Đường Lê Lợi"),
    ("nvarchar(max)", "N''", ""),
    ("ntext", "N'Ghi chú'", "Ghi chú"),
    ("nchar(4)", "N'Đ'", "Đ   "),
    ("xml", "N'<a>Đ</a>'", "<a>Đ</a>"),
    ("varbinary(max)", "0x25504446", b"%PDF"),
    ("image", "0x00ff", b"\x00\xff"),
    ("rowversion", "0x00000000000007d1", b"\0\0\0\0\0\0\x07\xd1"),
)


@pytest.fixture(scope="module")
def server() -> Iterator[TdsServer]:
    with tds_server() as running:
        yield running


def fill(url: str, *statements: str) -> None:
    engine, _, _ = open_engine(url)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def open_source(url: str, **options: str) -> SqlSource:
    return SqlSource(make_url(url).update_query_dict(options).render_as_string(hide_password=False))


def cells(source: SqlSource, *columns: str, table: str = "T") -> list[tuple[Cell, ...]]:
    rows = source.reference(TableRead("t", table, columns, key="id"))
    source.close()
    return [tuple(row.values()) for row in rows]


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_type_comes_as_the_same_cell_behind_either_driver(server: TdsServer, driver: str) -> None:
    url, names = server.make_database(), [f"c{at}" for at in range(len(TYPES))]
    declared = ", ".join(f"{name} {kind}" for name, (kind, _, _) in zip(names, TYPES, strict=True))
    fill(url, f"CREATE TABLE T (id int PRIMARY KEY, {declared})")
    fill(url, f"INSERT INTO T VALUES (1, {', '.join(stored for _, stored, _ in TYPES)})")
    fill(url, f"INSERT INTO T VALUES (2, {', '.join(['NULL'] * len(TYPES))})")
    source = open_source(url, odbc_driver=driver)
    tallied = {name: source.tally("T", [name]) for name in names}
    assert cells(source, *names) == [tuple(cell for _, _, cell in TYPES), (None,) * len(TYPES)]
    assert tallied == {
        name: sorted([((None,), 1), ((cell,), 1)], key=lambda row: row[0][0] is not None)
        for name, (_, _, cell) in zip(names, TYPES, strict=True)
    }


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_seventh_digit_of_a_moment_is_not_lost(server: TdsServer, driver: str) -> None:
    source = open_source(server.make_database(), odbc_driver=driver)
    sql = "SELECT CAST('2025-06-30 16:59:59.1234567' AS datetime2(7)) AS m"
    assert source.reference(TableRead("t", "", ("m",), sql=sql)) == [{"m": "2025-06-30 16:59:59.1234567"}]
    source.close()


def test_the_structures_of_odbc_are_read_to_their_ends() -> None:
    wall = b"\xd9\x06\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    assert moment(wall) == "1753-01-01 00:00:00"
    assert moment_with_offset(wall + b"\xfb\xff\xe2\xff") == "1753-01-01 00:00:00-05:30"
    assert text_or_bytes("Đ".encode("utf-16le"), "utf-16le") == "Đ"
    assert text_or_bytes(b"\x00\xd8", "utf-16le") == b"\x00\xd8"  # half of a pair: no text


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_text_read_leniently_is_the_same_text(server: TdsServer, driver: str) -> None:
    address = read_address(make_url(server.make_database()).update_query_dict({"odbc_driver": driver}))
    connection = connect(address, 5)
    back = lenient(connection)
    sql = "SELECT CAST(N'Đường' AS nvarchar(20)), CAST(N'Lê' AS nvarchar(max)), CAST(N'Lợi' AS nchar(3))"
    assert tuple(connection.execute(sql).fetchone()) == ("Đường", "Lê", "Lợi")
    back()
    assert tuple(connection.execute(sql).fetchone()) == ("Đường", "Lê", "Lợi")
    connection.close()


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_text_of_the_vietnamese_code_page_comes_with_its_letters(server: TdsServer, driver: str) -> None:
    url = server.make_database()
    fill(url, "CREATE TABLE T (id int PRIMARY KEY, ten varchar(50) COLLATE Vietnamese_CI_AS)")
    fill(url, "INSERT INTO T VALUES (1, N'Nguyễn Thị Đẹp, phường Bạch Hạc')")
    [(name,)] = cells(open_source(url, odbc_driver=driver), "ten")
    assert unicodedata.normalize("NFC", str(name)) == "Nguyễn Thị Đẹp, phường Bạch Hạc"


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("collation", ["Vietnamese_CI_AS", "SQL_Latin1_General_CP1_CI_AS"])
def test_tcvn3_under_any_collation_is_read_by_its_bytes(server: TdsServer, driver: str, collation: str) -> None:
    stored = encode("Phú Thọ, phố Hùng Vương", TCVN3).encode("latin-1")
    letters = stored.decode({"Vietnamese_CI_AS": "cp1258"}.get(collation, "cp1252"))  # what an old client showed
    url = server.make_database()
    fill(url, f"CREATE TABLE T (id int PRIMARY KEY, ten varchar(50) COLLATE {collation})")
    fill(url, f"INSERT INTO T VALUES (1, N'{letters}'), (2, N'\x81')")
    rows = cells(open_source(url, odbc_driver=driver, varchar="cp1252"), "ten")
    assert decode(str(rows[0][0]), TCVN3) == "Phú Thọ, phố Hùng Vương"
    assert rows[1] == (b"\x81",)  # no letter of cp1252: left as it is


# ---------------------------------------------------------------- keys, names, databases


@pytest.mark.parametrize("driver", DRIVERS)
def test_dossiers_under_guids_are_swept_and_fetched(server: TdsServer, driver: str) -> None:
    url = server.make_database()
    keys = [f"{at:08X}-0000-4000-8000-{at * 7919:012X}" for at in range(1, 8)]
    fill(url, "CREATE TABLE Business.HoSos (Id uniqueidentifier PRIMARY KEY, MaHoSo varchar(50))")
    fill(url, *(f"INSERT INTO Business.HoSos VALUES ('{key}', 'H{key[:8]}')" for key in keys))
    source = open_source(url, odbc_driver=driver)
    plan = ReadPlan(TableRead("dossier", "business.hosos", ("Id", "MaHoSo"), "Id", "Id"), page_rows=3)
    pages = [[record.key for record in page] for page in source.sweep(plan)]
    assert (sorted(chain(*pages)), [len(page) for page in pages]) == (keys, [3, 3, 1])
    assert [record.row["MaHoSo"] for record in source.fetch(plan, [keys[4], "khác"])] == [f"H{keys[4][:8]}"]
    source.close()


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_text_key_is_compared_in_its_own_type(server: TdsServer, driver: str) -> None:
    url = server.make_database()
    fill(url, "CREATE TABLE T (id varchar(20) PRIMARY KEY)", "INSERT INTO T VALUES ('A1'), ('B2'), ('C3')")
    asked: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    source = open_source(url, odbc_driver=driver)
    plan = ReadPlan(TableRead("dossier", "T", ("id",), "id", "id"), page_rows=2)
    assert [record.key for page in source.sweep(plan) for record in page] == ["A1", "B2", "C3"]
    assert any("> CAST(? AS varchar(20))" in statement for statement in asked)  # else no index of it is used
    source.close()


@pytest.mark.parametrize("driver", DRIVERS)
def test_tables_of_another_database_are_read_under_the_name_the_profile_gives_it(
    server: TdsServer, driver: str
) -> None:
    url, other = server.make_database(), server.make_database()
    name = str(make_url(other).database)
    fill(url, "CREATE TABLE HoSo (id int PRIMARY KEY, xa int)", "INSERT INTO HoSo VALUES (1, 7)")
    fill(other, "CREATE TABLE DMXa (Ma int PRIMARY KEY, Ten nvarchar(50))", "INSERT INTO DMXa VALUES (7, N'Bạch Hạc')")
    source = open_source(url, odbc_driver=driver, **{"database.portal": name})
    assert set(source.probe().tables) == {"HoSo", "portal.DMXa"}
    sql = "SELECT {x.Ten} AS Ten FROM {#HoSo} h JOIN {#portal.DMXa} x ON {x.Ma} = {h.xa}"
    assert source.reference(TableRead("t", "", ("Ten",), sql=sql)) == [{"Ten": "Bạch Hạc"}]
    assert source.reference(TableRead("t", "Portal.dmxa", ("Ten",))) == [{"Ten": "Bạch Hạc"}]
    source.close()
    fill(url, "CREATE LOGIN doc_" + name + " WITH PASSWORD = 'x'", f"CREATE USER doc_{name} FOR LOGIN doc_{name}")
    poor = make_url(url).set(username=f"doc_{name}", password="x")
    options = {"odbc_driver": driver, "database.portal": name}
    with pytest.raises(Forbidden, match=rf"không được vào cơ sở dữ liệu {name}"):
        open_source(poor.render_as_string(hide_password=False), **options).probe()


# ---------------------------------------------------------------- one moment


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_read_says_whether_it_sees_one_moment(server: TdsServer, driver: str) -> None:
    url = server.make_database()
    source = open_source(url, odbc_driver=driver)
    probe = source.probe()
    assert (probe.server, probe.has_snapshots) == ("SQL Server 16.0.4105.2", True)
    source.close()
    fill(url, f"ALTER DATABASE {make_url(url).database} SET ALLOW_SNAPSHOT_ISOLATION OFF")
    source = open_source(url, odbc_driver=driver)
    assert not source.probe().has_snapshots
    source.close()


def test_snapshots_that_end_while_a_source_is_open_are_told(server: TdsServer) -> None:
    url = server.make_database()
    fill(url, "CREATE TABLE T (id int PRIMARY KEY)")
    source = open_source(url)
    assert source.count("SELECT COUNT(*) FROM {#T} t", {}) == 0
    fill(url, f"ALTER DATABASE {make_url(url).database} SET ALLOW_SNAPSHOT_ISOLATION OFF")
    with pytest.raises(Unavailable, match="SNAPSHOT"):
        source.count("SELECT COUNT(*) FROM {#T} t", {})
    assert source.count("SELECT COUNT(*) FROM {#T} t", {}) == 0  # a new session knows better
    source.close()


# ---------------------------------------------------------------- entering


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_log_in_says_who_reads_and_that_it_only_reads(server: TdsServer, driver: str) -> None:
    for intent in (True, False):
        source = open_source(server.make_database(), odbc_driver=driver, read_only_intent=str(intent))
        source.probe()
        source.close()
        assert server.instance.logins[-1] == {"user": "sa", "program": "lienthong", "read_only": intent}


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_named_instance_is_found_by_the_browser_service(driver: str) -> None:
    host = f"127.{os.getpid() % 200 + 20}.{os.getpid() // 200 % 250}.9"  # port 1434 of an address of this process alone
    with tds_server(host=host) as server, browser(host, {"SQLEXPRESS": server.port}):
        address = make_url(server.make_database())
        for parts in ({"host": host}, {"host": f"{host}\\SQLEXPRESS"}):
            url = URL.create(address.drivername, address.username, address.password, parts["host"], None, "t1")
            source = SqlSource(
                url.set(query={"encrypt": "false", "odbc_driver": driver, "instance": "sqlexpress"}).render_as_string(
                    hide_password=False
                )
            )
            assert source.probe().can_write
            source.close()


@pytest.mark.parametrize("password", ["a;b", "a{b", "p@ss w/#?d ", "%2B+", "'\"", "Mật=khẩu"])
@pytest.mark.parametrize("driver", DRIVERS)
def test_any_password_reaches_the_server_as_it_is(server: TdsServer, driver: str, password: str) -> None:
    url = make_url(server.make_database())
    fill(server.url(), f"CREATE LOGIN mot WITH PASSWORD = '{password.replace(chr(39), chr(39) * 2)}'")
    server.instance.accounts["mot"].password = password
    source = open_source(
        url.set(username="mot", password=password, database="master").render_as_string(False), odbc_driver=driver
    )
    assert source.probe().can_write is False
    source.close()


def test_a_certificate_that_nobody_vouches_for_is_refused_until_it_is_trusted(tmp_path: Path) -> None:
    context, certificate = self_signed(tmp_path)
    with tds_server(context, host="127.0.0.1") as server:
        url = server.make_database()
        with pytest.raises(Misconfigured, match=r"chứng thư.*trust_certificate"):
            open_source(url, encrypt="true").probe()
        with pytest.raises(Misconfigured, match="chứng thư"):
            open_source(url, encrypt="strict").probe()
        for options in (
            {"encrypt": "true", "trust_certificate": "true"},
            {"encrypt": "true", "trust_certificate": "true", "odbc_driver": "FreeTDS"},
            {"encrypt": "strict", "certificate": str(certificate)},
            {"encrypt": "false"},  # then only the log-in is hidden
        ):
            source = open_source(url, **options)
            assert source.probe().can_write
            source.close()


def test_a_server_without_tls_is_told_from_one_that_is_down(server: TdsServer) -> None:
    with pytest.raises(Misconfigured, match=r"TLS.*encrypt: false"):
        open_source(server.make_database(), encrypt="true").probe()


def test_a_windows_log_in_without_a_ticket_says_kinit(
    server: TdsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/none")
    with pytest.raises(Forbidden, match="kinit"):
        open_source(server.make_database(), windows_login="true").probe()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"odbc_driver": "Không có"}, "odbcinst"),
        ({"odbc_driver": "/etc/hostname"}, "mssql-python-odbc"),
        ({"odbc_driver": "tds9"}, "tdsodbc"),
        ({"odbc_driver": "FreeTDS", "encrypt": "true"}, "trust_certificate"),
        ({"odbc_driver": "FreeTDS", "encrypt": "strict"}, "strict"),
        ({"encrypt": "true", "certificate": "/x.pem"}, "strict"),
        ({"varchar": "tcvn4"}, "tcvn4"),
        ({"encryt": "yes"}, "encryt"),
    ],
)
def test_a_wrong_option_is_explained(server: TdsServer, options: dict[str, str], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        open_source(server.url(), **options).probe()


def test_without_a_driver_the_package_is_named(server: TdsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors._sql_mssql_address.bundled_driver", lambda: "")
    monkeypatch.setattr("connectors._sql_mssql_address._INSTALLED", ())
    with pytest.raises(Misconfigured, match=r"pip install mssql-python-odbc.*tdsodbc"):
        open_source(server.url())


# ---------------------------------------------------------------- the endpoint itself


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_generator_can_fill_the_endpoint_over_the_wire(server: TdsServer, driver: str) -> None:
    url = make_url(server.make_database()).update_query_dict({"odbc_driver": driver})
    engine = create_engine("mssql+pyodbc://", creator=lambda: pyodbc.connect(read_address(url).odbc))
    table = Table(
        "HoSo", MetaData(), Column("id", Integer, primary_key=True), Column("ten", Unicode(50)), Column("luc", DateTime)
    )
    table.metadata.create_all(engine)
    rows = [{"ten": "Đơn", "luc": datetime(2025, 6, 30, 16, 59, 59)}, {"ten": None, "luc": None}]
    with engine.begin() as connection:
        connection.execute(table.insert(), rows)
    with engine.connect() as connection:
        connection.execute(table.insert(), rows)
        connection.rollback()
    with engine.connect() as connection:
        assert connection.execute(table.select().order_by(table.c.id)).all() == [
            (1, "Đơn", datetime(2025, 6, 30, 16, 59, 59)),
            (2, None, None),
        ]
        made = connection.execute(table.insert(), {"ten": "ấ"})
        assert made.inserted_primary_key is not None
        assert made.inserted_primary_key[0] > 2
    with engine.connect() as connection, pytest.raises(DBAPIError, match="2628"):
        connection.execute(table.insert(), [{"ten": "x" * 51}])
    engine.dispose()


# ---------------------------------------------------------------- what may be said


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM [T]",
        "SELECT 1; DROP TABLE T",
        "SELECT * INTO x FROM T",
        "WITH a AS (SELECT 1 b) UPDATE T SET c = 1",
        "SELECT 1 /* ; */ EXEC xoa",
        "sp_who",
        "[xoa] 1",
        "_xoa SELECT",
        "-- SELECT\nxoa",
        "SELECT NEXT VALUE FOR so",
        "SELECT * FROM OPENROWSET('x', 'y', 'z')",
        "",
    ],
)
def test_sql_that_could_change_something_is_refused_before_it_is_sent(sql: str) -> None:
    with pytest.raises(Misconfigured, match="chỉ được đọc"):
        admitted(sql, True)


def test_names_and_texts_that_look_like_orders_are_none() -> None:
    sql = "SELECT [Update], \"Set\", 'DELETE; it''s', d.[a]]b] FROM [T] d -- drop\nWHERE d.x = 'exec' ORDER BY d.x"
    assert admitted(sql, True) == sql
    assert (
        admitted("d.[x] = 'ĐX' AND d.[y] IN ('a', N'ấ', 'ấ')", False) == "d.[x] = N'ĐX' AND d.[y] IN ('a', N'ấ', N'ấ')"
    )


@pytest.mark.parametrize(
    "sql",
    [catalogue_query({"a": "B[]c"}), rights_query(), snapshots_query(["B'c"])],
    ids=["tables", "rights", "moment"],
)
def test_the_questions_to_the_catalogue_are_t_sql(sql: str) -> None:
    assert isinstance(sqlglot.parse_one(sql, read="tsql"), exp.Query)
