"""A folder of hostile files: each is refused with its reason, its neighbour is read, and the process lives."""

from __future__ import annotations

import io
import resource
import socket
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors._staged import StagedSource
from connectors._xml_guard import FileBroken, check_prolog
from connectors._xml_shapes import XmlColumn, XmlShapes, XmlTable
from connectors.base import ReadPlan, TableRead
from connectors.xml import open_xml

MB = 1024 * 1024


def shapes(*, has_files: bool) -> XmlShapes:
    paper = {"ten": XmlColumn("Ten")} | ({"tep": XmlColumn("Tep", "file")} if has_files else {})
    return XmlShapes(
        (
            XmlTable("ho_so", "/So/HoSo", {"ma": XmlColumn("@ma"), "ten": XmlColumn("Ten")}, "ma"),
            XmlTable("giay_to", "GiayTo", paper, links=(("ma", "ho_so"),)),
        ),
        record_bytes=16 * MB,
    )


GOOD = b"<So><HoSo ma='good'><Ten>x</Ten></HoSo></So>"
PLAN = ReadPlan(TableRead("dossier", "ho_so", ("ma",), "ma", "ma"))


def record(inside: bytes, *, root: bytes = b"<So>") -> bytes:
    return root + b"<HoSo ma='1'>" + inside + b"</HoSo></So>"


LAUGHS = (
    b"<!DOCTYPE So [<!ENTITY a0 'ha'>"
    + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]>"
)
DTD = "có DTD (<!DOCTYPE)"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "billion laughs": (lambda: LAUGHS + record(b"<Ten>&a11;</Ten>"), DTD),
    "laughs in the root": (lambda: LAUGHS + record(b"", root=b"<So a='&a11;'>"), DTD),
    "quadratic blow-up": (
        lambda: b"<!DOCTYPE So [<!ENTITY a '" + b"x" * 60_000 + b"'>]>" + record(b"<Ten>" + b"&a;" * 9999 + b"</Ten>"),
        DTD,
    ),
    "external entity": (
        lambda: b"<!DOCTYPE So [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>" + record(b"<Ten>&f;</Ten>"),
        DTD,
    ),
    "external dtd": (lambda: b"<?xml version='1.0'?>\n<!-- -->\n<!DOCTYPE So SYSTEM 'http://127.0.0.1/'>" + GOOD, DTD),
    "parameter entity": (lambda: b"\xef\xbb\xbf \n<!DOCTYPE So [<!ENTITY % p SYSTEM 'http://a/'> %p;]>" + GOOD, DTD),
    "dtd in utf-16": (lambda: ("<!DOCTYPE So []>" + GOOD.decode()).encode("utf-16"), DTD),
    "dtd behind a long prolog": (lambda: b"<!--" + b"x" * 70_000 + b"--><!DOCTYPE So []>" + GOOD, "quá dài"),
    "dtd in utf-7": (lambda: b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE So []>" + GOOD, "bảng mã khai"),
    "ebcdic": (lambda: "<?xml version='1.0' encoding='cp037'?><So/>".encode("cp037"), "không phải XML"),
    "utf-32": (lambda: "<So/>".encode("utf-32"), "không phải XML"),
    "undeclared entity": (lambda: record(b"<Ten>&la;</Ten>"), "thực thể"),
    "utf-16 by name only": (lambda: b"<?xml version='1.0' encoding='utf-16'?>" + GOOD, "không phải bảng mã của tệp"),
    "declared utf-8, is tcvn3": (lambda: record(b"<Ten>Nguy\xd4n V\xa8n</Ten>"), "byte không hợp bảng mã"),
    "an unknown encoding": (lambda: b"<?xml version='1.0' encoding='la'?>" + GOOD, "bảng mã khai"),
    "deep nesting": (lambda: record(b"<a>" * 200_000), "lồng quá sâu"),
    "nesting outside": (lambda: b"<So>" + b"<a>" * 200 + b"</a>" * 200 + b"</So>", "lồng sâu hơn 100"),
    "huge attribute": (lambda: b"<So><HoSo ma='" + b"x" * (40 * MB) + b"'/></So>", "quá lớn|lớn hơn 16 MB"),
    "huge text": (lambda: record(b"<Ten>" + b"x" * (40 * MB) + b"</Ten>"), "quá lớn|lớn hơn 16 MB"),
    "many attributes": (
        lambda: b"<So><HoSo " + b" ".join(b"a%d=''" % n for n in range(1_200_000)) + b"/></So>",
        "quá nhiều|lớn hơn|quá lớn",
    ),
    "many elements": (lambda: record(b"<a/>" * 2_000_000), "quá nhiều phần tử"),
    "many names deep down": (
        lambda: record(b"<a>" * 90 + b"".join(b"<a%d/>" % n for n in range(200_000)) + b"</a>" * 90),
        "lồng quá sâu|không đúng dạng đã khai|quá nhiều",
    ),
    "many names": (lambda: record(b"".join(b"<a%d/>" % n for n in range(50_000))), "không đúng dạng đã khai"),
    "nothing but broken records": (lambda: b"<So>" + b"<HoSo/>" * 5000 + b"</So>", "quá nhiều bản ghi hỏng"),
    "junk around the records": (lambda: b"<So>" + b"<La>x</La>" * 3_000_000 + b"</So>", "quá nhiều phần tử|lớn hơn"),
    "records where none belong": (
        lambda: b"<So><La>" + b"<HoSo><b/></HoSo>" * 600_000 + b"</La></So>",
        "quá nhiều phần tử|lớn hơn",
    ),
    "truncated": (lambda: GOOD[:-20], "cắt cụt"),
    "half a tag": (lambda: GOOD[:30], "cắt cụt|viết dở|viết sai"),
    "two roots": (lambda: b"<So/><So/>", "còn nội dung"),
    "empty": (lambda: b"", "tệp trống"),
    "blank": (lambda: b" \n ", "tệp trống"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000), "không phải XML"),
    "zeros": (lambda: bytes(1000), "không phải XML"),
    "forbidden characters": (lambda: record(b"<Ten>\x01</Ten>"), "ký tự không được phép"),
    "another root": (lambda: b"<html><body/></html>", "phần tử gốc html"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vao").mkdir()
    (tmp_path / "vao" / "good.xml").write_bytes(GOOD)
    return tmp_path / "vao"


def read(folder: Path, *, has_files: bool = True) -> tuple[list[tuple[str, str]], list[str]]:
    """(Place, reason) of all that is broken, and the keys that were read all the same."""
    source = open_xml(folder, shapes(has_files=has_files), folder.parent / "staged" / f"{has_files}.sqlite")
    try:
        broken = [(part.place, part.said) for part in source.probe().broken]
        return broken, [str(key) for key in reversed(source.column("ho_so", "ma", limit=1000))]
    finally:
        source.close()


@pytest.mark.parametrize("has_files", [False, True], ids=["", "with files inside"])
def test_every_hostile_file_is_refused_with_its_reason(folder: Path, has_files: bool) -> None:
    for name, (content, _) in HOSTILE.items():
        (folder / f"{name}.xml").write_bytes(content())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    broken, keys = read(folder, has_files=has_files)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    broken = [(place, said) for place, said in broken if "không có khóa" not in said]
    reasons = {place.rpartition(".xml")[0]: said for place, said in broken}
    assert set(reasons) == set(HOSTILE)
    for name, (_, said) in HOSTILE.items():
        assert any(part in reasons[name] for part in said.split("|")), (name, reasons[name])
    assert keys == ["good"]
    assert grown < 400 * 1024, f"{grown} KiB"


def test_nobody_is_asked_over_the_network(folder: Path) -> None:
    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def listen() -> None:
            try:
                server.accept()[0].close()
                asked.set()
            except TimeoutError:
                pass

        port = server.getsockname()[1]
        thread = threading.Thread(target=listen)
        thread.start()
        xsi = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
        (folder / "a.xml").write_text(
            f"<?xml-stylesheet href='http://127.0.0.1:{port}/a.xsl'?>\n"
            f"<So {xsi} xmlns:xi='http://www.w3.org/2001/XInclude' xsi:noNamespaceSchemaLocation='http://127.0.0.1:{port}/a'>"
            f"<HoSo ma='1'><xi:include href='http://127.0.0.1:{port}/b'/></HoSo></So>"
        )
        broken, keys = read(folder)
        thread.join()
    assert (broken, keys, asked.is_set()) == ([], ["1", "good"], False)


# ---------------------------------------------------------------- ZIPs


def zipped(fill: Callable[[zipfile.ZipFile], None]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        fill(archive)
    return stream.getvalue()


def bomb(archive: zipfile.ZipFile) -> None:
    with archive.open("bom.xml", "w") as stream:
        stream.write(b"<So>")
        for _ in range(64):
            stream.write(b" " * MB)
        stream.write(b"</So>")


def names(archive: zipfile.ZipFile) -> None:
    for name in ("../ngoai.xml", "/goc.xml", "a/../../b.xml", "c:\\d.xml"):
        info = zipfile.ZipInfo("tam.xml")
        info.filename = name  # past the care of the library
        archive.writestr(info, GOOD)
    link = zipfile.ZipInfo("lien_ket.xml")
    link.external_attr = 0o120777 << 16
    archive.writestr(link, "/etc/passwd")
    for name in ("", "."):
        nameless = zipfile.ZipInfo("x")
        nameless.filename = name
        archive.writestr(nameless, GOOD)
    archive.writestr("trong.zip", zipped(lambda inner: inner.writestr("a.xml", GOOD)))
    archive.writestr("tot.xml", GOOD.replace(b"good", b"zip"))


def test_names_links_and_zips_in_zips_are_refused_and_the_rest_is_read(folder: Path) -> None:
    (folder / "z.zip").write_bytes(zipped(names))
    broken, keys = read(folder)
    assert keys == ["good", "zip"]
    said = {place.removeprefix("z.zip/"): reason for place, reason in broken}
    out = "tên trong ZIP dẫn ra ngoài thư mục"
    assert said == {
        **dict.fromkeys(("../ngoai.xml", "/goc.xml", "a/../../b.xml", "c:\\d.xml"), out),
        **dict.fromkeys(("", "."), "tệp trong ZIP không có tên"),
        "lien_ket.xml": "liên kết trong ZIP không được đọc",
        "trong.zip": "ZIP trong ZIP không được đọc",
    }


def overlapping() -> bytes:
    """Two names in the directory for one member: the trick of the densest bombs."""
    whole = zipped(lambda archive: archive.writestr("a.xml", GOOD))
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry = whole[start:end]
    twin = entry.replace(b"a.xml", b"b.xml")
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(entry) * 2, start, 0)
    return whole[:start] + entry + twin + tail


def encrypted() -> bytes:
    whole = bytearray(zipped(lambda archive: archive.writestr("a.xml", GOOD)))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(mark) + at] |= 1
    return bytes(whole)


def damaged() -> bytes:
    whole = zipped(lambda archive: archive.writestr("a.xml", GOOD))
    at = whole.index(b"a.xml") + len(b"a.xml")
    return whole[:at] + b"\xff" * 9 + whole[at + 9 :]


def lying() -> bytes:
    """The directory says a gigabyte of directory."""
    whole = bytearray(zipped(lambda archive: archive.writestr("a.xml", GOOD)))
    struct.pack_into("<L", whole, whole.index(b"PK\x05\x06") + 12, 1 << 30)
    return bytes(whole)


def crowded(*, is_zip64: bool = False, is_nested: bool = False) -> bytes:
    """One member with 200,001 entries, and an end record that owns up to one."""
    whole = zipped(lambda archive: archive.writestr("a.xml", GOOD))
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    directory = whole[start:end] * 200_001
    known = 0 if is_zip64 else len(directory)
    disks = (0x4B50, 0x0605) if is_nested else (0, 0)  # the fields look like an end record further on
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", *disks, 1, 1, known, 0 if is_nested else start, 0)
    if is_zip64:  # where its locator says there is no record at all: the library takes what stands before it
        record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(directory), start)
        tail = record + struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) + tail
    return whole[:start] + directory + tail


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: zipped(bomb), "bom nén"),
        (crowded, "quá 200000 tệp"),
        (lambda: crowded(is_zip64=True), "quá 200000 tệp"),
        (lambda: crowded(is_nested=True), "quá 200000 tệp"),
        (overlapping, "hỏng"),
        (encrypted, "mật khẩu"),
        (lying, "hỏng"),
        (lambda: zipped(lambda a: a.writestr("a.xml", GOOD * 99))[:-30], "hỏng"),
        (damaged, "hỏng"),
        (lambda: b"PK\x03\x04", "hỏng"),
        (lambda: b"", "hỏng"),
    ],
    ids=[
        "bomb",
        "crowded",
        "crowded zip64",
        "two end records",
        "overlap",
        "password",
        "lying directory",
        "truncated",
        "damaged",
        "a start only",
        "empty",
    ],
)
def test_a_hostile_zip_is_refused_with_its_reason(folder: Path, content: Callable[[], bytes], said: str) -> None:
    (folder / "z.zip").write_bytes(content())
    broken, keys = read(folder)
    assert any(said in reason for _, reason in broken), broken
    assert all(place.startswith("z.zip") for place, _ in broken)
    assert keys == ["good"]


# ---------------------------------------------------------------- fuzz


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bytes, str], StagedSource]]:
    folder = tmp_path_factory.mktemp("fuzz")
    made: list[StagedSource] = []

    def make(content: bytes, suffix: str) -> StagedSource:
        (folder / f"a{suffix}").write_bytes(content)
        made.append(open_xml(folder / f"a{suffix}", shapes(has_files=True), folder / "staged.sqlite"))
        return made[-1]

    yield make
    for source in made:
        source.close()


SEED = (
    "<?xml version='1.0' encoding='UTF-8'?><So x='1'><!-- y --><HoSo ma='1'><Ten>Đơn <![CDATA[<&]]> &lt;</Ten>"
    "<GiayTo><Ten>a</Ten><Tep>dOG7h3A=</Tep></GiayTo></HoSo><HoSo ma='2'/></So>"
).encode()


@settings(max_examples=150, deadline=None)
@given(
    cuts=st.lists(st.tuples(st.integers(0, len(SEED)), st.integers(0, 12), st.binary(max_size=12)), max_size=6),
    is_zip=st.booleans(),
)
def test_a_damaged_file_is_read_or_named_and_never_more(
    fuzzed: Callable[[bytes, str], StagedSource], cuts: list[tuple[int, int, bytes]], is_zip: bool
) -> None:
    content = zipped(lambda archive: archive.writestr("a.xml", SEED)) if is_zip else SEED
    damaged = content
    for at, gone, put in cuts:
        damaged = damaged[:at] + put + damaged[at + gone :]
    source = fuzzed(damaged, ".zip" if is_zip else ".xml")
    broken = source.probe().broken
    held = source.count("SELECT COUNT(*) FROM {#ho_so} h", {})
    if damaged == content:
        assert (held, broken) == (2, ())
    elif not is_zip:
        assert held + len(broken) >= told(damaged)
        assert told(damaged) or broken or held == 0


def told(content: bytes) -> int:
    """How many records a plain parser sees in a whole file; one fault in any other."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return 1
    return len(root.findall("HoSo")) if root.tag == "So" and root.getroottree().docinfo.internalDTD is None else 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_a_prolog_is_judged_or_refused(head: bytes) -> None:
    try:
        check_prolog(head)
        refused = ""
    except FileBroken as broken:
        refused = broken.said
    assert refused or b"<" in head
    assert refused or not head.lstrip().startswith(b"<!DOCTYPE")
