"""What check and its like find out: each finding blocks a migration or warns, and says what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that check found. ``is_refusal`` blocks migrate."""

    place: str
    message: str
    remedy: str
    is_refusal: bool

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "level": "refusal" if self.is_refusal else "warning"}


def refuse(place: str, message: str, remedy: str) -> Finding:
    return Finding(place, message, remedy, is_refusal=True)


def warn(place: str, message: str, remedy: str) -> Finding:
    return Finding(place, message, remedy, is_refusal=False)
