"""Do stored receipt times look like office hours under a zone? A wrong zone shifts the cut-off by seven hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from flows.site import LOCAL

OFFICE_HOURS: Final = range(7, 18)
LIKELY: Final = ("UTC", "Asia/Ho_Chi_Minh")
"""Zones that old systems were seen to store their times in."""
FEWEST: Final = 20
"""Receipt times below which nothing is concluded."""
OFTEN: Final = 0.1
"""A share outside office hours that honest data may reach: online dossiers, overtime."""


@dataclass(frozen=True)
class Hours:
    """Receipt times by local hour of day, as one zone reads them. ``share``: the part outside office hours, 0 to 1."""

    zone: str
    by_hour: tuple[tuple[int, int], ...]
    share: float


@dataclass(frozen=True)
class Verdict:
    """What the receipt times say of the declared zone; ``better``: another zone that fits far better."""

    declared: Hours
    better: Hours | None

    @property
    def is_wrong(self) -> bool:
        """Most lie outside office hours, or another zone brings most of those in.

        Counting what is outside is not enough: local time read as UTC moves the morning into the afternoon, and half
        of the day still looks like office hours.
        """
        return self.declared.share > 0.5 or self.better is not None

    @property
    def is_doubtful(self) -> bool:
        return self.declared.share > OFTEN


def judge_zone(values: Sequence[object], zone: str) -> Verdict | None:
    """The verdict on a zone by stored receipt times; None when they are too few."""
    moments = [moment for value in values if (moment := _moment(value)) is not None]
    if len(moments) < FEWEST:
        return None
    declared = _hours(moments, zone)
    others = [_hours(moments, other) for other in LIKELY if other != zone]
    best = min(others, key=lambda hours: hours.share)
    is_better = declared.share > OFTEN and best.share * 3 < declared.share
    return Verdict(declared, best if is_better else None)


def _moment(value: object) -> datetime | None:
    try:
        stored = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if stored.time() == time():
        return None  # a day that nobody wrote the hour to
    return stored.replace(tzinfo=None) if stored.year >= 1990 else None


def _hours(moments: Sequence[datetime], zone: str) -> Hours:
    known = ZoneInfo(zone)
    counts = Counter(moment.replace(tzinfo=known).astimezone(LOCAL).hour for moment in moments)
    outside = sum(n for hour, n in counts.items() if hour not in OFFICE_HOURS)
    return Hours(zone, tuple(sorted(counts.items())), outside / len(moments))
