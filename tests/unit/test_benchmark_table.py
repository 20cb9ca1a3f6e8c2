"""The arithmetic of the benchmark's table."""

from __future__ import annotations

import pytest

from tests.benchmark.table import DLT, FLOOR, HEADS, OURS, Cost, Run, Size, markdown, others_share, ratio, rows_of


def _round(ours: float, dlt: float, floor: float) -> dict[str, Run]:
    parts = {"receiver": 1.0, "MariaDB": 2.0, "PostgreSQL": 3.0}
    whole = Cost(ours, cpu_s=ours, parts=parts, peak_mb=100 + ours)
    stages = {"start": Cost(1.0), "map": Cost(ours / 2, cpu_s=ours / 2, parts=parts, peak_mb=90)}
    copies = {key: Run(Cost(wall, cpu_s=1.0, parts={"MariaDB": 2.0, "PostgreSQL": 2.0}), {}, wall)
              for key, wall in ((DLT, dlt), (FLOOR, floor))}  # fmt: skip
    return {OURS: Run(whole, stages), **copies}


def _cells(size: Size, name: str) -> dict[str, str]:
    return next(dict(zip(HEADS, row, strict=True)) for row in rows_of(size) if row[1] == name)


# the machine is twice as slow in the last round: ratios within a round stay, those of medians would not
ROUNDS = (_round(30.0, 10.0, 5.0), _round(20.0, 10.0, 4.0), _round(80.0, 20.0, 10.0))


def test_a_ratio_is_the_median_of_the_ratios_of_adjacent_runs() -> None:
    found = ratio(ROUNDS, lambda one: one[OURS].whole, lambda one: one[DLT].whole, lambda cost: cost.wall_s)
    assert found == pytest.approx(3.0)  # of 3, 2 and 4


def test_a_ratio_of_what_was_not_measured_is_absent() -> None:
    start = ratio(
        ROUNDS, lambda one: one[OURS].stages["start"], lambda one: one[DLT].whole, lambda cost: cost.all_cpu_s
    )
    assert start is None


def test_a_row_gives_the_spread_the_rate_of_the_median_and_medians_elsewhere() -> None:
    cells = _cells(Size(3000, ROUNDS), "A lienthong")
    assert cells["wall s: min – median – max"] == "20.00 – 30.00 – 80.00"
    assert cells["dossiers/s"] == "100"
    assert cells["CPU s"] == "30.00"
    assert cells["peak MB"] == "130"
    assert cells["wall ÷ C"] == "6.00"  # of 6, 5 and 8


def test_the_receiver_is_not_counted_twice_beside_our_processes() -> None:
    assert ROUNDS[0][OURS].whole.all_cpu_s == pytest.approx(35.0)  # 30 ours, receiver included, 2 + 3 the servers'
    assert _cells(Size(3000, ROUNDS), "A lienthong")["all CPU ÷ B"] == "7.00"  # of 7, 5 and 17


def test_a_stage_has_a_row_of_its_own_with_blanks_for_what_was_not_measured() -> None:
    assert _cells(Size(3000, ROUNDS), "A · map")["wall ÷ B"] == "1.50"
    assert _cells(Size(3000, ROUNDS), "A · start")["CPU s"] == ""


def test_the_share_of_other_programs_counts_every_cpu() -> None:
    # they took one CPU of two for all of B and C (59 s), and nothing of A (130 s)
    assert others_share([Size(3000, ROUNDS)], cpus=2) == pytest.approx(59 / (189 * 2))


def test_every_line_of_the_table_has_the_same_width() -> None:
    lines = markdown([Size(10_000, ROUNDS), Size(30_000, ROUNDS)]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].count("|") == lines[0].count("|") == len(HEADS) + 1
