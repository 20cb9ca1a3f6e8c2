"""What the name of a column or table says: Vietnamese or English words in any spelling, as concepts. Pure.

``NGAYHENTRAKETQUA``, ``NgayHenTra``, ``ngay_hen_tra`` and ``dueDate`` all say *date* and *due*. The words stand in
crosswalks/column_words.csv, collected from the tables of six public one-stop systems and from plain language.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from mappings.declared import SHIPPED, read_csv

_FAINT: Final[Mapping[str, float]] = {
    "dossier": 0.25, "return": 0.5, "number": 0.5, "code": 0.6, "id": 0.6, "date": 0.5, "permanent": 0.2,
    "present": 0.2,
    "name": 0.5, "process": 0.6, "sub": 0.8, "result": 0.6, "procedure": 0.8, "list": 0.3, "receive": 0.8,
}  # fmt: skip
"""Words that say less than others; a word that is not here weighs 1."""
_UNREAD: Final = 3  # cost of a letter that no word explains; a word costs 1


@functools.cache
def lexicon() -> Mapping[str, tuple[str, ...]]:
    """Word in small letters without marks → the concepts it says."""
    rows = read_csv(SHIPPED / "crosswalks" / "column_words.csv", ("word", "concept"))
    return {row["word"]: tuple(row["concept"].split()) for _, row in rows}


def fold(name: str) -> str:
    """A name in small ASCII letters, its parts parted by one space: ``dossierPartNo`` → ``dossier part no``."""
    text = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return " ".join(re.split(r"[^a-z0-9]+", text.lower())).strip()


def concepts(name: str) -> frozenset[str]:
    """The concepts that a name says; letters that no known word explains say nothing."""
    return frozenset(_read(name)[1])


def unread(name: str) -> float:
    """Part of the letters of a name that no known word explains, 0 to 1."""
    return _read(name)[2]


@functools.lru_cache(maxsize=16384)
def _read(name: str) -> tuple[float, tuple[str, ...], float]:
    """Cost of the best way to read a name, the concepts that it says, and the part that it leaves unread."""
    letters = fold(name).replace(" ", "")
    best: list[tuple[float, tuple[str, ...], int]] = [(0.0, (), 0)]
    longest = max(map(len, lexicon()))
    for end in range(1, len(letters) + 1):
        cost, said, left = best[end - 1]
        found = (cost + _UNREAD, said, left + 1)
        for start in range(max(0, end - longest), end):
            concept = lexicon().get(letters[start:end])
            if concept is not None and best[start][0] + 1 < found[0]:
                found = (best[start][0] + 1, (*best[start][1], *concept), best[start][2])
        best.append(found)
    cost, said, left = best[-1]
    return cost, said, left / len(letters) if letters else 0.0


def likeness(said: frozenset[str], wanted: frozenset[str]) -> float:
    """How alike two sets of concepts are, 0 to 1: the shared weight against all of it."""
    shared = sum(_FAINT.get(word, 1.0) for word in said & wanted)
    both = sum(_FAINT.get(word, 1.0) for word in (*said, *wanted))
    return 2 * shared / both if both else 0.0


def common_prefix(tables: Sequence[str]) -> str:
    """What the tables of one software begin with (``opencps_``): it says nothing about each of them."""
    heads = Counter(name.lower().partition("_")[0] + "_" for name in tables if "_" in name)
    return next((head for head, n in heads.most_common(1) if n * 2 > len(tables)), "")
