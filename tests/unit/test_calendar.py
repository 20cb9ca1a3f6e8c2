"""The official working calendar: what counts as working time, and tables that are refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from mappings.calendar import HOURS, WorkingTime, parse_hours, read_calendar, working_time_left
from mappings.declared import ProfileError
from tests.unit.dossiers import CALENDAR, CUTOFF, HANOI


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def write(site: Path, *lines: str) -> Path:
    (site / "crosswalks").mkdir(exist_ok=True)
    file = site / "crosswalks" / "holidays.csv"
    file.write_text("\n".join(("date,kind,source,note", *lines)) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("due", "left"),
    [
        ("2025-07-01T07:00", WorkingTime(is_past=False, days=0, hours=0, minutes=0)),
        ("2025-07-01T12:15", WorkingTime(is_past=False, days=0, hours=4, minutes=30)),
        ("2025-07-04T10:10", WorkingTime(is_past=False, days=3, hours=3, minutes=10)),
        ("2025-07-07T07:00", WorkingTime(is_past=False, days=4, hours=0, minutes=0)),  # over a weekend
        ("2025-09-03T07:00", WorkingTime(is_past=False, days=44, hours=0, minutes=0)),  # over Quốc khánh
        ("2025-06-30T16:00", WorkingTime(is_past=True, days=0, hours=1, minutes=0)),
        ("2025-06-27T07:00", WorkingTime(is_past=True, days=2, hours=0, minutes=0)),
        ("2025-06-30T20:00", WorkingTime(is_past=True, days=0, hours=0, minutes=0)),  # past, though nobody worked since
    ],
)
def test_working_time_left_at_the_cutoff(due: str, left: WorkingTime) -> None:
    assert working_time_left(CUTOFF, at(due), CALENDAR) == left


def test_a_make_up_saturday_counts_and_the_day_it_is_made_up_for_does_not() -> None:
    saturday, friday = date(2025, 4, 26), date(2025, 5, 2)
    assert CALENDAR.is_working(saturday)
    assert not CALENDAR.is_working(friday)
    assert CALENDAR.seconds_between(at("2025-04-25T17:00"), at("2025-04-28T07:00")) == 8 * 3600
    assert CALENDAR.seconds_between(at("2025-04-29T17:00"), at("2025-05-05T07:00")) == 0


def test_an_instant_is_judged_by_local_time_whatever_its_offset() -> None:
    start, end = at("2025-07-01T07:00"), at("2025-07-02T09:30")
    assert CALENDAR.seconds_between(start.astimezone(), end.astimezone()) == CALENDAR.seconds_between(start, end)


def test_the_site_wins_and_its_table_and_hours_are_part_of_the_version(tmp_path: Path) -> None:
    write(tmp_path, "2025-07-02,off,Công văn 12/UBND-NC,Mất điện", "2025-07-05,work,Công văn 12/UBND-NC,Làm bù")
    own = read_calendar(tmp_path)
    assert not own.is_working(date(2025, 7, 2))
    assert own.is_working(date(2025, 7, 5))
    assert not own.is_working(date(2025, 9, 2))
    assert working_time_left(CUTOFF, at("2025-07-07T07:00"), own).days == 4
    versions = {CALENDAR.version, own.version, read_calendar(hours="07:30-11:30,13:30-17:00").version}
    assert len(versions) == 3
    assert read_calendar(tmp_path, HOURS).version == own.version


def test_shorter_office_hours_make_shorter_days() -> None:
    short = read_calendar(hours="07:30-11:30,13:30-17:00")
    assert short.day_seconds == 7.5 * 3600
    assert short.between(CUTOFF, at("2025-07-02T08:30")) == WorkingTime(is_past=False, days=1, hours=1, minutes=0)


def test_a_year_without_any_known_day_is_told() -> None:
    assert CALENDAR.covers(at("2027-12-31T10:00"))
    assert not CALENDAR.covers(at("2028-01-03T10:00"))
    assert CALENDAR.is_working(date(2028, 1, 3))  # Monday; only weekends are known there


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2025-13-01,off,x,", "phải là một ngày"),
        ("02/09/2025,off,x,", "phải là một ngày"),
        ("2025-09-03,nghỉ,x,", "off .* work"),
        ("2025-09-03,off,,", "source"),
        ("2025-09-03,off", "thiếu ô"),
    ],
)
def test_a_wrong_line_is_refused_with_file_line_and_cause(tmp_path: Path, line: str, said: str) -> None:
    file = write(tmp_path, "2025-07-02,off,x,", line)
    with pytest.raises(ProfileError, match=said) as caught:
        read_calendar(tmp_path)
    assert (caught.value.file, caught.value.line) == (str(file), 3)


def test_a_day_declared_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "2025-07-02,off,x,", "2025-07-02,work,y,")
    with pytest.raises(ProfileError, match="hai lần"):
        read_calendar(tmp_path)


@pytest.mark.parametrize("hours", ["", "7-11", "07:00", "11:30-07:00", "07:00-11:30,11:00-17:00", "07:00-25:00"])
def test_office_hours_that_make_no_sense_are_refused(hours: str) -> None:
    with pytest.raises(ValueError, match=r"buổi làm việc|giờ làm việc"):
        parse_hours(hours)


def test_whole_weeks_without_holidays_are_five_days_each() -> None:
    start = at("2025-06-02T07:00")
    for weeks in range(4):
        assert CALENDAR.between(start, start + timedelta(weeks=weeks)).days == 5 * weeks
