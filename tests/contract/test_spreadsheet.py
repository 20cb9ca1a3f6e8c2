"""Registers kept as spreadsheets: every mess that a register has, in every kind of book; nothing lost in silence."""

from __future__ import annotations

import dataclasses
import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connectors._sheet_shapes import SheetColumn, SheetShapes, SheetTable
from connectors._staged import StagedSource
from connectors.base import Misconfigured, ReadPlan, Record, TableRead
from connectors.spreadsheet import open_spreadsheet
from tests.contract.books import Rows, csv, ods, xlsx

BOOKS = Path(__file__).parent / "books"
REGISTER = SheetTable(
    "so",
    {
        "stt": SheetColumn(("STT", "Số TT")),
        "ma": SheetColumn(("Mã hồ sơ", "Mã HS")),
        "ten": SheetColumn(("Họ và tên", "Tên cá nhân, tổ chức"), is_required=True),
        "nhan": SheetColumn(("Ngày nhận", "Ngày, tháng, năm / Nhận hồ sơ"), "date", is_required=True),
        "hen": SheetColumn(("Hẹn trả", "Hẹn trả kết quả"), "date"),
        "cmnd": SheetColumn(("CMND/CCCD",)),
    },
    keys=(("ma",), ("source_file", "stt")),
    left_out=("Tổng cộng", "Cộng", "Người lập", "Tháng", "Khóa sổ"),
    ignored=("Ký nhận",),
    not_values=("nt", '"'),
)
SHAPES = SheetShapes((REGISTER,), ignored_sheets=("Danh mục*",))
PLAN = ReadPlan(
    TableRead(
        "dossier",
        "so",
        (*REGISTER.columns, "source_file", "source_sheet", "source_row", "source_key_trouble", "source_cell_errors"),
        "source_key",
        "source_key",
    )
)
HEAD = ["STT", "Mã hồ sơ", "Họ và tên", "Ngày nhận", "Hẹn trả", "CMND/CCCD"]
ROW = [1, "H44-1", "Nguyễn Thị Mẫu", "02/06/2025", "9/6/25", "025190000001"]
OTHER = [2, "H44-2", "Trần Văn Ví", "03/06/2025", "10/06/2025", "131234567"]

Open = Callable[..., StagedSource]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vao").mkdir()
    return tmp_path / "vao"


@pytest.fixture
def opened(folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Open:
    def open_it(path: Path = folder, shapes: SheetShapes = SHAPES, **options: dict[str, str]) -> StagedSource:
        source = open_spreadsheet(path, shapes, tmp_path / "staged" / "cu.sqlite", **options)  # type: ignore[arg-type]
        request.addfinalizer(source.close)
        return source

    return open_it


def everything(source: StagedSource) -> list[Record]:
    """All that can be read, whether or not something else could not."""
    found: list[Record] = []
    try:
        for page in source.sweep(PLAN):
            found += page
    except Misconfigured:
        pass
    return found


def names(source: StagedSource) -> list[tuple[str, object]]:
    return [(record.key, record.row["ten"]) for record in everything(source)]


def broken(source: StagedSource) -> list[tuple[str, str]]:
    return [(part.place, part.said) for part in source.probe().broken]


def told(source: StagedSource, table: str, *columns: str) -> list[tuple[object, ...]]:
    rows = source.reference(TableRead("r", table, columns))
    return [tuple(row[column] for column in columns) for row in rows]


def undeclared(source: StagedSource) -> list[str]:
    return [column.name for column in source.probe().tables["so"] if column.type == "undeclared"]


MESS: Rows = [
    ["UBND TỈNH PHÚ THỌ", None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    [],
    [None, None, "SỔ THEO DÕI HỒ SƠ NĂM 2025"],
    ["STT", "Mã hồ sơ", "Tên cá nhân, tổ chức", "Ngày, tháng, năm", None, "CMND/CCCD"],
    [None, None, None, "Nhận hồ sơ", "Hẹn trả kết quả", None],
    ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
    ["Tháng 6"],
    [1, "H44-1", "Nguyễn Thị Mẫu", date(2025, 6, 2), 45817, 25190000001],
    [],
    HEAD,
    [2, "H44-2", "Trần Văn Ví", datetime(2025, 6, 3, 8, 30), "10/06/2025", "131234567"],
    ["Cộng tháng 6:", 2],
    ["Tháng 7"],
    [3, "H44-3", "Lê Văn Thử", "8 giờ 30, ngày 04/6/2025", "", ""],
    ["Tổng cộng", 3],
    [None, None, None, "Phú Thọ, ngày 31 tháng 12 năm 2025"],
    [None, "NGƯỜI LẬP SỔ"],
    [None, "Phạm Thị Ghi"],
]  # fmt: skip


def write(kind: str, folder: Path, rows: Rows = MESS, name: str = "so_2025") -> Path:
    """The same rows as a book of this kind."""
    path = folder / f"{name}.{kind}"
    if kind == "csv":
        return csv(path, rows)
    return (xlsx if kind == "xlsx" else ods)(path, {"Sổ": rows})


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_a_register_is_read_through_its_mess(kind: str, folder: Path, opened: Open) -> None:
    write(kind, folder)
    source = opened()
    assert broken(source) == []
    rows = [[record.row[name] for name in PLAN.main.columns] for record in everything(source)]
    at = (f"so_2025.{kind}", "" if kind == "csv" else "Sổ")
    assert rows == [
        ["1", "H44-1", "Nguyễn Thị Mẫu", "2025-06-02 00:00:00", "2025-06-09 00:00:00", "25190000001", *at, 8, "", ""],
        ["2", "H44-2", "Trần Văn Ví", "2025-06-03 08:30:00", "2025-06-10 00:00:00", "131234567", *at, 11, "", ""],
        ["3", "H44-3", "Lê Văn Thử", "2025-06-04 08:30:00", None, None, *at, 14, "", ""],
    ]  # fmt: skip
    assert told(source, "_sheets", "tbl", "header", "header_rows", "rows", "left_out", "left_rows") == [
        ("so", 4, 2, 3, 8, "7, 10, 12, 13, 15, 16, 17, 18")
    ]
    assert undeclared(source) == []


def test_rows_behind_a_total_are_records_when_the_table_goes_on(folder: Path, opened: Open) -> None:
    rows = [HEAD, ROW, ["Cộng:", 1], [None, None, "Không Mã", None], OTHER, ["Tổng cộng", 3]]
    late = [None, "", "Thêm Sau", "05/06/2025"]
    write("xlsx", folder, [*rows, late])
    found = {record.key: record.row["source_key_trouble"] for record in everything(opened())}
    assert found == {"H44-1": "", "H44-2": "", "so_2025.xlsx/Sổ/4": "key_missing", "so_2025.xlsx/Sổ/7": "key_missing"}


def test_a_row_with_a_code_is_a_record_even_behind_the_last_total(folder: Path, opened: Open) -> None:
    foot = [["", "Trong đó: 1", "đúng hạn"], ["", "", "Người lập biểu"], ["", "1", ""]]
    write("xlsx", folder, [HEAD, ROW, ["Tháng 7"], [2, "H44-2", "Trần Văn Ví"], ["Cộng"], *foot])
    source = opened()
    assert names(source) == [("H44-1", "Nguyễn Thị Mẫu"), ("H44-2", "Trần Văn Ví")]
    assert told(source, "_sheets", "left_out", "left_rows") == [(5, "3, 5, 6, 7, 8")]


def test_a_total_or_heading_that_bears_a_code_is_left_out_and_counted(folder: Path, opened: Open) -> None:
    rows = [HEAD, ROW, ["Cộng", "H44-9"], ["Tháng 7", "H44-1"], OTHER, ["Tổng cộng", "2 hồ sơ"]]
    source = opened(write("xlsx", folder, rows))
    found = {record.key: record.row["source_key_trouble"] for record in everything(source)}
    assert found == {"H44-1": "", "H44-1~0": "row_left_out", "H44-2": "", "H44-9~0": "row_left_out"}
    assert told(source, "_sheets", "rows", "left_out", "left_rows") == [(2, 3, "3, 4, 6")]
    (note,) = source.probe().notes
    assert "2 dòng cộng, dòng tiêu đề mang mã hồ sơ" in note


def test_keys_that_differ_only_in_letters_or_form_of_unicode_are_one_key(folder: Path, opened: Open) -> None:
    keys = ["H44-Bổ-1", "h44-bổ-1", unicodedata.normalize("NFD", "H44-Bổ-1"), "\uff28" + "44-BỔ-1"]
    write("xlsx", folder, [HEAD, *([n, key, "Tên", "02/06/2025"] for n, key in enumerate(keys, 1))])
    found = [(r.key, r.row["source_key_trouble"]) for r in everything(opened())]
    second = ("key_twice",) * 3
    assert sorted(found) == sorted(
        zip(["H44-Bổ-1", "h44-bổ-1~2", "H44-Bổ-1~3", "\uff2844-BỔ-1~4"], ("", *second), strict=True)
    )


def test_a_row_without_its_first_key_goes_by_the_next_and_a_key_twice_is_told(folder: Path, opened: Open) -> None:
    rows = [
        HEAD,
        ROW,
        [2, "", "Có Số", "02/06/2025"],
        [3, " H44-1 ", "Trùng", "02/06/2025"],
        [4, "H44-1", "Ba", "02/06/2025"],
    ]
    write("xlsx", folder, rows)
    write("csv", folder, [HEAD, [9, "H44-1", "Sổ Khác", "02/06/2025"]], "so_2026")
    found = [(r.key, r.row["ten"], r.row["source_key_trouble"]) for r in everything(opened())]
    assert found == [
        ("H44-1", "Nguyễn Thị Mẫu", ""),
        ("H44-1~2", "Trùng", "key_twice"),
        ("H44-1~3", "Ba", "key_twice"),
        ("H44-1~4", "Sổ Khác", "key_twice"),
        ("so_2025.xlsx/2", "Có Số", ""),
    ]


def test_labels_are_known_without_marks_and_with_a_slip_and_the_rest_is_told(folder: Path, opened: Open) -> None:
    head = ["so tt", "MÃ HỒ SO", "Ho va\ntên", "Ngày nhân", "Hẹn trả", "KÝ NHẬN", "Người ký", None]
    rows = [head, [1, "H44-1", "Nguyễn Thị Mẫu", "02/06/2025", None, "x", "Ông A", "lạc"]]
    write("xlsx", folder, rows)
    source = opened()
    assert names(source) == [("H44-1", "Nguyễn Thị Mẫu")]
    assert undeclared(source) == ["(cột H không tiêu đề)", "Người ký"]
    assert told(source, "_sheet_columns", "at", "column", "how", "filled") == [
        ("A", "stt", "exact", 1),
        ("B", "ma", "exact", 1),
        ("C", "ten", "exact", 1),
        ("D", "nhan", "exact", 1),
        ("E", "hen", "exact", 0),
        ("F", "", "ignored", 1),
        ("G", "", "left", 1),
    ]


def test_a_slip_of_the_hand_is_told_apart_from_another_word(folder: Path, opened: Open) -> None:
    write("xlsx", folder, [["STT", "Mã hồ sơ", "Hoj và tên", "Ngày nhânj", "Hẹn nhận kết quả"], ROW[:5]])
    source = opened()
    assert told(source, "_sheet_columns", "column", "how")[1:] == [
        ("ma", "exact"), ("", "left"), ("nhan", "alike"), ("", "left")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (["STT", "Mã hồ sơ", "Họ và tên"], "dòng 1 giống dòng tiêu đề nhưng thiếu cột nhan (Ngày nhận)"),
        ([*HEAD, "Mã HS"], "các cột B, G cùng nhận là ma"),
        (["A", "B", "C"], "không có dòng tiêu đề nào nhận ra được"),
    ],
)
def test_a_sheet_without_a_whole_header_is_refused_by_name(
    head: Sequence[str], said: str, folder: Path, opened: Open
) -> None:
    xlsx(folder / "so.xlsx", {"Tốt": [HEAD, ROW], "Xấu": [head, OTHER]})
    source = opened()
    ((place, why),) = broken(source)
    assert (place, why.startswith(said)) == ("so.xlsx/Xấu", True)
    assert names(source) == [("H44-1", "Nguyễn Thị Mẫu")]
    assert names(opened(accepted={"so.xlsx/Xấu": "sheet nháp"})) == [("H44-1", "Nguyễn Thị Mẫu")]


@pytest.mark.parametrize(
    "other",
    [
        ["STT", "Mã hồ sơ", "Họ và tên", "CMND/CCCD", "Ngày nhận", "Hẹn trả"],
        ["STT", "Mã HS", "Tên cá nhân, tổ chức", "Ngày nhận", "Hẹn trả", "Ngày gia hạn"],
        ["Họ và tên", "Ngày nhận", "Hẹn trả", "CMND/CCCD", "Mã hồ sơ", "STT"],
    ],
    ids=["a column moved", "a column of another name", "all moved"],
)
def test_another_header_further_down_ends_the_reading_and_is_told(other: list[str], folder: Path, opened: Open) -> None:
    write("xlsx", folder, [HEAD, ROW, HEAD, OTHER, other, [3, "H44-3", "Lê Văn Giả", "04/06/2025", "", "x"]])
    source = opened()
    ((place, why),) = broken(source)
    assert (place.rpartition(":")[2], "một dòng tiêu đề khác" in why) == ("5", True)
    assert [key for key, _ in names(source)] == ["H44-1", "H44-2"]


def test_a_header_again_in_other_words_of_its_columns_is_the_same(folder: Path, opened: Open) -> None:
    write("xlsx", folder, [HEAD, ROW, ["Số TT", "MÃ HS", "họ và tên", "Ngày nhận", "", "CMND/CCCD"], OTHER])
    source = opened()
    assert broken(source) == []
    assert [key for key, _ in names(source)] == ["H44-1", "H44-2"]


def test_sheets_that_are_hidden_ignored_or_empty_are_accounted_for(folder: Path, opened: Open) -> None:
    sheets: dict[str, Rows] = {
        "T1": [HEAD, ROW], "T2": [HEAD, OTHER], "Ẩn": [HEAD, ROW], "Liệt kê": [["a"]], "Danh mục TTHC": [["x", 1]],
        "Trống": [],
    }  # fmt: skip
    xlsx(folder / "a.xlsx", sheets, hidden=("Ẩn", "Liệt kê"))
    ods(folder / "b.ods", {"T3": [HEAD, [3, "H44-3", "Ba", "1/6/2025"]], "Ẩn": [HEAD, ROW]}, hidden=("Ẩn",))
    source = opened()
    assert [place for place, _ in broken(source)] == ["a.xlsx/Ẩn", "b.ods/Ẩn"]
    assert [key for key, _ in names(source)] == ["H44-1", "H44-2", "H44-3"]
    assert told(source, "_sheets", "file", "sheet", "tbl", "rows") == [
        ("a.xlsx", "T1", "so", 1), ("a.xlsx", "T2", "so", 1), ("a.xlsx", "Ẩn", "", 0), ("a.xlsx", "Liệt kê", "", 0),
        ("a.xlsx", "Danh mục TTHC", "", 0), ("a.xlsx", "Trống", "", 0), ("b.ods", "T3", "so", 1),
        ("b.ods", "Ẩn", "", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_cell_in_error_is_never_read_as_empty(kind: str, folder: Path, opened: Open) -> None:
    write(kind, folder, [[], [None, *HEAD], [None, 1, "H44-1", "#REF!", "02/06/2025", "#N/A"], [None, *OTHER]])
    found = {record.key: record.row["source_cell_errors"] for record in everything(opened())}
    assert found == {"H44-1": "ten hen", "H44-2": ""}


@pytest.mark.parametrize(("kind", "text"), [("csv", "#REF!"), ("csv", "Nt"), ("xlsx", " nt "), ("ods", '"')])
def test_a_cell_that_says_as_above_or_shows_an_error_as_text_holds_no_value(
    kind: str, text: str, folder: Path, opened: Open
) -> None:
    write(kind, folder, [HEAD, ROW, [2, "H44-2", text.replace('"', '""""') if kind == "csv" else text, "03/06/2025"]])
    found = {record.key: record.row["source_cell_errors"] for record in everything(opened())}
    assert found == {"H44-1": "", "H44-2": "ten"}


def test_an_old_xls_is_read_and_hides_its_errors(folder: Path, opened: Open) -> None:
    shutil.copy(BOOKS / "so_cu.xls", folder)
    source = opened()
    assert [(r.key, r.row["ten"], r.row["nhan"], r.row["source_cell_errors"]) for r in everything(source)] == [
        ("H44-1", "Nguyễn Thị Mẫu", "2025-06-02 00:00:00", ""),
        ("H44-2", None, "2025-06-03 08:30:00", ""),  # its name is #REF!: a limit of the reader, told in docs/limits.md
    ]
    assert broken(source) == []


def test_a_formula_that_nobody_computed_is_an_error_too(folder: Path, opened: Open) -> None:
    write("xlsx", folder, [HEAD, [1, "H44-1", '="Nguyễn "&"Mẫu"', "02/06/2025"]])
    assert [record.row["source_cell_errors"] for record in everything(opened())] == ["ten"]


def test_a_date_that_cannot_be_stays_as_it_is_and_is_counted(folder: Path, opened: Open) -> None:
    write(
        "csv",
        folder,
        [HEAD, [1, "H44-1", "A", "31/02/2025", "02/06/2025, 03/06/2025"], [2, "H44-2", "B", 45810.5, "không"]],
    )
    source = opened()
    assert [(r.row["nhan"], r.row["hen"]) for r in everything(source)] == [
        ("31/02/2025", "02/06/2025, 03/06/2025"),
        ("2025-06-02 12:00:00", "không"),
    ]
    assert ("nhan", 1) in told(source, "_sheet_columns", "column", "odd")
    assert ("hen", 2) in told(source, "_sheet_columns", "column", "odd")


@pytest.mark.parametrize("line", ["UBND XÃ TIÊN KIÊN, HUYỆN LÂM THAO", "UBND xã: Tiên Kiên"])
def test_what_stands_above_the_header_holds_for_rows_that_say_nothing(line: str, folder: Path, opened: Open) -> None:
    said = SheetColumn(("Cơ quan",), above=("UBND huyện", "UBND xã"))
    table = dataclasses.replace(REGISTER, columns={**REGISTER.columns, "co_quan": said})
    rows = [[None, line], [], [*HEAD, "Cơ quan"], [*ROW, ""], [*OTHER, "Phòng Tư pháp"]]
    write("xlsx", folder, rows)
    source = opened(shapes=SheetShapes((table,)))
    plan = ReadPlan(TableRead("dossier", "so", ("co_quan",), "source_key", "source_key"))
    found = [record.row["co_quan"] for page in source.sweep(plan) for record in page]
    assert found == ["Tiên Kiên" if ":" in line else line, "Phòng Tư pháp"]


def test_twelve_in_the_morning_is_left_as_it_is(folder: Path, opened: Open) -> None:
    said = ("02/06/2025 12:30 AM", "12:30 SA 02/06/2025", "02/06/2025 8:30 SA", "02/06/2025 12:30")
    write("csv", folder, [HEAD, *([n, f"H44-{n}", "A", text] for n, text in enumerate(said))])
    assert [record.row["nhan"] for record in everything(opened())] == [
        *said[:2], "2025-06-02 08:30:00", "2025-06-02 12:30:00"
    ]  # fmt: skip


VIETNAMESE = [HEAD, [1, "H44-1", "Nguyễn Thị Thuở", "02/06/2025"], [2, "H44-2", "Đỗ Ngọc Ấn; Lễ", "03/06/2025"]]


@pytest.mark.parametrize(
    ("encoding", "separator", "said"),
    [
        ("utf-8", ",", "CSV, UTF-8, dấu phẩy"),
        ("utf-8-sig", ";", "CSV, UTF-8 có BOM, dấu chấm phẩy"),
        ("utf-16", "\t", "CSV, UTF-16, dấu tab"),
        ("utf-16-le", ",", "CSV, UTF-16 LE, dấu phẩy"),
        ("utf-16-be", "|", "CSV, UTF-16 BE, dấu |"),
    ],
)
def test_encoding_and_separator_of_a_csv_are_found(
    encoding: str, separator: str, said: str, folder: Path, opened: Open
) -> None:
    csv(folder / "so.csv", VIETNAMESE, encoding=encoding, separator=separator)
    source = opened()
    assert names(source) == [("H44-1", "Nguyễn Thị Thuở"), ("H44-2", "Đỗ Ngọc Ấn; Lễ")]
    assert told(source, "_sheets", "note") == [(said,)]


def test_windows_1258_is_known_by_its_tones(folder: Path, opened: Open) -> None:
    tones = {"\u0300": 0xCC, "\u0309": 0xD2, "\u0303": 0xDE, "\u0301": 0xEC, "\u0323": 0xF2}

    def encode(text: str) -> bytes:
        out = b""
        for sign in text:
            apart = unicodedata.normalize("NFD", sign)
            tone = next((mark for mark in apart if mark in tones), "")
            whole = unicodedata.normalize("NFC", apart.replace(tone, "")) if tone else sign
            out += whole.encode("cp1258") + (bytes([tones[tone]]) if tone else b"")
        return out

    text = "".join(",".join(map(str, row)).replace("; ", " ") + "\n" for row in VIETNAMESE)
    (folder / "so.csv").write_bytes(encode(text))
    source = opened()
    assert names(source) == [("H44-1", "Nguyễn Thị Thuở"), ("H44-2", "Đỗ Ngọc Ấn Lễ")]
    assert told(source, "_sheets", "note") == [("CSV, Windows-1258, dấu phẩy",)]


def test_tcvn3_is_left_as_its_bytes_show_for_the_table_of_encodings(folder: Path, opened: Open) -> None:
    rows = [
        ["STT", "Ma ho so", "Ho va ten", "Ngay nhan"],
        [1, "H44-1", "NguyÔn V¨n MÉu", "02/06/2025"],
        [2, "H44-2", "TrÇn ThÞ Bèn", "02/06/2025"],
    ]
    csv(folder / "so.csv", rows, encoding="latin-1")
    source = opened()
    assert names(source) == [("H44-1", "NguyÔn V¨n MÉu"), ("H44-2", "TrÇn ThÞ Bèn")]
    assert told(source, "_sheets", "note")[0][0] == "CSV, một byte mỗi chữ (TCVN3 hay VNI: xem encodings.csv), dấu phẩy"


def test_a_cell_of_several_lines_and_the_mark_of_excel_do_not_shift_rows(folder: Path, opened: Open) -> None:
    (folder / "so.csv").write_text(
        'sep=;\nMã hồ sơ;Họ và tên;Ngày nhận\nH44-1;"Nguyễn\nThị Mẫu";02/06/2025\nH44-2;B;3/6/2025\n'
    )
    found = [(r.row["ten"], r.row["source_row"]) for r in everything(opened())]
    assert found == [("Nguyễn\nThị Mẫu", 3), ("B", 4)]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"", "tệp trống"),
        ("a.csv", b"", "tệp trống"),
        ("a.xls", b"\n<html><table><tr><td>STT</td></tr></table>", "trang web hay XML"),
        ("a.xlsx", b"%PDF-1.7 ...", "tệp PDF"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 200, "hỏng hoặc chép dở"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "tệp hỏng"),
        ("a.xlsx", b"STT,M\xc3\xa3\n1,2\n", "tệp hỏng"),
        ("a.csv", b"PK\x03\x04\x14\x00\x00\x00\x08\x00" * 9, "không phải tệp văn bản"),
        ("a.csv", 'Mã hồ sơ,Họ và tên,Ngày nhận\nH44-1,"A'.encode() + b"x" * 2_000_000, "không đúng dạng CSV"),
        ("a.xlsb", b"PK\x03\x04", "chưa đọc được; mở ra rồi lưu thành .xlsx"),
        (
            "a.csv",
            'Mã hồ sơ,Họ và tên,Ngày nhận\nH44-8,"A,02/06/2025\nH44-9,B,02/06/2025\n'.encode(),
            "không đúng dạng CSV",
        ),
        ("a.csv", 'Mã hồ sơ,Họ và tên\n,"A,02/06/2025\nH44-9,"B,02/06/2025\n'.encode(), "không đúng dạng CSV"),
        ("a.et", b"abc", "chưa đọc được; mở ra rồi lưu thành .xlsx"),
        ("~$so.xlsx", b"\x05May01", "sổ so.xlsx đang mở"),
        (".~lock.so.ods#", b",may01;", "sổ so.ods đang mở"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    name: str, content: bytes, said: str, folder: Path, opened: Open
) -> None:
    write("xlsx", folder, [HEAD, ROW])
    (folder / name).write_bytes(content)
    source = opened()
    ((place, why),) = broken(source)
    assert (place, said in why) == (name, True), why
    assert names(source) == [("H44-1", "Nguyễn Thị Mẫu")]


def test_a_book_with_a_password_is_told(folder: Path, opened: Open) -> None:
    shutil.copy(BOOKS / "co_mat_khau.xlsx", folder)
    assert [why.partition(";")[0] for _, why in broken(opened())] == ["tệp có mật khẩu"]


def test_an_ods_with_a_password_is_told(folder: Path, opened: Open) -> None:
    with zipfile.ZipFile(folder / "khoa.ods", "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest><file-entry><encryption-data/></file-entry></manifest>")
        book.writestr("content.xml", b"\x8f\x01\x02")
    assert [why.partition(";")[0] for _, why in broken(opened())] == ["tệp có mật khẩu"]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_every_beginning_of_a_book_is_refused_and_nothing_falls_over(kind: str, folder: Path, opened: Open) -> None:
    whole = write(kind, folder, [HEAD, ROW]).read_bytes()
    (folder / f"so_2025.{kind}").unlink()
    for number, size in enumerate(range(1, len(whole), len(whole) // 25)):
        (folder / f"{number:02d}.{kind}").write_bytes(whole[:size])
    found = broken(opened())
    assert len(found) == len(list(folder.iterdir()))


def test_bytes_changed_anywhere_never_bring_the_process_down(folder: Path, opened: Open) -> None:
    for kind in ("xlsx", "ods"):
        whole = bytearray(write(kind, folder, [HEAD, ROW]).read_bytes())
        for number, at in enumerate(range(30, len(whole), len(whole) // 40)):
            spoilt = bytes(whole[:at]) + bytes([whole[at] ^ 0x5A]) + bytes(whole[at + 1 :])
            (folder / f"{number:02d}.{kind}").write_bytes(spoilt)
    source = opened()
    assert source.probe().tables["so"]
    assert ("H44-1", "Nguyễn Thị Mẫu") in names(source)


def test_comments_in_the_xml_of_a_sheet_are_no_cells(folder: Path, opened: Open) -> None:
    path = write("xlsx", folder, [HEAD, ROW])
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            told = content.replace(b"<v>", b"<!-- x --><v>").replace(b"<c ", b"<?x y?><c ")
            book.writestr(name, told if name.startswith("xl/worksheets/") else content)
    assert names(opened()) == [("H44-1", "Nguyễn Thị Mẫu")]


def test_a_cell_far_away_does_not_make_the_reader_allocate_all_between(folder: Path, opened: Open) -> None:
    write("xlsx", folder, [HEAD, ROW])
    far = xlsx(folder / "xa.xlsx", {"S": [HEAD, ROW]})
    book = load_workbook(far)
    book["S"].cell(1_048_576, 16_384, "x")
    book.save(far)
    ((place, why),) = broken(opened())
    assert (place, "trải tới dòng 1048576, cột 16384" in why) == ("xa.xlsx", True)


def test_a_book_that_is_changed_closed_or_taken_away_is_read_anew(folder: Path, opened: Open) -> None:
    write("xlsx", folder, [HEAD, ROW])
    mark = folder / "~$so_2025.xlsx"
    mark.write_bytes(b"x")
    source = opened()
    assert len(broken(source)) == 1
    mark.unlink()
    assert broken(source) == []
    write("xlsx", folder, [HEAD, ROW, OTHER])
    assert len(names(source)) == 2


def test_a_linked_folder_is_told_and_not_passed_by(folder: Path, opened: Open, tmp_path: Path) -> None:
    write("xlsx", folder, [HEAD, ROW])
    (tmp_path / "noi_khac").mkdir()
    (folder / "nam_2024").symlink_to(tmp_path / "noi_khac")
    assert broken(opened()) == [("nam_2024", "liên kết dẫn ra ngoài thư mục nguồn")]


@pytest.mark.parametrize("where", ["gone", "empty"])
def test_a_place_without_books_is_refused(where: str, folder: Path, opened: Open) -> None:
    path = folder / "khong_co" if where == "gone" else folder
    with pytest.raises(Misconfigured, match=str(folder)):
        opened(path).probe()
