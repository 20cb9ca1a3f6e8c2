"""Dirt of identity and telephone numbers: what a clerk or a spreadsheet makes of them. One function a kind."""

from __future__ import annotations

import json

from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.people import DATE_FORM, SEX_WORDS, business, cccd, is_typed, mobile

TYPED_IDS = ("000000001", "123456789", "000000000", "111111111", "012345678901", "999999999999", "987654321")
NO_PROVINCE = ("03", "13", "18", "21", "55", "97", "99")
"""Two-digit codes between 01 and 99 that no province had (Quyết định 124/2004/QĐ-TTg)."""
WRONG_PHONES = ("0912", "0000000000", "n/a", "09876543210", "0110234567", "84")


def odd_form(life: Life, case: Case, number: int) -> None:
    """Too short, or as long as a number that lost its zeros but of no province."""
    random = life.random
    length = (5, 6, 7, 10, 11)[number % 5]
    head = {10: random.choice("3579"), 11: random.choice(NO_PROVINCE[1:])}.get(length, random.choice("123456789"))
    case.row["applicantIdNo"] = _ended(life, head, length)


def typed_id(life: Life, case: Case, number: int) -> None:
    case.row["applicantIdNo"] = TYPED_IDS[number % len(TYPED_IDS)]


def lost_zero_id(life: Life, case: Case, number: int) -> None:
    """A column of numbers drops the zeros in front: of a CCCD, of one from Hà Nội (001), of a CMND."""
    random = life.random
    year, is_male = random.randrange(1950, 2000), random.random() < 0.5
    shown = (
        cccd(random, case.setting.agency.province_code, year, is_male=is_male)[1:],
        cccd(random, "01", year, is_male=is_male)[2:],
        _ended(life, random.choice("12"), 8),
    )
    case.row["applicantIdNo"] = shown[number % 3]


def unknown_province(life: Life, case: Case, number: int) -> None:
    province = NO_PROVINCE[number % len(NO_PROVINCE)]
    case.row["applicantIdNo"] = cccd(life.random, province, life.random.randrange(1950, 2000), is_male=number % 2 == 0)


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
    case.row[_phone_column(case, number)] = mobile(life.random)[1:]


def wrong_phone(life: Life, case: Case, number: int) -> None:
    case.row[_phone_column(case, number)] = WRONG_PHONES[number % len(WRONG_PHONES)]


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


def _ended(life: Life, head: str, length: int) -> str:
    """Digits of this length that nobody typed just to fill the field."""
    while True:
        rest = length - len(head)
        number = f"{head}{life.random.randrange(10**rest):0{rest}d}"
        if not is_typed(number):
            return number
