"""Working days, office hours and the stored form of an instant. Everything here is naive local time of Vietnam."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

ZONES = {"UTC": timedelta(hours=-7), "Asia/Ho_Chi_Minh": timedelta(0)}
"""What to add to local time to get the stored time. Vietnam has had no other offset since 1975."""


@dataclass(frozen=True)
class Office:
    """The working days of the old offices, in order."""

    days: Sequence[date]

    def index(self, day: date) -> int:
        """Position of the first working day on or after ``day``."""
        return bisect_left(self.days, day)

    def later(self, moment: datetime, working_days: int) -> datetime:
        """The same hour some working days later; on a day off the count starts at the next working day."""
        return datetime.combine(self.days[self.index(moment.date()) + working_days], moment.time())

    def counter_time(self, random: Random, day: date) -> datetime:
        """A moment at which counters are open: 07:30–11:30 and 13:30–16:45."""
        second = random.randrange(4 * 3600 + 195 * 60)
        start = 27_000 if second < 4 * 3600 else 27_000 + 2 * 3600
        return datetime.combine(day, time()) + timedelta(seconds=start + second)

    def home_time(self, random: Random, day: date) -> datetime:
        """A moment at which citizens file online: mostly in the day, some in the evening."""
        if random.random() < 0.7:
            return self.counter_time(random, day)
        return datetime.combine(day, time()) + timedelta(seconds=random.randrange(17 * 3600, 23 * 3600))


def office(holidays: Sequence[tuple[date, int]], first_year: int, last_year: int) -> Office:
    """The working days of some years: Monday to Friday without days off (type 0), with make-up days (type 1)."""
    off = {day for day, kind in holidays if kind == 0}
    extra = {day for day, kind in holidays if kind == 1}
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return Office([day for day in every if day in extra or (day.weekday() < 5 and day not in off)])


def stored(moment: datetime, shift: timedelta) -> str:
    """Text of an instant as the old database holds it."""
    return (moment + shift).isoformat(sep=" ", timespec="seconds")
