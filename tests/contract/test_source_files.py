"""Stored files behind every kind of database: in a folder beside it, and in a column of a table."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors._file_stores import FileServer
from connectors.base import FileSpec, Join, Misconfigured, ReadPlan, TableRead, Unavailable
from tests.contract.old_system import PLAN, Door, everything
from tests.file_server import file_web


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


@pytest.mark.parametrize("door", ["sqlite"], indirect=True)
def test_files_behind_http_are_the_files_of_a_folder(door: Door, tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "7").mkdir(parents=True)
    (files / "7" / "1.pdf").write_bytes(b"%PDF-1.4")
    plan = dataclasses.replace(PLAN, files=(FileSpec("papers", "{t.thuMuc}/{t.tenTep}"),))
    with file_web(files) as web, closing(door.source(files=FileServer(web.url, "OLD_FILES_URL"))) as source:
        source.probe()
        with closing(door.source(files=files)) as beside:
            assert everything(source, plan) == everything(beside, plan)
            assert source.fetch(plan, ["1", "2"]) == beside.fetch(plan, ["1", "2"])
        assert (source.stat_file("7/1.pdf"), source.stat_file("7/2.pdf")) == (8, None)
        with source.open_file("7/1.pdf") as stream:
            assert stream.read() == b"%PDF-1.4"
        with pytest.raises(FileNotFoundError):
            source.open_file("7/2.pdf")
        for locator in ("../old.sqlite", "/etc/hostname", "7/../../old.sqlite", "7\\..\\x", ""):
            with pytest.raises(Misconfigured, match="files"):
                source.open_file(locator)
        web.habits.always = (503, {"Retry-After": "0"})
        with pytest.raises(Unavailable):
            everything(source, plan)


BLOBS = {"sqlite": "BLOB", "mariadb": "longblob", "postgres": "bytea", "mssql": "varbinary(max)"}
BIG = bytes(range(256)) * 5000
"""More than one piece on every server."""
CONTENTS = ReadPlan(
    TableRead("dossier", "ho_so", ("ma",), "hoSoId", "hoSoId", where="{daXoa} = 0"),
    (
        TableRead(
            "papers", "giay_to", ("ten",), "hoSoId", "giayToId", (Join("nd", "n", (("tepId", "id"),), ()),),
            content="n.NoiDung",
        ),
        TableRead("results", "Ket_Qua", ("so",), "hoSoId", "so", content="ban"),
    ),
)  # fmt: skip


def hold_contents(door: Door) -> None:
    """A paper whose bytes stand in a table that it names, and results that hold their own."""
    words = "nvarchar" if door.kind == "mssql" else "varchar"
    old = "image" if door.kind == "mssql" else BLOBS[door.kind]
    door.run(f"CREATE TABLE nd (id bigint PRIMARY KEY, noiDung {BLOBS[door.kind]})")
    door.run(f"CREATE TABLE Ket_Qua (so {words}(20) PRIMARY KEY, hoSoId bigint, ban {old})")
    door.run("INSERT INTO Ket_Qua (so, hoSoId) VALUES ('KQ 1/2025?=%', 1), ('Số 2', 2)")
    with door.admin.begin() as connection:
        for key, content in ((1, BIG), (2, b""), (3, None)):
            put = (
                "INSERT INTO nd VALUES (:key, :content)" if content is not None else "INSERT INTO nd (id) VALUES (:key)"
            )
            connection.execute(text(put), {"key": key} | ({} if content is None else {"content": content}))
        connection.execute(text("UPDATE Ket_Qua SET ban = :content WHERE hoSoId = 1"), {"content": b"%PDF-1.7"})


def test_a_content_in_a_column_is_measured_with_its_row_and_read_only_when_it_is_opened(door: Door) -> None:
    hold_contents(door)
    source = door.source()
    records = everything(source, CONTENTS)
    papers = [record.children["papers"][-1] for record in records[:4]]
    assert papers == [
        {"ten": "Tờ khai", "_locator": "db:nd.NoiDung?id=1", "_size": len(BIG)},
        {"ten": "Tờ khai", "_locator": "db:nd.NoiDung?id=2", "_size": 0},
        {"ten": "Tờ khai", "_locator": "db:nd.NoiDung?id=3", "_size": None},  # NULL
        {"ten": "Tờ khai", "_locator": None, "_size": None},  # no such row
    ]
    results = [row for record in records for row in record.children["results"]]
    first, second = (str(row["_locator"]) for row in results)
    assert first == "db:Ket_Qua.ban?so=KQ%201%2F2025%3F%3D%25"
    assert [row["_size"] for row in results] == [8, None]
    assert source.fetch(CONTENTS, ["1", "2"]) == records[:2]
    assert [source.stat_file(f"db:nd.noidung?id={key}") for key in (1, 2, 3, 4)] == [len(BIG), 0, None, None]
    with source.open_file("db:nd.NoiDung?id=1") as stream:
        assert (stream.read(10), stream.read()) == (BIG[:10], BIG[10:])
    for locator, content in (("db:nd.NoiDung?id=2", b""), (first, b"%PDF-1.7")):
        with source.open_file(locator) as stream:
            assert stream.read() == content
    for locator in ("db:nd.NoiDung?id=3", "db:nd.NoiDung?id=4", second):
        with pytest.raises(FileNotFoundError, match=r"không còn trong cơ sở dữ liệu"):
            source.open_file(locator)
    source.close()


@pytest.mark.parametrize("door", ["mariadb", "postgres_odbc", "mssql"], indirect=True)
def test_a_content_that_changes_while_it_is_read_is_not_taken_for_whole(door: Door) -> None:
    hold_contents(door)
    with closing(door.source()) as source, source.open_file("db:nd.NoiDung?id=1") as stream:
        assert stream.read(10) == BIG[:10]
        with door.admin.begin() as connection:
            connection.execute(text("UPDATE nd SET noiDung = :content WHERE id = 1"), {"content": BIG[:-1]})
        with pytest.raises(Unavailable, match="vừa bị sửa"):
            stream.read()


@pytest.mark.parametrize("door", ["sqlite", "postgres"], indirect=True)
def test_what_is_no_content_of_one_row_is_refused(door: Door, tmp_path: Path) -> None:
    hold_contents(door)
    (tmp_path / "kho").mkdir()
    with closing(door.source(files=tmp_path / "kho")) as source:
        for wrong, said in (
            ("db:nd", "sai dạng"),
            ("db:nd.khong_co?id=1", "không có cột khong_co"),
            ("db:giay_to.tepId?ten=T%E1%BB%9D%20khai", "nhiều dòng|không phải kiểu nhị phân"),
        ):
            with pytest.raises(Misconfigured, match=said):
                source.open_file(wrong)
        door.run("CREATE TABLE Ten_Tep (id bigint PRIMARY KEY, hoSoId bigint, ten varchar(50))")
        door.run("INSERT INTO Ten_Tep VALUES (1, 1, 'db:nd.NoiDung?id=1')")  # a name out of the data names no column
        named = TableRead("named", "ten_tep", ("ten",), "hoSoId", "id")
        plan = dataclasses.replace(CONTENTS, children=(named,), files=(FileSpec("named", "{ten}"),))
        with closing(door.source(files=tmp_path / "kho")) as afresh:
            assert everything(afresh, plan)[0].children["named"][0]["_size"] is None


FLAT = """
import hashlib, sys
from pathlib import Path
from connectors.base import ReadPlan, TableRead
from connectors.sql import SqlSource
source = SqlSource(sys.argv[1])
plan = ReadPlan(TableRead("d", "t", ("id",), "id", "id"), (TableRead("f", "t", (), "id", "id", content="noiDung"),))
((record,),) = source.sweep(plan)
digest, size = hashlib.sha256(), 0
with source.open_file(record.children["f"][0]["_locator"]) as stream:
    while piece := stream.read(1 << 18):
        digest.update(piece)
        size += len(piece)
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(digest.hexdigest(), size, record.children["f"][0]["_size"], int(peak.split()[1]) // 1024)
"""


def test_a_content_of_sixty_megabytes_takes_no_more_memory_than_one_of_six(tmp_path: Path) -> None:
    peaks = []
    for megabytes in (6, 60):
        content = BIG[:1_000_000] * megabytes
        with closing(sqlite3.connect(tmp_path / f"{megabytes}.sqlite")) as raw, raw:
            raw.execute("CREATE TABLE t (id integer PRIMARY KEY, noiDung blob)")
            raw.execute("INSERT INTO t VALUES (1, ?)", (content,))
        url = f"sqlite:///{tmp_path}/{megabytes}.sqlite"
        words = [sys.executable, "-c", FLAT, url]
        done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
        digest, size, measured, peak = done.stdout.split()
        assert (digest, size, measured) == (hashlib.sha256(content).hexdigest(), *[str(len(content))] * 2)
        peaks.append(int(peak))
    assert peaks[1] - peaks[0] < 15, peaks
