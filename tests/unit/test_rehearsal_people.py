"""The invented world of the rehearsal: people, offices, processes."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from random import Random

import pytest

from connectors.rehearsal.office_time import ZONES, office, stored
from connectors.rehearsal.opencps_process import ACTIONS, STATUS_TEXT, STEPS, UNDECIDED, path, path_of_length
from connectors.rehearsal.opencps_schema import schema
from connectors.rehearsal.people import (
    MOBILE_PREFIXES,
    OLD_MOBILE_PREFIXES,
    business,
    cccd,
    citizen,
    is_typed,
    mobile,
    old_mobile,
    tax_number,
)
from connectors.rehearsal.story import OPEN
from connectors.rehearsal.world import PROVINCES, holidays, world

CALENDAR = office([(day, kind) for day, kind, _ in holidays()], 2021, 2027)


def test_a_citizen_number_holds_province_century_sex_and_year() -> None:
    assert re.fullmatch(r"025185\d{6}", cccd(Random(1), "25", 1985, is_male=False))
    assert re.fullmatch(r"017204\d{6}", cccd(Random(1), "17", 2004, is_male=True))


def test_citizens_have_a_card_an_old_card_or_a_passport() -> None:
    random = Random(3)
    people = [citizen(random, "26") for _ in range(1000)]
    kinds = {re.fullmatch(r"(026\d{9})|(\d{9})|([A-Z]\d{7})", person.id_number).lastindex for person in people}  # type: ignore[union-attr]
    assert kinds == {1, 2, 3}
    for person in people:
        assert person.born is not None
        if len(person.id_number) == 12:
            assert person.id_number[4:6] == f"{person.born.year % 100:02d}"
            assert (int(person.id_number[3]) % 2 == 0) is person.is_male


def test_what_is_typed_to_fill_a_field_is_told_from_a_number() -> None:
    assert all(map(is_typed, ("111111111", "123456789", "987654321", "890123456")))
    assert not any(map(is_typed, ("123456780", "112233445", "135791357")))


def test_the_check_digit_of_a_tax_number_is_right() -> None:
    # The weighted sum over all ten digits, the check digit with weight 1, is 10 more than a multiple of 11.
    for seed in range(50):
        digits = [int(digit) for digit in tax_number(Random(seed))]
        weights = (31, 29, 23, 19, 17, 13, 7, 5, 3, 1)
        assert sum(weight * digit for weight, digit in zip(weights, digits, strict=True)) % 11 == 10


def test_mobile_numbers_are_of_their_time() -> None:
    random = Random(5)
    for _ in range(50):
        assert re.fullmatch(rf"({'|'.join(MOBILE_PREFIXES)})\d{{7}}", mobile(random))
        assert re.fullmatch(rf"({'|'.join(OLD_MOBILE_PREFIXES)})\d{{7}}", old_mobile(random))


def test_the_same_seed_invents_the_same_person() -> None:
    assert citizen(Random(9), "25") == citizen(Random(9), "25")
    assert business(Random(9)) == business(Random(9))


def test_no_ordinary_name_is_all_capitals_or_decomposed() -> None:
    random = Random(11)
    people = [citizen(random, "25") for _ in range(300)] + [business(random) for _ in range(100)]
    for person in people:
        assert person.name != person.name.upper()
        assert person.name == unicodedata.normalize("NFC", person.name)


def test_due_dates_skip_weekends_and_days_off_and_count_make_up_days() -> None:
    assert CALENDAR.later(datetime(2025, 4, 29, 9, 5), 1) == datetime(2025, 5, 5, 9, 5)  # 30/4–02/5 off, then a weekend
    assert CALENDAR.later(datetime(2025, 4, 24, 9, 5), 2) == datetime(2025, 4, 26, 9, 5)  # Saturday made up


def test_counters_are_open_in_office_hours_only() -> None:
    random = Random(13)
    for _ in range(500):
        at = CALENDAR.counter_time(random, date(2025, 6, 30)).time()
        assert time(7, 30) <= at <= time(11, 30) or time(13, 30) <= at <= time(16, 45)


def test_an_instant_is_stored_in_the_zone_that_was_asked_for() -> None:
    midnight = datetime(2025, 7, 1)
    assert stored(midnight, ZONES["UTC"]) == "2025-06-30 17:00:00"
    assert stored(midnight, ZONES["Asia/Ho_Chi_Minh"]) == "2025-07-01 00:00:00"
    assert stored(datetime(25, 1, 2, 8), ZONES["UTC"]) == "0025-01-02 01:00:00"


@pytest.mark.parametrize("status", [*STATUS_TEXT, *UNDECIDED])
def test_every_path_is_made_of_known_actions_and_ends_in_its_status(status: str) -> None:
    for has_round in (False, True):
        steps = path(status, is_received=True, has_round=has_round, has_pause=has_round)
        assert all(pair in ACTIONS for pair in zip(["", *steps], steps, strict=False))
        if status in STATUS_TEXT and status != "receiving":
            assert STEPS[steps[-1]].status == status
    if status in STATUS_TEXT and status not in ("new", "receiving"):
        fixed = path_of_length(status, 5)
        assert len(fixed) == 5
        assert STEPS[fixed[-1]].status == status
        assert all(pair in ACTIONS for pair in zip(["", *fixed], fixed, strict=False))


def test_what_only_a_site_can_decide_is_never_called_open() -> None:
    assert not OPEN & set(UNDECIDED)


def test_agencies_have_codes_of_the_old_form_and_something_to_do() -> None:
    people = world(Random(1))
    codes = [agency.code for agency in people.agencies]
    assert len(codes) == len(set(codes))
    suffixes = "|".join(suffix for suffix, _ in PROVINCES.values())
    assert all(re.fullmatch(rf"000\.\d\d\.\d\d\.({suffixes})", code) for code in codes)
    handling = [agency for agencies in people.handling.values() for agency in agencies]
    assert all(any(procedure.days for procedure in people.offers(agency)) for agency in handling)
    assert len(people.split_agencies) == 3
    assert not {agency.code for agency in people.split_agencies} & {agency.code for agency in handling}


def test_the_three_provinces_have_their_479_communes() -> None:
    people = world(Random(1))
    current = {unit.code for unit in (*people.communes, *people.split_communes)}
    assert len(current) == 479
    assert {unit.code for unit in people.split_communes} == {"04891", "04957", "05221"}
    assert not current & {unit.code for unit in people.gone_communes}


def test_shipped_facts_are_composed_unicode() -> None:
    people = world(Random(1))
    words = [unit.name for unit in (*people.communes, *people.split_communes, *people.gone_communes)]
    words += [agency.name for agency in people.agencies] + [procedure.name for procedure in people.procedures]
    assert all(word == unicodedata.normalize("NFC", word) for word in words)


def test_every_table_has_a_key() -> None:
    assert all(table.key for table in schema().tables)
    assert {"opencps_dossier", "opencps_workTime", "DLFileEntry"} <= {table.name for table in schema().tables}
