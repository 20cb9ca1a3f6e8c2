"""XML exports: any declared shape, files, folders and ZIPs, attachments inside and beside; nothing lost in silence."""

from __future__ import annotations

import base64
import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors._staged import StagedSource
from connectors._xml_rows import wall_time
from connectors._xml_shapes import XmlColumn, XmlShapes, XmlTable
from connectors.base import Broken, FileSpec, Misconfigured, ReadPlan, Record, TableRead
from connectors.xml import open_xml

COLUMNS = {
    "ma": XmlColumn("@ma"),
    "ten": XmlColumn("Ten"),
    "nam": XmlColumn("/So/@nam"),
    "don_vi": XmlColumn("/So/Dau/DonVi"),
    "ghi_chu": XmlColumn("GhiChu", "mixed"),
    "to_khai": XmlColumn("ToKhai", "xml"),
    "nhan": XmlColumn("Nhan", join=" ## "),
}
PAPER = {
    "ten": XmlColumn("@ten"),
    "noi_dung": XmlColumn("NoiDung", "file"),
    "duong_dan": XmlColumn("DuongDan", "path"),
}
SHAPES = XmlShapes(
    (
        XmlTable("ho_so", "/So/HoSo", COLUMNS, "ma", ignore=("ChuKy", "/So/NhatKy", "@phien_ban")),
        XmlTable("giay_to", "GiayTos/GiayTo", PAPER, links=(("ma", "ho_so"),)),
        XmlTable(
            "trang", "Trang", {"so": XmlColumn("@so", "integer")}, links=(("ma", "ho_so"), ("giay_to_order", "giay_to"))
        ),
    )
)
PLAN = ReadPlan(
    main=TableRead("dossier", "ho_so", (*COLUMNS,), "ma", "ma"),
    children=(
        TableRead("papers", "giay_to", ("ten", "noi_dung", "duong_dan", "source_order"), "ma", "source_order"),
        TableRead("pages", "trang", ("so", "giay_to_order"), "ma", "source_order"),
    ),
    files=(FileSpec("papers", "{duong_dan}"),),
)
INSIDE = ReadPlan(PLAN.main, PLAN.children, files=(FileSpec("papers", "{noi_dung}"),))

Open = Callable[..., StagedSource]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vao").mkdir()
    return tmp_path / "vao"


@pytest.fixture
def opened(folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Open:
    def open_it(*, path: Path | None = None, shapes: XmlShapes = SHAPES, xsd: Path | None = None) -> StagedSource:
        source = open_xml(path or folder, shapes, tmp_path / "staged" / "cu.sqlite", xsd=xsd)
        request.addfinalizer(source.close)
        return source

    return open_it


def records(source: StagedSource, plan: ReadPlan = PLAN) -> list[Record]:
    return [record for page in source.sweep(plan) for record in page]


def broken(source: StagedSource) -> list[tuple[str, str]]:
    return [(part.place, part.said) for part in source.probe().broken]


def undeclared(source: StagedSource) -> set[str]:
    tables = source.probe().tables
    return {f"{name}: {c.name}" for name, columns in tables.items() for c in columns if c.type == "undeclared"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<So><HoSo ma='1'/>\n<Dau><DonVi>H</DonVi></Dau></So>", "2"),
        ("<So><HoSo ma='1'/>\n<Dau><DonVi>H</DonVi></Dau><HoSo ma='2'/></So>", "2"),
        ("<So><Dau><DonVi>H</DonVi></Dau><HoSo ma='1'/>\n<Dau><DonVi>K</DonVi></Dau></So>", ""),
        ("<So><Dau/><HoSo ma='1'/></So>", ""),
    ],
    ids=["behind all", "between", "a next part", "none"],
)
def test_a_head_behind_the_records_that_should_have_it_is_told(
    text: str, line: str, folder: Path, opened: Open
) -> None:
    (folder / "a.xml").write_text(text)
    found = [(place, said.partition(":")[0]) for place, said in broken(opened())]
    assert found == ([(f"a.xml:{line}", "/So/Dau/DonVi đứng sau bản ghi phải lấy nó")] if line else [])


def test_a_linked_folder_is_told_and_not_passed_by(folder: Path, opened: Open, tmp_path: Path) -> None:
    (folder / "a.xml").write_text("<So><HoSo ma='1'/></So>")
    (tmp_path / "noi_khac").mkdir()
    (folder / "nam_2024").symlink_to(tmp_path / "noi_khac")
    assert broken(opened()) == [("nam_2024", "liên kết dẫn ra ngoài thư mục nguồn")]


# ---------------------------------------------------------------- shapes


def test_text_attributes_repeats_mixed_content_and_what_stands_around(folder: Path, opened: Open) -> None:
    (folder / "a.xml").write_text(
        "<So nam='2025'><Dau><DonVi>H44.1</DonVi></Dau>\n"
        "<HoSo ma='2'><Ten> A &amp; B </Ten><GhiChu>đã <b>xem</b> rồi</GhiChu><Nhan>x</Nhan><Nhan>y</Nhan></HoSo>\n"
        "<HoSo ma='1'><Ten/><ToKhai><o so='1'>x</o></ToKhai></HoSo><!-- <HoSo ma='9'/> --></So>"
    )
    first, second = records(opened())
    assert first.row | {"to_khai": ""} == {
        "ma": "1", "ten": "", "nam": "2025", "don_vi": "H44.1", "ghi_chu": None, "to_khai": "", "nhan": None
    }  # fmt: skip
    assert first.row["to_khai"] == '<ToKhai><o so="1">x</o></ToKhai>'
    assert (second.row["ten"], second.row["ghi_chu"], second.row["nhan"]) == (" A & B ", "đã xem rồi", "x ## y")


def test_children_carry_the_keys_of_the_records_they_lie_in(folder: Path, opened: Open) -> None:
    (folder / "a.xml").write_text(
        "<So><HoSo ma='1'><GiayTos><GiayTo ten='a'><Trang so='1'/></GiayTo>"
        "<GiayTo ten='b'><Trang so='1'/><Trang so='x'/></GiayTo></GiayTos></HoSo></So>"
    )
    (record,) = records(opened())
    assert [(row["ten"], row["source_order"]) for row in record.children["papers"]] == [("a", 1), ("b", 2)]
    assert [(row["so"], row["giay_to_order"]) for row in record.children["pages"]] == [(1, 1), (1, 2), ("x", 2)]


def test_rows_say_where_they_came_from(folder: Path, opened: Open) -> None:
    (folder / "con").mkdir()
    far_apart = "".join(f"<HoSo ma='{n}'><Ten>x</Ten></HoSo>" + "\n" * 70_000 for n in (1, 2, 3))
    (folder / "con" / "a.XML").write_text(f"<So>\n\n{far_apart}</So>")
    plan = ReadPlan(TableRead("dossier", "ho_so", ("source_file", "source_line", "source_order"), "ma", "ma"))
    first, _, last = (record.row for record in records(opened(), plan))
    assert tuple(first.values()) == ("con/a.XML", 3, 1)
    assert last["source_line"] == 140_003


def test_what_a_header_told_ends_with_its_group(folder: Path, opened: Open) -> None:
    columns = {"ma": XmlColumn("@ma"), "xa": XmlColumn("/So/Nhom/@xa"), "ten_xa": XmlColumn("/So/Nhom/Dau/Ten")}
    shapes = XmlShapes((XmlTable("ho_so", "/So/Nhom/HoSo", columns, "ma"),))
    (folder / "a.xml").write_text(
        "<So><Nhom xa='1'><Dau><Ten>Một</Ten></Dau><HoSo ma='a'/><HoSo ma='b'/></Nhom><Nhom><HoSo ma='c'/></Nhom>"
        "<Nhom xa='3'><Dau><Ten>Ba</Ten></Dau><HoSo ma='d'/></Nhom></So>"
    )
    source = opened(shapes=shapes)
    found = records(source, ReadPlan(TableRead("dossier", "ho_so", ("ma", "xa", "ten_xa"), "ma", "ma")))
    assert [tuple(record.row.values()) for record in found] == [
        ("a", "1", "Một"), ("b", "1", "Một"), ("c", None, None), ("d", "3", "Ba")
    ]  # fmt: skip
    assert undeclared(source) == set()


def test_everything_that_no_shape_declares_is_asked_for(folder: Path, opened: Open) -> None:
    (folder / "a.xml").write_text(
        "<So nam='1' la='2'><Dau>x<DonVi>y</DonVi></Dau><NhatKy><Dong>bỏ</Dong></NhatKy>chữ lạc"
        "<HoSo ma='1' moi='x' phien_ban='2'>lạc<Ten loai='b'>z<i>!</i></Ten><NguoiNop><Ho/><Tuoi so='3'/></NguoiNop>"
        "<ChuKy><X509>bỏ</X509></ChuKy><GiayTos><GiayTo><Moi>x</Moi></GiayTo></GiayTos></HoSo><Duoi>z</Duoi></So>"
    )
    assert undeclared(opened()) == {
        "ho_so: /So/@la", "ho_so: /So/Dau", "ho_so: /So", "ho_so: /So/Duoi", "ho_so: @moi", "ho_so: text()",
        "ho_so: Ten/@loai", "ho_so: Ten/i", "ho_so: NguoiNop/Ho", "ho_so: NguoiNop/Tuoi", "ho_so: NguoiNop/Tuoi/@so",
        "giay_to: Moi",
    }  # fmt: skip


def test_names_count_by_namespace_and_a_star_by_name_only(folder: Path, opened: Open) -> None:
    columns = {"ma": XmlColumn("e:Ma"), "so": XmlColumn("*:So"), "loai": XmlColumn("@e:loai")}
    shapes = XmlShapes((XmlTable("ho_so", "/e:Goi/e:HoSo", columns, "ma"),), {"e": "urn:e"})
    (folder / "a.xml").write_text("<x:Goi xmlns:x='urn:e'><x:HoSo x:loai='t'><x:Ma>1</x:Ma><So>2</So></x:HoSo></x:Goi>")
    (folder / "b.xml").write_text("<Goi xmlns='urn:e'><HoSo loai='t'><Ma>2</Ma><So>3</So></HoSo></Goi>")
    (folder / "c.xml").write_text("<e:Goi xmlns:e='urn:khac'><e:HoSo><e:Ma>3</e:Ma></e:HoSo></e:Goi>")
    source = opened(shapes=shapes)
    assert broken(source) == [("c.xml:1", "phần tử gốc {urn:khac}Goi không phải của dạng đã khai")]
    assert undeclared(source) == {"ho_so: @loai"}
    sweep = source.sweep(ReadPlan(TableRead("dossier", "ho_so", ("ma", "so", "loai"), "ma", "ma")))
    assert [tuple(record.row.values()) for record in next(sweep)] == [("1", "2", "t"), ("2", "3", None)]


def test_nil_is_null_and_what_the_schema_instance_says_is_no_data(folder: Path, opened: Open) -> None:
    xsi = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
    (folder / "a.xml").write_text(f"<So {xsi} xsi:schemaLocation='a b'><HoSo ma='1'><Ten xsi:nil='true'/></HoSo></So>")
    source = opened()
    assert records(source)[0].row["ten"] is None
    assert undeclared(source) == set()


def test_a_record_whose_part_repeats_is_broken_by_itself(folder: Path, opened: Open) -> None:
    (folder / "a.xml").write_text(
        "<So><HoSo ma='1'><Ten>a</Ten></HoSo>\n<HoSo ma='2'><Ten>a</Ten><Ten>b</Ten></HoSo>\n<HoSo/>\n"
        "<HoSo ma='3'/></So>"
    )
    source = opened()
    assert broken(source) == [
        ("a.xml:2", "Ten có nhiều lần trong một bản ghi ho_so, cột ten chỉ nhận một"),
        ("a.xml:3", "bản ghi ho_so không có khóa ma"),
    ]
    assert [record.key for record in next(source.sweep(PLAN))] == ["1", "3"]


def keeping_last() -> XmlShapes:
    first, *others = SHAPES.tables
    return XmlShapes((dataclasses.replace(first, keeps_last=True), *others))


def test_a_later_export_of_a_dossier_takes_the_place_of_the_earlier_where_the_profile_says_so(
    folder: Path, opened: Open
) -> None:
    paper = "<GiayTos><GiayTo ten='{}'><Trang so='1'/></GiayTo></GiayTos>"
    (folder / "a.xml").write_text(
        f"<So><HoSo ma='1'><Ten>cũ</Ten>{paper.format('cũ')}</HoSo><HoSo ma='2'>{paper.format('hai')}</HoSo></So>"
    )
    (folder / "b.xml").write_text(
        f"<So><HoSo ma='1'><Ten>mới</Ten>{paper.format('mới') * 2}</HoSo></So>".replace("</GiayTos><GiayTos>", "")
    )
    source = opened(shapes=keeping_last())
    one, two = records(source)
    assert (one.row["ten"], [row["ten"] for row in one.children["papers"]]) == ("mới", ["mới", "mới"])
    assert (len(one.children["pages"]), [row["ten"] for row in two.children["papers"]]) == (2, ["hai"])
    assert source.probe().notes == ("1 bản ghi thế chỗ bản xuất trước của cùng khóa.",)
    assert broken(opened()) == [("b.xml:1", "khóa ma của bản ghi ho_so đã có ở một bản ghi trước")]


@pytest.mark.parametrize(
    ("text", "moment", "wall"),
    [
        ("2025-06-30T16:59:59+07:00", "2025-06-30 16:59:59", "2025-06-30 16:59:59"),
        ("2025-06-30T17:30:00Z", "2025-07-01 00:30:00", "2025-06-30 17:30:00"),
        (" 2025-06-30T16:59:59.1230000 ", "2025-06-30 16:59:59.123", "2025-06-30 16:59:59.123"),
        ("2025-06-30 16:59:59.000", "2025-06-30 16:59:59", "2025-06-30 16:59:59"),
        ("2025-06-30+07:00", "2025-06-30", "2025-06-30"),
        ("2025-06-31T00:00:00Z", "2025-06-31T00:00:00Z", "2025-06-31 00:00:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00", "0001-01-01 00:00:00"),
        ("30/06/2025", "30/06/2025", "30/06/2025"),
        ("", "", ""),
    ],
)
def test_a_moment_comes_as_databases_write_it(text: str, moment: str, wall: str) -> None:
    assert wall_time(text, ZoneInfo("Asia/Ho_Chi_Minh")) == moment
    assert wall_time(text, None) == wall


def test_moments_are_turned_into_the_zone_of_the_source(folder: Path, opened: Open) -> None:
    columns = {"ma": XmlColumn("@ma"), "luc": XmlColumn("Luc", "moment"), "gio": XmlColumn("@gio", "wall")}
    shapes = XmlShapes((XmlTable("ho_so", "/So/HoSo", columns, "ma"),), zone="UTC")
    (folder / "a.xml").write_text(
        "<So><HoSo ma='1' gio='2025-06-02T09:00:00Z'><Luc>2025-06-02T09:00:00+07:00</Luc></HoSo></So>"
    )
    source = opened(shapes=shapes)
    (record,) = records(source, ReadPlan(TableRead("dossier", "ho_so", ("luc", "gio"), "ma", "ma")))
    assert record.row == {"luc": "2025-06-02 02:00:00", "gio": "2025-06-02 09:00:00"}


# ---------------------------------------------------------------- attachments


def test_an_attachment_inside_is_stored_and_served(folder: Path, opened: Open) -> None:
    content = bytes(range(256)) * 9000
    text = base64.encodebytes(content).decode()
    (folder / "a.xml").write_text(
        f"<So><HoSo ma='1'><GiayTos><GiayTo><NoiDung>{text}</NoiDung></GiayTo><GiayTo><NoiDung/></GiayTo></GiayTos>"
        "</HoSo></So>"
    )
    source = opened()
    full, empty = records(source, INSIDE)[0].children["papers"]
    assert (full["_size"], empty["_locator"]) == (len(content), None)
    with source.open_file(str(full["_locator"])) as stream:
        assert stream.read() == content


@pytest.mark.parametrize("garbage", ["!!!!", "QUJD=QUJD", "QUJ", "Đơn", "QUJD" * 300_000 + "="])
def test_base64_garbage_breaks_its_record_only(folder: Path, opened: Open, garbage: str) -> None:
    paper = f"<GiayTos><GiayTo><NoiDung>{garbage}</NoiDung></GiayTo></GiayTos>"
    (folder / "a.xml").write_text(f"<So><HoSo ma='1'>{paper}</HoSo><HoSo ma='2'/></So>")
    source = opened()
    assert broken(source) == [("a.xml:1", "tệp đính kèm ở cột noi_dung không phải base64")]
    assert [record.key for record in next(source.sweep(PLAN))] == ["2"]


def test_an_attachment_beside_is_found_from_the_file_that_names_it(folder: Path, opened: Open) -> None:
    def naming(*names: str) -> str:
        papers = "".join(f"<GiayTo><DuongDan>{name}</DuongDan></GiayTo>" for name in names)
        return f"<So><HoSo ma='{len(names)}'><GiayTos>{papers}</GiayTos></HoSo></So>"

    (folder / "x" / "tep").mkdir(parents=True)
    (folder / "x" / "tep" / "1.pdf").write_bytes(b"%PDF beside")
    (folder / "x" / "a.xml").write_text(
        naming("tep\\1.pdf", "../../ngoai.txt", "/etc/hostname", "tep/mất.pdf", "link.pdf")
    )
    (folder / "x" / "link.pdf").symlink_to("/etc/hostname")
    (folder.parent / "ngoai.txt").write_text("bí mật")
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("con/b.xml", naming("./2.pdf"))
        archive.writestr("con/2.pdf", b"%PDF zipped")
    source = opened()
    zipped, beside = records(source)
    assert [(row["_locator"], row["_size"]) for row in beside.children["papers"]] == [
        ("x/tep/1.pdf", 11),
        ("../../ngoai.txt", None),
        ("/etc/hostname", None),
        ("x/tep/mất.pdf", None),
        ("x/link.pdf", None),
    ]
    for row in (*zipped.children["papers"], beside.children["papers"][0]):
        with source.open_file(str(row["_locator"])) as stream:
            assert stream.read().startswith(b"%PDF")
    for locator in ("b.zip/con/3.pdf", "x/tep/mất.pdf", "x/link.pdf"):
        with pytest.raises(FileNotFoundError), source.open_file(locator):
            pass
    for locator in ("../ngoai.txt", "b.zip/../../ngoai.txt"):
        with pytest.raises(Misconfigured), source.open_file(locator):
            pass


# ---------------------------------------------------------------- paths and schemas


def test_one_file_a_folder_and_a_zip_are_sources(folder: Path, opened: Open, tmp_path: Path) -> None:
    (folder / "a.xml").write_text("<So><HoSo ma='1'/></So>")
    with zipfile.ZipFile(folder / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.xml", "<So><HoSo ma='2'/></So>")
        archive.writestr("doc.txt", "không phải XML")
    for path, keys in ((folder, ["1", "2"]), (folder / "a.xml", ["1"]), (folder / "b.zip", ["2"])):
        assert [record.key for record in records(opened(path=path))] == keys


def test_a_place_without_xml_is_no_system_without_dossiers(folder: Path, opened: Open) -> None:
    with pytest.raises(Misconfigured, match="không có tệp"):
        opened().probe()
    with pytest.raises(Misconfigured, match="Không thấy"):
        opened(path=folder / "mat").probe()


XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="So"><xs:complexType><xs:sequence>
<xs:element name="HoSo" maxOccurs="unbounded"><xs:complexType><xs:sequence><xs:element name="Ten" type="xs:date"/>
</xs:sequence><xs:attribute name="ma" use="required"/></xs:complexType></xs:element></xs:sequence></xs:complexType>
</xs:element></xs:schema>"""


def test_a_schema_names_what_does_not_fit_without_its_value(folder: Path, opened: Open, tmp_path: Path) -> None:
    (tmp_path / "so.xsd").write_text(XSD)
    (folder / "a.xml").write_text("<So><HoSo ma='1'><Ten>2025-01-01</Ten></HoSo></So>")
    (folder / "b.xml").write_text(
        "<So>\n<HoSo ma='2'>\n<Ten>Nguyễn Văn A</Ten></HoSo>\n<HoSo ma='3'><Ten>2025-01-02</Ten></HoSo>"
        + "\n" * 70_000
        + "<HoSo ma='4'><Ten>x</Ten></HoSo></So>"
    )
    source = opened(xsd=tmp_path / "so.xsd")
    said = "không đúng lược đồ XSD ở phần tử Ten"
    assert broken(source) == [("b.xml:3", said), ("b.xml:70004", said)]
    assert [record.key for record in next(source.sweep(PLAN))] == ["1", "2", "3", "4"]
    many = "".join(f"<HoSo ma='{n}'><Ten>x</Ten></HoSo>" for n in range(2, 10_000))
    (folder / "b.xml").write_text(f"<So>{many}</So>")
    assert "từ 100 chỗ" in broken(source)[0][1]


def test_a_broken_record_is_left_out_by_its_content_wherever_it_moves(folder: Path, tmp_path: Path) -> None:
    def read(text: str, accepted: dict[str, str]) -> tuple[Broken, ...]:
        (folder / "a.xml").write_text(f"<So>\n{text}</So>")
        source = open_xml(folder, SHAPES, tmp_path / "staged" / "cu.sqlite", accepted=accepted)
        try:
            return source.probe().broken
        finally:
            source.close()

    lost, other = "<HoSo><Ten>Mất mã</Ten></HoSo>", "<HoSo><Ten>Mất mã khác</Ten></HoSo>"
    (found,) = read(lost, {})
    accepted = {found.name: "nhập tay"}
    (moved,) = read(f"<HoSo ma='1'/>\n\n{lost}", accepted)
    assert (found.place, moved.place, moved.accepted) == ("a.xml:2", "a.xml:4", "nhập tay")
    (replaced,) = read(other, accepted)
    assert (replaced.place, replaced.accepted) == ("a.xml:2", "")


INCLUDE = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:include schemaLocation="http://127.0.0.1/b.xsd"/></xs:schema>"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (INCLUDE, "gọi tệp khác"),
        ("<!DOCTYPE a><a/>", "DTD"),
        ("<a/>", "không phải lược đồ XSD"),
        ("chữ", "không phải XML"),
    ],
)
def test_a_schema_that_reaches_out_or_is_none_is_refused(tmp_path: Path, opened: Open, content: str, said: str) -> None:
    (tmp_path / "so.xsd").write_text(content)
    with pytest.raises(Misconfigured, match=said):
        opened(xsd=tmp_path / "so.xsd")
    with pytest.raises(Misconfigured, match="khong_co"):
        opened(xsd=tmp_path / "khong_co.xsd")


def test_ten_comes_after_nine_where_a_later_export_counts(folder: Path, opened: Open) -> None:
    for number in (10, 9):
        (folder / f"xuat_{number}.xml").write_text(f'<So><HoSo ma="1"><Ten>{number}</Ten></HoSo></So>', "utf-8")
    (record,) = records(opened(shapes=keeping_last()))
    assert record.row["ten"] == "10"


def test_blanks_around_a_key_are_no_part_of_it(folder: Path, opened: Open) -> None:
    told = '<HoSo ma="&#10; 1 "><GiayTos><GiayTo ten="Đơn"/></GiayTos></HoSo>'
    (folder / "a.xml").write_text(f"<So>{told}</So>", "utf-8")
    (record,) = records(opened())
    assert (record.key, len(record.children["papers"])) == ("1", 1)
    (folder / "a.xml").write_text(f'<So>{told}<HoSo ma="1"/></So>', "utf-8")
    assert [said for _, said in broken(opened())] == ["khóa ma của bản ghi ho_so đã có ở một bản ghi trước"]


def test_xml_that_is_packed_by_itself_is_told_and_not_passed_by(folder: Path, opened: Open) -> None:
    (folder / "a.xml").write_text('<So><HoSo ma="1"/></So>', "utf-8")
    (folder / "b.xml.gz").write_bytes(b"\x1f\x8b")
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        archive.writestr("d.xml.bz2", b"BZ")
    found = broken(opened())
    assert [place for place, _ in found] == ["b.xml.gz", "c.zip/d.xml.bz2"]
    assert all("giải nén" in said for _, said in found)
