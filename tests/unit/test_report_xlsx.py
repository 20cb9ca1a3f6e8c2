"""The report as a workbook: the figures of the report, masked, and nothing that a spreadsheet would calculate."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from openpyxl import load_workbook

from tests.unit.report_samples import clean_source, inputs, source
from validations import report_xlsx
from validations.compare import Difference
from validations.report import BoardLine, DifferenceRow, ProcedureTally, Report, build_report
from validations.report_xlsx import MOST_DIFFERENCES, to_xlsx

PROCEDURES = [ProcedureTally("1.001193", "MATCHED", 700), ProcedureTally("1.001193", "DIFFERENT", 12)]
BOARD = [BoardLine("08236", "Xã Tiên Lương", 5, {"khớp": 4, "cách ly": 1}, ("thi-diem",))]


def report() -> Report:
    return build_report(inputs(source(procedures=PROCEDURES), board=BOARD))


def row(key: str, old: str = "Nguyễn Văn A") -> DifferenceRow:
    return DifferenceRow("cu", key, "=H44.05-250612-0007", Difference("ChuHoSo", "value", old, "B"), "new")


def sheets(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(data))
    return {page.title: list(page.iter_rows(values_only=True)) for page in book.worksheets}


def test_the_workbook_has_the_figures_of_the_report() -> None:
    made = report()
    found = sheets(to_xlsx(made, [row("1")]))
    assert list(found) == [
        "Tóm tắt", "Phương trình", "Khác biệt", "Cách ly", "Theo xã, phường", "Theo cơ quan", "Theo thủ tục",
        "Theo trạng thái", "Chưa kiểm tra",
    ]  # fmt: skip
    summary = dict(line[:2] for line in found["Tóm tắt"])
    assert (summary["Tìm thấy ở hệ thống cũ"], summary["Trong phạm vi phải chuyển"]) == (20480, 19236)
    assert summary["Kết luận"] == made.verdict.sentence
    assert [line[0:3] for line in found["Cách ly"][1:3]] == [
        (cause.title, cause.code, cause.dossiers) for cause in made.total.quarantine[:2]
    ]
    assert found["Theo xã, phường"][1] == ("Xã Tiên Lương", "08236", 5, 4, 1, "thi-diem")
    assert found["Theo thủ tục"][1][:3] == ("1.001193", "1.001193", 712)
    assert found["Theo trạng thái"][-1][:3] == ("Cộng", None, 19236)
    assert [line[0] for line in found["Chưa kiểm tra"][1:]] == [one.what for one in made.not_checked]


def test_every_equation_names_both_sides_and_whether_they_agree() -> None:
    lines = sheets(to_xlsx(report()))["Phương trình"]
    assert lines[1] == ("phutho_cu", "Tìm thấy ở hệ thống cũ", 20480, "Trong phạm vi", 19236, "Cân")
    assert lines[2] == (None, None, None, "Ngoài phạm vi", 1244, None)
    broken = sheets(to_xlsx(build_report(inputs(source(in_scope=19000)))))["Phương trình"]
    assert "KHÔNG CÂN" in {line[5] for line in broken}


def test_values_are_masked_and_no_cell_is_a_formula() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(report(), [row("=1+1")])))
    cells = [cell for page in book.worksheets for line in page.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    texts = [str(cell.value) for cell in cells]
    assert "=1+1" in texts
    assert "(12 ký tự)" in texts
    assert not any("Nguyễn" in text for text in texts)


def test_a_sheet_of_differences_ends_where_the_csv_goes_on(monkeypatch: Any) -> None:
    monkeypatch.setattr(report_xlsx, "MOST_DIFFERENCES", 2)
    lines = sheets(to_xlsx(report(), (row(str(n)) for n in range(3))))["Khác biệt"]
    assert len(lines) == 4
    assert "differences.csv" in lines[-1][0]
    assert MOST_DIFFERENCES == 20_000


def test_the_same_report_is_the_same_file() -> None:
    assert to_xlsx(report(), [row("1")]) == to_xlsx(report(), [row("1")])
    assert to_xlsx(report()) != to_xlsx(replace(report(), site="khac"))
    assert to_xlsx(build_report(inputs(clean_source())))
