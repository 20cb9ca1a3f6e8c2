"""Declared shapes of spreadsheets: what a profile may say, and what is refused with its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from flows.file_sources import sheet_shapes
from mappings.profile import load_profile
from mappings.shapes import shape_faults
from mappings.sheet_shapes import SheetReading

COLUMNS: dict[str, Any] = {
    "stt": "STT",
    "ma": {"labels": ["Mã hồ sơ", "Mã HS"], "required": True},
    "nhan": {"labels": "Ngày nhận", "as": "date"},
}


def reading(**shape: Any) -> SheetReading:
    return SheetReading.model_validate({"tables": {"so": {"columns": COLUMNS, **shape}}})


def test_a_shape_becomes_a_table_in_the_words_of_the_connector() -> None:
    said = reading(key=["ma", ["source_file", "stt"]], left_out="Tổng cộng", ignore={"Ký nhận": "chữ ký"})
    (table,) = sheet_shapes(said).tables
    assert (table.keys, table.left_out, table.ignored) == (
        (("ma",), ("source_file", "stt")),
        ("Tổng cộng",),
        ("Ký nhận",),
    )
    assert {name: (column.labels, column.form, column.is_required) for name, column in table.columns.items()} == {
        "stt": (("STT",), "text", False),
        "ma": (("Mã hồ sơ", "Mã HS"), "text", True),
        "nhan": (("Ngày nhận",), "date", False),
    }
    assert said.columns("so")[3:] == [
        "source_key", "source_file", "source_sheet", "source_row", "source_key_trouble", "source_cell_errors"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({"key": ["so_quyen"]}, "không có cột 'so_quyen'"),
        ({"links": ["source_row"]}, "không có cột 'source_row'"),
        ({"columns": {"source_key": {"labels": "Khóa", "required": True}}}, "không dùng được"),
        ({"columns": {"ma": "Mã hồ sơ"}}, "required: true"),
        ({"columns": {**COLUMNS, "khac": "MA HO SO"}}, "khai ở cả ma và khac"),
        ({"ignore": {"Ngày  nhận": "thừa"}}, "khai ở cả nhan và ignore"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(shape: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        reading(**shape)


def test_the_example_of_the_guide_is_a_profile(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "nguon-bang-tinh.md").read_text(encoding="utf-8")
    example = next(block for block in re.findall(r"```yaml\n(.*?)```", guide, re.S) if block.startswith("extends:"))
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "so_xa.yaml").write_text(example, encoding="utf-8")
    shapes = load_profile("so_xa", tmp_path).reading.spreadsheet
    assert shapes is not None
    columns = shapes.tables["so_theo_doi"].columns
    assert (columns["maHoSo"].labels, columns["nguoiThuLy"].required) == (("Mã hồ sơ", "Số vào sổ"), False)
    assert {"Nháp*", "Thống kê*"} <= set(shapes.ignored_sheets)
    assert "nguoiThuLy" in load_profile("so_xa", tmp_path).used_columns("so_theo_doi")


def test_what_no_shape_declares_is_a_fault_of_the_profile() -> None:
    used = {"so": ["ma", "source_row", "khac"], "khac": ["ma"]}
    assert list(shape_faults("spreadsheet", reading(), used)) == [
        ("so", "cột khac không có trong reading.spreadsheet.tables.so.columns"),
        ("khac", "bảng khac không có trong reading.spreadsheet.tables"),
    ]
