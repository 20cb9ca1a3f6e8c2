"""What is wrong with a telephone number. Nothing is rewritten here; the change of 2018 is a cleaning step."""

from __future__ import annotations

from typing import Final

import phonenumbers

from mappings.steps import MOBILE_2018

INVALID: Final = "phone_invalid"
ZERO_LOST: Final = "phone_zero_lost"

MOBILE: Final = frozenset({
    "032", "033", "034", "035", "036", "037", "038", "039", "056", "058", "070", "076", "077", "078",
    "079", "081", "082", "083", "084", "085", "086", "087", "088", "090", "091", "092", "093", "094",
    "096", "097", "098",
})  # fmt: skip
"""Prefixes of ten-digit mobile numbers that are open as a whole; phonenumbers settles everything else."""


def phone_trouble(text: str) -> str:
    """Issue code of a number as it stands, "" when it can be dialled in Vietnam or is a whole foreign number."""
    if len(text) == 10 and text[:3] in MOBILE and text.isascii() and text.isdigit():
        return ""
    text = text.strip()
    if not text:
        return ""
    # phonenumbers takes 20–50 µs; it forgives a missing zero, we do not. 1800 and 1900 have none.
    if text[0] in "235789" and text.isascii() and text.isdigit() and len(text) in (9, 10) and _is_valid(f"0{text}"):
        return ZERO_LOST
    if len(text) == 10 and text.isdigit() and f"0{text[:3]}" in MOBILE_2018:
        return ZERO_LOST  # an eleven-digit mobile number of before 2018
    return "" if _is_valid(text) else INVALID


def _is_valid(text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, "VN"))
    except phonenumbers.NumberParseException:
        return False
