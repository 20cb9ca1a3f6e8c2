"""What is personal is declared once, and what nobody declared is masked."""

from __future__ import annotations

import typing
from datetime import date

import msgspec
import pytest

from mappings import model, personal
from mappings.personal import column_kinds, kinds, mask, wire_kinds
from mappings.profile import load_profile


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("id", "025190000234", "025******234"),
        ("id", "131234567", "131***567"),
        ("id", "12345", "*****"),
        ("phone", "0912345123", "091****123"),
        ("name", "Nguyễn Văn A", "Nguyễn V** A"),
        ("name", "NGUYỄN THỊ MẪU", "NGUYỄN T** M**"),
        ("email", "mau@example.vn", "m***@example.vn"),
        ("file", "to-khai-nguyen-van-a.pdf", "***.pdf"),
        ("address", "Khu 3, xã Thử", "(13 ký tự)"),
        ("text", "chữ", "(3 ký tự)"),
        ("open", "1.001193", "1.001193"),
        ("name", " ", " "),
    ],
)
def test_a_personal_value_is_recognisable_and_not_told(kind: personal.Kind, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


def test_every_declaration_names_a_field_that_is_there() -> None:
    known = {
        f"{struct.__name__}.{field.name}"
        for struct in msgspec.Struct.__subclasses__()
        if struct.__module__ == model.__name__
        for field in msgspec.structs.fields(struct)
    }
    assert set(personal.PERSONAL) <= known
    assert known >= personal.OPEN


def test_a_date_of_a_person_is_declared() -> None:
    undeclared = {
        f"{struct.__name__}.{name}"
        for struct in (model.Applicant, model.Delegate)
        for name, hint in typing.get_type_hints(struct).items()
        if date in typing.get_args(hint) and not personal.is_declared(struct.__name__, name)
    }
    assert undeclared == set()


def test_the_same_field_is_masked_under_both_its_names() -> None:
    assert kinds()["applicant.identity.number"] == "id"
    assert wire_kinds()["ThongTinChuHoSo.DinhDanhCHS.SoDinhDanh"] == "id"
    assert kinds()["title"] == wire_kinds()["TenHoSo"] == "text"
    assert kinds()["code"] == wire_kinds()["MaHoSo"] == "open"


def test_an_old_column_is_as_personal_as_the_most_personal_field_it_fills() -> None:
    found = column_kinds(load_profile("opencps_v2"))
    assert found["applicantIdNo"] == "id"
    assert found["applicantName"] == "name"
    assert found["dossierName"] == "text"
    assert found["dossierNo"] == "open"
    assert found["contactTelNo"] == "phone"
    assert "metaData" not in found
