"""What a scan shows of a column: never what few rows carry, never what looks like a person."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.cells import Cell
from mappings.column_facts import SHOWN_ROWS, facts
from mappings.encodings import encode
from mappings.looks_personal import looks_personal

PERSONAL = (
    "Nguyễn Văn Mẫu", "TRẦN THỊ MẪU", "Le Van Thu", "lò thị mẫu", "025190000001", "012345678", "0912345678",
    "0912 345 678", "+84912345678", "mau@vi-du.vn", "Khu 3, xã Mẫu", "Số nhà 12, phố Mẫu", "thôn Mẫu",
    "Công ty TNHH Mẫu", "Hộ kinh doanh Mẫu", encode("Nguyễn Văn Mẫu", "tcvn3"), encode("Nguyễn Văn Mẫu", "vni"),
)  # fmt: skip
OPEN = ("done", "Đang xử lý", "Hồ sơ mới nhận", "1.001193.000.00.00.H44", "UBND huyện Lâm Thao", "16", "PAUSE_OVERDUE")


@pytest.mark.parametrize("value", PERSONAL)
def test_what_looks_like_a_person_is_never_shown_however_often_it_stands_there(value: str) -> None:
    assert looks_personal(value)
    found = facts("t", "giaTri", "varchar(50)", [value] * 500 + ["done"] * 500)
    assert value not in dict(found.shown)


@pytest.mark.parametrize("value", OPEN)
def test_words_of_a_code_list_are_shown(value: str) -> None:
    assert facts("t", "trangThai", "varchar(50)", [value] * SHOWN_ROWS).shown == ((value, SHOWN_ROWS),)


def test_a_value_below_the_threshold_is_counted_and_not_shown() -> None:
    found = facts("t", "trangThai", "varchar(20)", ["done"] * SHOWN_ROWS + ["new"] * (SHOWN_ROWS - 1) + ["x"])
    assert found.shown == (("done", SHOWN_ROWS),)
    assert (found.distinct, found.hidden) == (3, 2)


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "e", 1, 2, None]), max_size=120))
def test_no_shown_value_is_carried_by_fewer_rows_than_the_threshold(cells: list[Cell]) -> None:
    texts = [str(cell) for cell in cells]
    for value, rows in facts("t", "ma", "varchar(5)", cells).shown:
        assert rows == texts.count(value) >= SHOWN_ROWS


@pytest.mark.parametrize("name", ["HoTenNguoiNop", "SoCMND", "contactTelNo", "EMAILNGUOINOP", "DiaChi", "password_"])
def test_a_column_named_for_a_person_shows_nothing(name: str) -> None:
    found = facts("t", name, "varchar(50)", ["done"] * 100)
    assert found.is_personal
    assert found.shown == ()


def test_the_kind_of_an_applicant_is_a_code_list() -> None:
    assert facts("t", "applicantIdType", "varchar(20)", ["citizen"] * 20).shown == (("citizen", 20),)
    assert facts("t", "LoaiNguoiNop", "varchar(90)", ["Nguyễn Văn Mẫu"] * 20).shown == ()


def test_a_column_of_many_different_values_is_no_code_list() -> None:
    cells: list[Cell] = [f"mã {n}" for n in range(60)] * 20
    assert facts("t", "ma", "varchar(50)", cells).shown == ()


def test_dates_show_their_months_only() -> None:
    cells: list[Cell] = ["2023-05-17 08:12:33"] * 20 + ["2025-06-30 16:59:59", "0000-00-00 00:00:00"]
    found = facts("t", "ngayNhan", "datetime", cells)
    assert (found.first_month, found.last_month, found.shown) == ("2023-05", "2025-06", ())
    text = facts("t", "ngayNhan", "varchar(20)", ["17/05/2023 08:12"] * 20)
    assert (text.is_date, text.first_month, text.form("day_first"), text.shown) == (True, "2023-05", 1.0, ())


def test_counts_lengths_and_encoding_are_those_of_the_sample() -> None:
    cells: list[Cell] = [None, "", " ", *(encode("Cấp bản sao trích lục hộ tịch", "tcvn3") for _ in range(5))]
    found = facts("t", "tenThuTuc", "varchar(50)", cells)
    assert (found.cells, found.filled, found.distinct, found.encoding) == (8, 5, 1, "tcvn3")
    assert (found.shortest, found.longest) == (29, 29)


def test_numbers_of_a_float_key_read_as_whole_numbers() -> None:
    assert facts("t", "trangThai", "double(22,0)", [5.0] * 12).shown == (("5", 12),)


def test_invented_people_of_the_rehearsal_look_like_people() -> None:
    from connectors.rehearsal.people import FAMILY_NAMES, FEMALE, MALE

    random = Random(datetime(2025, 7, 1).year)
    for _ in range(500):
        middle, given_names = random.choice((MALE, FEMALE))
        name = f"{random.choice(FAMILY_NAMES)} {random.choice(middle)} {random.choice(given_names)}"
        assert looks_personal(name)
        assert looks_personal(name.upper())
