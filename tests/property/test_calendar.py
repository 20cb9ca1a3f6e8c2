"""Laws of working time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mappings.calendar import OFF, WORK, Calendar, parse_hours
from tests.unit.dossiers import HANOI

INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(lambda d: d.replace(tzinfo=HANOI))
DAYS = st.dates(date(2020, 1, 1), date(2021, 12, 31))
CALENDARS = st.builds(
    Calendar,
    st.dictionaries(DAYS, st.sampled_from([OFF, WORK]), max_size=40),
    st.sampled_from(["07:00-11:30,13:30-17:00", "07:30-11:30,13:30-17:00", "00:00-23:59"]).map(parse_hours),
)


@given(CALENDARS, INSTANTS, INSTANTS, INSTANTS)
def test_working_time_adds_up(calendar: Calendar, one: datetime, two: datetime, three: datetime) -> None:
    parts = calendar.seconds_between(one, two) + calendar.seconds_between(two, three)
    assert parts == calendar.seconds_between(one, three)


@given(CALENDARS, INSTANTS, INSTANTS)
def test_working_time_is_monotone_and_never_longer_than_the_clock(
    calendar: Calendar, one: datetime, two: datetime
) -> None:
    first, last = sorted((one, two))
    seconds = calendar.seconds_between(first, last)
    assert 0 <= seconds <= (last - first).total_seconds() + 1
    assert calendar.seconds_between(last, first) == -seconds


@given(CALENDARS, DAYS)
def test_a_day_has_all_its_hours_or_none(calendar: Calendar, day: date) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=HANOI)
    seconds = calendar.seconds_between(start, start + timedelta(days=1))
    assert seconds == (calendar.day_seconds if calendar.is_working(day) else 0)


@given(CALENDARS, INSTANTS, INSTANTS)
def test_days_hours_and_minutes_say_the_same_as_seconds(calendar: Calendar, one: datetime, two: datetime) -> None:
    said = calendar.between(one, two)
    seconds = said.days * calendar.day_seconds + said.hours * 3600 + said.minutes * 60
    assert seconds <= abs(calendar.seconds_between(one, two)) < seconds + 60
    assert said.is_past == (two < one)
