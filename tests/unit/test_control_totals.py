"""Control totals: exact sums of both sides, made without the comparer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.base import Stored
from flows.control_totals import ControlTotals, read_totals
from mappings.model import encode
from tests.unit.dossiers import clean_dossier
from tests.unit.report_samples import clean_source, inputs
from validations.control_totals import add_totals, total_figures, total_text, totals_of
from validations.report import build_report, to_html

BODY = encode(clean_dossier(7)[1])


def stored(change: Any = lambda data: None, files: tuple[tuple[str, str, int], ...] = ()) -> Stored:
    data = json.loads(BODY)
    change(data)
    return Stored("s1", "7", "n7", "1", json.dumps(data).encode(), files)


def differing(held: Stored | None, files: dict[str, tuple[str, int]] | None = None) -> list[str]:
    sums = ControlTotals()
    sums.add("s1", BODY, files or {}, held)
    old, new = read_totals({name: value for (_, name), value in sums.figures().items()})
    return [one.code for one in total_figures(old, new) if not one.is_equal]


def test_another_way_to_write_the_same_moves_no_total() -> None:
    assert differing(stored(lambda d: d.update(NgayNopHoSo="2025-05-05T01:00:00Z"))) == []
    assert differing(stored(lambda d: d["DanhSachLePhi"][0].update(Gia="8000.00"))) == []


@pytest.mark.parametrize(("change", "codes"), [
    (lambda d: d["TienTrinh"].pop(), ["steps"]),
    (lambda d: d["DanhSachLePhi"][0].update(Gia="8000.0001"), ["price"]),
    (lambda d: d.update(NgayHenTra="2025-05-20T08:00:01+07:00"), ["first_due", "last_due"]),
    (lambda d: d["TaiLieuNop"].append({"GiayToId": "x"}), ["papers"]),
])  # fmt: skip
def test_what_a_dossier_loses_moves_its_total(change: Any, codes: list[str]) -> None:
    assert differing(stored(change)) == codes


def test_files_are_summed_as_they_were_read() -> None:
    files = {"a": ("1", 5), "b": ("2", 7)}
    assert differing(stored(files=(("a", "1", 5), ("b", "2", 7))), files) == []
    assert differing(stored(files=(("a", "1", 5), ("b", "2", 6))), files) == ["bytes"]
    assert differing(stored(files=(("a", "1", 5),)), files) == ["files", "bytes"]


def test_a_dossier_that_is_not_there_is_in_the_sum_of_one_side_only() -> None:
    assert "dossiers" in differing(None)
    assert "dossiers" in differing(replace(stored(), body=b"<html>")) or "papers" in differing(
        replace(stored(), body=b"<html>")
    )


def test_sums_add_up_and_bounds_widen() -> None:
    one, other = totals_of(json.loads(BODY), [3]), {"dossiers": 2, "first_filed": 0, "last_filed": 1}
    both = add_totals(one, other)
    assert (both["dossiers"], both["first_filed"], both["last_filed"]) == (3, 0, one["last_filed"])


def test_totals_read_as_vietnamese_write_them() -> None:
    assert total_text("money", 80_000_000) == "8.000 đồng"
    assert total_text("money", 80_000_001) == "8.000,0001 đồng"
    assert total_text("first", 1746406800) == "08:00:00 ngày 05/5/2025"
    assert total_text("last", None) == "không có"


def test_sums_that_differ_leave_no_verdict_though_every_dossier_matched() -> None:
    same, moved = ({"steps": 5}, {"steps": 5}), ({"steps": 5}, {"steps": 4})
    assert build_report(inputs(clean_source(totals=same))).verdict.kind == "matched"
    report = build_report(inputs(clean_source(totals=moved)))
    assert report.verdict.kind == "unproven"
    assert "bước xử lý" in report.verdict.explanation
    assert "Lệch" in to_html(report)
    assert build_report(inputs(clean_source(totals=moved, totals_lost=("steps",)))).verdict.kind == "matched"
