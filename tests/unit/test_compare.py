"""Two encoded dossiers, field by field: what counts as the same, and what a difference is called."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from mappings.model import Dossier, encode
from tests.unit.dossiers import clean_dossier
from validations.compare import Difference, canonical, compare

Body = dict[str, Any]


def body(**changes: Any) -> bytes:
    return encode(clean_dossier(7, **changes)[1])


def altered(change: Callable[[Body], object], **changes: Any) -> bytes:
    """The body as a new system might hold it after ``change``."""
    data = json.loads(body(**changes))
    change(data)
    return json.dumps(data, ensure_ascii=False).encode()


def kinds(found: tuple[Difference, ...]) -> list[tuple[str, str]]:
    return [(difference.kind, difference.field) for difference in found]


def put(name: str, value: object) -> Callable[[Body], object]:
    return lambda data: data.update({name: value})


SAME = {
    "keys in another order": lambda d: d.update(MaHoSo=d.pop("MaHoSo")),
    "an instant in UTC": put("NgayNopHoSo", "2025-05-05T01:00:00Z"),
    "an instant with milliseconds": put("NgayNopHoSo", "2025-05-05T08:00:00.000+07:00"),
    "local time without an offset": put("NgayNopHoSo", "2025-05-05T08:00:00"),
    "a default that is written out": put("HinhThuc", "0"),
    "a default written as null": put("LaHoSoChuyenDoi", None),
    "an unknown field without content": put("SoBienNhan", None),
    "an empty list": put("DanhSachTamDung", []),
    "a number written as text": put("TrangThaiHoSo", "10"),
    "money with decimals": lambda d: d["DanhSachLePhi"][0].update(Gia=8000.0),
    "decomposed letters": lambda d: d["ThongTinChuHoSo"].update(ChuHoSo="Nguye\u0302\u0303n Va\u0306n Ma\u0302\u0303u"),
    "papers in another order": lambda d: d["TaiLieuNop"].reverse(),
    "a flag as text": lambda d: [paper.update(IsDeleted="False") for paper in d["TaiLieuNop"]],
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_another_way_to_write_the_same_is_no_difference(change: Callable[[Body], object]) -> None:
    assert compare(body(), altered(change)) == ()


OTHER = {
    "hour off by seven": ("time", "NgayNopHoSo", put("NgayNopHoSo", "2025-05-05T08:00:00Z")),
    "one second": ("time", "NgayHenTra", put("NgayHenTra", "2025-05-20T08:00:01+07:00")),
    "status": ("code_list", "TrangThaiHoSo", put("TrangThaiHoSo", 9)),
    "lost field": ("missing", "MaTTHC", put("MaTTHC", "")),
    "own field": ("extra", "SoBienNhan", put("SoBienNhan", "BN-1")),
    "default changed": ("value", "LaHoSoChuyenDoi", put("LaHoSoChuyenDoi", False)),
    "cut off": ("truncation", "TenHoSo", put("TenHoSo", "Đăng ký...")),
    "question marks": ("encoding", "TenHoSo", put("TenHoSo", "??ng k? khai sinh")),
    "read as Latin": ("encoding", "TenHoSo", put("TenHoSo", "Đăng ký khai sinh".encode().decode("latin-1"))),
    "marks stripped": ("encoding", "TenHoSo", put("TenHoSo", "Dang ky khai sinh")),
    "other words": ("value", "TenHoSo", put("TenHoSo", "Đăng ký khai tử")),
    "leading zero lost": (
        "type",
        "ThongTinChuHoSo.DinhDanhCHS.SoDinhDanh",
        lambda d: d["ThongTinChuHoSo"]["DinhDanhCHS"].update(SoDinhDanh=25123456789),
    ),
    "paper lost": ("missing", "TaiLieuNop[70]", lambda d: d["TaiLieuNop"].pop(0)),
    "step added": ("extra", "TienTrinh[x]", lambda d: d["TienTrinh"].append({"BuocId": "x", "ThoiDiemXuLy": None})),
    "paper renamed": ("value", "TaiLieuNop[71].TenGiayTo", lambda d: d["TaiLieuNop"][1].update(TenGiayTo="Khác")),
}


@pytest.mark.parametrize(("kind", "field", "change"), OTHER.values(), ids=OTHER)
def test_each_difference_has_its_name_and_field(kind: str, field: str, change: Callable[[Body], object]) -> None:
    assert kinds(compare(body(), altered(change))) == [(kind, field)]


def test_an_attachment_is_compared_by_hash_and_size() -> None:
    expected = {"a": ("11", 5), "b": ("22", 6), "c": ("33", 7)}
    stored = {"a": ("11", 5), "b": ("99", 6), "d": ("44", 8)}
    found = compare(body(), body(), expected, stored)
    assert kinds(found) == [("attachment", f"TepDinhKem[{locator}]") for locator in "bcd"]
    assert [bool(d.old) for d in found] == [True, True, False]
    assert [bool(d.new) for d in found] == [True, False, True]


def test_a_stored_body_that_is_no_json_is_one_difference() -> None:
    assert kinds(compare(body(), b"<html>")) == [("encoding", "")]


def test_elements_are_named_by_their_own_id() -> None:
    flat = canonical(body())
    assert flat["TaiLieuNop[70].TenGiayTo"] == "Tờ khai"
    assert flat["LienKet[reference_uid:uid-7].GiaTri"] == "uid-7"
    assert flat["NgayNopHoSo"] == "2025-05-05T01:00:00Z"
    assert flat["DanhSachLePhi[7].Gia"] == "8000"
    assert "HinhThuc" not in flat


def test_two_elements_with_one_id_are_both_compared() -> None:
    def twice(data: Body) -> None:
        data["TaiLieuNop"].append({"GiayToId": "70", "TenGiayTo": "Bản thứ hai"})

    assert kinds(compare(body(), altered(twice))) == [("extra", "TaiLieuNop[70#2]")]


def test_the_model_compares_equal_to_itself_after_a_round_trip() -> None:
    dossier: Dossier = clean_dossier(7)[1]
    assert compare(encode(dossier), json.dumps(json.loads(encode(dossier))).encode()) == ()


@pytest.mark.parametrize(("old", "new", "is_same"), [
    ("NGUYỄN VĂN MẪU", "Nguyễn Văn Mẫu", True),
    ("Nguyễn Văn Mẫu", "NGUYỄN VĂN MẪU", True),
    ("Nguyễn Văn Mẫu", "Nguyễn văn Mẫu", False),  # neither is written in capitals
    ("NGUYỄN VĂN MẪU", "Nguyễn Văn Mậu", False),
])  # fmt: skip
def test_a_name_in_capitals_is_compared_without_regard_to_case(old: str, new: str, is_same: bool) -> None:
    def name(text: str) -> bytes:
        return altered(lambda data: data["ThongTinChuHoSo"].update(ChuHoSo=text))

    assert (compare(name(old), name(new)) == ()) == is_same


def test_no_other_text_is_compared_without_regard_to_case() -> None:
    assert kinds(compare(altered(put("TenHoSo", "CẤP LẠI")), altered(put("TenHoSo", "Cấp lại"))))


def tied(name: str, value: str) -> bytes:
    return altered(
        lambda d: (d["LienKet"].append({"LoaiLienKet": "register", "GiaTri": value}), put(name, {value: "1"})(d))
    )


def test_a_name_that_is_data_is_compared_whatever_its_unicode_form() -> None:
    """Ids of elements and names of free pairs are text as any other."""
    composed, decomposed = "Số quyển", "Số quyển".encode().decode()
    decomposed = unicodedata.normalize("NFD", decomposed)
    assert composed != decomposed
    assert compare(tied("ThongTinKhac", composed), tied("ThongTinKhac", decomposed)) == ()
    assert kinds(compare(tied("ThongTinKhac", composed), tied("ThongTinKhac", "Số tờ"))) != []


def test_a_file_is_found_by_the_very_bytes_of_its_name() -> None:
    """On a disk the composed and the decomposed name are two files: whoever renames one has lost it."""
    locator = unicodedata.normalize("NFC", "hồ sơ/đơn.pdf")
    found = compare(body(), body(), {locator: ("1", 2)}, {unicodedata.normalize("NFD", locator): ("1", 2)})
    assert [(one.kind, bool(one.new)) for one in sorted(found, key=lambda one: one.new)] == [
        ("attachment", False), ("attachment", True),
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), [("HinhThuc", "missing"), ("LaHoSoChuyenDoi", "missing"), ("GhiChu", None)])
def test_an_empty_text_is_not_the_default_where_the_default_says_something(name: str, kind: str | None) -> None:
    assert kinds(compare(body(), altered(put(name, "")))) == ([(kind, name)] if kind else [])
    assert compare(body(), altered(put(name, None))) == ()


def test_an_empty_flag_or_number_is_no_or_none() -> None:
    assert compare(body(), altered(lambda d: d["TaiLieuNop"][0].update(IsDeleted=""))) == ()
    assert compare(body(), altered(lambda d: d["DanhSachLePhi"][0].update(Phi=""))) == ()


@pytest.mark.parametrize(("old", "new", "kind"), [
    ("025123456789", "25123456789", "type"),
    ("025123456789", "2.5123456789e10", "type"),
    ("7100000000000001234", "7.1E+18", "type"),
    ("7100000000000001234", "7100000000000001235", "value"),
    ("7100000000000001234", "7100000000000001000", "value"),
    ("7100000000000001234", "7.2E+18", "value"),
    ("Giấy chứng nhận kết hôn", "Giấy chứng nhận kế\ufffd", "truncation"),  # cut by bytes, inside a letter
    ("Giấy chứng nhận kết hôn", "Giấy chứng nhận ke", "truncation"),  # decomposed, cut before its marks
    ("Giấy chứng nhận kết hôn", "Giấy chứng nhận ke th", "value"),
    ("Áo ấm Đại Lộ", "Áo ấm Đại Lộ".encode().decode("latin-1"), "encoding"),
    ("Áo ấm Đại Lộ", "".join(chr(b) if b in (0x81, 0x90, 0x9d) else bytes([b]).decode("cp1252")
                            for b in "Áo ấm Đại Lộ".encode()), "encoding"),
])  # fmt: skip
def test_what_happened_to_a_text_has_its_name(old: str, new: str, kind: str) -> None:
    assert kinds(compare(body(title=old), altered(put("TenHoSo", new)))) == [(kind, "TenHoSo")]


def test_another_dossier_is_one_difference_not_fifty() -> None:
    other = encode(clean_dossier(8)[1])
    assert kinds(compare(body(), other)) == [("other_dossier", "")]
    found = compare(body(), other, {"a": ("1", 1)}, {"a": ("2", 1)})
    assert kinds(found) == [("other_dossier", ""), ("attachment", "TepDinhKem[a]")]


def test_the_content_of_another_dossier_under_the_right_key_is_called_so() -> None:
    theirs = json.loads(encode(clean_dossier(8)[1])) | {"KhoaCu": "7"}
    assert kinds(compare(body(), json.dumps(theirs).encode())) == [("other_dossier", "")]


@pytest.mark.parametrize("name", ["MaHoSo", "NgayNopHoSo"])
def test_a_damaged_field_does_not_make_another_dossier(name: str) -> None:
    new = {"MaHoSo": "000.17.22.H44-250505-9999", "NgayNopHoSo": "2025-05-06T08:00:00+07:00"}[name]
    assert [field for _, field in kinds(compare(body(), altered(put(name, new))))] == [name]


@pytest.mark.parametrize("answer", [b"{}", b"null", b"[]", b'""', b"0"])
def test_an_answer_without_a_dossier_is_one_missing_dossier(answer: bytes) -> None:
    assert kinds(compare(body(), answer)) == [("missing", "")]


def test_the_order_of_steps_counts_where_no_time_tells_it() -> None:
    def in_one_second(data: Body) -> None:
        data["TienTrinh"][1]["ThoiDiemXuLy"] = data["TienTrinh"][0]["ThoiDiemXuLy"]

    def turned(data: Body) -> None:
        in_one_second(data)
        data["TienTrinh"].reverse()

    found = compare(altered(in_one_second), altered(turned))
    assert found == (Difference("TienTrinh", "order", "70 71", "71 70"),)
    assert compare(body(), altered(lambda d: d["TienTrinh"].reverse())) == ()  # each has its own time
