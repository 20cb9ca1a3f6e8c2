"""The figures behind the report's charts: no dossier falls between two bars."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from validations.report_charts import DAYS_SHOWN, UNITS_SHOWN, age_bands, day_moves, local_day, status_chart

TODAY = date(2025, 8, 1)


def test_a_day_begins_at_midnight_here_not_in_greenwich() -> None:
    assert local_day("2025-07-31T17:00:00+00:00") == TODAY
    assert local_day("2025-07-31T16:59:59+00:00") == date(2025, 7, 31)


def test_days_come_in_order_with_every_step_and_only_the_last_ones() -> None:
    moves = {((TODAY - timedelta(days=n)).isoformat(), "PUSHED"): n + 1 for n in range(DAYS_SHOWN + 5)}
    moves[(TODAY.isoformat(), "MATCHED")] = 7
    moves[("2025-09-01", "VANISHED")] = 3  # nothing that the chart shows
    days = day_moves(moves)
    assert [day.day for day in days] == [(TODAY - timedelta(days=n)).isoformat() for n in reversed(range(DAYS_SHOWN))]
    assert days[-1].dossiers == (0, 0, 1, 7)


@given(st.dictionaries(st.integers(-400, 400), st.integers(1, 9)), st.integers(0, 9))
def test_every_dossier_is_in_one_band_on_its_side(offsets: dict[int, int], without: int) -> None:
    old = {(TODAY + timedelta(days=n)).isoformat(): dossiers for n, dossiers in offsets.items()} | {"": without}
    bands = age_bands(old, {}, TODAY)
    assert sum(band.old for band in bands) == sum(old.values())
    assert sum(band.new for band in bands) == 0


def test_the_bands_end_where_they_say() -> None:
    ends = {-31: "over_30", -30: "over_8", -8: "over_8", -7: "over_1", -1: "over_1", 0: "left_7", 7: "left_7"}
    ends |= {8: "left_30", 30: "left_30", 31: "left_more"}
    for days, code in ends.items():
        bands = age_bands({}, {(TODAY + timedelta(days=days)).isoformat(): 1}, TODAY)
        assert [band.code for band in bands if band.new] == [code]


def test_places_beyond_the_shown_ones_are_summed_not_dropped() -> None:
    dossiers = {(f"{unit:05}", status): unit + status for unit in range(UNITS_SHOWN + 3) for status in (2, 9)}
    chart = status_chart(dossiers, {"00001": "Xã Một"}, {2: "Được tiếp nhận", 9: "Đã xử lý xong"})
    assert chart.statuses == ("2. Được tiếp nhận", "9. Đã xử lý xong")
    assert len(chart.units) == UNITS_SHOWN + 1
    assert chart.units[-1].title == "3 nơi khác"
    assert sum(sum(unit.dossiers) for unit in chart.units) == sum(dossiers.values())
    assert {unit.title for unit in chart.units} > {"00022"}
