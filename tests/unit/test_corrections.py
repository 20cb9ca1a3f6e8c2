"""Corrected cells at work: on the dossier's own row and on a row that hangs on it, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mappings.cells import Run
from mappings.corrections import CorrectedCell, Correction, compile_corrections, mark_of, read_corrections
from mappings.declared import ProfileError
from mappings.profile import load_profile

PROFILE = load_profile("opencps_v2")
ROW: Mapping[str, Any] = {"dossierId": 7, "dueDate": None, "counter": 5, "applicantName": "A"}
CHILDREN: Mapping[str, list[Mapping[str, Any]]] = {
    "files": [{"dossierFileId": 1, "displayName": "x"}, {"dossierFileId": 2, "displayName": "y"}]
}


def corrected(cell: CorrectedCell, key: str = "7") -> tuple[Any, Any, Run]:
    correct = compile_corrections(PROFILE, {"7": [Correction("2026-11-28-1", "Một cửa", date(2026, 11, 28), "", cell)]})
    assert correct is not None
    run = Run(ROW, CHILDREN)
    return *correct(key, ROW, CHILDREN, run), run


def cell(column: str, was: object, value: str, **place: str) -> CorrectedCell:
    return CorrectedCell(dossier="7", column=column, was=mark_of(was), value=value, **place)  # type: ignore[arg-type]


def codes(run: Run) -> list[tuple[str, str]]:
    return [(issue.code, issue.field) for issue in run.issues]


def test_an_empty_cell_is_filled_and_says_so() -> None:
    row, _, run = corrected(cell("dueDate", None, "2025-07-15 10:00:00"))
    assert row == {**ROW, "dueDate": "2025-07-15 10:00:00"}
    assert codes(run) == [("value_corrected", "dueDate")]
    assert not run.extra


def test_what_stood_there_is_kept_beside_it() -> None:
    row, _, run = corrected(cell("counter", 5, "6"))
    assert row["counter"] == 6
    assert run.extra == {"counter.uncorrected": "5"}


def test_a_row_that_hangs_on_the_dossier_is_found_by_its_key() -> None:
    _, children, run = corrected(cell("displayName", "y", "z", child="files", row="2"))
    assert [paper["displayName"] for paper in children["files"]] == ["x", "z"]
    assert run.extra == {"files.2.displayName.uncorrected": "y"}


def test_a_correction_is_about_no_other_dossier() -> None:
    row, children, run = corrected(cell("counter", 5, "6"), key="8")
    assert (row, children, run.issues) == (ROW, CHILDREN, [])


@pytest.mark.parametrize(
    "said",
    [
        cell("counter", 4, "6"),
        cell("noSuchColumn", None, "6"),
        cell("displayName", "y", "z", child="files", row="99"),
    ],
    ids=["the old system says something else by now", "no such column", "no such row"],
)
def test_what_is_no_longer_as_it_was_corrected_stops_the_dossier(said: CorrectedCell) -> None:
    row, children, run = corrected(said)
    assert (row, children) == (ROW, CHILDREN)
    assert [(code, run.issues[0].severity) for code, _ in codes(run)] == [("correction_stale", "error")]


def test_the_rows_that_were_read_are_never_written_to() -> None:
    before = {name: [dict(row) for row in rows] for name, rows in CHILDREN.items()}
    corrected(cell("displayName", "y", "z", child="files", row="2"))
    assert before == CHILDREN


FILE = """\
author: Một cửa xã
date: 2026-11-28
note: Giấy tiếp nhận số 12
source: cu
cells:
  - {{dossier: "7", column: dueDate, was: {was}, value: "{value}"}}
"""


def write(site: Path, name: str, text: str) -> None:
    (site / "corrections").mkdir(exist_ok=True)
    (site / "corrections" / name).write_text(text, encoding="utf-8")


def test_of_a_cell_that_was_corrected_twice_the_later_file_counts(tmp_path: Path) -> None:
    for name, value in (
        ("2026-11-28-10.yaml", "third"),
        ("2026-11-28-9.yaml", "second"),
        ("2026-11-27-1.yaml", "first"),
    ):
        write(tmp_path, name, FILE.format(was=mark_of(None), value=value))
    (one,) = read_corrections(tmp_path, "cu", PROFILE)["7"]
    assert (one.cell.value, one.id) == ("third", "2026-11-28-10")
    assert read_corrections(tmp_path, "another", PROFILE) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("column: dueDate", "column: dueDate, child: nothing, row: 1"), "nothing"),
        (("column: dueDate", "column: dueDate, child: files"), "child và row"),
        (("author: Một cửa xã\n", ""), "author"),
        (("was: ", "was: zz"), "was"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    write(tmp_path, "2026-11-28-1.yaml", FILE.format(was=mark_of(None), value="x").replace(*change))
    with pytest.raises(ProfileError, match=said) as refused:
        read_corrections(tmp_path, "cu", PROFILE)
    assert refused.value.line
