"""Is an unknown database one of the systems that a shipped profile reads? Told apart from the draft, never mixed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mappings.declared import SHIPPED
from mappings.profile import Profile, load_profile

LEAST: Final = 0.5


@dataclass(frozen=True)
class Known:
    """A shipped profile with the columns it reads, and how many of them are there."""

    profile: str
    title: str
    found: int
    columns: int

    @property
    def share(self) -> float:
        """Part of the columns that are there."""
        return self.found / self.columns if self.columns else 0.0


def recognise(tables: Mapping[str, Sequence[str]]) -> list[Known]:
    """Shipped profiles of which half the columns or more are there, the best first. ``tables``: name → columns."""
    there = {(table.lower(), column.lower()) for table, columns in tables.items() for column in columns}
    names = sorted(file.stem for file in (SHIPPED / "profiles").glob("*.yaml"))
    held = [_held(load_profile(name), there) for name in names]
    return sorted((known for known in held if known.share >= LEAST), key=lambda known: -known.share)


def _held(profile: Profile, there: set[tuple[str, str]]) -> Known:
    wanted = {
        (table.lower(), column.lower()) for table in profile.read_tables() for column in profile.used_columns(table)
    }
    return Known(profile.name, profile.title, len(wanted & there), len(wanted))
