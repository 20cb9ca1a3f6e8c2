"""The charts of the comparison report as frozen figures: progress by day, age against due dates, communes × status.

Drawn by the templates as tables whose cells are filled: they read aloud, print and work without a script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

LOCAL: Final = ZoneInfo("Asia/Ho_Chi_Minh")
DAYS_SHOWN: Final = 31
UNITS_SHOWN: Final = 20
MOVES: Final = {"MAPPED": "Chuyển đổi", "VALID": "Đạt kiểm tra", "PUSHED": "Đẩy sang", "MATCHED": "Khớp"}
"""State that a dossier came into → the step as people call it."""
_BANDS: Final = (
    ("over_30", "Quá hạn trên 30 ngày", None, -31), ("over_8", "Quá hạn 8 đến 30 ngày", -30, -8),
    ("over_1", "Quá hạn 1 đến 7 ngày", -7, -1), ("left_7", "Còn 0 đến 7 ngày", 0, 7),
    ("left_30", "Còn 8 đến 30 ngày", 8, 30), ("left_more", "Còn trên 30 ngày", 31, None),
)  # fmt: skip


@dataclass(frozen=True)
class DayMoves:
    """How many dossiers came into each state of MOVES on one day (ISO), in their order."""

    day: str
    dossiers: tuple[int, ...]


@dataclass(frozen=True)
class AgeBand:
    """Open dossiers read back whose due date is so far off, by the old system and by the new one."""

    code: str
    title: str
    old: int
    new: int


@dataclass(frozen=True)
class UnitStatuses:
    """Dossiers in scope of one handling unit by status, in the order of the chart's statuses."""

    title: str
    dossiers: tuple[int, ...]


@dataclass(frozen=True)
class StatusChart:
    """Handling units × status: the units with most dossiers by name, all others as one."""

    statuses: tuple[str, ...] = ()
    units: tuple[UnitStatuses, ...] = ()


def local_day(instant: str) -> date:
    """The day of an ISO instant where people work."""
    return datetime.fromisoformat(instant).astimezone(LOCAL).date()


def day_moves(moves: Mapping[tuple[str, str], int]) -> tuple[DayMoves, ...]:
    """The last days on which anything moved, from (day, state) → dossiers."""
    days = sorted({day for day, state in moves if state in MOVES})[-DAYS_SHOWN:]
    return tuple(DayMoves(day, tuple(moves.get((day, state), 0) for state in MOVES)) for day in days)


def age_bands(old: Mapping[str, int], new: Mapping[str, int], today: date) -> tuple[AgeBand, ...]:
    """Due day (ISO, "" none) → dossiers on both sides, put into bands of calendar days from ``today``."""
    ours, theirs = _banded(old, today), _banded(new, today)
    titles = {code: title for code, title, _, _ in _BANDS} | {"none": "Không có hạn trả"}
    return tuple(AgeBand(code, title, ours[code], theirs[code]) for code, title in titles.items())


def _banded(dues: Mapping[str, int], today: date) -> Counter[str]:
    found: Counter[str] = Counter()
    for day, dossiers in dues.items():
        found[_band((date.fromisoformat(day) - today).days) if day else "none"] += dossiers
    return found


def _band(days: int) -> str:
    for code, _, low, high in _BANDS:
        if (low is None or low <= days) and (high is None or days <= high):
            return code
    raise AssertionError("the bands leave no gap")


def status_chart(
    dossiers: Mapping[tuple[str, int], int], names: Mapping[str, str], titles: Mapping[int, str]
) -> StatusChart:
    """Units × status from (unit code, status) → dossiers."""
    statuses = sorted({status for _, status in dossiers})
    whole: Counter[str] = Counter()
    for (unit, _), n in dossiers.items():
        whole[unit] += n
    order = sorted(whole, key=lambda unit: (-whole[unit], names.get(unit, ""), unit))
    shown, others = order[:UNITS_SHOWN], order[UNITS_SHOWN:]
    units = [
        UnitStatuses(names.get(u) or u or "Chưa xác định", tuple(dossiers.get((u, status), 0) for status in statuses))
        for u in shown
    ]
    if others:
        rest = tuple(sum(dossiers.get((u, status), 0) for u in others) for status in statuses)
        units.append(UnitStatuses(f"{len(others)} nơi khác", rest))
    return StatusChart(tuple(f"{status}. {titles.get(status, '')}" for status in statuses), tuple(units))
