"""The comparison report as a workbook: the figures of report.json, row by row; same report, same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from validations import report_words as words
from validations.report import DifferenceRow, difference_texts, moment, shown_states
from validations.report_data import Breakdown, Figures, Report
from validations.review import tidy
from validations.spreadsheet import timeless

MOST_DIFFERENCES: Final = 20_000
"""Rows of the sheet of differences; differences.csv beside it has all of them."""
_MOMENT: Final = datetime(2025, 7, 1)
_A4: Final = 9
_HEAD: Final = Font(name="Arial", size=9, bold=True, color="FFFFFF")
_FILL: Final = PatternFill("solid", fgColor="1F4A7A")
_FONT: Final = Font(name="Arial", size=9)
_TEXT: Final = Alignment(wrap_text=True, vertical="top")
_NUMBER: Final = Alignment(vertical="top", horizontal="right", indent=1)

Row = Sequence[str | int]


@dataclass(frozen=True)
class _Page:
    """A sheet: its columns with their widths, and its rows one by one."""

    title: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Row]


_DIFFERENCES: Final = (
    ("Nguồn", 16), ("Khóa cũ", 14), ("Mã hồ sơ", 26), ("Loại khác biệt", 30), ("Trường", 34), ("Giá trị cũ", 24),
    ("Giá trị mới", 24), ("Tình trạng", 16), ("Dấu", 18), ("Lần đầu", 26), ("Lần cuối", 26), ("Đối tượng", 18),
)  # fmt: skip
_CAUSES: Final = (
    ("Nguyên nhân", 46), ("Mã", 30), ("Hồ sơ", 12), ("Người làm", 30), ("Cách xử lý", 70), ("Ví dụ (khóa cũ)", 40),
)  # fmt: skip


def to_xlsx(report: Report, differences: Iterable[DifferenceRow] = ()) -> bytes:
    """An XLSX file. Values of differences are masked as in differences.csv; memory does not grow with the rows."""
    book = Workbook(write_only=True)
    book.properties.creator, book.properties.created = "lienthong", _MOMENT
    for page in _pages(report, differences):
        _write(book, page)
    out = io.BytesIO()
    book.save(out)
    return timeless(out.getvalue())


def _write(book: Workbook, page: _Page) -> None:
    sheet: Any = book.create_sheet(page.title)
    for at, (_, width) in enumerate(page.columns, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    sheet.append([_cell(sheet, title, _HEAD, fill=_FILL) for title, _ in page.columns])
    for number, row in enumerate(page.rows, start=2):
        sheet.row_dimensions[number].height = _height(row, page.columns)
        sheet.append([_cell(sheet, value, _FONT) for value in row])
        del sheet.row_dimensions[number]  # written by now


def _height(row: Row, columns: Sequence[tuple[str, int]]) -> float:
    """Points that the longest wrapped cell needs: not every program fits rows to their text by itself."""
    cells = zip(row, columns, strict=False)
    lines = max(-(-len(value) * 10 // (width * 11)) if isinstance(value, str) else 1 for value, (_, width) in cells)
    return float(min(12 * max(lines, 1) + 4, 409))  # more is not allowed


def _cell(sheet: Any, value: str | int, font: Font, fill: PatternFill | None = None) -> Any:
    cell = WriteOnlyCell(sheet, tidy(value) if isinstance(value, str) else value)
    cell.font = font
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins with = is no formula
        cell.alignment = _TEXT
    else:
        cell.number_format, cell.alignment = "#,##0", _NUMBER
    if fill is not None:
        cell.fill = fill
    return cell


# ---------------------------------------------------------------- the sheets


def _pages(report: Report, differences: Iterable[DifferenceRow]) -> Iterator[_Page]:
    yield _Page("Tóm tắt", (("Nội dung", 46), ("Giá trị", 90)), _summary(report))
    heads = (("Nguồn", 22), ("Vế trái", 34), ("Số", 12), ("Vế phải", 46), ("Số", 12), ("Phương trình", 14))
    yield _Page("Phương trình", heads, _equations(report))
    yield _Page("Khác biệt", _DIFFERENCES, _differences(differences))
    heads = (
        ("Nguyên nhân", 46),
        ("Mã", 30),
        ("Hồ sơ", 12),
        ("Người làm", 30),
        ("Cách xử lý", 70),
        ("Ví dụ (khóa cũ)", 40),
    )
    yield _Page("Cách ly", heads, _quarantine(report))
    yield _Page("Theo xã, phường", _board_columns(report), _board(report))
    for title, head, splits in (
        ("Theo cơ quan", "Cơ quan xử lý", report.total.by_unit),
        ("Theo thủ tục", "Mã thủ tục", report.total.by_procedure),
        ("Theo trạng thái", "Trạng thái hồ sơ", report.total.by_status),
    ):
        states = shown_states(report)
        columns = ((head, 50), ("Mã", 24), ("Hồ sơ", 12), *((name, 14) for name, _ in states))
        yield _Page(title, columns, _breakdown(splits, [codes for _, codes in states]))
    yield _Page("Chưa kiểm tra", (("Chưa kiểm tra", 60), ("Vì sao", 90)), [(n.what, n.why) for n in report.not_checked])


def _summary(report: Report) -> Iterator[Row]:
    total, run = report.total, report.run
    if report.is_rehearsal:
        yield "Diễn tập", "Người và hồ sơ không có thật, hệ thống nhận là bản mô phỏng."
    yield "Site", report.site
    yield "Phạm vi: hồ sơ nộp trước ngày", report.cutoff
    yield "Kết luận", report.verdict.sentence
    yield "Giải thích", report.verdict.explanation
    for source, at in run.swept_at.items():
        yield f"Quét hệ thống cũ {source} lúc", moment(at)
    yield "Đọc lại hệ thống mới lúc", moment(run.target_read_at)
    yield "Lượt chạy", run.id
    yield "Tìm thấy ở hệ thống cũ", total.found
    yield "Trong phạm vi phải chuyển", total.in_scope
    for count in (*total.states, *total.decided):
        yield count.title, count.dossiers
    if total.dossiers_accepted:
        yield "Khác biệt đã được chấp nhận đích danh (trong số khác biệt)", total.dossiers_accepted
    yield "Hồ sơ đã đọc lại từ hệ thống mới", total.read_back
    yield "Hồ sơ hệ thống mới đang giữ", total.held_by_target
    yield "Trong đó hồ sơ mà sổ cái không đẩy", total.unknown_in_target
    yield "Tệp đính kèm đã so mã băm", total.attachments.checked
    yield "Tệp giống hệt nhau", total.attachments.equal
    for step in report.next_steps:
        if step.is_blocking:
            yield (
                f"Việc cần làm: {step.what}",
                " ".join(filter(None, (step.how, step.who and f"Người làm: {step.who}."))),
            )


def _equations(report: Report) -> Iterator[Row]:
    parts: Sequence[Figures] = report.sources if len(report.sources) < 2 else (report.total, *report.sources)
    for figures in parts:
        for equation in figures.equations:
            left = (figures.name, equation.left.title, equation.left.dossiers)
            said = "Cân" if equation.is_balanced else "KHÔNG CÂN"
            for at, count in enumerate(equation.right):
                yield (*(left if not at else ("", "", "")), count.title, count.dossiers, "" if at else said)
            if not equation.right:
                yield (*left, "", 0, said)
        for count in figures.excluded:
            yield figures.name, "Ngoài phạm vi, theo quy tắc", "", count.title, count.dossiers, ""


def _differences(rows: Iterable[DifferenceRow]) -> Iterator[Row]:
    left = iter(rows)
    for row in islice(left, MOST_DIFFERENCES):
        yield difference_texts(row)
    if next(left, None) is not None:
        yield [f"Còn nữa: sổ này dừng ở {words.number(MOST_DIFFERENCES)} dòng, xem đủ ở differences.csv."]


def _quarantine(report: Report) -> Iterator[Row]:
    for cause in report.total.quarantine:
        yield cause.title, cause.code, cause.dossiers, cause.who, cause.remedy, ", ".join(cause.keys)


def _board_columns(report: Report) -> Sequence[tuple[str, int]]:
    counted = report.board[0].counts if report.board else ()
    return ("Xã, phường", 40), ("Mã", 12), ("Hồ sơ", 12), *((name.capitalize(), 14) for name in counted), ("Đợt", 24)


def _board(report: Report) -> Iterator[Row]:
    for line in report.board:
        yield line.name, line.code, line.dossiers, *line.counts.values(), ", ".join(line.waves)


def _breakdown(splits: Sequence[Breakdown], states: Sequence[tuple[str, ...]]) -> Iterator[Row]:
    for split in splits:
        yield split.title, split.code, split.dossiers, *(split.in_state(*codes) for codes in states)
    if splits:
        sums = (sum(split.in_state(*codes) for split in splits) for codes in states)
        yield "Cộng", "", sum(split.dossiers for split in splits), *sums
