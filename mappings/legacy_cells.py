"""What a cell is written in, by its words: Unicode, TCVN3, VNI, or none for certain. Pure; works on text alone.

A word counts when it has a letter outside ASCII. Signs that ordinary Unicode text uses too (5 µm, Panadol®, ©, m²)
prove nothing; a word proves an encoding when it is a Vietnamese syllable under it. A letter that no legacy byte shows
as (ư, ạ, đ…) proves Unicode.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

from mappings.encodings import LEGACY, TCVN3, TCVN5712, VNI, decode, has_lost_case
from mappings.syllables import is_syllable

UNICODE: Final = "unicode"
MIXED: Final = "mixed"
NEUTRAL: Final = "neutral"  # ASCII, or signs only
EITHER: Final = "either"  # Vietnamese as it stands and under a legacy encoding, or under both of these
TORN: Final = "torn"  # Unicode words and words that are certainly legacy in one cell
NEARLY: Final = "nearly"  # Unicode, but for words that a typing error explains as well as a legacy encoding
ODD: Final = "odd"  # words that are Vietnamese in no way

LOOK_ALIKES: Final = str.maketrans({"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ", "Ƣ": "Ư", "ƣ": "ư"})
"""Letters of other alphabets that show as Vietnamese ones: Eth and African D for Đ, Oi for Ư."""
HIDDEN: Final = str.maketrans("", "", "\xad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff")
"""Characters that show nothing: soft hyphen, zero-width space and joiners, direction marks, byte order mark."""

_WORD: Final = re.compile(r"[A-Za-z\u0080-\u009f\u00a1-\u1fff\u200b-\u200d\u2060\u2c00-\ufffd]+")
_SIGNS: Final = frozenset(map(chr, (*range(0xA1, 0xC0), 0xD7, 0xF7)))
_EDGE_SIGNS: Final = "®©¯°±²³´º¿"  # at the edge of a word: no TCVN3 word ends or begins so, but for đ, which begins one
_UNIT: Final = re.compile(r"((?:(?<=\d)|(?<=\d ))µ(?:m|g|l|L|s|A|V|W|F|H|M|N|Pa|mol|Sv|Gy|kat|U|IU)?(?![^\W\d_]))")
_MICRO: Final = re.compile(r"µ(?:m|g|l|L|s|A|V|W|F|H|M|N|Pa|mol|Sv|Gy|kat|U|IU)?")
_SHORT: Final = re.compile(r"[A-ZĐƯƠĂ]*[ĐƯƠĂ][A-ZĐƯƠĂ]*")  # QĐ, NĐ, HĐND, TƯ: abbreviations are no syllables
_BEYOND: Final = re.compile(
    r"[^\x00-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_FOREIGN: Final = re.compile(r"[\u00a1-\u00bfÄÅÆÇËÎÏÑÖ×ØÛÜÞßäåæçëîïñö÷øûüþÿ]")
_MOST: Final = 0.8
"""Share of the words that decides for a cell; below five words it means all of them."""


@dataclass(frozen=True)
class Reading:
    """What a cell is written in, and how many of its words say so. ``words``: those with a letter outside ASCII."""

    kind: str
    words: int
    unicode: int
    fits: tuple[int, int]  # under TCVN3, under VNI

    @property
    def candidates(self) -> str:
        """The encodings that some of the words fit, for people to decide between."""
        said = [UNICODE] if self.unicode else []
        return " ".join([*said, *(name for name, number in zip(LEGACY, self.fits, strict=True) if number)])


_NOTHING: Final = Reading(NEUTRAL, 0, 0, (0, 0))


def read_cell(text: str, tcvn: str = TCVN3) -> Reading:
    """What a cell is written in. ``tcvn``: the table to try beside VNI."""
    if text.isascii():
        return _NOTHING
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    said = [found for word in words if (found := _read_word(word, tcvn)) is not None]
    if not said:
        return _NOTHING
    number = len(said)
    unicode = sum(word.is_unicode for word in said)
    fits = sum(word.is_tcvn for word in said), sum(word.is_vni for word in said)
    return Reading(_kind(said, number, unicode, fits), number, unicode, fits)


def _kind(said: list[_Word], number: int, unicode: int, fits: tuple[int, int]) -> str:
    if any(word.is_beyond for word in said):
        if any(word.is_strong for word in said):
            return TORN
        return NEARLY if any(not word.is_unicode and (word.is_tcvn or word.is_vni) for word in said) else UNICODE
    if unicode == number:
        return EITHER if number in fits else UNICODE
    best = max(fits)
    if best < _MOST * number or best <= unicode:
        return ODD
    return EITHER if fits[0] == fits[1] else LEGACY[fits.index(best)]


class _Word(NamedTuple):
    is_unicode: bool  # Vietnamese as it stands
    is_tcvn: bool  # Vietnamese under the table
    is_vni: bool
    is_beyond: bool  # holds a letter that no legacy byte shows as
    is_strong: bool  # legacy beyond doubt: no Vietnamese word in Unicode has such letters


@functools.lru_cache(maxsize=16384)
def _read_word(word: str, tcvn: str) -> _Word | None:
    """What one word can be; None: signs only."""
    if _SIGNS.issuperset(word) or _MICRO.fullmatch(word) or word.strip(_EDGE_SIGNS).isascii():
        return None
    shown = unicodedata.normalize("NFC", word.translate(HIDDEN)).translate(LOOK_ALIKES)
    is_unicode = not shown.isascii() and _is_word(shown)
    is_tcvn, is_vni = (_fits(word, encoding) for encoding in (tcvn, VNI))
    is_beyond = _BEYOND.search(word) is not None
    is_strong = not is_beyond and not is_unicode and (is_tcvn or is_vni) and _FOREIGN.search(word) is not None
    if shown.isascii() and not (is_tcvn or is_vni):
        return None
    return _Word(is_unicode, is_tcvn, is_vni, is_beyond, is_strong)


def _fits(word: str, encoding: str) -> bool:
    found = decode(word, encoding)
    return found != word and _is_word(found)


def _is_word(word: str) -> bool:
    return is_syllable(word) or _SHORT.fullmatch(word) is not None


# ---------------------------------------------------------------- columns whose encoding somebody settled


@dataclass(frozen=True)
class Settled:
    """A cell of a column with a row in encodings.csv. ``doubt``: the encodings it could be in, when none is certain."""

    text: str
    is_converted: bool = False
    doubt: str = ""


def settle_cell(text: str, encoding: str) -> Settled:
    """The cell as Unicode, by the encoding of its column: unicode | tcvn3 | tcvn5712 | vni | mixed."""
    if text.isascii() or encoding == UNICODE:
        return Settled(text)
    reading = read_cell(text, TCVN5712 if encoding == TCVN5712 else TCVN3)
    if reading.kind in (NEUTRAL, UNICODE):
        return Settled(text)
    found = _by_column(reading, VNI if encoding == VNI else TCVN3) if encoding != MIXED else _by_itself(reading)
    if found is None:
        return Settled(text, doubt=reading.candidates or MIXED)
    if not found:
        return Settled(text)
    return _converted(text, TCVN5712 if encoding == TCVN5712 else found)


def _by_column(reading: Reading, own: str) -> str | None:
    """The encoding to convert from; "" to leave the cell; None when that is not certain."""
    mine, other = reading.fits if own == TCVN3 else reversed(reading.fits)
    if reading.kind in (TORN, NEARLY) or other > mine:
        return None
    return own if mine and mine >= reading.unicode else ""


def _by_itself(reading: Reading) -> str | None:
    if reading.kind in LEGACY:
        return reading.kind
    return "" if reading.kind == ODD and not any(reading.fits) else None


def _converted(text: str, encoding: str) -> Settled:
    parts = _UNIT.split(text) if encoding != VNI else [text]
    found = "".join(part if place % 2 else decode(part, encoding) for place, part in enumerate(parts))
    if encoding == TCVN3 and has_lost_case(found):
        found = found.upper()
    return Settled(found, is_converted=found != text)
