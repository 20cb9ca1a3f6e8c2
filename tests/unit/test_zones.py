"""The verdict of check on a declared zone, by the hours of day of the receipt times."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from flows.zones import judge_zone

LOCAL, UTC = "Asia/Ho_Chi_Minh", "UTC"


def receipts(zone: str, *, mornings: float, at_night: float = 0.0) -> list[str]:
    """Stored times of 400 receipts at a counter: so many of them in the morning, so many by software at night."""
    chance = random.Random(4)
    stored = []
    for day in range(400):
        start = 0.0 if chance.random() < at_night else 7.5 if chance.random() < mornings else 13.5
        local = datetime(2024, 1, 1) + timedelta(days=day, hours=start + chance.random() * 3.5)
        stored.append(str(local - timedelta(hours=7) if zone == UTC else local))
    return stored


@pytest.mark.parametrize("mornings", [0.3, 0.55, 0.9])
@pytest.mark.parametrize(("stored", "declared"), [(UTC, LOCAL), (LOCAL, UTC)])
def test_the_wrong_zone_is_refused_however_the_day_is_shared_out(stored: str, declared: str, mornings: float) -> None:
    verdict = judge_zone(receipts(stored, mornings=mornings), declared)
    assert verdict is not None
    assert verdict.is_wrong
    assert verdict.better is not None
    assert verdict.better.zone == stored


@pytest.mark.parametrize("at_night", [0.0, 0.3])
@pytest.mark.parametrize("zone", [UTC, LOCAL])
def test_the_right_zone_is_not_refused_even_when_much_happens_at_night(zone: str, at_night: float) -> None:
    verdict = judge_zone(receipts(zone, mornings=0.6, at_night=at_night), zone)
    assert verdict is not None
    assert not verdict.is_wrong
    assert verdict.is_doubtful == (at_night > 0)


def test_of_few_times_and_of_what_is_no_time_nothing_is_concluded() -> None:
    assert judge_zone(["2024-01-01 09:00:00"] * 19, UTC) is None
    assert judge_zone(["0000-00-00 00:00:00", "1753-01-01", b"\xff", None] * 20, UTC) is None


def test_days_without_an_hour_say_nothing_of_the_zone() -> None:
    days = [f"2024-03-{day:02d} 00:00:00" for day in range(1, 31)]
    assert judge_zone(days, LOCAL) is None
    verdict = judge_zone([*days, *receipts(LOCAL, mornings=0.6)], LOCAL)
    assert verdict is not None
    assert not verdict.is_doubtful
