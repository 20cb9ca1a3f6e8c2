"""What is wrong with an identity number, told by the number alone. Pure; no number is ever rewritten.

Sources: personal number and card (CCCD) Nghị định 137/2015/NĐ-CP điều 13 and Thông tư 59/2021/TT-BCA; tax number (MST)
Thông tư 105/2020/TT-BTC phụ lục I, by python-stdnum; personal number as tax number Thông tư 86/2024/TT-BTC.
Old cards (CMND, 9 digits) and passports have no check digit: their form is all that can be asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.vn import mst

FORM: Final = "id_form_unknown"
DUMMY: Final = "id_dummy"
ZERO_LOST: Final = "id_zero_lost"
PROVINCE: Final = "id_province_unknown"
CHECKSUM: Final = "id_checksum_wrong"

PROVINCES: Final = frozenset({
    "001", "002", "004", "006", "008", "010", "011", "012", "014", "015", "017", "019", "020", "022",
    "024", "025", "026", "027", "030", "031", "033", "034", "035", "036", "037", "038", "040", "042",
    "044", "045", "046", "048", "049", "051", "052", "054", "056", "058", "060", "062", "064", "066",
    "067", "068", "070", "072", "074", "075", "077", "079", "080", "082", "083", "084", "086", "087",
    "089", "091", "092", "093", "094", "095", "096",
})  # fmt: skip
"""The 63 provinces in which a birth was registered (Quyết định 124/2004/QĐ-TTg). No merger renumbers a card."""


def person_kind(text: str) -> str:
    """LoaiDinhDanh of a citizen's number: 1 CCCD (12 digits), 2 CMND (9), 4 passport, 9 unrecognised form."""
    if text.isascii() and text.isdigit():
        return {12: "1", 9: "2"}.get(len(text), "9")
    if not text:
        return ""
    return "4" if is_passport(text) else "9"


def business_kind(text: str) -> str:
    """LoaiDinhDanh of a business: 3 MST (10 digits, 10-3, or the 12 digits of a household), 9 unrecognised form."""
    digits = _without_hyphen(text)
    if digits.isascii() and digits.isdigit() and len(digits) in (10, 12, 13):
        return "3"
    return "9" if text else ""


def is_passport(text: str) -> bool:
    """A Vietnamese passport: a letter and seven digits, or eight on the newer ones."""
    return text.isascii() and len(text) in (8, 9) and text[0].isalpha() and text[1:].isdigit()


def person_trouble(number: str, latest: int) -> str:
    """Issue code of a citizen's number, "" when nothing is wrong. ``latest``: the last possible year of birth.

    One number has one trouble, in this order: typed to fill the field, province, year, zero lost, any other form.
    """
    if not (number.isascii() and number.isdigit()):
        return "" if is_passport(number) else FORM
    if number in _TYPED:
        return DUMMY
    size = len(number)
    if size == 12:
        return card_trouble(number, latest)
    if size == 9:
        return ""
    # A column of numbers drops leading zeros: one of a CMND (0xx…), one or two of a CCCD (0xx…, 00x…).
    if number[0] != "0" and (size == 8 or (size in (10, 11) and not card_trouble(number.zfill(12), latest))):
        return ZERO_LOST
    return FORM


def business_trouble(number: str, latest: int) -> str:
    """Issue code of a business's number, "" when nothing is wrong. ``latest`` as in :func:`person_trouble`."""
    digits = _without_hyphen(number)
    if number[9:10] == "-":  # a branch that lost its zero: 9 digits, hyphen, 3 digits
        whole = f"0{number[:9]}{number[10:]}"
        return ZERO_LOST if len(whole) == 13 and not _tax_trouble(whole) else FORM
    if not (digits.isascii() and digits.isdigit()):
        return FORM
    if digits in _TYPED:
        return DUMMY
    size = len(digits)
    if size in (10, 13):
        return _tax_trouble(digits)
    trouble = card_trouble(digits.zfill(12), latest) if size in (11, 12) else FORM
    if not trouble:
        return "" if size == 12 else ZERO_LOST
    return ZERO_LOST if size in (9, 12) and not _tax_trouble(f"0{digits}") else trouble


def card_trouble(number: str, latest: int) -> str:
    """Issue code of a personal number of 12 digits: province of birth registration, and a year that has come."""
    if number[:3] not in PROVINCES:
        return PROVINCE
    return FORM if number[3] > "1" and birth_year(number) > latest else ""  # born 19xx: nothing to count


def birth_year(number: str) -> int:
    """Year of birth in a personal number: 0 and 1 stand for 19xx, 2 and 3 for 20xx, and so on."""
    return 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])


def is_male(number: str) -> bool:
    """Sex in a personal number: even is male, odd is female."""
    return int(number[3]) % 2 == 0


def _without_hyphen(text: str) -> str:
    return text[:10] + text[11:] if len(text) == 14 and text[10] == "-" else text


def _tax_trouble(digits: str) -> str:
    if not (digits.isascii() and digits.isdigit()):
        return FORM
    try:
        mst.validate(digits)
    except InvalidChecksum:
        return CHECKSUM
    except ValidationError:
        return FORM
    return ""


def _typed() -> Iterator[str]:
    """Numbers that people type to fill a field: one digit all along, 000000001, digits in a row up or down."""
    for size in range(1, 14):
        yield from (digit * size for digit in "0123456789")
        yield from (digit.zfill(size) for digit in "123456789")
        if size > 4:
            for first in range(10):
                yield "".join(str((first + step) % 10) for step in range(size))
                yield "".join(str((first - step) % 10) for step in range(size))


_TYPED: Final = frozenset(_typed())
