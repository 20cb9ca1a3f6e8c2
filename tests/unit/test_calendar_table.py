"""The shipped calendar beside the package that filled it: they may differ only where somebody said so."""

from __future__ import annotations

import csv
import io
import os
from datetime import date

import holidays

from mappings.calendar import COLUMNS, FILE, OFF, WORK, read_calendar
from mappings.declared import SHIPPED

YEARS = range(2018, 2028)
SOURCE = "gói holidays 0.109 (Việt Nam)"
DELIBERATE: dict[date, str] = {}
"""Date → why the table says otherwise than the installed package. Past results stand: correct the table only by law."""


def from_package() -> dict[date, tuple[str, str]]:
    """Date → (kind, name) as the package has it."""
    found = holidays.VN(years=YEARS, language="vi")
    days = {day: (OFF, name) for day, name in found.items() if day.year in YEARS}
    return days | {day: (WORK, "Làm bù") for day in found.weekend_workdays if day.year in YEARS}


def test_the_shipped_days_are_those_of_the_package_but_for_deliberate_differences() -> None:
    expected = from_package()
    if os.environ.get("LIENTHONG_REWRITE_CALENDAR"):
        write(expected)
    kinds = read_calendar().kinds
    differing = {day for day in kinds.keys() | expected.keys() if kinds.get(day) != expected.get(day, ("", ""))[0]}
    assert differing == set(DELIBERATE)


def test_the_known_swaps_are_there() -> None:
    calendar = read_calendar()
    for day in (date(2024, 5, 4), date(2025, 4, 26), date(2026, 8, 22), date(2019, 1, 5)):
        assert day.weekday() > 4
        assert calendar.is_working(day)
    for day in (date(2024, 4, 29), date(2025, 5, 2), date(2026, 8, 31), date(2018, 12, 31)):
        assert not calendar.is_working(day)


def write(days: dict[date, tuple[str, str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((day.isoformat(), kind, SOURCE, name) for day, (kind, name) in sorted(days.items()))
    (SHIPPED / "crosswalks" / FILE).write_text(out.getvalue(), encoding="utf-8")
