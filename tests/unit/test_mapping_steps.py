"""Cleaning steps, cells and fingerprints."""

from __future__ import annotations

import msgspec
import pytest

from mappings.cells import Clock, code_of, flag_of, plain_text, whole_number
from mappings.fingerprint import digest
from mappings.glossary import FIELDS
from mappings.model import Dossier, json_schema
from mappings.steps import (
    MOBILE_2018,
    STEPS,
    email_inside,
    html_to_text,
    id_kind,
    owner_kind,
    phone_inside,
    plain_decimal,
)


@pytest.mark.parametrize(("fragment", "text"), [
    ("<div><p>Xin <b>xem</b>&nbsp;lại.</p><br/>Cảm ơn</div>", "Xin xem lại.\nCảm ơn"),
    ("<ul><li>Một</li><li>Hai</li></ul>", "Một\nHai"),
    ("<script>alert(1)</script>Còn lại<p>", "Còn lại"),
    ("<p>&lt;b&gt; là thẻ</p>", "< b> là thẻ"),
    ("a < b > c", "a < b > c"),
    ('{"data": []}', '{"data": []}'),
    ("<" * 5000 + "p>", "<" * 4999),
])  # fmt: skip
def test_html_becomes_text_and_text_stays(fragment: str, text: str) -> None:
    assert html_to_text(fragment) == text


def test_every_step_is_idempotent_on_its_own_examples() -> None:
    for step in STEPS.values():
        for text in ("", "  a ", "01681234567", "<p>x</p>", "5.000", "NGUYỄN", "0", "025190000001"):
            once = step.apply(text)
            assert step.apply(once) == once or step.meaning.startswith("loại")


def test_the_kind_of_an_owner_is_told_by_the_first_words_of_the_name() -> None:
    told = {
        "Nguyễn Thị Mẫu": "1", "Công ty TNHH Mẫu": "2", "HTX Nông sản": "2", "Doanh nghiệp tư nhân A": "2",
        "UBND xã B": "3", "Sở Y tế": "3", "Trường Tiểu học C": "4", "Trương Văn Hội": "1", "Hội Nông dân": "4", "": "",
    }  # fmt: skip
    assert {name: owner_kind(name) for name in told} == told
    numbers = {
        "2600123409": "3", "2600123409-001": "3", "025190000001": "1", "131234567": "2", "B1234567": "4", "x": "9"
    }  # fmt: skip
    assert {number: id_kind(number) for number in numbers} == numbers


def test_the_first_telephone_number_of_a_text_is_found_and_no_other_number() -> None:
    told = {
        "Khu 3; 0912345678": "0912345678",
        "Khu 3 - ĐT 0912.345.678, 0987654321": "0912345678",
        "0210 3812 345": "02103812345",
        "Khu 3, CCCD 025190000001": "",
        "Khu 03": "",
    }
    assert {text: phone_inside(text) for text in told} == told


def test_the_first_email_address_of_a_text_is_found() -> None:
    told = {"0912345678; mau@example.vn, vi@example.vn": "mau@example.vn", "mau @example.vn": "", "": ""}
    assert {text: email_inside(text) for text in told} == told


def test_the_21_mobile_prefixes_of_2018_are_there() -> None:
    assert len(MOBILE_2018) == 21
    assert len(set(MOBILE_2018.values())) == 21
    assert all(len(old) == 4 and len(new) == 3 for old, new in MOBILE_2018.items())


def test_decimals_lose_idle_zeros_only() -> None:
    assert [plain_decimal(text) for text in ("5.000", "0.250", "10", "1.2.3", "x")] == ["5", "0.25", "10", "1.2.3", "x"]


def test_a_cell_reads_the_same_on_every_database() -> None:
    assert [code_of(cell) for cell in (None, True, 1, "1", 1.0, b"1", " 1 ")] == ["", *["1"] * 6]
    assert [flag_of(cell) for cell in (None, True, 1, "t", b"true", 0, "false", "có")] == [
        None, True, True, True, True, False, False, None,
    ]  # fmt: skip
    assert [whole_number(cell) for cell in (True, "5.00", 5.0, "5.5", "năm", 2**70, "²", None)] == [
        1, 5, 5, None, None, None, None, None,
    ]  # fmt: skip
    assert plain_text(0.25) == "0.25"


@pytest.mark.parametrize("stored", [
    "20250630", "2025-W26-1", "2025-06-30T10:00:00Z", "2025-06-30 10:00:00+07:00", "2025-06-30 10:00", "31/02/2025",
    "2025-02-30 00:00:00", "9999-12-31 23:59:59", "2025-06-30 10:00:00.x", "２０２５-06-30", "", "0000-00-00",
])  # fmt: skip
def test_only_the_form_of_databases_is_a_date(stored: str) -> None:
    assert Clock("UTC").instant(stored) is None


def test_a_bare_date_is_taken_as_it_stands_and_an_instant_in_vietnam() -> None:
    clock = Clock("UTC")
    assert str(clock.day("2021-05-03")) == "2021-05-03"
    assert str(clock.day("2021-05-03 17:00:00")) == "2021-05-04"
    assert clock.day("2021-02-30") is None


def test_a_fingerprint_does_not_know_the_order_of_columns() -> None:
    one = digest(("1", {"a": 1, "b": None}, {"x": [{"c": b"\xff", "d": 0.5}], "y": []}))
    assert one == digest(("1", {"b": None, "a": 1}, {"y": [], "x": [{"d": 0.5, "c": b"\xff"}]}))
    assert len(one) == 16
    others = [
        digest(("2", {"a": 1, "b": None}, {"x": [{"c": b"\xff", "d": 0.5}], "y": []})),
        digest(("1", {"a": "1", "b": None}, {"x": [{"c": b"\xff", "d": 0.5}], "y": []})),
        digest(("1", {"a": 1, "b": ""}, {"x": [{"c": b"\xff", "d": 0.5}], "y": []})),
        digest(("1", {"a": 1, "b": None}, {"x": [], "y": [{"c": b"\xff", "d": 0.5}]})),
        digest(("1", {"a": 2**80, "b": "\ud800"}, {})),
    ]
    assert len({one, *others}) == 6


def test_every_field_of_the_schema_says_its_counterpart() -> None:
    structs = {kind.__name__: kind for kind in msgspec.Struct.__subclasses__() if kind.__module__ == Dossier.__module__}
    for name in FIELDS:
        assert set(FIELDS[name]) == {item.name for item in msgspec.structs.fields(structs[name])}
    parts = json_schema()["$defs"]
    assert isinstance(parts, dict)
    for part in parts.values():
        for field, words in part["properties"].items():
            assert words.get("description"), field
