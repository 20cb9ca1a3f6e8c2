"""Telephone numbers: what can be dialled, what lost its zero, what is no number."""

from __future__ import annotations

import phonenumbers
import pytest

from mappings.phones import INVALID, MOBILE, ZERO_LOST, phone_trouble
from mappings.steps import MOBILE_2018

CASES = {
    "a mobile": ("0912345678", ""),
    "a mobile with dots": ("0912.345.678", ""),
    "a mobile with the code of the country": ("+84 912 345 678", ""),
    "the same without plus": ("84912345678", ""),
    "a fixed line of Phú Thọ": ("02103846647", ""),
    "a fixed line of Hà Nội": ("024 3825 0000", ""),
    "a hotline": ("19001234", ""),
    "a foreign number": ("+1 202 555 0123", ""),
    "an extension": ("02103846647 ext 12", ""),
    "a prefix that is open in part": ("0896345678", ""),
    "nothing but spaces": ("  ", ""),
    "a mobile without its 0": ("912345678", ZERO_LOST),
    "a fixed line without its 0": ("2103846647", ZERO_LOST),
    "an old mobile without its 0": ("1681234567", ZERO_LOST),
    "an old mobile that no table knows": ("01101234567", INVALID),
    "an area code of before 2017": ("0438250000", INVALID),
    "a prefix that nobody was given": ("0110234567", INVALID),
    "the closed part of a prefix": ("0891234567", INVALID),
    "too short": ("0912", INVALID),
    "too long": ("09123456789", INVALID),
    "zeros": ("0000000000", INVALID),
    "two numbers": ("0912345678 0987654321", INVALID),
    "words": ("không có", INVALID),
    "a superscript": ("091234567\u00b2", INVALID),
    "a very long text": ("9" * 5000, INVALID),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_telephone_number_has_at_most_one_trouble(case: str) -> None:
    text, trouble = CASES[case]
    assert phone_trouble(text) == trouble


def test_the_cheap_table_says_what_phonenumbers_says() -> None:
    for prefix in MOBILE:
        for third in range(10):
            assert phonenumbers.is_valid_number(phonenumbers.parse(f"{prefix}{third}234567", "VN")), prefix


def test_every_prefix_of_the_change_of_2018_can_be_dialled() -> None:
    assert all(phone_trouble(f"{new}1234567") == "" for new in MOBILE_2018.values())
