"""Dirt of identity and telephone numbers: what a clerk or a spreadsheet makes of them. One function a kind."""

from __future__ import annotations

import json

from connectors.rehearsal import wrong_numbers as wrong
from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.people import DATE_FORM, SEX_WORDS, business, cccd


def odd_form(life: Life, case: Case, number: int) -> None:
    case.row["applicantIdNo"] = wrong.odd_form(life.random, number)


def typed_id(life: Life, case: Case, number: int) -> None:
    case.row["applicantIdNo"] = wrong.TYPED_IDS[number % len(wrong.TYPED_IDS)]


def lost_zero_id(life: Life, case: Case, number: int) -> None:
    case.row["applicantIdNo"] = wrong.lost_zero_id(life.random, case.setting.agency.province_code, number)


def unknown_province(life: Life, case: Case, number: int) -> None:
    case.row["applicantIdNo"] = wrong.unknown_province(life.random, number)


def wrong_check_digit(life: Life, case: Case, number: int) -> None:
    """A company whose tax number has a wrong check digit; every other one with the number of a branch."""
    firm = business(life.random)
    wrong = f"{firm.id_number[:9]}{(int(firm.id_number[9]) + 1 + number % 9) % 10}"
    case.row.update(applicantName=firm.name, applicantIdType="business", applicantIdNo=wrong + ("", "-001")[number % 2])


def other_year(life: Life, case: Case, number: int) -> None:
    """The form tells another year of birth than the CCCD does."""
    _form_differs(life, case, years=1 + number % 9)


def other_sex(life: Life, case: Case, number: int) -> None:
    _form_differs(life, case, is_other_sex=True)


def lost_zero_phone(life: Life, case: Case, number: int) -> None:
    """Of the owner or, in turn and where there is one, of who files for him."""
    case.row[_phone_column(case, number)] = wrong.lost_zero_phone(life.random)


def wrong_phone(life: Life, case: Case, number: int) -> None:
    case.row[_phone_column(case, number)] = wrong.WRONG_PHONES[number % len(wrong.WRONG_PHONES)]


def _form_differs(life: Life, case: Case, *, years: int = 0, is_other_sex: bool = False) -> None:
    person = case.setting.person
    assert person.born is not None
    province = case.setting.agency.province_code
    number = cccd(life.random, province, person.born.year + years, is_male=person.is_male is not is_other_sex)
    case.row["applicantIdNo"] = number
    form = next(paper for paper in case.papers if paper["formData"])
    told = json.loads(str(form["formData"]))
    assert told["ngaySinh"] == person.born.strftime(DATE_FORM)
    assert told["gioiTinh"] == SEX_WORDS[person.is_male]
    form["formData"] = json.dumps(told | {"soGiayTo": number}, ensure_ascii=False)


def _phone_column(case: Case, number: int) -> str:
    return "delegateTelNo" if number % 2 and case.row["delegateName"] else "contactTelNo"
