"""The checks on persons are total, say one thing of one number, and agree with who made the number."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.rehearsal.people import business, citizen, mobile, old_mobile
from mappings.identity import (
    CHECKSUM,
    DUMMY,
    FORM,
    PROVINCE,
    PROVINCES,
    ZERO_LOST,
    birth_year,
    business_trouble,
    is_male,
    person_trouble,
)
from mappings.phones import INVALID, phone_trouble
from mappings.phones import ZERO_LOST as PHONE_ZERO_LOST
from mappings.steps import mobile_10_digits

CODES = {"", FORM, DUMMY, ZERO_LOST, PROVINCE, CHECKSUM}
TEXTS = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="0123456789", max_size=15),
    st.text(alphabet="0123456789-+. ()C", max_size=20),
)
SEEDS = st.integers(min_value=0, max_value=2**32)
PLACES = st.sampled_from(sorted(code[1:] for code in PROVINCES))


@settings(max_examples=500, deadline=None)
@given(text=TEXTS)
def test_any_text_has_at_most_one_trouble(text: str) -> None:
    assert person_trouble(text, 2025) in CODES - {CHECKSUM}
    assert business_trouble(text, 2025) in CODES
    assert phone_trouble(text) in {"", INVALID, PHONE_ZERO_LOST}


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS, province=PLACES)
def test_ordinary_people_of_the_rehearsal_have_nothing_wrong(seed: int, province: str) -> None:
    random = Random(seed)
    person, firm = citizen(random, province), business(random)
    assert person_trouble(person.id_number, 2025) == ""
    assert business_trouble(firm.id_number, 2025) == ""
    assert business_trouble(f"{firm.id_number}-001", 2025) == ""
    assert phone_trouble(person.phone) == phone_trouble(firm.phone) == ""
    assert phone_trouble(mobile_10_digits(old_mobile(random))) == ""
    assert person.born is not None
    if len(person.id_number) == 12:
        assert (birth_year(person.id_number), is_male(person.id_number)) == (person.born.year, person.is_male)


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS, place=st.integers(min_value=0, max_value=9), change=st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_of_a_tax_number_is_always_found(seed: int, place: int, change: int) -> None:
    digits = list(business(Random(seed)).id_number)
    digits[place] = str((int(digits[place]) + change) % 10)
    assert business_trouble("".join(digits), 2025) in {CHECKSUM, FORM, DUMMY}


@settings(max_examples=200, deadline=None)
@given(seed=SEEDS, province=PLACES)
def test_a_number_that_lost_its_zeros_is_told_from_every_other_trouble(seed: int, province: str) -> None:
    random = Random(seed)
    number = citizen(random, province).id_number
    if len(number) == 12:
        shown = number.lstrip("0")
        assert person_trouble(shown, 2025) == ZERO_LOST
    assert phone_trouble(mobile(random)[1:]) == PHONE_ZERO_LOST
