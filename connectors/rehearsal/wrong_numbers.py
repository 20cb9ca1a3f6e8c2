"""Identity and telephone numbers as clerks and spreadsheets spoil them. ``number`` makes variants take turns."""

from __future__ import annotations

from random import Random

from connectors.rehearsal.people import cccd, is_typed, mobile

TYPED_IDS = ("000000001", "123456789", "000000000", "111111111", "012345678901", "999999999999", "987654321")
NO_PROVINCE = ("03", "13", "18", "21", "55", "97", "99")
"""Two-digit codes between 01 and 99 that no province had (Quyết định 124/2004/QĐ-TTg)."""
WRONG_PHONES = ("0912", "0000000000", "n/a", "09876543210", "0110234567", "84")


def odd_form(random: Random, number: int) -> str:
    """Too short, or as long as a number that lost its zeros but of no province."""
    length = (5, 6, 7, 10, 11)[number % 5]
    head = {10: random.choice("3579"), 11: random.choice(NO_PROVINCE[1:])}.get(length, random.choice("123456789"))
    return ended(random, head, length)


def lost_zero_id(random: Random, province: str, number: int) -> str:
    """A column of numbers drops the zeros in front: of a CCCD, of one from Hà Nội (001), of a CMND."""
    year, is_male = random.randrange(1950, 2000), random.random() < 0.5
    return (
        cccd(random, province, year, is_male=is_male)[1:],
        cccd(random, "01", year, is_male=is_male)[2:],
        ended(random, random.choice("12"), 8),
    )[number % 3]


def unknown_province(random: Random, number: int) -> str:
    """A CCCD of a province that never was."""
    province = NO_PROVINCE[number % len(NO_PROVINCE)]
    return cccd(random, province, random.randrange(1950, 2000), is_male=number % 2 == 0)


def lost_zero_phone(random: Random) -> str:
    """A mobile number without its zero."""
    return mobile(random)[1:]


def ended(random: Random, head: str, length: int) -> str:
    """Digits of this length that nobody typed just to fill the field."""
    while True:
        rest = length - len(head)
        number = f"{head}{random.randrange(10**rest):0{rest}d}"
        if not is_typed(number):
            return number
