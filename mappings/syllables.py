"""Is a word a Vietnamese syllable? Onset, rhyme and tone as the orthography allows them together. Pure.

Rules: 22 onsets, about 160 rhymes; c/k, g/gh and ng/ngh by the vowel that follows; a rhyme that ends in a stop takes
the tone sắc or nặng only; the tone stands on the main vowel (both ways of writing hòa/hoà are allowed).
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

LONGEST: Final = 7
"""Letters of the longest syllable, ``nghiêng``."""

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STOP_TONES: Final = frozenset("\u0301\u0323")
_STOPS: Final = ("c", "ch", "p", "t")
_FRONT: Final = frozenset("eêiy")
_ONSETS: Final = (
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr",
    "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
)  # fmt: skip
_RHYMES: Final = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot ooc oong oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo
    oet ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uâ uân uâng uât uây uê uêch uênh uôc uôi uôm uôn uông uôt uơ uy uya uych uyn uynh uyp uyt
    uyu uyên uyêt
    ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    """.split()  # noqa: SIM905
)
_WITHOUT_ONSET: Final = frozenset(("y", "yêm", "yên", "yêng", "yêt", "yêu"))
_Y_AFTER: Final = frozenset(("h", "k", "l", "m", "n", "s", "t", "v", "th", "d"))
_AFTER_QU: Final = frozenset(
    """
    a ac ach ai an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âm ân âng ât ây e en eo et ê êch ên ênh êt êu
    ôc y ych yên yêt yn ynh yp yt yu i it in ơ ơi
    """.split()  # noqa: SIM905
)


@functools.lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """True for one syllable of composed letters, in any case; a word without a vowel is none."""
    if not 0 < len(word) <= LONGEST:
        return False
    letters, tone, at = _bare(word)
    return any(
        letters.startswith(onset) and _fits(onset, letters[len(onset) :], tone, at - len(onset)) for onset in _ONSETS
    )


def _bare(word: str) -> tuple[str, str, int]:
    """(letters without tone, the tone mark, the place of the letter that bears it); two tones give no letters."""
    letters, tone, at = "", "", -1
    for place, letter in enumerate(word.lower()):
        parts = unicodedata.normalize("NFD", letter)
        marks = [mark for mark in parts[1:] if mark in _TONES]
        if marks:
            if tone:
                return "", "", -1
            tone, at = marks[0], place
            letter = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
        letters += letter
    return letters, tone, at


def _fits(onset: str, rhyme: str, tone: str, at: int) -> bool:
    if not rhyme:
        return False
    if onset == "qu":
        return rhyme in _AFTER_QU and _tone_fits(rhyme, tone, max(at, 0))  # qúy is seen as often as quý
    if rhyme not in _RHYMES:
        is_known = onset in _Y_AFTER if onset and rhyme == "y" else not onset and rhyme in _WITHOUT_ONSET
        return is_known and _tone_fits(rhyme, tone, at)
    return _is_spelled(onset, rhyme[0]) and _tone_fits(rhyme, tone, at)


def _is_spelled(onset: str, vowel: str) -> bool:
    if onset in ("k", "gh", "ngh"):
        return vowel in _FRONT
    if onset in ("c", "ng"):
        return vowel not in _FRONT
    return not (onset == "g" and vowel in "eê")


def _tone_fits(rhyme: str, tone: str, at: int) -> bool:
    if rhyme.endswith(_STOPS) and tone not in _STOP_TONES:
        return False
    return not tone or at in _bearers(rhyme)


@functools.cache
def _bearers(rhyme: str) -> frozenset[int]:
    """Places of the letters that may bear the tone of a rhyme."""
    vowels = [place for place, letter in enumerate(rhyme) if letter in _VOWELS]
    for letters in ("ăâêôơ", "ư"):
        marked = [place for place in vowels if rhyme[place] in letters]
        if marked:
            return frozenset(marked[-1:])
    if rhyme in ("oa", "oe", "uy"):
        return frozenset((0, 1))
    is_closed, number = len(vowels) < len(rhyme), len(vowels)
    return frozenset((1,)) if number == 3 or (number == 2 and is_closed) else frozenset((0,))


_VOWELS: Final = frozenset("aăâeêioôơuưy")
