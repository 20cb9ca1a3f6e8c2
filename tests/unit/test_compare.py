"""Two encoded dossiers, field by field: what counts as the same, and what a difference is called."""

from __future__ import annotations

import json
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
        "value",
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
