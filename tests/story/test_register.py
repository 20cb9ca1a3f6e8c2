"""Four communes that kept their registers in spreadsheets: from the books to the report, and what happens next."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from flows.cli import run
from flows.demo import compare_with_manifest
from flows.pipeline import site_status
from flows.site import load_site
from flows.workplace import open_workplace
from tests.story.stage import ledger_rows, look

STAGES = ("extract", "map", "validate", "push", "compare")
SITE_YAML = """\
name: so_xa
cutoff: 2025-07-01
rehearsal: true
sources:
  so_xa:
    connector: spreadsheet
    path: so
    profile: so_theo_doi
    zone: Asia/Ho_Chi_Minh
target: {connector: rest, rehearsal: var/receiver.sqlite}
"""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of registers, filled, checked and run once."""
    folder = tmp_path_factory.mktemp("so") / "site"
    folder.mkdir()
    (folder / "site.yaml").write_text(SITE_YAML, encoding="utf-8")
    assert run(["sample", str(folder), "--dossiers", "300", "--seed", "7"]) == 0
    assert run(["check", str(folder)]) == 0
    assert [run([stage, str(folder)]) for stage in STAGES] == [0, 1, 1, 1, 1]
    return folder


@pytest.fixture
def site(migrated: Path, tmp_path: Path) -> Path:
    """A copy of it for one story."""
    return Path(shutil.copytree(migrated, tmp_path / "site"))


def people(site: Path) -> Iterator[str]:
    """Names, numbers and addresses as the books have them."""
    rows = look(site / "var" / "staged" / "so_xa.sqlite", "SELECT ten, soGiayTo, diaChi FROM so_theo_doi")
    yield from {str(cell) for row in rows for cell in row if cell and len(str(cell)) > 6}


def states(site: Path) -> dict[str, int]:
    return dict(ledger_rows(site, "SELECT state, count(*) FROM entry GROUP BY state"))


def test_every_kind_of_dirt_is_found_with_exactly_its_seeded_count(migrated: Path) -> None:
    with open_workplace(load_site(migrated)) as work:
        status = site_status(work)
        assert compare_with_manifest(status, migrated / "var" / "manifest.json") == []
    assert status.total.balanced
    assert len(status.total.issues) >= 17
    assert status.total.states["MATCHED"] > 230


def test_every_kind_of_book_gave_dossiers(migrated: Path) -> None:
    files = look(migrated / "var" / "staged" / "so_xa.sqlite", "SELECT DISTINCT source_file FROM so_theo_doi")
    assert {Path(name).suffix for (name,) in files} == {".xlsx", ".ods", ".csv"}


def test_the_preview_tells_what_became_of_each_column_and_no_personal_value(
    migrated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sheets", str(migrated), "--json"]) == 0
    shown = capsys.readouterr().out
    views: list[dict[str, Any]] = json.loads(shown)
    form = next(view for view in views if view["file"] == "so_1_2025.xlsx" and view["table"] == "so_theo_doi")
    assert (form["header"], form["header_rows"], form["left_out"] > 5) == (5, 2, True)
    columns = {column["label"]: column for column in form["columns"]}
    assert columns["NGÀY, THÁNG, NĂM / Nhận hồ sơ"]["column"] == "ngayNhan"
    assert "received_at" in columns["NGÀY, THÁNG, NĂM / Nhận hồ sơ"]["fields"]
    assert columns["TRẢ KẾT QUẢ / Ký nhận"]["how"] == "ignored"
    assert run(["sheets", str(migrated)]) == 0
    shown += capsys.readouterr().out
    assert [value for value in people(migrated) if value in shown] == []


def test_the_preview_finds_a_row(migrated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ((key, file, number),) = look(
        migrated / "var" / "staged" / "so_xa.sqlite",
        "SELECT source_key, source_file, source_row FROM so_theo_doi WHERE source_file LIKE '%.csv' LIMIT 1",
    )
    assert run(["sheets", str(migrated), key]) == 0
    assert f"tệp {file}, dòng {number}" in " ".join(capsys.readouterr().err.split())
    assert run(["sheets", str(migrated), "khong-co"]) == 1


def test_a_row_put_in_above_the_others_moves_nothing_but_itself(site: Path) -> None:
    book = next((site / "so").glob("so_3_2024.csv"))
    lines = book.read_text(encoding="utf-8-sig").splitlines()
    first = next(csv.reader([lines[1]], delimiter=";"))
    added = ";".join(
        ["", "000.99.21.H44-240102-0001", first[2], "1", "Người Thêm Vào", "", "Khu 1", first[7], "02/01/2024"]
    )
    book.write_text("\n".join([lines[0], added, *lines[1:]]), encoding="utf-8-sig")
    before = states(site)
    assert run(["extract", str(site)]) == 1
    assert ledger_rows(site, "SELECT key FROM entry WHERE revision > 1 OR state = 'EXTRACTED'") == [
        ("000.99.21.H44-240102-0001",)
    ]
    assert states(site) == before | {"EXTRACTED": 1}


def test_a_half_written_book_stops_the_sweep_and_nothing_is_called_vanished(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = next((site / "so").glob("so_1_2025.xlsx"))
    book.write_bytes(book.read_bytes()[:5000])
    before = states(site)
    assert run(["extract", str(site)]) == 10
    assert "so_1_2025.xlsx: tệp hỏng hoặc chép dở" in " ".join(capsys.readouterr().err.split())
    assert states(site) == before


def test_a_column_that_nobody_declared_is_asked_for(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = next((site / "so").glob("so_4_2025.xlsx"))
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet.cell(2, 16, "Người thụ lý")
    book.save(path)
    assert run(["check", str(site)]) == 10
    assert "Cột so_theo_doi.Người thụ lý chưa được chuyển" in " ".join(capsys.readouterr().err.split())
    assert run(["sheets", str(site)]) == 10
    assert "CHƯA KHAI" in capsys.readouterr().out


def test_books_of_a_rehearsal_are_refused_by_a_real_site(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real = SITE_YAML.replace("rehearsal: true\n", "")
    (site / "site.yaml").write_text(real, encoding="utf-8")
    assert run(["check", str(site)]) == 10
    assert "dữ liệu diễn tập" in " ".join(capsys.readouterr().err.split())
