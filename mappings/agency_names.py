"""What the name of an agency says: its level, its unit, and the units named after it."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@functools.lru_cache(maxsize=65536)  # the names of all communes are folded for every table of agencies
def fold_name(name: str) -> str:
    """A name to compare: small letters, one space, and the tone of each syllable after it (hòa = hoà, uỷ = ủy)."""
    text = unicodedata.normalize("NFD", name.replace("Ð", "Đ").casefold())
    words: list[str] = []
    for word in re.split(r"[^\w\u0300-\u036f]+", text):
        tones = "".join(sign for sign in word if sign in _TONES)
        words.append("".join(sign for sign in word if sign not in _TONES) + tones)
    return " ".join(filter(None, words))


_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")


def folded(*words: str) -> tuple[str, ...]:
    """Several names, folded."""
    return tuple(fold_name(word) for word in words)


@dataclass(frozen=True)
class Said:
    """What a name says: the unit's type and name at its end, and units named after it as context."""

    level: str
    unit: str  # folded type and name
    context: tuple[str, ...] = ()


def read_name(name: str) -> Said | None:
    """What a committee's name says ("UBND xã X, huyện Y"); None for any other body."""
    texts = [fold_name(part) for part in re.split(r"[,;–—-]+", name)]
    parts = [_spelt(part) for part in texts if part]
    if not parts:
        return None
    council = next((part for part in _COUNCIL if parts[0].startswith(part + " ")), "")
    unit = parts[0].removeprefix(council).strip()
    for level, kinds in KINDS.items():
        if council and any(unit.startswith(kind + " ") for kind in kinds):
            return Said(level, unit, tuple(parts[1:]))
    return None


def _spelt(part: str) -> str:
    for council in _COUNCIL:
        if part.startswith(council + " "):
            return f"{council} {_spelt(part.removeprefix(council).strip())}"
    for short, long in _SHORT.items():
        if part.startswith(short + " "):
            return f"{long} {part.removeprefix(short).strip()}"
    return part


_COUNCIL: Final = folded("UBND", "Ủy ban nhân dân")
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "commune": folded("xã", "phường", "thị trấn"),
    "district": folded("huyện", "quận", "thị xã", "thành phố"),
    "province": folded("tỉnh"),
}
_SHORT: Final = {
    short: fold_name(long)
    for short, long in (
        ("tt", "thị trấn"), ("tp", "thành phố"), ("tx", "thị xã"), ("x", "xã"), ("p", "phường"), ("h", "huyện"),
        ("q", "quận"),
    )
}  # fmt: skip
TOWN: Final = fold_name("thị xã")
COMMUNE_WORDS: Final = frozenset(folded("xã", "phường", "trấn"))
DEPARTMENTS: Final = folded("Sở", "Ban quản lý", "Văn phòng UBND tỉnh", "Thanh tra tỉnh", "Công an tỉnh")
