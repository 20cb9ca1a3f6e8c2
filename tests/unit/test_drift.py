"""What changed in an old system since the last sweep is told with its old and its new shape."""

from __future__ import annotations

from flows.drift import Shape, changes

OLD: Shape = {"ho_so": {"id": "int", "ma": "varchar(20)", "ngay_nop": "datetime"}, "giay_to": {"id": "int"}}


def test_nothing_to_tell_of_what_is_as_it_was() -> None:
    assert list(changes(OLD, OLD)) == []
    assert list(changes({}, OLD)) == []


def test_names_are_the_same_without_regard_to_case() -> None:
    new: Shape = {"HO_SO": {name.upper(): kind for name, kind in OLD["ho_so"].items()}, "Giay_To": {"ID": "int"}}
    assert list(changes(OLD, new)) == []


def test_a_renamed_column_is_told_with_its_likely_new_name() -> None:
    new: Shape = {**OLD, "ho_so": {"id": "int", "ma_hs": "varchar(20)", "x": "int", "ngay_nop": "datetime"}}
    assert list(changes(OLD, new)) == [
        "bảng ho_so: cột ma (varchar(20)) không còn; cột mới ma_hs (varchar(20)) có thể là tên mới của nó",
        "bảng ho_so: cột x (int) là mới",
    ]


def test_a_column_of_another_type_is_no_new_name() -> None:
    new: Shape = {**OLD, "ho_so": {"id": "int", "ma_hs": "int", "ngay_nop": "datetime"}}
    assert list(changes(OLD, new)) == [
        "bảng ho_so: cột ma (varchar(20)) không còn",
        "bảng ho_so: cột ma_hs (int) là mới",
    ]


def test_a_type_that_changed_and_a_table_that_is_gone_are_told() -> None:
    new: Shape = {"ho_so": {**OLD["ho_so"], "ma": "nvarchar(50)"}}
    assert list(changes(OLD, new)) == [
        "bảng ho_so: cột ma đổi kiểu, trước varchar(20), nay nvarchar(50)",
        "bảng giay_to không còn",
    ]
