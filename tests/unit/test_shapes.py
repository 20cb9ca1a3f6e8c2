"""Shapes of XML in a profile: a mistake names its line; what a site declares reaches the connector."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from flows.demo import fill
from flows.file_sources import xml_shapes
from flows.site import SiteError, load_site
from flows.workplace import open_connector
from mappings.profile import ProfileError, load_profile
from mappings.shapes import XmlReading, shape_faults
from tests.unit.test_site import GOOD, make

SHAPES = """
namespaces: {"": "urn:a", x: "urn:x", y: "urn:x"}
tables:
  ho_so:
    record: /So/HoSo
    key: ma
    columns: {ma: "@ma", ten: NguoiNop/x:Ten, nam: /So/@nam}
    ignore: {ChuKy: không cần}
  giay_to:
    record: GiayTo
    parent: ho_so
    columns: {ten: {path: Ten, as: mixed}, loai: Ten/@loai, tep: {path: Tep, as: file}}
  trang:
    record: Trang
    parent: giay_to
    columns: {so: {path: "@so", as: integer}}
"""


def reading(text: str = SHAPES) -> XmlReading:
    return XmlReading.model_validate(yaml.safe_load(text))


def test_a_shape_has_its_columns_its_links_and_its_place() -> None:
    place = ["source_file", "source_line", "source_order"]
    assert reading().columns("ho_so") == ["ma", "ten", "nam", *place]
    assert reading().columns("trang") == ["so", "ma", "giay_to_order", *place]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("record: /So/HoSo", "record: So/HoSo", "từ gốc"),
        ("record: GiayTo", "record: /So/GiayTo", "từ gốc"),
        ("record: GiayTo", "record: GiayTo/@a", "record là"),
        ("parent: ho_so", "parent: mat", "không có, hoặc đi vòng"),
        ("parent: ho_so", "parent: trang", "không có, hoặc đi vòng"),
        ("nam: /So/@nam", "nam: /So/HoSo/@nam", "nằm trong một bản ghi"),
        ("{ten: {path: Ten, as: mixed}", "{ten: /So/@ten", "không có parent"),
        ("{path: Ten, as: mixed}", "{path: ., as: mixed}", "cột tep và cột ten cùng đòi|cột loai và cột ten cùng đòi"),
        ("loai: Ten/@loai", "loai: Trang/@so", "cột loai và bảng trang cùng đòi"),
        ("nam: /So/@nam", "TEN: /So/@nam", "khai hai lần"),
        ("  trang:", "  HO_SO:", "hai bảng trùng tên"),
        ("nam: /So/@nam", "ho: NguoiNop/x:Ten", "cột ten và cột ho cùng đòi"),
        ("nam: /So/@nam", "ho: NguoiNop/y:Ten", "cột ten và cột ho cùng đòi"),
        ("nam: /So/@nam", "giay: GiayTo", "cột giay và bảng giay_to cùng đòi"),
        ("nam: /So/@nam", "giay: GiayTo/Ten", "cột giay và bảng giay_to cùng đòi"),
        ("nam: /So/@nam", "ky: ChuKy/Nguoi", "cột ky và ignore ChuKy cùng đòi"),
        ("nam: /So/@nam", "tat_ca: {path: NguoiNop, as: mixed}", "cột ten và cột tat_ca cùng đòi"),
        ("key: ma", "repeats: last", "repeats: last cần key"),
        ("key: ma", "key: so", "không có trong columns"),
        ("    key: ma\n", "", "bảng ho_so cần key"),
        ("x:Ten", "z:Ten", "tiền tố 'z'"),
        ("NguoiNop/x:Ten", "NguoiNop//Ten", "viết sai"),
        ("NguoiNop/x:Ten", "../Ten", "viết sai"),
        ("NguoiNop/x:Ten", "Ten=1", "viết sai"),
        ('"@so", as: integer', '"@so", as: file', "không đọc được dạng"),
        ("as: mixed", "as: html", "mixed"),
        ("{ten: {path: Ten,", "{ma: {path: Ten,", "trùng tên"),
        ("{so: {path", "{source_line: {path", "không dùng được"),
        ("  trang:", "  _trang:", "không dùng được"),
        ("ChuKy:", "Chữ Ký:", "viết sai"),
        ("record: GiayTo\n    parent: ho_so", "record: /So/HoSo/GiayTo", "khai parent: ho_so"),
    ],
)
def test_a_wrong_shape_is_told_why(old: str, new: str, said: str) -> None:
    assert old in SHAPES
    with pytest.raises(ValidationError, match=said):
        reading(SHAPES.replace(old, new))


def test_a_profile_that_reads_what_no_shape_declares_is_refused() -> None:
    used = {"Ho_So": ["MA", "source_file"], "giay_to": ["ma", "la"], "mat": ["x"]}
    assert list(shape_faults("xml", reading(), used)) == [
        ("giay_to", "cột la không có trong reading.xml.tables.giay_to.columns"),
        ("mat", "bảng mat không có trong reading.xml.tables"),
    ]


def test_a_fault_of_a_shape_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    shapes = "    tables:\n      ho_so:\n        record: HoSo\n        columns: {ma: a}\n"
    (tmp_path / "profiles" / "cu.yaml").write_text(f"name: cu\nextends: opencps_v2\nreading:\n  xml:\n{shapes}")
    with pytest.raises(ProfileError, match="từ gốc") as caught:
        load_profile("cu", tmp_path)
    assert caught.value.line == 6


def test_declared_shapes_are_the_same_shapes_for_the_connector() -> None:
    shapes = xml_shapes(reading(), "UTC")
    assert [(table.name, table.links, table.ignore) for table in shapes.tables] == [
        ("ho_so", (), ("ChuKy",)),
        ("giay_to", (("ma", "ho_so"),), ()),
        ("trang", (("ma", "ho_so"), ("giay_to_order", "giay_to")), ()),
    ]
    assert shapes.record_bytes == 64 * 2**20
    assert shapes.version != xml_shapes(reading(SHAPES.replace("as: mixed", "as: xml")), "UTC").version
    assert shapes.version != xml_shapes(reading(), "Asia/Ho_Chi_Minh").version


XML = "{connector: xml, path: nhan, profile: opencps_v2, zone: UTC, accept_broken: {a.xml: thử}}"
SQL = "{connector: sql, url_env: OLD_URL, profile: opencps_v2, zone: UTC, files: var/old_files}"


def test_a_source_of_files_needs_a_path_and_a_profile_with_shapes(tmp_path: Path) -> None:
    site = load_site(make(tmp_path, GOOD.replace(SQL, XML)))
    (source,) = site.sources()
    assert (source.url, source.settings.accept_broken) == ("", {"a.xml": "thử"})
    with pytest.raises(SiteError, match="không khai reading"):
        open_connector(site, source, load_profile("opencps_v2"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (XML.replace("path: nhan, ", ""), "cần path"),
        (XML.replace("zone", "url_env: OLD_URL, zone"), "cần path"),
        (SQL.replace("zone", "path: nhan, zone"), "chỉ dùng cho nguồn là tệp"),
        (XML.replace("connector: xml", "connector: csv"), "connector"),
    ],
)
def test_a_source_is_a_database_or_files(tmp_path: Path, settings: str, said: str) -> None:
    with pytest.raises(SiteError, match=said):
        load_site(make(tmp_path, GOOD.replace(SQL, settings)))


def test_a_source_of_files_whose_profile_reads_a_database_is_not_filled(tmp_path: Path) -> None:
    site = make(tmp_path, GOOD.replace(SQL, XML))
    with pytest.raises(SiteError, match="không đọc được xml"):
        fill(site, source="", url="sqlite:///a.sqlite", dossiers=1, seed=1, is_clean=True)
