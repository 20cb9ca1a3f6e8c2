"""TCVN3, TCVN 5712 and VNI-Windows, as they stand in Unicode columns: each stored byte shows as its Latin-1 letter.

Facts of crosswalks/legacy_letters.csv: glibc iconv TCVN5712-1:1993 (TCVN3 is the part of it that the ``.Vn`` fonts
show), and VietnameseText.cs of HaUtility checked against viparse (VNI). Pure and total: what is no letter of the
encoding stays as it is.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mappings.declared import SHIPPED, read_csv

TCVN3: Final = "tcvn3"
TCVN5712: Final = "tcvn5712"  # TCVN3 and the capitals with a tone, on control codes: only where a person says so
VNI: Final = "vni"
LEGACY: Final = (TCVN3, VNI)
"""Encodings that are looked for."""

_COLUMNS: Final = ("letter", TCVN3, TCVN5712, VNI)
_TONE_MARKS: Final[Mapping[str, str]] = {
    "\xb0": "\u0300", "\xb1": "\u0309", "\xb2": "\u0303", "\xb3": "\u0301", "\xb4": "\u0323",
}  # fmt: skip
_CP1252: Final = {
    bytes([code]).decode("cp1252"): chr(code)
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
"""Signs that a driver gives for bytes 80–9F when it takes them for Windows-1252 and not for Latin-1."""


def decode(text: str, encoding: str) -> str:
    """Text stored in ``encoding`` as composed Unicode letters."""
    if text.isascii() and encoding != TCVN5712:
        return text
    return unicodedata.normalize("NFC", _table(encoding).decode(text))


def encode(text: str, encoding: str) -> str:
    """The stored form of Unicode text. TCVN3 has no capitals with a tone: they become small letters."""
    return _table(encoding).encode(unicodedata.normalize("NFC", text))


def has_lost_case(text: str) -> bool:
    """True for decoded TCVN3 that a font of capitals showed: ``NGUYễN``, capitals around small letters with a tone."""
    capitals = [letter for letter in text if "A" <= letter <= "Z"]
    if len(capitals) < 2 or any("a" <= letter <= "z" for letter in text):
        return False
    return any(
        not word.isupper() and sum("A" <= letter <= "Z" for letter in word) > 1 for word in re.split(r"\W+", text)
    )


# ---------------------------------------------------------------- tables


@dataclass(frozen=True)
class _Table:
    decode: Callable[[str], str]
    encode: Callable[[str], str]


@functools.cache
def letters() -> tuple[str, ...]:
    """The 134 Vietnamese letters outside ASCII."""
    return tuple(row["letter"] for row in _rows())


@functools.cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(row for _, row in read_csv(SHIPPED / "crosswalks" / "legacy_letters.csv", _COLUMNS))


@functools.cache
def _table(encoding: str) -> _Table:
    stored = {row["letter"]: bytes.fromhex(row[encoding]).decode("latin-1") for row in _rows() if row[encoding]}
    found = {text: letter for letter, text in stored.items()}
    if encoding == TCVN3:
        stored = {letter: stored.get(letter, stored[letter.lower()]) for letter in letters()}
    elif encoding == TCVN5712:
        found |= {**_TONE_MARKS, **{shown: found[code] for shown, code in _CP1252.items() if code in found}}
    else:  # a capital may be typed with the small mark
        found = {text[0] + text[1:].lower(): letter for text, letter in found.items() if text[0].isupper()} | found
    to_stored, to_letter = str.maketrans(stored), str.maketrans({k: v for k, v in found.items() if len(k) == 1})
    if encoding != VNI:
        return _Table(lambda text: text.translate(to_letter), lambda text: text.translate(to_stored))
    sequence = re.compile("|".join(sorted(map(re.escape, found), key=len, reverse=True)))
    return _Table(lambda text: sequence.sub(lambda at: found[at.group()], text), lambda text: text.translate(to_stored))
