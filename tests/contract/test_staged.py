"""The store that every kind of file source shares, filled here from the plainest files: ``key;value;value…`` lines."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from connectors._file_stores import FileServer
from connectors._open_files import open_files
from connectors._sql_files import StoredFiles
from connectors._staged import StagedSource
from connectors._staged_contents import Contents
from connectors._staged_inputs import files_below
from connectors._staged_rows import StagedColumn, StagedRow, StagedTable, Staging
from connectors._staged_store import Store
from connectors.base import FileSpec, Forbidden, Misconfigured, ReadPlan, TableRead, Unavailable
from tests.file_server import file_web

TABLES = (
    StagedTable("ho_so", (StagedColumn("ma", "integer"), StagedColumn("ten"), StagedColumn("source_file")), "ma"),
    StagedTable("giay_to", (StagedColumn("ma", "integer"), StagedColumn("tep")), links=("ma",)),
)
PLAN = ReadPlan(
    main=TableRead("dossier", "ho_so", ("ma", "ten"), "ma", "ma"),
    children=(TableRead("papers", "giay_to", ("tep",), "ma", "tep"),),
    files=(FileSpec("papers", "{tep}"),),
    page_rows=2,
)


class Lines:
    """A line is a dossier: key, name, contents of its files. ``?`` in front of a value: nobody declared it."""

    kind = "dòng chữ"
    tables = TABLES
    version = "1"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.read: list[str] = []
        self.while_reading: Callable[[Path], None] = lambda _: None

    def inputs(self) -> Iterator[tuple[str, Path]]:
        yield from ((path.name, path) for path in sorted(self.root.iterdir()) if path.suffix == ".txt")

    def shred(self, stream: BinaryIO, name: str, staging: Staging) -> None:
        self.read.append(name)
        self.while_reading(self.root / name)
        for number, line in enumerate(stream.read().decode().splitlines(), start=1):
            key, *values = line.split(";")
            if line == "hỏng":
                staging.broken(number, "dòng không có khóa")
                continue
            rows: list[StagedRow] = [("ho_so", [key, values[0], name])]
            for value in values[1:]:
                if value.startswith("?"):
                    staging.undeclared("ho_so", value[1:])
                else:
                    rows.append(("giay_to", [key, staging.keep(iter([value.encode()]))]))
            staging.add(rows, number)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vao").mkdir()
    (tmp_path / "vao" / "a.txt").write_text("10;Mười;đơn;tờ khai\n9;Chín\n")
    (tmp_path / "vao" / "b.txt").write_text("2;Hai;đơn\n")
    return tmp_path / "vao"


@pytest.fixture
def lines(folder: Path) -> Lines:
    return Lines(folder)


@pytest.fixture
def source(tmp_path: Path, lines: Lines) -> Iterator[StagedSource]:
    opened = StagedSource(tmp_path / "var" / "staged" / "cu.sqlite", lines, StoredFiles(None))
    yield opened
    opened.close()


def names(source: StagedSource, after: str = "") -> list[tuple[str, object]]:
    return [(record.key, record.row["ten"]) for page in source.sweep(PLAN, after=after) for record in page]


def content(source: StagedSource, locator: str) -> str:
    with source.open_file(locator) as stream:
        return stream.read().decode()


def test_files_are_read_as_a_database_is(source: StagedSource) -> None:
    assert names(source) == [("2", "Hai"), ("9", "Chín"), ("10", "Mười")]
    assert names(source, after="2") == [("9", "Chín"), ("10", "Mười")]
    assert source.count("SELECT COUNT(*) FROM {#ho_so} h WHERE {h.ten} < :m", {"m": "H"}) == 1
    assert source.count_all({"n": "SELECT COUNT(*) FROM {#giay_to} g"}, {}) == {"n": 3}
    assert source.column("ho_so", "ten", limit=2) == ["Mười", "Chín"]
    assert source.tally("ho_so", ["source_file"]) == [(("a.txt",), 2), (("b.txt",), 1)]
    assert source.reference(TableRead("r", "ho_so", ("ten",), key="ma"))[0] == {"ten": "Hai"}
    assert [record.key for record in source.fetch(PLAN, ["10", "3", "2"])] == ["2", "10"]


def test_a_file_that_came_inside_is_stored_once_and_served(source: StagedSource, tmp_path: Path) -> None:
    papers = [paper for page in source.sweep(PLAN) for record in page for paper in record.children["papers"]]
    assert sorted(str(paper["_size"]) for paper in papers) == ["5", "5", "9"]
    locators = {str(paper["_locator"]) for paper in papers}
    assert len(locators) == 2
    assert {content(source, locator) for locator in locators} == {"đơn", "tờ khai"}
    assert {source.stat_file(locator) for locator in locators} == {5, 9}
    gone = "sha256:" + "0" * 64
    assert source.stat_file(gone) is None
    with pytest.raises(FileNotFoundError):
        source.open_file(gone)


def test_files_of_a_register_may_lie_behind_http(tmp_path: Path, lines: Lines) -> None:
    (tmp_path / "kho").mkdir()
    (tmp_path / "kho" / "Chín.pdf").write_bytes(b"%PDF")
    named = replace(PLAN.children[0], table="ho_so", columns=("ten",), key="ma")
    plan = replace(PLAN, children=(*PLAN.children, replace(named, name="scans")))
    plan = replace(plan, files=(*PLAN.files, FileSpec("scans", "{ten}.pdf")))
    with file_web(tmp_path / "kho") as web:
        store = open_files(FileServer(web.url, "OLD_FILES_URL"))
        with closing(StagedSource(tmp_path / "cu.sqlite", lines, store)) as source:
            records = [record for page in source.sweep(plan) for record in page]
            assert [record.children["scans"][0]["_size"] for record in records] == [None, 4, None]
            assert sorted(str(p["_size"]) for r in records for p in r.children["papers"]) == ["5", "5", "9"]
            assert content(source, "Chín.pdf") == "%PDF"
            web.habits.always = (302, {"Location": "http://may.khac/"})
            with pytest.raises(Misconfigured, match="không đi theo"):  # nothing counts as gone
                list(source.sweep(plan))


def test_what_the_tool_writes_is_for_its_owner_only(source: StagedSource, tmp_path: Path) -> None:
    names(source)
    for path in (tmp_path / "var" / "staged").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert {path.suffix for path in (tmp_path / "var" / "staged").iterdir()} == {".sqlite", ".lock", ".files"}


def test_a_probe_shows_the_tables_and_what_nobody_declared(source: StagedSource, folder: Path) -> None:
    (folder / "c.txt").write_text("3;Ba;?nguoiKy\n4;Bốn;?nguoiKy\n")
    probe = source.probe()
    assert {name: [c.name for c in columns] for name, columns in probe.tables.items()} == {
        "ho_so": ["ma", "ten", "source_file", "nguoiKy"],
        "giay_to": ["ma", "tep"],
    }
    assert (probe.can_write, probe.server, probe.broken) == (False, "dòng chữ, 3 tệp", ())


def test_unchanged_files_are_read_once(source: StagedSource, lines: Lines, folder: Path) -> None:
    names(source)
    names(source)
    source.probe()
    os.utime(folder / "a.txt", ns=(1, 1))  # touched, not changed
    names(source)
    assert lines.read == ["a.txt", "b.txt"]


@pytest.mark.parametrize("change", ["longer", "same size", "new", "gone", "shape"])
def test_a_change_is_read_at_the_next_sweep(source: StagedSource, lines: Lines, folder: Path, change: str) -> None:
    assert len(names(source)) == 3
    if change == "longer":
        (folder / "b.txt").write_text("2;Hai;đơn\n5;Năm\n")
    elif change == "same size":
        before = (folder / "b.txt").stat()
        (folder / "b.txt").write_text("2;Hay;đơn\n")
        os.utime(folder / "b.txt", ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    elif change == "new":
        (folder / "c.txt").write_text("5;Năm\n")
    elif change == "gone":
        (folder / "b.txt").unlink()
    else:
        lines.version = "2"
    after = names(source)
    assert lines.read[2:] == [path.name for path in sorted(folder.iterdir())]
    assert (len(after), ("2", "Hay") in after) == (
        {"longer": 4, "new": 4, "gone": 2}.get(change, 3),
        change[0:4] == "same",
    )


def test_contents_that_no_row_names_any_more_are_taken_away(source: StagedSource, folder: Path, tmp_path: Path) -> None:
    names(source)
    (folder / "a.txt").write_text("10;Mười\n")
    names(source)
    stored = [path for path in (tmp_path / "var" / "staged" / "cu.files").rglob("*") if path.is_file()]
    assert [path.read_text() for path in stored] == ["đơn"]


def test_contents_that_somebody_took_away_are_read_again(source: StagedSource, lines: Lines, tmp_path: Path) -> None:
    names(source)
    shutil.rmtree(tmp_path / "var" / "staged" / "cu.files")
    names(source)
    assert lines.read == ["a.txt", "b.txt"] * 2
    assert content(source, f"sha256:{hashlib.sha256('đơn'.encode()).hexdigest()}") == "đơn"


def test_a_broken_record_is_named_its_neighbours_are_read_and_the_sweep_stays_open(
    source: StagedSource, folder: Path
) -> None:
    (folder / "b.txt").write_text("2;Hai\nhỏng\n;Không khóa;đơn\n2;Trùng;đơn\nx;Chữ\n007;Số không\n3;Ba\n")
    said = [(broken.place, broken.said) for broken in source.probe().broken]
    assert said == [
        ("b.txt:2", "dòng không có khóa"),
        ("b.txt:3", "bản ghi ho_so không có khóa ma"),
        ("b.txt:4", "khóa ma của bản ghi ho_so đã có ở một bản ghi trước"),
        ("b.txt:5", "khóa ma của bản ghi ho_so không phải số nguyên"),
        ("b.txt:6", "khóa ma của bản ghi ho_so không phải số nguyên"),
    ]
    pages = source.sweep(PLAN)
    seen = [(r.key, len(r.children["papers"])) for page in (next(pages), next(pages)) for r in page]
    assert seen == [("2", 0), ("3", 0), ("9", 0), ("10", 2)]
    with pytest.raises(Misconfigured, match=r"5 chỗ .*b\.txt:2: dòng không có khóa.*accept_broken"):
        next(pages)


def test_what_the_site_leaves_out_by_name_closes_the_sweep(tmp_path: Path, lines: Lines, folder: Path) -> None:
    (folder / "b.txt").write_text("2;Hai\nhỏng\n")
    (folder / "c.txt").write_text("hỏng\nhỏng\n")
    by_place = {"b.txt:2": "đã chép tay", "c.txt": "tệp của đơn vị khác"}
    source = StagedSource(tmp_path / "cu.sqlite", lines, StoredFiles(None), accepted=by_place)
    found = source.probe().broken
    assert [(broken.accepted, broken.is_stale) for broken in found] == [("", True)] * 3
    source.close()
    whole = hashlib.sha256((folder / "c.txt").read_bytes()).hexdigest()[:12]
    by_content = {found[0].name: "đã chép tay", f"c.txt#{whole}": "tệp của đơn vị khác", "d.txt#0123456789ab": "cũ"}
    source = StagedSource(tmp_path / "cu.sqlite", lines, StoredFiles(None), accepted=by_content)
    assert len(names(source)) == 3
    assert [broken.accepted for broken in source.probe().broken] == ["đã chép tay", *["tệp của đơn vị khác"] * 2]
    assert source.probe().notes == (
        "accept_broken có 1 mục không còn ứng với chỗ hỏng nào, nên không có tác dụng: d.txt#0123456789ab.",
    )
    (folder / "c.txt").write_text("hỏng\nhỏng\n3;Ba\n")
    assert [broken.accepted for broken in source.probe().broken] == ["đã chép tay", "", ""]
    source.close()


def store(tmp_path: Path, lines: Lines, pauses: list[float]) -> Store:
    return Store(tmp_path / "cu.sqlite", lines, Contents(tmp_path / "cu.files"), pauses.append)


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path, lines: Lines, folder: Path) -> None:
    def grow_once(path: Path) -> None:
        if lines.read == ["a.txt"]:
            path.write_text("10;Mười\n11;Mười một\n")

    lines.while_reading, pauses = grow_once, list[float]()
    assert store(tmp_path, lines, pauses).refresh()
    assert (lines.read, len(pauses)) == (["a.txt", "a.txt", "b.txt"], 1)
    with sqlite3.connect(tmp_path / "cu.sqlite") as built:
        assert built.execute("SELECT ma FROM ho_so ORDER BY ma").fetchall() == [(2,), (10,), (11,)]
    built.close()


@pytest.mark.parametrize("happens", ["grows", "goes"])
def test_a_file_that_never_rests_is_refused_and_the_store_before_stays(
    tmp_path: Path, lines: Lines, folder: Path, happens: str
) -> None:
    pauses: list[float] = []
    built = store(tmp_path, lines, pauses)
    built.refresh()
    kept = (tmp_path / "cu.sqlite").read_bytes()
    (folder / "c.txt").write_text("3;Ba\n")

    def trouble(path: Path) -> None:
        if path.name == "c.txt":
            path.write_text(path.read_text() + "4;Bốn\n") if happens == "grows" else path.unlink()

    lines.while_reading = trouble
    with pytest.raises(Unavailable, match=r"c\.txt thay đổi trong lúc đọc"):
        built.refresh()
    assert len(pauses) == 2
    assert (tmp_path / "cu.sqlite").read_bytes() == kept
    assert not (tmp_path / "cu.new").exists()


def test_a_second_command_does_not_build_at_the_same_time(tmp_path: Path, lines: Lines) -> None:
    second = store(tmp_path, Lines(lines.root), [])

    def build_too(_: Path) -> None:
        with pytest.raises(Unavailable, match="Một lệnh khác"):
            second.refresh()

    lines.while_reading = build_too
    assert store(tmp_path, lines, []).refresh()
    assert not second.refresh()


def test_a_damaged_store_is_built_again(tmp_path: Path, lines: Lines) -> None:
    (tmp_path / "cu.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    assert store(tmp_path, lines, []).refresh()
    assert not store(tmp_path, lines, []).refresh()


def test_names_that_lead_elsewhere_are_not_read(tmp_path: Path, source: StagedSource, folder: Path) -> None:
    (tmp_path / "ngoai.txt").write_text("77;Ngoài\n")
    (folder / "c.txt").symlink_to(tmp_path / "ngoai.txt")
    (folder / "d.txt").symlink_to(tmp_path / "khong_co.txt")
    (folder / "e.txt").symlink_to(folder / "khong_co.txt")
    os.mkfifo(folder / "f.txt")
    (folder / "g.txt").mkdir()
    (folder / "h.txt").symlink_to(folder / "h.txt")
    (folder / "k.txt").symlink_to(folder / "g.txt")
    (folder / os.fsdecode(b"i\xff.txt")).write_text("78;Tên tệp lạ\nhỏng\n")
    assert [(broken.place, broken.said) for broken in source.probe().broken] == [
        ("c.txt", "liên kết dẫn ra ngoài thư mục nguồn"),
        ("d.txt", "liên kết dẫn ra ngoài thư mục nguồn"),
        ("e.txt", "liên kết dẫn tới một tệp không còn"),
        ("f.txt", "không phải tệp thường"),
        ("g.txt", "không phải tệp thường"),
        ("h.txt", "liên kết vòng quanh"),
        ("i\\xff.txt:2", "dòng không có khóa"),
        ("k.txt", "liên kết tới một thư mục: không đọc qua liên kết; chép hoặc gắn (mount) thư mục ấy vào đây"),
    ]
    assert source.count("SELECT COUNT(*) FROM {#ho_so} h", {}) == 4


def test_files_below_a_folder_come_with_the_links_to_folders(tmp_path: Path) -> None:
    folder = tmp_path / "cay"
    for name in ("b/2.txt", "a/1.txt", "a/1.pdf", "c.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    (folder / "lk").symlink_to(folder / "a")
    found = files_below(folder, lambda name: name.endswith(".txt"))
    assert sorted(name for name, _ in found) == ["a/1.txt", "b/2.txt", "c.txt", "lk"]


def test_a_folder_that_cannot_be_listed_is_not_an_empty_one(tmp_path: Path) -> None:
    folder = tmp_path / "cay"
    (folder / "nam_2024").mkdir(parents=True)
    (folder / "a.txt").write_text("")
    found = files_below(folder, lambda name: True)
    assert next(found)[0] == "a.txt"
    (folder / "nam_2024").rmdir()
    with pytest.raises(FileNotFoundError):
        list(found)


def test_a_file_that_may_not_be_read_is_forbidden(
    source: StagedSource, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied", str(folder / "a.txt"))

    monkeypatch.setattr("connectors._staged_store._open", deny)  # the tests may run as root
    with pytest.raises(Forbidden, match=r"a\.txt"):
        source.probe()


def test_a_full_disk_is_unavailable_and_leaves_nothing_behind(tmp_path: Path, lines: Lines, folder: Path) -> None:
    (folder / "c.txt").write_text("".join(f"{key};{'x' * 100}\n" for key in range(100, 5000)))
    built = store(tmp_path, lines, [])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(Unavailable, match="chỗ trống"):
            built.refresh()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.glob("cu.new*")) + list(tmp_path.glob("cu.sqlite"))
    assert built.refresh()
