"""Text that is not plain Vietnamese: what is made whole, what is only noticed. Pure.

Most cells are plain: ASCII, or composed Vietnamese letters with ordinary punctuation and at least one letter that no
legacy byte shows as. Only the others are looked at closely.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from mappings.encodings import LEGACY
from mappings.legacy_cells import HIDDEN, LOOK_ALIKES, TORN, read_cell
from mappings.syllables import is_syllable

_LATIN: Final = (
    r"\t\n\r -~ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u21ff\u25a0-\u25ff"
)
"""ASCII, the Vietnamese letters that Latin-1 has, dashes, quotes, signs of money, arrows and shapes."""
_OWN: Final = "ĂăĐđĨĩŨũƠơƯưẠ-ỹ"  # letters that no legacy byte shows as
PLAIN: Final = re.compile(rf"[{_LATIN}]*+[{_OWN}][{_LATIN}{_OWN}]*+").fullmatch
"""True of most Vietnamese text that has nothing to look at."""
_NOT_PLAIN: Final = re.compile(rf"[^{_LATIN}{_OWN}]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACES: Final = str.maketrans(
    dict.fromkeys("\xa0\u2007\u202f\u3000", " ") | dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n")
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_LIKE: Final = re.compile("[ÐƉðɖƢƣ]")


@dataclass(frozen=True)
class Made:
    """Text made whole, and the notes on it. ``legacy``: the encodings it seems to be in, left as it is."""

    text: str
    notes: tuple[str, ...] = ()
    legacy: str = ""


def is_plain(text: str) -> bool:
    """True for text that has nothing to look at; says so of most Vietnamese text at the price of one search."""
    if PLAIN(text) is not None:
        return True
    return _NOT_PLAIN.search(text) is None and all(map(_is_sound, text.split()))


@functools.lru_cache(maxsize=8192)
def _is_sound(word: str) -> bool:
    return word.isascii() or is_syllable(word.strip(".,;:()\"'-/"))


def make_whole(text: str, *, is_settled: bool = False) -> Made:
    """Text without hidden characters and look-alikes, composed. ``is_settled``: somebody decided on its encoding."""
    if not is_settled:
        reading = read_cell(text)
        if reading.kind in (*LEGACY, TORN):
            return Made(text, legacy=reading.candidates)
    if _NOT_PLAIN.search(text) is None:
        return Made(text)
    shown = _CONTROLS.sub("", text.translate(HIDDEN)).translate(_SPACES)
    composed = unicodedata.normalize("NFC", shown)
    whole = _LETTERS.sub(_vietnamese, composed) if _LIKE.search(composed) else composed
    steps = (
        ("text_invisible", text, shown),
        ("unicode_composed", shown, composed),
        ("text_lookalike", composed, whole),
    )
    return Made(whole, tuple(code for code, before, after in steps if before != after))


def _vietnamese(found: re.Match[str]) -> str:
    """The word with Vietnamese letters when that makes it a Vietnamese word; another language keeps its own."""
    word = found.group()
    made = word.translate(LOOK_ALIKES)
    if made == word or is_syllable(made) or word.isupper():
        return made
    return made if made[0] in "Đđ" and len(made) <= 7 and "đ" not in made[1:].lower() else word
