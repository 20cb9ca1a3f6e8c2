"""The mapping as people review it: written, taken back edited, approved in bulk; and what may not be pushed before."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.conftest import Chromium
from tests.story.page import open_page
from tests.story.stage import ledger_rows, lienthong, look

WHO = ("--author", "Sở Nội vụ", "--note", "Công văn 45/SNV ngày 20/11/2026")
STATUS, AGENCIES = "Mã trạng thái OpenCPS v2", "Mã cơ quan cũ"


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsed site, extracted, mapped and validated, with its review."""
    folder = tmp_path_factory.mktemp("review") / "site"
    lienthong("demo", folder, "--dossiers", "400", "--seed", "7", "--prepare")
    run(folder, "extract")
    lienthong("review", folder, expect=1)
    return folder


@pytest.fixture
def site(mapped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(mapped, tmp_path / "site"))


def run(site: Path, *first: str) -> None:
    for stage in (*first, "map", "validate"):
        lienthong(stage, site, expect=(0, 1))


def book(site: Path) -> Path:
    return site / "var" / "review" / "review.xlsx"


def crosswalks(site: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (site / "crosswalks").iterdir()}


def edit(site: Path, sheet: str, change: Callable[[Any], object]) -> Path:
    pages = load_workbook(book(site))
    change(pages[sheet])
    pages.save(book(site))
    return book(site)


def rows(site: Path, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet, by title."""
    heads, *lines = load_workbook(book(site))[sheet].values
    return [dict(zip(heads, line, strict=True)) for line in lines if any(line)]


def put(code: str, **values: str) -> Callable[[Any], None]:
    """Write into the row of a code; ``_`` in a title stands for a space."""

    def change(page: Any) -> None:
        at = next(cell.row for cell in page["A"] if cell.value == code)
        heads = {cell.value: cell.column for cell in page[1]}
        for title, value in values.items():
            page.cell(at, heads[title.replace("_", " ")]).value = value

    return change


def states(site: Path, status: str) -> dict[str, int]:
    """Trays of the in-scope dossiers with an old status."""
    sql = f"SELECT dossierId FROM opencps_dossier WHERE dossierStatus = '{status}'"
    keys = {str(key) for (key,) in look(site / "var" / "old.sqlite", sql)}
    entries = ledger_rows(site, "SELECT key, state FROM entry WHERE state <> 'EXCLUDED'")
    found = [state for key, state in entries if key in keys]
    return {state: found.count(state) for state in found}


def busy_draft(site: Path) -> dict[str, Any]:
    """The drafted commune agency with the most dossiers."""
    found = [row for row in rows(site, AGENCIES) if row["Cấp"] == "xã" and row["Duyệt"] == "để ngỏ"]
    return max(found, key=lambda row: row["Số hồ sơ"])


def test_the_review_counts_what_the_old_system_holds(site: Path) -> None:
    in_scope = {key for (key,) in ledger_rows(site, "SELECT key FROM entry WHERE state <> 'EXCLUDED'")}
    old = look(site / "var" / "old.sqlite", "SELECT dossierId, dossierStatus, govAgencyCode FROM opencps_dossier")
    mine = [(status, agency) for key, status, agency in old if str(key) in in_scope]
    for sheet, at in ((STATUS, 0), (AGENCIES, 1)):
        counted: dict[str, int] = {}
        for row in rows(site, sheet):
            counted[row["Mã cũ"]] = counted.get(row["Mã cũ"], 0) + row["Số hồ sơ"]
        seen = [pair[at].strip() for pair in mine if pair[at] and pair[at].strip()]
        assert {code: n for code, n in counted.items() if n} == {code: seen.count(code) for code in seen}
    filled = {row["Trường"]: (row["Có"], row["Trống"]) for row in rows(site, "Trường")}
    assert sum(filled["NguonHeThong"]) <= len(in_scope)
    assert filled["NgayTiepNhan"][1] > 0
    assert {row["Loại"] for row in rows(site, "Bỏ qua")} == {"hồ sơ", "bảng", "cột"}


def test_writing_twice_gives_the_same_bytes_and_taking_back_changes_none(site: Path) -> None:
    before, first = crosswalks(site), {f.name: f.read_bytes() for f in book(site).parent.iterdir()}
    assert "không sửa gì" in lienthong("review", site, "--import", book(site)).stderr
    lienthong("review", site, expect=1)
    assert {f.name: f.read_bytes() for f in book(site).parent.iterdir()} == first
    assert crosswalks(site) == before
    assert book(site).stat().st_mode & 0o777 == 0o600


def test_an_edited_row_takes_effect_in_the_next_run(site: Path) -> None:
    run(site)
    stopped = states(site, "pausing")
    assert set(stopped) == {"QUARANTINED"}
    done = {"Mã_đích": "8", "Duyệt": "đã duyệt", "Người_duyệt": "Văn phòng UBND", "Căn_cứ": "Công văn 1"}
    said = lienthong("review", site, "--import", edit(site, STATUS, put("pausing", **done))).stderr
    assert "pausing: status để ngỏ → đã duyệt" in said
    assert (site / "crosswalks" / "opencps_v2_status.csv").read_text(encoding="utf-8").count("\n") == 2
    run(site)
    assert states(site, "pausing") == {"VALID": sum(stopped.values())}


def test_a_refused_workbook_writes_nothing(site: Path) -> None:
    before, agency = crosswalks(site), busy_draft(site)["Mã cũ"]
    done = {"Mã_xã_cũ": "99999", "Duyệt": "đã duyệt", "Người_duyệt": "Lan", "Căn_cứ": "Công văn 1"}
    edit(site, STATUS, put("pausing", Ghi_chú="Chờ"))  # a good change beside the bad one
    said = lienthong("review", site, "--import", edit(site, AGENCIES, put(agency, **done)), expect=10).stderr
    assert agency in said
    assert "99999" in said
    assert f"{book(site)}:" in said
    assert AGENCIES in said
    assert crosswalks(site) == before


def test_a_real_site_stops_what_rests_on_a_draft_until_it_is_approved(site: Path) -> None:
    settings = site / "site.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("rehearsal: true\n", "rehearsal: false\n"), encoding="utf-8")
    run(site)
    assert ledger_rows(site, "SELECT count(*) FROM entry WHERE state = 'VALID'") == [(0,)]
    agency = busy_draft(site)["Mã cũ"]
    waits = f"code = 'crosswalk_unapproved' AND about = 'agencies {agency}'"
    waiting = ledger_rows(site, f"SELECT count(*) FROM issue WHERE {waits}")
    said = lienthong("review", site, "--approve", "agencies", "--code", agency, *WHO).stderr
    assert "Đã ghi 1 dòng" in said
    run(site)
    moved = ledger_rows(site, "SELECT count(*) FROM entry WHERE state = 'VALID'")
    assert 0 < moved[0][0] <= waiting[0][0]


def test_many_rows_are_approved_by_what_they_have_in_common(site: Path) -> None:
    fit = [r for r in rows(site, AGENCIES) if r["Số hồ sơ"] >= 2 and r["Điểm"] == 100 and r["Cấp"] == "xã"]
    assert fit
    lienthong("review", site, "--approve", "agencies", "--min-score", "100", "--min-dossiers", "2", *WHO)
    found = json.loads(lienthong("review", site, "--json", expect=1).stdout)["lists"]["agencies"]
    assert found["approved"] == len(fit)
    approved = [r for r in rows(site, AGENCIES) if r["Duyệt"] == "đã duyệt"]
    assert {(r["Người duyệt"], r["Căn cứ"]) for r in approved} == {(WHO[1], WHO[3])}
    assert "agencies" in lienthong("review", site, "--approve", "khong_co", *WHO, expect=10).stderr
    lienthong("review", site, "--approve", "agencies", expect=2)


def test_the_page_shows_every_list_and_asks_nothing_of_the_network(site: Path, chromium: Chromium) -> None:
    with open_page(chromium) as page:
        page.open(book(site).with_suffix(".html").as_uri())
        text = page.wait_for("Từ chối")
        assert {"Hướng dẫn", STATUS, AGENCIES, "Mã sở, ban, ngành cũ", "Bỏ qua"} <= set(text.splitlines())
        assert [url for url in page.asked if not url.startswith("file:")] == []


def test_no_person_is_on_any_sheet(site: Path) -> None:
    people = look(site / "var" / "old.sqlite", "SELECT applicantName, applicantIdNo, contactTelNo FROM opencps_dossier")
    values = {value for person in people for value in person if value and len(value) > 6}
    text = book(site).with_suffix(".html").read_text(encoding="utf-8")
    assert [value for value in sorted(values) if value in text] == []
