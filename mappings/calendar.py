"""The official working calendar: which days count, and how much working time lies between two instants. Pure.

The days stand in crosswalks/holidays.csv (shipped, 2018–2027) and in the table of the same name of a site, which
wins. No library is asked at run time: a newer version of it must not change what was counted before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Final

from mappings.declared import SHIPPED, ProfileError, read_csv
from mappings.fingerprint import digest

FILE: Final = "holidays.csv"
COLUMNS: Final = ("date", "kind", "source", "note")
OFF: Final = "off"
WORK: Final = "work"
HOURS: Final = "07:00-11:30,13:30-17:00"
"""Sessions of a working day: eight hours, as the one-stop software TD.DichVuCong counts (CaculateTime.cs)."""

_LOCAL: Final = timezone(timedelta(hours=7))
_WEEK: Final = 7
_WORKDAYS: Final = 5


@dataclass(frozen=True)
class WorkingTime:
    """Working time as people say it; ``is_past``: by so much the instant lies before. All parts are 0 or above."""

    is_past: bool
    days: int
    hours: int
    minutes: int


@dataclass(frozen=True)
class Calendar:
    """Monday to Friday, without the days off and with the make-up days. ``sessions``: (start, end) seconds of a day.

    ``kinds``: date → off | work. In a year that it does not name only weekends are left out (see ``covers``).
    """

    kinds: Mapping[date, str]
    sessions: tuple[tuple[int, int], ...]
    version: str = field(init=False)
    _days: Sequence[int] = field(init=False, repr=False)  # ordinals that differ from the plain week, in order
    _sums: Sequence[int] = field(init=False, repr=False)  # how many working days the first n of them add

    def __post_init__(self) -> None:
        changes = [
            (day.toordinal(), 1 if kind == WORK else -1)
            for day, kind in sorted(self.kinds.items())
            if (kind == WORK) != (day.weekday() < _WORKDAYS)
        ]
        told = (sorted((day.isoformat(), kind) for day, kind in self.kinds.items()), self.sessions)
        object.__setattr__(self, "version", digest(told).hex())
        object.__setattr__(self, "_days", [day for day, _ in changes])
        object.__setattr__(self, "_sums", [0, *accumulate(change for _, change in changes)])

    def __hash__(self) -> int:
        return hash(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Calendar) and self.version == other.version

    def __repr__(self) -> str:
        return f"Calendar({self.version})"

    @cached_property
    def years(self) -> frozenset[int]:
        """The years of which days off are known."""
        return frozenset(day.year for day in self.kinds)

    def covers(self, at: datetime) -> bool:
        """Whether the days off of its year are known."""
        return at.astimezone(_LOCAL).year in self.years

    @property
    def day_seconds(self) -> int:
        """Length of a working day."""
        return sum(end - start for start, end in self.sessions)

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        return self.kinds.get(day, WORK if day.weekday() < _WORKDAYS else OFF) == WORK

    def works_at(self, at: datetime) -> bool:
        """Whether offices work on the day of an aware instant."""
        return self.is_working(at.astimezone(_LOCAL).date())

    def seconds_between(self, start: datetime, end: datetime) -> int:
        """Working seconds from one aware instant to another; negative when ``end`` comes first."""
        return self._elapsed(end) - self._elapsed(start)

    def between(self, start: datetime, end: datetime) -> WorkingTime:
        """The same in whole working days, hours and minutes."""
        seconds = self.seconds_between(start, end)
        days, rest = divmod(abs(seconds), self.day_seconds)
        return WorkingTime(end < start, days, rest // 3600, rest % 3600 // 60)

    def _elapsed(self, at: datetime) -> int:
        """Working seconds since the year 1: what makes the differences add up."""
        local = at.astimezone(_LOCAL)
        day = local.date()
        whole = day.toordinal() - 1  # 0001-01-01 was a Monday
        plain = whole // _WEEK * _WORKDAYS + min(whole % _WEEK, _WORKDAYS)
        done = (plain + self._sums[bisect_left(self._days, day.toordinal())]) * self.day_seconds
        if not self.is_working(day):
            return done
        second = local.hour * 3600 + local.minute * 60 + local.second
        return done + sum(min(max(second - start, 0), end - start) for start, end in self.sessions)


def working_time_left(cutoff: datetime, due: datetime, calendar: Calendar) -> WorkingTime:
    """Working time from the cut-off to the promised instant; past when the promise was not kept by then."""
    return calendar.between(cutoff, due)


def read_calendar(site_dir: Path | None = None, hours: str = HOURS) -> Calendar:
    """The shipped days overlaid by the site's. Raises ProfileError with file and line, ValueError for wrong hours."""
    files = [root / "crosswalks" / FILE for root in (SHIPPED, site_dir) if root is not None]
    kinds: dict[date, str] = {}
    for file in files:
        if file.is_file():
            kinds.update(_rows(file))
    return Calendar(kinds, parse_hours(hours))


def _rows(file: Path) -> dict[date, str]:
    found: dict[date, str] = {}
    for line, row in read_csv(file, COLUMNS):
        try:
            day = date.fromisoformat(row["date"])
        except ValueError:
            raise ProfileError(f"date {row['date']!r} phải là một ngày dạng 2025-09-02", file, line) from None
        if row["kind"] not in (OFF, WORK):
            raise ProfileError("kind phải là off (nghỉ) hoặc work (làm việc, làm bù)", file, line)
        if not row["source"]:
            raise ProfileError("thiếu source: ghi văn bản quy định ngày nghỉ hoặc ngày làm bù này", file, line)
        if day in found:
            raise ProfileError(f"ngày {day} khai hai lần", file, line)
        found[day] = row["kind"]
    return found


def parse_hours(text: str) -> tuple[tuple[int, int], ...]:
    """Sessions of ``07:00-11:30,13:30-17:00`` as seconds of the day. Raises ValueError in Vietnamese."""
    sessions: list[tuple[int, int]] = []
    try:
        for part in text.split(","):
            start, end = (time.fromisoformat(side.strip()) for side in part.split("-"))
            sessions.append((start.hour * 3600 + start.minute * 60, end.hour * 3600 + end.minute * 60))
    except ValueError:
        raise ValueError(f"giờ làm việc phải có dạng {HOURS}") from None
    edges = [second for session in sessions for second in session]
    if edges != sorted(set(edges)):
        raise ValueError("các buổi làm việc phải nối tiếp nhau: giờ đầu trước giờ cuối, buổi sáng trước buổi chiều")
    return tuple(sessions)
