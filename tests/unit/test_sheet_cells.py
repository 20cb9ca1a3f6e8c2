"""What people write into the cells of a register: days, times, numbers, money."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from connectors._sheet_cells import Raw, date_of, integer_of, is_iso, text_of
from connectors._sheet_shapes import column_letter, fold


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (date(2025, 6, 5), "2025-06-05 00:00:00"),
        (datetime(2025, 6, 5, 8, 30, 15), "2025-06-05 08:30:15"),
        (45813, "2025-06-05 00:00:00"),
        (45813.354166667, "2025-06-05 08:30:00"),
        ("45813", "2025-06-05 00:00:00"),
        ("05/06/2025", "2025-06-05 00:00:00"),
        (" 5/6/25 ", "2025-06-05 00:00:00"),
        ("5.6.2025", "2025-06-05 00:00:00"),
        ("05-06-2025 08:30", "2025-06-05 08:30:00"),
        ("8h30 ngày 5/6/2025", "2025-06-05 08:30:00"),
        ("08 giờ 30 phút, ngày 05 tháng 6 năm 2025", "2025-06-05 08:30:00"),
        ("14g05, 5/6/2025", "2025-06-05 14:05:00"),
        ("2025-06-05T08:30", "2025-06-05 08:30:00"),
        ("2025-06-05 08:30:15", "2025-06-05 08:30:15"),
    ],
)
def test_a_day_is_read_as_it_is_written_day_first(cell: Raw, said: str) -> None:
    assert date_of(cell) == said
    assert is_iso(said)


@pytest.mark.parametrize("cell", [
    "31/02/2025", "13/13/2025", "05/06/2025, 07/06/2025", "không", "5/6", "2025", "05/06/2025 (chiều)",
    "1/1/2025 24:00", "12/05/20255", "05/06/202", "05/06/2025 8:30 CH", "12",
])  # fmt: skip
def test_what_is_no_day_for_certain_stays_as_it_is(cell: str) -> None:
    assert date_of(cell) == cell
    assert not is_iso(cell)


def test_text_loses_the_ways_of_a_spreadsheet_and_nothing_else() -> None:
    cells = ("  a ", "   ", None, 25190000001.0, 1.5, True, datetime(2025, 6, 5), time(8, 30), 912345678)
    said = ["  a ", None, None, "25190000001", "1.5", "1", "2025-06-05 00:00:00", "08:30:00", "912345678"]
    assert [text_of(cell) for cell in cells] == said


def test_money_is_read_with_its_signs_and_anything_else_stays() -> None:
    cells = ("50.000 đ", "1.250.000", "50,000", "50 000 đồng", "50000", 50000.0, "miễn", "50.5", "007")
    said = ["50000", "1250000", "50000", "50000", "50000", "50000", "miễn", "50.5", "007"]
    assert [integer_of(cell) for cell in cells] == said


def test_labels_are_compared_without_marks_and_signs() -> None:
    assert fold("  NGÀY, tháng,\nnăm: Ðịa chỉ (đ) ") == "ngay thang nam dia chi d"
    assert [column_letter(at) for at in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
