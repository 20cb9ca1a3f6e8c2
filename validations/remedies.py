"""What a code means and what to do about it, in Vietnamese: every issue code, scope rule and class of difference."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from mappings.declared import read_yaml

FILE: Final = Path(__file__).parent / "remedies.yaml"

Shelf = Literal["issues", "excluded", "differences"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    remedy: str
    who: str = ""


class _Shelves(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    issues: dict[str, _Entry]
    excluded: dict[str, _Entry]
    differences: dict[str, _Entry]


@dataclass(frozen=True)
class Remedy:
    """``who`` has something to do about it; empty when nobody has."""

    title: str
    remedy: str
    who: str


_UNKNOWN: Final = Remedy(
    "", "Mã do profile hoặc bộ quy tắc của site đặt ra: xem giải thích ở tệp khai báo nó.", "Kỹ thuật viên"
)


def look_up(code: str, shelf: Shelf = "issues") -> Remedy:
    """Title, remedy and who, for a code of this shelf. A code that a site invented is its own title."""
    entry = getattr(_read(), shelf).get(code)
    if entry is None and shelf == "excluded":  # a decision of the site: its choice and the value it leaves out
        decision = _read().excluded["decision"]
        return Remedy(f"{decision.title} ({code})", decision.remedy, decision.who)
    if entry is None:
        return Remedy(code, _UNKNOWN.remedy, _UNKNOWN.who)
    return Remedy(entry.title, entry.remedy, entry.who)


def title_of(code: str, shelf: Shelf = "issues") -> str:
    """A code in a few words."""
    return look_up(code, shelf).title


def remedy_of(code: str, shelf: Shelf = "issues") -> str:
    """What to do about it."""
    return look_up(code, shelf).remedy


def known_codes(shelf: Shelf = "issues") -> frozenset[str]:
    """Every code with a remedy."""
    return frozenset(getattr(_read(), shelf))


@functools.cache
def _read() -> _Shelves:
    return _Shelves.model_validate(read_yaml(FILE).data)
