"""The exam every source sits: the same old system behind SQLite, MariaDB (two drivers), PostgreSQL, SQL Server,
XML and sheets.

SQL Server is the TDS endpoint of ``tests/tds`` behind Microsoft's driver and behind FreeTDS: what it proves of T-SQL
is the dialect, not the server.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url

from connectors._sheet_shapes import Form, SheetColumn, SheetShapes, SheetTable
from connectors._sql_open import open_engine
from connectors._xml_shapes import XmlColumn, XmlShapes, XmlTable
from connectors.base import (
    FileSpec,
    Forbidden,
    Join,
    Misconfigured,
    ReadPlan,
    Record,
    Row,
    Source,
    TableRead,
    Unavailable,
)
from connectors.memory import MemorySource
from connectors.spreadsheet import open_spreadsheet
from connectors.sql import SqlSource
from connectors.xml import open_xml
from tests.contract.books import csv, ods, xlsx
from tests.servers import MakeDatabase, free_port, odbc_url

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


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    with old_system(request.param, request, tmp_path) as built:
        yield built


@pytest.fixture
def source(door: Door) -> Iterator[SqlSource]:
    opened = door.source()
    yield opened
    opened.close()


SHAPES = XmlShapes(
    (
        XmlTable(
            "ho_so",
            "/k:KetXuat/k:HoSo",
            {
                "hoSoId": XmlColumn("@id", "integer"),
                "ma": XmlColumn("k:Ma"),
                "nopLuc": XmlColumn("k:NopLuc"),
                "trangThai": XmlColumn("k:TrangThai"),
                "ghiChu": XmlColumn("k:GhiChu"),
                "daXoa": XmlColumn("@xoa", "integer"),
            },
            "hoSoId",
        ),
        XmlTable(
            "giay_to",
            "k:GiayTo",
            {"giayToId": XmlColumn("@id", "integer"), "ten": XmlColumn("."), "tepId": XmlColumn("@tep", "integer")},
            links=(("hoSoId", "ho_so"),),
        ),
        XmlTable(
            "buoc",
            "k:QuaTrinh/k:Buoc",
            {"buocId": XmlColumn("@id", "integer"), "ten": XmlColumn("k:Ten")},
            links=(("hoSoId", "ho_so"),),
        ),
        XmlTable(
            "tep",
            "/k:KetXuat/k:Teps/k:Tep",
            {
                "tepId": XmlColumn("@id", "integer"),
                "thuMuc": XmlColumn("k:ThuMuc", "integer"),
                "tenTep": XmlColumn("k:Ten"),
            },
            "tepId",
        ),
    ),
    {"k": "urn:ket-xuat"},
)


def exported(key: int, prefix: str) -> str:
    """A dossier as XML; what the prefix is called must not matter."""
    p, is_held = prefix, key in HELD
    form = f"<{p}GiayTo id='{key * 10 + 1}' tep='{key}'>Tờ khai</{p}GiayTo>" if is_held else ""
    request = f"<{p}GiayTo id='{key * 10}'>Đơn</{p}GiayTo>" if is_held else ""
    told = {key * 10: "Tiếp nhận", key * 10 + 1: "Trả kết quả"} if is_held else {key: "của hồ sơ đã xóa"}
    steps = [f"<{p}Buoc id='{number}'><{p}Ten>{name}</{p}Ten></{p}Buoc>" for number, name in told.items()]
    return (
        f"<{p}HoSo id='{key}' xoa='{int(not is_held)}'>{form}<{p}Ma>{f'H44-{key}' if is_held else 'xóa'}</{p}Ma>"
        f"<{p}NopLuc>2025-06-30 16:59:59</{p}NopLuc><{p}TrangThai>done</{p}TrangThai>"
        f"<{p}GhiChu><![CDATA[Đã nhận]]> &#273;ủ</{p}GhiChu>{request}"
        f"<{p}QuaTrinh>{''.join(steps)}</{p}QuaTrinh></{p}HoSo>"
    )


def xml_source(folder: Path) -> Source:
    """The same old system as two exported files, each with its own way of writing names."""
    folder.mkdir()
    files = "".join(f"<k:Tep id='{key}'><k:ThuMuc>7</k:ThuMuc><k:Ten>{key}.pdf</k:Ten></k:Tep>" for key in HELD)
    first = "".join(exported(key, "k:") for key in (100, 5, *HELD[:3]))
    second = "".join(exported(key, "") for key in (11, 10, 9))
    (folder / "a.xml").write_text(f"<k:KetXuat xmlns:k='urn:ket-xuat'><k:Teps>{files}</k:Teps>{first}</k:KetXuat>")
    (folder / "b.xml").write_bytes(f"<KetXuat xmlns='urn:ket-xuat'>\n{second}\n</KetXuat>".encode("utf-16"))
    return open_xml(folder, SHAPES, folder.parent / "staged" / "cu.sqlite")


def sheet(name: str, key: str, forms: dict[str, Form], links: tuple[str, ...] = ()) -> SheetTable:
    """A table whose labels are its columns' names."""
    made = {column: SheetColumn((f"Cột {column}",), form, True) for column, form in forms.items()}
    return SheetTable(name, made, keys=((key,),), links=links)


PAPER: dict[str, Form] = {"giayToId": "integer", "hoSoId": "integer", "ten": "text", "tepId": "integer"}
DOSSIER: dict[str, Form] = {"hoSoId": "integer", "ma": "text", "nopLuc": "date", "trangThai": "text", "ghiChu": "text"}
SHEETS = SheetShapes(
    (
        sheet("ho_so", "hoSoId", {**DOSSIER, "daXoa": "integer"}),
        sheet("giay_to", "giayToId", PAPER, ("hoSoId",)),
        sheet("buoc", "buocId", {"buocId": "integer", "hoSoId": "integer", "ten": "text"}, ("hoSoId",)),
        sheet("tep", "tepId", {"tepId": "integer", "thuMuc": "integer", "tenTep": "text"}),
    )
)


def sheet_source(folder: Path) -> Source:
    """The same old system as the books of three people."""
    folder.mkdir()
    heads = {table.name: [f"Cột {name}" for name in table.columns] for table in SHEETS.tables}
    moment = datetime(2025, 6, 30, 16, 59, 59)
    records = {key: [key, f"H44-{key}", moment, "done", "Đã nhận đủ", int(key not in HELD)] for key in (5, *HELD)}
    papers = [[key * 10 + n, key, ten, key if n else None] for key in HELD for n, ten in ((1, "Tờ khai"), (0, "Đơn"))]
    steps = [[key * 10 + n, key, ten] for key in HELD for n, ten in enumerate(("Tiếp nhận", "Trả kết quả"))]
    first = {"Hồ sơ": [["SỔ"], heads["ho_so"], *(records[key] for key in (100, 5, *HELD[:3]))]}
    xlsx(folder / "a.xlsx", first | {"Giấy tờ": [heads["giay_to"], *papers]})
    ods(folder / "b.ods", {"Hồ sơ": [heads["ho_so"], *(records[key] for key in (11, 10))]})
    csv(folder / "c.csv", [heads["ho_so"], [9, "H44-9", "16:59:59 30/06/2025", *records[9][3:]]], separator=";")
    csv(folder / "d.csv", [heads["buoc"], *steps], encoding="utf-16")
    csv(folder / "e.csv", [heads["tep"], *([key, 7, f"{key}.pdf"] for key in HELD)], encoding="utf-8-sig")
    return open_spreadsheet(folder, SHEETS, folder.parent / "staged" / "cu.sqlite")


STAGED: dict[str, Callable[[Path], Source]] = {"xml": xml_source, "spreadsheet": sheet_source}


@contextmanager
def opened(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """The same dossiers behind a source of this kind."""
    if kind in STAGED:
        with closing(STAGED[kind](tmp_path / "ket_xuat")) as staged:
            yield staged
        return
    with old_system(kind, request, tmp_path) as built, closing(built.source()) as source:
        yield source


@pytest.fixture(params=(*DOORS, *STAGED, "memory"))
def any_source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """The same dossiers behind every kind of source, the one in memory included: it is the oracle of other tests."""
    if request.param == "memory":
        yield MemorySource([held(key) for key in reversed(HELD)])
        return
    with opened(request.param, request, tmp_path) as source:
        yield source


@pytest.fixture(params=(*DOORS, "xml"))
def asked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """The same dossiers behind every kind of source whose own key is the dossier's."""
    with opened(request.param, request, tmp_path) as source:
        yield source


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


def test_pages_come_in_key_order_as_numbers_and_keys_as_text(any_source: Source) -> None:
    assert [[record.key for record in page] for page in any_source.sweep(PLAN)] == [
        ["1", "2", "3"],
        ["9", "10", "11"],
        ["100"],
    ]


def test_a_record_is_whole_under_the_declared_names(any_source: Source) -> None:
    assert everything(any_source) == [held(key) for key in HELD]


def test_a_sweep_goes_on_after_the_key_it_is_given(any_source: Source) -> None:
    assert [record.key for record in everything(any_source, after="9")] == ["10", "11", "100"]
    assert everything(any_source, after="100") == []


def test_fetch_gives_the_same_records_in_key_order(any_source: Source) -> None:
    assert any_source.fetch(PLAN, ["100", "10", "2", "7"]) == [held(2), held(10), held(100)]
    assert any_source.fetch(PLAN, []) == []


def test_a_look_at_a_small_table_sees_all_of_it(any_source: Source) -> None:
    table = any_source.main if isinstance(any_source, MemorySource) else "HO_SO"
    look = any_source.look(table, rows=50)
    assert {row["ma"] for row in look.rows} >= {f"H44-{key}" for key in HELD}
    assert (look.count, look.is_counted) == (len(look.rows), True)


def test_a_look_at_a_large_table_reads_both_ends_of_its_key_and_no_more_than_it_may(
    door: Door, source: SqlSource
) -> None:
    for start in range(1001, 3001, 500):
        values = ", ".join(f"({key}, 'H-{key}', '{'x' * 20}', 0)" for key in range(start, start + 500))
        door.run(f"INSERT INTO Ho_So (hoSoId, ma, trangThai, daXoa) VALUES {values}")
    look = source.look("ho_so", rows=90)
    keys = [int(str(lower(row)["hosoid"])) for row in look.rows]
    assert [key.lower() for key in look.key] == ["hosoid"]
    assert {1, 3000} <= set(keys)
    assert len(keys) == len(set(keys)) <= 99
    assert any(1001 < key < 2500 for key in keys)
    assert look.count == 2000 + len(HELD) + 1


def test_a_look_cuts_long_text(door: Door, source: SqlSource) -> None:
    door.run(f"UPDATE Ho_So SET ghiChu = '{'x' * 5000}' WHERE hoSoId = 1")
    rows = [lower(row) for row in source.look("ho_so", rows=50).rows]
    assert {len(str(row["ghichu"])) for row in rows if row["hosoid"] == 1} == {200}


def lower(row: Row) -> Row:
    """A row under small names: PostgreSQL has no others unless they are quoted."""
    return {name.lower(): cell for name, cell in row.items()}


def test_a_decimal_comes_as_the_database_writes_it(door: Door, source: SqlSource) -> None:
    fee = TableRead("fee", "ho_so", ("lePhi",), key="hoSoId", where="{hoSoId} = 1")
    assert source.reference(fee) == [{"lePhi": 12.5 if door.kind == "sqlite" else "12.50"}]


def test_each_page_sees_one_moment(door: Door, source: SqlSource) -> None:
    if door.kind == "sqlite":
        door.run("PRAGMA journal_mode = WAL")
    changed: list[str] = []

    def change_once(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if (
            "ma" in statement
            and "giay_to" not in statement.lower()
            and re.search("LIMIT|TOP", statement)
            and not changed
        ):
            changed.append(statement)
            door.run("INSERT INTO Giay_To VALUES (7777, 1, 'Thêm sau', NULL), (7778, 9, 'Thêm sau', NULL)")

    event.listen(Engine, "after_cursor_execute", change_once)
    try:
        records = {record.key: len(record.children["papers"]) for record in everything(source)}
    finally:
        event.remove(Engine, "after_cursor_execute", change_once)
    assert changed
    assert (records["1"], records["9"]) == (2, 3)  # not on the page under way, but on the next one


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


def test_a_page_that_outgrows_its_bytes_is_read_in_smaller_ones(door: Door, source: SqlSource) -> None:
    door.run(f"UPDATE Ho_So SET ghiChu = '{'x' * 50_000}'")
    pages = list(source.sweep(dataclasses.replace(PLAN, page_rows=1000, page_bytes=120_000)))
    assert [record.key for page in pages for record in page] == [str(key) for key in HELD]
    assert max(len(page) for page in pages) <= 2


def test_parameters_and_conditions_of_the_profile_reach_the_database(door: Door, source: SqlSource) -> None:
    door.run("UPDATE Ho_So SET nopLuc = '2025-06-30 17:00:00' WHERE hoSoId = 9")
    params: dict[str, str | int] = {"cutoff": "2025-06-30 17:00:00", "unused": 1}
    where = "COUNT(*) FROM {#ho_so} h WHERE {h.nopLuc} < :cutoff AND {h.daXoa} = 0 AND {h.ma} LIKE 'H44-%'"
    assert source.count(f"SELECT {where}", params) == len(HELD) - 1
    before = dataclasses.replace(PLAN, main=dataclasses.replace(PLAN.main, where="{nopLuc} >= :cutoff"), params=params)
    assert [record.key for record in everything(source, before)] == ["9"]


def test_a_parameter_that_nobody_gives_is_named(asked: Source) -> None:
    with pytest.raises(Misconfigured, match=":cutoff"):
        asked.count("SELECT COUNT(*) FROM {#ho_so} h WHERE {h.nopLuc} < :cutoff", {})


def test_a_tally_tells_apart_what_a_collation_equates(door: Door, source: SqlSource) -> None:
    door.run("UPDATE Ho_So SET trangThai = 'Done' WHERE hoSoId IN (1, 2)")
    door.run("UPDATE Ho_So SET trangThai = NULL WHERE hoSoId = 3")
    assert source.tally("ho_so", ["trangThai", "daXoa"])[:2] == [(("done", 0), 4), (("Done", 0), 2)]
    assert (((None, 0), 1)) in source.tally("ho_so", ["trangThai", "daXoa"])


CHAIN = (
    Join("ho_so", "h", (("hoSoId", "hoSoId"),), ("ma",)),
    Join("tep", "t", (("h.hoSoId", "tepId"),), ("tenTep",)),
)


def test_a_join_may_hang_on_an_earlier_join(asked: Source) -> None:
    rows = asked.reference(TableRead("steps", "buoc", ("buocId",), key="buocId", join=CHAIN))
    assert rows[1] == {"buocId": 10, "h.ma": "H44-1", "t.tenTep": "1.pdf"}
    assert {row["t.tenTep"] for row in rows if row["h.ma"] == "xóa"} == {None}


def test_a_tally_counts_by_a_column_of_a_join(asked: Source) -> None:
    found = asked.tally("buoc", ["t.tenTep"], CHAIN)
    assert dict(found) == {(f"{key}.pdf",): 2 for key in HELD} | {(None,): 1}


def test_an_id_of_floating_point_is_a_whole_key_and_names_a_file(door: Door, tmp_path: Path) -> None:
    (tmp_path / "kho").mkdir()
    (tmp_path / "kho" / "900021").write_bytes(b"12345")
    door.run(
        "CREATE TABLE Thuc (id double precision PRIMARY KEY, kho double precision)",
        "INSERT INTO Thuc VALUES (9, 900021), (10, NULL), (100, 900021)",
    )
    source = door.source(files=tmp_path / "kho")
    papers = TableRead("papers", "thuc", ("id", "kho"), "id", "id")
    plan = ReadPlan(
        TableRead("d", "thuc", ("id",), "id", "id"), (papers,), files=(FileSpec("papers", "{kho}"),), page_rows=2
    )
    found = {record.key: record.children["papers"][0] for record in everything(source, plan)}
    source.close()
    assert list(found) == ["9", "10", "100"]
    assert [(row["_locator"], row["_size"]) for row in found.values()] == [("900021", 5), (None, None), ("900021", 5)]


BY_CODE = ReadPlan(
    TableRead("d", "don", ("ma",), "ma", "ma"),
    (TableRead("papers", "to_don", ("so", "ten"), "don", "so", split=("ten", "##")),),
    page_rows=1,
)
"""Dossiers whose key is a text, and papers with several values in one cell."""
EQUAL_ROWS = {"mariadb": 6, "mssql": 5}
"""How many of six rows have a dossier where letter case says nothing; the endpoint does count blanks at the end."""


def test_rows_hang_on_the_text_key_that_the_database_takes_for_theirs(door: Door, source: SqlSource) -> None:
    words = "nvarchar(50)" if door.kind == "mssql" else "varchar(50)"
    door.run(f"CREATE TABLE Don (ma {words}, so int)", f"CREATE TABLE To_Don (so int, don {words}, ten {words})")
    door.run("INSERT INTO Don VALUES ('H44-a', 1), ('H44-B', 2), ('H44-c', 3)")
    door.run("INSERT INTO To_Don VALUES (1, 'H44-a', 'x'), (2, 'h44-A', 'x'), (3, 'H44-b', 'x'), (4, 'H44-B  ', 'x')")
    door.run("INSERT INTO To_Don VALUES (5, 'H44-c', 'a.pdf##b.pdf####c.pdf##'), (6, 'H44-c', NULL)")
    records = everything(source, BY_CODE)
    found = {record.key: record.children["papers"] for record in records}
    hung = {row["so"] for rows in found.values() for row in rows}
    assert len(hung) == source.count("SELECT COUNT(*) FROM {#don} d JOIN {#to_don} p ON {p.don} = {d.ma}", {})
    assert len(hung) == EQUAL_ROWS.get(door.kind, 3)
    assert [(row["so"], row["ten"], row["_part"]) for row in found["H44-c"]] == [
        (5, "a.pdf", ""), (5, "b.pdf", "2"), (5, "c.pdf", "3"), (6, None, ""),
    ]  # fmt: skip
    assert source.fetch(BY_CODE, list(found)) == records
    door.run("INSERT INTO Don VALUES ('h44-A', 4)")
    if door.kind not in EQUAL_ROWS:
        assert len(everything(source, BY_CODE)) == 4
        return
    for page_rows in (1, 10):
        with pytest.raises(Misconfigured, match="coi hai giá trị của nó là một"):
            everything(source, dataclasses.replace(BY_CODE, page_rows=page_rows))


def test_a_column_comes_newest_first_without_nulls(asked: Source) -> None:
    assert asked.column("HO_SO", "nopluc", limit=2) == ["2025-06-30 16:59:59"] * 2
    assert asked.column("ho_so", "ma", limit=3) == ["H44-100", "H44-11", "H44-10"]


def test_a_reference_comes_whole_in_the_order_of_its_key(asked: Source) -> None:
    read = TableRead("tep", "tep", ("tenTep",), key="tepId", where="{thuMuc} = 7")
    assert [row["tenTep"] for row in asked.reference(read)] == [f"{key}.pdf" for key in HELD]


def test_fetch_gives_the_same_records_and_leaves_out_the_vanished(door: Door, source: SqlSource) -> None:
    swept = {record.key: record for record in everything(source)}
    door.run("DELETE FROM Ho_So WHERE hoSoId = 9")
    assert source.fetch(PLAN, ["100", "9", "10", "2", "khác"]) == [swept["2"], swept["10"], swept["100"]]
    assert source.fetch(PLAN, []) == []


def test_nothing_can_be_written(door: Door, source: SqlSource) -> None:
    for statement in ("DELETE FROM {#buoc}", "UPDATE {#buoc} SET ten = ''", "CREATE TABLE moi (id int)"):
        with pytest.raises(Misconfigured, match="chỉ được đọc"):
            source.count(statement, {})
    assert source.count("SELECT COUNT(*) FROM {#buoc} b", {}) == 2 * len(HELD) + 1


def test_a_probe_describes_the_tables_and_names_the_server(source: SqlSource) -> None:
    probe = source.probe()
    tables = {name.lower(): [column.name.lower() for column in columns] for name, columns in probe.tables.items()}
    assert tables["buoc"] == ["buocid", "hosoid", "ten"]
    assert set(tables) == {"ho_so", "giay_to", "tep", "buoc"}
    assert probe.server.split()[0] in {"SQLite", "MariaDB", "PostgreSQL", "SQL"}
    assert probe.can_write


def test_a_server_tells_its_own_clock_in_utc(source: SqlSource) -> None:
    probe = source.probe()
    if probe.server.startswith("SQLite"):  # no server, no clock of its own
        assert probe.utc == ""
        return
    told = datetime.fromisoformat(probe.utc).replace(tzinfo=UTC)
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_missing_table_is_named_with_what_is_near(asked: Source) -> None:
    with pytest.raises(Misconfigured, match=r"(?i)bảng Ho_Sơ .*gần giống: ho_so"):
        asked.reference(TableRead("x", "Ho_Sơ", ("ma",)))
    with pytest.raises(Misconfigured, match="bảng khong_co"):
        asked.count("SELECT COUNT(*) FROM {#khong_co} k", {})


def test_a_missing_column_is_named_with_what_is_near(asked: Source) -> None:
    with pytest.raises(Misconfigured, match=r"(?i)không có cột trang_thai .*trangthai"):
        asked.tally("ho_so", ["trang_thai"])
    with pytest.raises(Misconfigured, match="cột khongco"):
        asked.count("SELECT COUNT(*) FROM {#buoc} b WHERE b.khongco = 1", {})
    plan = dataclasses.replace(PLAN, children=(TableRead("x", "", ("la",), "hoSoId", sql=STEPS),))
    with pytest.raises(Misconfigured, match="không trả về cột la"):
        everything(asked, plan)


def test_sql_that_the_database_does_not_understand_is_the_profiles_fault(asked: Source) -> None:
    with pytest.raises(Misconfigured, match="SQL"):
        asked.count("SELEKT 1", {})


@pytest.mark.parametrize("door", SERVERS, indirect=True)
def test_a_wrong_password_is_forbidden_and_not_repeated(door: Door) -> None:
    source = door.source(door.address.set(password="sai-mat-khau"))
    with pytest.raises(Forbidden, match="mật khẩu") as caught:
        source.probe()
    assert "sai-mat-khau" not in repr(caught.value)
    assert caught.value.__suppress_context__


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Microsoft's driver knocks at a dead port for as long as it may."""
    monkeypatch.setattr("connectors._sql_mssql.CONNECT_SECONDS", 1)


@pytest.mark.parametrize("door", SERVERS, indirect=True)
@pytest.mark.usefixtures("little_patience")
def test_a_dead_port_is_unavailable(door: Door) -> None:
    with pytest.raises(Unavailable, match="Không kết nối được"):
        door.source(door.address.set(port=free_port())).probe()


@pytest.mark.parametrize("door", SERVERS, indirect=True)
@pytest.mark.usefixtures("little_patience")
def test_an_unknown_host_is_unavailable(door: Door) -> None:
    with pytest.raises(Unavailable, match="Không kết nối được"):
        door.source(door.address.set(host="khong-co.invalid")).probe()


@pytest.mark.parametrize("door", SERVERS, indirect=True)
def test_an_unknown_database_is_named(door: Door) -> None:
    with pytest.raises(Misconfigured, match="khong_co_csdl"):
        door.source(door.address.set(database="khong_co_csdl")).probe()


@pytest.mark.parametrize("door", SERVERS, indirect=True)
def test_an_account_that_may_only_read_is_known_and_what_it_may_not_read_is_named(door: Door) -> None:
    name = f"doc_{door.address.database}_{door.url.__name__}"
    if door.kind == "mssql":
        door.run(f"CREATE LOGIN {name} WITH PASSWORD = 'doc'")
    at = f"{name}@'127.0.0.1'" if door.kind == "mariadb" else name
    login = {
        "mariadb": f"{at} IDENTIFIED BY 'doc'",
        "postgres": f"{at} PASSWORD 'doc'",
        "mssql": f"{at} FOR LOGIN {at}",
    }
    door.run(
        f"CREATE USER {login[door.kind]}",
        *(f"GRANT SELECT ON {table} TO {at}" for table in ("Ho_So", "Giay_To", "Tep")),
    )
    source = door.source(door.address.set(username=name, password="doc"))
    assert not source.probe().can_write
    assert len(everything(source, dataclasses.replace(PLAN, children=PLAN.children[:1]))) == len(HELD)
    with pytest.raises(Forbidden, match=r"(?i)bảng buoc"):
        everything(source)
    source.close()


def test_files_are_measured_and_opened_under_their_folder(door: Door, tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "7").mkdir(parents=True)
    (files / "7" / "1.pdf").write_bytes(b"%PDF-1.4")
    source = door.source(files=files)
    plan = dataclasses.replace(PLAN, files=(FileSpec("papers", "{t.thuMuc}/{t.tenTep}"),))
    papers = [paper for record in everything(source, plan)[:2] for paper in record.children["papers"]]
    assert [(paper["_locator"], paper["_size"]) for paper in papers] == [
        (None, None),
        ("7/1.pdf", 8),
        (None, None),
        ("7/2.pdf", None),
    ]
    assert (source.stat_file("7/1.pdf"), source.stat_file("7/2.pdf")) == (8, None)
    with source.open_file("7/1.pdf") as stream:
        assert stream.read() == b"%PDF-1.4"
    with pytest.raises(FileNotFoundError):
        source.open_file("7/2.pdf")
    for locator in ("../old.sqlite", "/etc/hostname", "7/../../old.sqlite", "7\\..\\x", ""):
        with pytest.raises(Misconfigured, match="files"):
            source.open_file(locator)
    shutil.rmtree(files)
    with pytest.raises(Unavailable, match="Thư mục"):
        everything(source, plan)
    source.close()


def test_a_database_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"khong_co.sqlite"):
        SqlSource(f"sqlite:///{tmp_path}/khong_co.sqlite")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_text("không phải cơ sở dữ liệu " * 100)
    with pytest.raises(Misconfigured, match=r"a.sqlite"):
        SqlSource(f"sqlite:///{tmp_path}/a.sqlite").probe()


def test_a_wrong_url_is_explained_without_its_password() -> None:
    for url in (
        "không phải url",
        "nosuch://a:bi-mat@h/d",
        "oracle+oracledb://a:bi-mat@h/d",
        "mysql+mysqldb://a:bi-mat@h/d",
    ):
        with pytest.raises(Misconfigured) as caught:
            SqlSource(url)
        assert "bi-mat" not in repr(caught.value)


def test_an_odbc_driver_that_is_not_installed_is_explained() -> None:
    source = SqlSource(odbc(make_url("mysql://a:bi-mat@127.0.0.1:1/d")).replace("MariaDB+Unicode", "Kh%C3%B4ng"))
    with pytest.raises(Misconfigured, match="apt-get install odbc-mariadb") as caught:
        source.probe()
    assert "bi-mat" not in repr(caught.value)


def test_an_odbc_driver_for_postgresql_that_is_not_installed_is_explained() -> None:
    with pytest.raises(Misconfigured, match="apt-get install odbc-postgresql"):
        SqlSource("postgresql+pyodbc://a:bi-mat@127.0.0.1/d?driver=khong-co")
