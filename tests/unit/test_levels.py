"""Nine levels: each its own status, and nothing that was not checked is ever passed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.report_samples import clean_source, inputs, source
from validations.levels import STATUSES
from validations.report import Derived, DifferenceTally, HandFigures, build_report, to_html

SAME: Any = ({"steps": 5}, {"steps": 5})


def statuses(*sources: Any) -> list[str]:
    return [one.status for one in build_report(inputs(*sources)).levels]


def found(kind: str, field: str) -> Any:
    return source(totals=SAME, differences=[DifferenceTally(kind, field, 3, ["1"])])


def test_there_are_nine_levels_and_each_has_one_of_eight_statuses() -> None:
    report = build_report(inputs(clean_source(totals=SAME)))
    assert [one.number for one in report.levels] == list(range(1, 10))
    assert len(STATUSES) == 8
    assert {one.status for one in report.levels} <= set(STATUSES)
    assert all(one.name in to_html(report) for one in report.levels)


def test_what_was_not_checked_is_not_passed() -> None:
    assert statuses(clean_source())[1] == "NOT_CHECKED"  # no control totals were kept
    assert "PASS" not in statuses(clean_source(totals=SAME))[6:]
    assert "PASS" not in statuses(source(totals=SAME, differences=(), read_back=0))[1:5]
    assert statuses(clean_source(totals=SAME, recount=None))[0] == "NOT_CHECKED"


def test_what_was_checked_and_is_equal_is_passed() -> None:
    assert statuses(clean_source(totals=SAME))[:6] == ["PASS"] * 6


@pytest.mark.parametrize(("kind", "field", "level"), [
    ("value", "TenHoSo", 4), ("missing", "TaiLieuNop[7]", 5), ("order", "TienTrinh", 5), ("missing", "", 3),
    ("time", "TienTrinh[1].ThoiDiemXuLy", 5), ("other_dossier", "", 5),
])  # fmt: skip
def test_a_difference_fails_its_level(kind: str, field: str, level: int) -> None:
    assert statuses(found(kind, field))[level - 1] == "FAIL"


def test_sums_that_differ_fail_the_second_level_unless_somebody_declared_it() -> None:
    moved: Any = ({"steps": 5}, {"steps": 4})
    assert statuses(clean_source(totals=moved))[1] == "FAIL"
    assert statuses(clean_source(totals=moved, totals_lost=("steps",)))[1] == "PASS"


def test_dossiers_on_the_way_keep_a_level_open() -> None:
    moving = source(states={"MATCHED": 19000, "VALID": 236}, totals=SAME, differences=(), read_back=19000)
    assert statuses(moving)[1:5] == ["PENDING"] * 4


def test_what_moved_on_in_the_old_system_makes_what_was_compared_stale() -> None:
    assert statuses(clean_source(totals=SAME, derived=Derived(anew=19_000, changed=1)))[1:6] == ["STALE"] * 5


def test_fields_held_against_the_ledger_alone_are_not_checked() -> None:
    assert statuses(clean_source(totals=SAME, derived=Derived(anew=19_000, spared=3)))[3] == "NOT_CHECKED"


@pytest.mark.parametrize(("hand", "status"), [
    (HandFigures(), "NOT_CHECKED"), (HandFigures(60, 30), "NOT_CHECKED"), (HandFigures(60, 30, 59), "NOT_CHECKED"),
    (HandFigures(60, 30, 60), "PASS"), (HandFigures(60, 30, 59, 1), "FAIL"), (HandFigures(60, 30, 60, 0, 1), "STALE"),
])  # fmt: skip
def test_the_ninth_level_is_what_people_found(hand: HandFigures, status: str) -> None:
    report = build_report(replace(inputs(clean_source(totals=SAME)), hand=hand))
    assert report.levels[8].status == status
    assert ("dưới 10,0%" in report.levels[8].why) == (status == "PASS")  # 3 of 30 drawn by chance
