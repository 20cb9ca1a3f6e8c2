"""Identity numbers: what a number tells of itself. Cases carry names, never their numbers, into the test report."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

import mappings
from mappings.identity import (
    CHECKSUM,
    DUMMY,
    FORM,
    PROVINCE,
    PROVINCES,
    ZERO_LOST,
    birth_year,
    business_kind,
    business_trouble,
    is_male,
    person_kind,
    person_trouble,
)

LATEST = 2025
CITIZENS = {
    "a card": ("025185001234", "1", ""),
    "a card of somebody born in 2004": ("017204001234", "1", ""),
    "the card of a province that is no more": ("096085001234", "1", ""),
    "an old card": ("131234568", "2", ""),
    "an old card that begins with 0": ("012345679", "2", ""),
    "a passport": ("C1234567", "4", ""),
    "a newer passport": ("P12345678", "4", ""),
    "a passport in small letters": ("c1234567", "4", ""),
    "a passport with a letter too many": ("CC123456", "9", FORM),
    "a passport with a digit too few": ("C123456", "9", FORM),
    "five digits": ("52418", "9", FORM),
    "ten digits of no card": ("3085001234", "9", FORM),
    "eleven digits of no card": ("13085001234", "9", FORM),
    "thirteen digits": ("0251850012345", "9", FORM),
    "a card written with spaces": ("025 185 001 234", "9", FORM),
    "digits of another script": ("\uff10\uff12\uff15185001234", "9", FORM),
    "words": ("không có", "9", FORM),
    "a superscript": ("12345678\u00b2", "9", FORM),
    "a century to come": ("025485001234", "1", FORM),
    "a year to come": ("025226001234", "1", FORM),
    "a code between two provinces": ("003085001234", "1", PROVINCE),
    "a code above all provinces": ("097085001234", "1", PROVINCE),
    "a card without its first 0": ("25185001234", "9", ZERO_LOST),
    "a card of Hà Nội without its two zeros": ("1085001234", "9", ZERO_LOST),
    "an old card without its 0": ("12345670", "9", ZERO_LOST),
    "eight digits that begin with 0": ("01234567", "9", DUMMY),
    "eight digits that begin with 0 and are no row": ("01834567", "9", FORM),
    "zeros and a one": ("000000001", "2", DUMMY),
    "zeros": ("000000000", "2", DUMMY),
    "one to nine": ("123456789", "2", DUMMY),
    "nine to one": ("987654321", "2", DUMMY),
    "twelve digits in a row": ("012345678901", "1", DUMMY),
    "twelve nines": ("999999999999", "1", DUMMY),
    "one zero": ("0", "9", DUMMY),
}  # fmt: skip
BUSINESSES = {
    "a company": ("0100109106", "3", ""),
    "a branch": ("0100109106-001", "3", ""),
    "a branch without a hyphen": ("0100109106001", "3", ""),
    "a household under its owner's number": ("025185001234", "3", ""),
    "a wrong check digit": ("0100109107", "3", CHECKSUM),
    "a branch of a wrong check digit": ("0100109107-001", "3", CHECKSUM),
    "a branch number 000": ("0100109106-000", "3", FORM),
    "a hyphen in another place": ("01001091-06001", "9", FORM),
    "a company without its 0": ("100109106", "9", ZERO_LOST),
    "a branch without its 0": ("100109106-001", "9", ZERO_LOST),
    "a branch without its 0 and its hyphen": ("100109106001", "3", ZERO_LOST),
    "a household without its 0": ("25185001234", "9", ZERO_LOST),
    "a household of no province": ("013185001234", "3", PROVINCE),
    "nine digits of no company": ("100109107", "9", FORM),
    "ten digits in a row": ("0123456789", "3", DUMMY),
    "the number of a licence": ("12/GP-UBND", "9", FORM),
    "digits of another script": ("\uff10100109106", "9", FORM),
    "a letter in a branch": ("100109106-0a1", "9", FORM),
}  # fmt: skip


@pytest.mark.parametrize("case", CITIZENS)
def test_a_citizen_number_has_one_kind_and_at_most_one_trouble(case: str) -> None:
    number, kind, trouble = CITIZENS[case]
    assert (person_kind(number), person_trouble(number, LATEST)) == (kind, trouble)


@pytest.mark.parametrize("case", BUSINESSES)
def test_a_business_number_has_one_kind_and_at_most_one_trouble(case: str) -> None:
    number, kind, trouble = BUSINESSES[case]
    assert (business_kind(number), business_trouble(number, LATEST)) == (kind, trouble)


def test_the_provinces_of_cards_are_the_63_of_before_the_merger() -> None:
    file = Path(mappings.__file__).parent / "crosswalks" / "communes.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        codes = {f"0{row['old_province_code']}" for row in csv.DictReader(stream)}
    assert codes == PROVINCES
    assert len(codes) == 63


def test_century_sex_and_year_are_read_from_a_card() -> None:
    told = [(birth_year(n), is_male(n)) for n in ("025085001234", "025185001234", "025204001234", "025399001234")]
    assert told == [(1985, True), (1985, False), (2004, True), (2099, False)]
