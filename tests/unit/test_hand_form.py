"""The form of the human sample: out and back, and refused with the line where it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from mappings.declared import ProfileError
from validations.hand_form import NAME, Drawn, form_sheets, read_form
from validations.review_xlsx import workbook

ROWS = [Drawn("cu", "0071", "H44.1", "M-1", "ngẫu nhiên", "ab"), Drawn("cu", "8", "", "M-2", "gộp", "cd")]
RESULT, NOTE, WHO = 6, 7, 8


def filled(folder: Path, *cells: tuple[int, int, object]) -> Path:
    """The form with (line, column, value) written into it, as people do."""
    file = folder / "mau.xlsx"
    file.write_bytes(workbook(form_sheets(ROWS)))
    book = load_workbook(file)
    for line, column, value in cells:
        book[NAME].cell(line, column, value)
    book.save(file)
    return file


def test_what_people_fill_in_comes_back_and_an_empty_row_says_nothing(tmp_path: Path) -> None:
    assert read_form(filled(tmp_path)) == []
    file = filled(tmp_path, (2, RESULT, "Đúng "), (2, WHO, "Chị Hoa, Bộ phận Một cửa"))
    (one,) = read_form(file)
    assert (one.source, one.key, one.mark, one.is_right, one.who) == (
        "cu", "0071", "ab", True, "Chị Hoa, Bộ phận Một cửa",
    )  # fmt: skip


@pytest.mark.parametrize(("cells", "said"), [
    ([(2, RESULT, "gần đúng"), (2, WHO, "A")], "'đúng' hoặc 'sai'"),
    ([(2, RESULT, "đúng")], "ai đã xem"),
    ([(2, RESULT, "sai"), (2, WHO, "A")], "sai ở đâu"),
    ([(2, NOTE, "thiếu tệp"), (2, WHO, "A")], "'đúng' hoặc 'sai'"),
    ([(2, RESULT, "đúng"), (2, WHO, 7)], "thành số"),
    ([(2, RESULT, "đúng"), (2, WHO, "A"), (3, 2, "0071"), (3, RESULT, "đúng"), (3, WHO, "A")], "đã có ở dòng 2"),
])  # fmt: skip
def test_a_form_that_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, cells: list[tuple[int, int, object]], said: str
) -> None:
    with pytest.raises(ProfileError, match=said) as refused:
        read_form(filled(tmp_path, *cells))
    assert f"mau.xlsx:{cells[-1][0]}" in str(refused.value)


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "khac.xlsx"
    file.write_bytes(workbook(form_sheets(ROWS)[1:]))
    with pytest.raises(ProfileError, match="thiếu trang"):
        read_form(file)
