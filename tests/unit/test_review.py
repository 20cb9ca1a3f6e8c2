"""The reviewed tables: what a row may say, what rests on a draft, what a workbook gives back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from mappings.agencies import COLUMNS as AGENCY_COLUMNS
from mappings.agencies import AgencyRow
from mappings.catalogues import read_catalogues
from mappings.crosswalk import COLUMNS
from mappings.profile import ProfileError, load_profile
from mappings.review_coverage import FieldCount, count_fields
from mappings.review_fields import described
from mappings.review_tables import NewCodes, Table, merged_rows, reviewed, site_text
from mappings.suggestions import suggester
from mappings.units import read_units
from tests.profiles.opencps import SWEEP, codes, dossier_of, make_mapper, row
from validations.review import ListRow, Review, ReviewList, sheet_name, sheets
from validations.review_import import edits
from validations.review_xlsx import workbook

KNOWN = NewCodes(read_units(), read_catalogues(None))
PROFILE = load_profile("opencps_v2")
STATUS, AGENCIES, DEPARTMENTS, PROCEDURES = reviewed([PROFILE])
GROUND = "QĐ 5/QĐ-UBND"


def put(site: Path, name: str, *lines: str) -> Path:
    (site / "crosswalks").mkdir(exist_ok=True)
    (site / "crosswalks" / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
    return site


# ---------------------------------------------------------------- drafts


def test_a_drafted_row_maps_in_a_rehearsal_and_stops_its_dossiers_elsewhere(tmp_path: Path) -> None:
    put(tmp_path, "opencps_v2_status.csv", ",".join(COLUMNS), f"pausing,,4,guess,draft,{GROUND},Lan,")
    cells = row(dossierStatus="pausing", dossierSubStatus="")
    assert dossier_of(make_mapper(site_dir=tmp_path).map("1", cells, {}, SWEEP)).status == 4
    approved = [AgencyRow("000.17.22.H44", "x", "commune", "25", "237", "08497", "approved")]
    found = make_mapper(site_dir=tmp_path, is_rehearsal=False, agencies=approved).map("1", cells, {}, SWEEP)
    assert ("crosswalk_unapproved", "opencps_v2_status pausing") in {(i.code, i.about) for i in found.issues}
    assert found.dossier is None


@pytest.mark.parametrize("line", ["pausing,,4,guess,draft,,Lan,", f"pausing,,4,guess,rejected,{GROUND},Lan,"])
def test_a_draft_without_ground_and_a_rejected_row_never_map(tmp_path: Path, line: str) -> None:
    put(tmp_path, "opencps_v2_status.csv", ",".join(COLUMNS), line)
    found = make_mapper(site_dir=tmp_path).map("1", row(dossierStatus="pausing", dossierSubStatus=""), {}, SWEEP)
    assert codes(found) == {"status_undecided"}


def test_a_field_waits_for_its_crosswalk_row(tmp_path: Path) -> None:
    put(tmp_path, "kenh.csv", ",".join(COLUMNS), f"quay,,1,exact,draft,{GROUND},Lan,")
    (tmp_path / "profiles").mkdir()
    text = "extends: opencps_v2\ndossier:\n  channel: {from: serverNo, crosswalk: kenh}\n"
    (tmp_path / "profiles" / "opencps_v2.yaml").write_text(text, encoding="utf-8")
    cells = row(serverNo="quay")
    assert dossier_of(make_mapper(site_dir=tmp_path).map("1", cells, {}, SWEEP)).channel == "1"
    strict = make_mapper(site_dir=tmp_path, is_rehearsal=False)
    assert {i.about for i in strict.map("1", cells, {}, SWEEP).issues} >= {"kenh quay"}
    assert [table.name for table in reviewed([load_profile("opencps_v2", tmp_path)])][1] == "kenh"


# ---------------------------------------------------------------- tables that are wrong


@pytest.mark.parametrize(("name", "lines", "cause"), [
    ("opencps_v2_status.csv", [",".join(COLUMNS), f"pausing,,11,exact,approved,{GROUND},Lan,"], "11"),
    ("opencps_v2_status.csv", [",".join(COLUMNS), "a,,4,exact,draft,,,", "a,,5,exact,draft,,,"], "hai lần"),
    ("departments.csv", ["old_name,new_name,status,source,note", "Sở A,Sở Không Có,draft,x,"], "Sở Không Có"),
    ("departments.csv", ["old_name,new_name,status,source,note", "Sở A,Sở Xây dựng,draft,x,", "Sở  a,Sở Y tế,draft,x,"],
     "hai lần"),
])  # fmt: skip
def test_a_wrong_row_of_a_table_is_refused_with_file_and_line(
    tmp_path: Path, name: str, lines: list[str], cause: str
) -> None:
    put(tmp_path, name, *lines)
    with pytest.raises(ProfileError, match=cause) as caught:
        make_mapper(site_dir=tmp_path)
    assert caught.value.file.endswith(name)
    assert caught.value.line == len(lines)


@pytest.mark.parametrize(("codes_", "cause"), [
    (("25", "237", "99999"), "99999"), (("25", "237", "04876"), "không khớp"), (("98", "", ""), "98"),
])  # fmt: skip
def test_an_agency_in_a_unit_that_is_none_is_refused(tmp_path: Path, codes_: tuple[str, str, str], cause: str) -> None:
    wrong = AgencyRow("A2", "UBND xã", "commune" if codes_[2] else "province", *codes_, status="approved")
    put(
        tmp_path,
        "agencies.csv",
        ",".join(AGENCY_COLUMNS),
        "A1,,,,,,draft,,,",
        f"A2,x,{wrong.level},{','.join(codes_)},,,,",
    )
    with pytest.raises(ProfileError, match=cause) as caught:
        make_mapper(site_dir=tmp_path, agencies=[wrong])
    assert caught.value.line == 3


# ---------------------------------------------------------------- suggestions, fields


@pytest.mark.parametrize(("table", "name", "found"), [
    (STATUS, "Đang xử lý", ("4", 100)),
    (STATUS, "pausing", None),
    (AGENCIES, "UBND xã Cao Sơn, huyện Đà Bắc", ("04876", 100)),
    (AGENCIES, "UBND xã Cao Sơn", None),  # there are two: nobody guesses
    (DEPARTMENTS, "Sở Y tế tỉnh Hòa Bình", ("Sở Y tế", 100)),
    (DEPARTMENTS, "Sở Giao thông vận tải", None),
])  # fmt: skip
def test_a_suggestion_is_the_one_target_most_alike(table: Table, name: str, found: tuple[str, int] | None) -> None:
    said = suggester(table, KNOWN)(table.open_row(("x", "")[: len(table.key)]), name)
    assert (said and (list(said.cells.values())[-1], said.score)) == found


def test_every_field_of_the_model_is_described_and_counted() -> None:
    lines = described(PROFILE)
    assert [line.path for line in lines if not line.meaning] == []
    counts: dict[str, FieldCount] = {}
    mapped = make_mapper().map("1", row(contactTelNo="01681234567", briefNote="<b>x</b>"), {}, SWEEP)
    count_fields(dossier_of(mapped), mapped, counts)
    assert {line.path for line in lines} >= set(counts)
    assert (counts["applicant.phone"].filled, counts["applicant.phone"].changed) == (1, 1)
    assert counts["summary"].changed == 1
    assert (counts["delegate.name"].filled, counts["delegate.name"].empty) == (0, 1)


# ---------------------------------------------------------------- the workbook


def review(rows: list[ListRow]) -> Review:
    lists = (
        ReviewList(STATUS, tuple(rows)),
        ReviewList(AGENCIES, ()),
        ReviewList(DEPARTMENTS, ()),
        ReviewList(PROCEDURES, ()),
    )
    return Review("thu", False, 1, (), lists, (), (), ())


def current() -> list[tuple[Table, dict[Any, Any]]]:
    return [(table, merged_rows(table, Path("khong-co"))) for table in (STATUS, AGENCIES, DEPARTMENTS, PROCEDURES)]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    rows = [ListRow(cells, 3) for cells in current()[0][1].values()]
    rows.append(ListRow(STATUS.open_row(("=x+1", "")), 2))
    file = tmp_path / "sua.xlsx"
    file.write_bytes(workbook(sheets(review(rows))))
    return file


def edit(file: Path, change: Callable[[Any], object]) -> Path:
    pages: Workbook = load_workbook(file)
    change(pages[sheet_name(STATUS)])
    pages.save(file)
    return file


def column(page: Any, title: str) -> int:
    return next(cell.column for cell in page[1] if cell.value == title)


def line_of(page: Any, code: str) -> int:
    return next(cell.row for cell in page["A"] if cell.value == code)


def put_cell(code: str, title: str, value: object) -> Callable[[Any], None]:
    def change(page: Any) -> None:
        page.cell(line_of(page, code), column(page, title)).value = value

    return change


def approve(page: Any, code: str = "pausing", target: object = "4") -> None:
    for title, value in {"Mã đích": target, "Duyệt": "đã duyệt", "Người duyệt": " Lan ", "Căn cứ": "QĐ 5\xa0"}.items():
        put_cell(code, title, value)(page)


def test_the_same_review_is_the_same_file(book: Path) -> None:
    rows = [ListRow(cells, 3) for cells in current()[0][1].values()]
    rows.append(ListRow(STATUS.open_row(("=x+1", "")), 2))
    assert workbook(sheets(review(rows))) == book.read_bytes()


def test_a_workbook_that_nobody_edited_changes_nothing(book: Path) -> None:
    assert all(not edited.rows for edited in edits(book, current(), KNOWN))
    edit(book, lambda page: None)  # saved by another program
    assert all(not edited.rows for edited in edits(book, current(), KNOWN))


def test_an_approved_row_comes_back_as_the_table_writes_it(book: Path, tmp_path: Path) -> None:
    edit(book, approve)
    changed = edits(book, current(), KNOWN)[0].rows
    assert changed == {
        ("pausing", ""): {
            "code": "pausing", "qualifier": "", "target": "4", "relation": "guess", "status": "approved",
            "source": "QĐ 5", "author": "Lan", "note": "Suy đoán: 8 sẽ kết thúc một hồ sơ còn mở; đơn vị quyết định",
        }
    }  # fmt: skip
    text = site_text(STATUS, tmp_path, changed)
    assert text.splitlines()[1].startswith("pausing,,4,guess,approved,QĐ 5,Lan,")
    assert len(text.splitlines()) == 2  # only what is not as shipped


def test_a_row_typed_in_by_hand_is_a_new_row(book: Path) -> None:
    def change(page: Any) -> None:
        page.cell(page.max_row + 1, 1).value = "ketthuc"
        approve(page, "ketthuc")

    assert list(edits(edit(book, change), current(), KNOWN)[0].rows) == [("ketthuc", "")]


def test_a_code_that_looks_like_a_formula_stays_text(book: Path) -> None:
    changed = edits(edit(book, lambda page: approve(page, "=x+1")), current(), KNOWN)[0].rows
    assert list(changed) == [("=x+1", "")]


def twice(page: Any) -> None:
    for at, cell in enumerate(page[line_of(page, "done")], start=1):
        page.cell(page.max_row + (at == 1), at).value = cell.value


def number_in_key(page: Any) -> None:
    page.cell(line_of(page, "done"), 1).value = 10


def no_person(page: Any) -> None:
    approve(page)
    put_cell("pausing", "Người duyệt", "")(page)


def no_ground(page: Any) -> None:
    approve(page)
    put_cell("pausing", "Căn cứ", None)(page)


@pytest.mark.parametrize(("change", "cause"), [
    (lambda page: page.delete_cols(column(page, "Duyệt")), "thiếu cột: Duyệt"),
    (lambda page: page.cell(1, 30).__setattr__("value", "Ý kiến"), "cột lạ: .*Ý kiến"),
    (twice, "hai dòng"),
    (lambda page: approve(page, target="11"), "TrangThaiHoSo"),
    (lambda page: approve(page, target=4), "thành số"),
    (number_in_key, "thành số"),
    (lambda page: approve(page, target=True), "TRUE/FALSE"),
    (lambda page: approve(page, target="=2+2"), "công thức"),
    (put_cell("done", "Duyệt", "đồng ý"), "trạng thái duyệt"),
    (put_cell("done", "Tương đương", "na ná"), "tương đương"),
    (no_person, "người duyệt"),
    (no_ground, "căn cứ"),
    (put_cell("done", "Mã cũ", "xong"), "mã cũ của dòng đã bị sửa"),
    (lambda page: page.parent.remove(page), "thiếu trang"),
])  # fmt: skip
def test_a_wrong_workbook_is_refused_with_its_cause(book: Path, change: Callable[[Any], object], cause: str) -> None:
    with pytest.raises(ProfileError, match=cause) as caught:
        edits(edit(book, change), current(), KNOWN)
    assert str(book) in str(caught.value)


def test_a_row_that_changed_in_the_site_meanwhile_is_not_overwritten(book: Path) -> None:
    lists = current()
    lists[0][1]["pausing", ""] = {**lists[0][1]["pausing", ""], "target": "5"}
    assert not edits(book, lists, KNOWN)[0].rows
    with pytest.raises(ProfileError, match="sau khi xuất sổ"):
        edits(edit(book, approve), lists, KNOWN)


@pytest.mark.parametrize("data", [b"", b"khong phai so", b"PK\x03\x04hong"])
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(data)
    with pytest.raises(ProfileError, match="XLSX"):
        edits(tmp_path / "x.xlsx", current(), KNOWN)
