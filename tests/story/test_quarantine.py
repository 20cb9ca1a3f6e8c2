"""The tray as daily work: out as a workbook, back as corrections; who works on what, and for how long."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.story.stage import change, go_on, ledger_rows, lienthong, look, make_ready

WHO = ("--author", "Bộ phận Một cửa xã An Nghĩa", "--note", "Theo giấy tiếp nhận lưu tại xã")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsed site as far as validate: its tray is full."""
    return make_ready(tmp_path_factory.mktemp("tray") / "site", 400)


@pytest.fixture
def site(waiting: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(waiting, tmp_path / "site"))


def states(site: Path) -> dict[str, str]:
    return dict(ledger_rows(site, "SELECT key, state FROM entry"))


def of_cause(site: Path, code: str) -> list[str]:
    sql = f"SELECT key FROM issue WHERE code = '{code}' AND severity = 'error' ORDER BY key"
    return [key for (key,) in ledger_rows(site, sql)]


def columns(page: Worksheet) -> dict[str, int]:
    """Title → number of each column."""
    return {str(cell.value): number for number, cell in enumerate(page[1], start=1)}


def fill(book: Path, right: dict[tuple[str, str], str]) -> None:
    """Write into the column of right values, as a clerk does: (key, old column) → value."""
    opened = load_workbook(book)
    page = opened["Cách ly"]
    at = columns(page)
    left = dict(right)
    for line in range(2, page.max_row + 1):
        place = (str(page.cell(line, at["Khóa cũ"]).value), str(page.cell(line, at["Cột cũ"]).value))
        if place in left:
            page.cell(line, at["Giá trị đúng"], left.pop(place))
    assert not left
    opened.save(book)


def test_a_corrected_due_date_takes_its_dossier_out_of_the_tray_and_leaves_the_source_alone(
    site: Path, tmp_path: Path
) -> None:
    key, other, *_ = of_cause(site, "due_missing")
    book = tmp_path / "tray.xlsx"
    lienthong("quarantine", site, "export", book, "--code", "due_missing", expect=1)
    fill(book, {(key, "dueDate"): "15/07/2025 17:00"})
    before = (site / "var" / "old.sqlite").read_bytes()
    lienthong("quarantine", site, "import", book, *WHO)
    assert states(site)[key] == "QUARANTINED"
    go_on(site)
    assert (states(site)[key], states(site)[other]) == ("VALID", "QUARANTINED")
    assert (site / "var" / "old.sqlite").read_bytes() == before
    ((due,),) = ledger_rows(site, f"SELECT due_at FROM entry WHERE key = '{key}'")
    assert due == "2025-07-15T17:00:00+07:00"
    assert ledger_rows(site, f"SELECT code FROM issue WHERE key = '{key}' AND code = 'value_corrected'")


def test_a_correction_that_is_taken_back_brings_its_dossier_back(site: Path, tmp_path: Path) -> None:
    key = of_cause(site, "due_missing")[0]
    book = tmp_path / "tray.xlsx"
    lienthong("quarantine", site, "export", book, expect=1)
    fill(book, {(key, "dueDate"): "15/07/2025"})
    lienthong("quarantine", site, "import", book, *WHO)
    go_on(site)
    moved = ledger_rows(site, "SELECT DISTINCT key FROM history WHERE reason = 'value_corrected'")
    assert moved == [(key,)]
    next((site / "corrections").glob("*.yaml")).unlink()
    go_on(site)
    assert states(site)[key] == "QUARANTINED"


def test_a_cell_that_the_old_system_changed_after_the_correction_stops_the_dossier(site: Path, tmp_path: Path) -> None:
    key = of_cause(site, "due_missing")[0]
    book = tmp_path / "tray.xlsx"
    lienthong("quarantine", site, "export", book, expect=1)
    fill(book, {(key, "dueDate"): "15/07/2025"})
    lienthong("quarantine", site, "import", book, *WHO)
    sql = f"UPDATE opencps_dossier SET dueDate = '2025-07-20 10:00:00' WHERE dossierId = {key}"
    assert change(site / "var" / "old.sqlite", sql) == 1
    go_on(site)
    assert of_cause(site, "correction_stale") == [key]
    assert states(site)[key] == "QUARANTINED"


def test_a_workbook_that_is_older_than_the_source_is_refused_whole(site: Path, tmp_path: Path) -> None:
    key, other, *_ = of_cause(site, "due_missing")
    book = tmp_path / "tray.xlsx"
    lienthong("quarantine", site, "export", book, expect=1)
    fill(book, {(key, "dueDate"): "15/07/2025", (other, "dueDate"): "16/07/2025"})
    sql = f"UPDATE opencps_dossier SET dueDate = '2025-07-20 10:00:00' WHERE dossierId = {other}"
    change(site / "var" / "old.sqlite", sql)
    go_on(site)
    said = lienthong("quarantine", site, "import", book, *WHO, expect=10).stderr
    assert f"hồ sơ {other} không còn trong khay" in " ".join(said.split())
    assert not (site / "corrections").exists()


def test_a_finding_without_an_old_cell_cannot_be_corrected_in_the_workbook(site: Path, tmp_path: Path) -> None:
    book = tmp_path / "tray.xlsx"
    lienthong("quarantine", site, "export", book, "--code", "case_state_unmapped", expect=1)
    opened = load_workbook(book)
    page = opened["Cách ly"]
    page.cell(2, columns(page)["Giá trị đúng"], "x")
    opened.save(book)
    said = lienthong("quarantine", site, "import", book, *WHO, expect=10).stderr
    assert "dòng này không nêu ô cũ nào" in " ".join(said.split())


def test_the_workbook_masks_persons_and_says_who_looked_without_masks(site: Path, tmp_path: Path) -> None:
    def texts(book: Path) -> set[str]:
        return {str(value) for row in load_workbook(book)["Cách ly"].iter_rows(values_only=True) for value in row}

    addresses = look(site / "var" / "old.sqlite", "SELECT CAST(address AS BLOB) FROM opencps_dossier")
    held = {raw.decode("utf-8", "replace") for (raw,) in addresses if raw}
    masked, whole = tmp_path / "masked.xlsx", tmp_path / "whole.xlsx"
    lienthong("quarantine", site, "export", masked, "--code", "text_not_utf8", expect=1)
    assert texts(masked).isdisjoint(held)
    assert not ledger_rows(site, "SELECT 1 FROM history WHERE reason LIKE 'unmasked by%'")
    lienthong("quarantine", site, "export", whole, "--code", "text_not_utf8", "--no-mask", expect=1)
    assert texts(whole) & held
    seen = {key for (key,) in ledger_rows(site, "SELECT key FROM history WHERE reason LIKE 'unmasked by%'")}
    assert seen == set(of_cause(site, "text_not_utf8"))
    assert (whole.stat().st_mode & 0o777) == 0o600


def test_corrections_stay_out_of_the_git_history_of_the_site(site: Path, tmp_path: Path) -> None:
    key = of_cause(site, "due_missing")[0]
    book = tmp_path / "tray.xlsx"
    lienthong("quarantine", site, "export", book, expect=1)
    fill(book, {(key, "dueDate"): "15/07/2025"})
    lienthong("quarantine", site, "import", book, *WHO)
    (file,) = (site / "corrections").glob("*.yaml")
    assert file.stat().st_mode & 0o777 == 0o600
    subprocess.run(["git", "init", "-q", site], check=True)
    told = subprocess.run(["git", "-C", site, "status", "--short", "-uall"], capture_output=True, text=True, check=True)
    assert "corrections" not in told.stdout


def test_a_cause_is_taken_on_by_somebody_and_given_back(site: Path) -> None:
    keys = of_cause(site, "due_missing")
    lienthong("quarantine", site, "assign", "--code", "due_missing", "--owner", "Tổ một cửa")

    def cause() -> dict[str, Any]:
        (found,) = json.loads(lienthong("quarantine", site, "--code", "due_missing", "--json", expect=1).stdout)
        return dict(found)

    assert (cause()["owners"], cause()["oldest_days"], cause()["dossiers"]) == (["Tổ một cửa"], 0, len(keys))
    (shown,) = json.loads(lienthong("quarantine", site, "show", keys[0], "--json", expect=1).stdout)
    assert (shown["owner"], shown["times"], shown["attempts"]) == ("Tổ một cửa", 1, [])
    lienthong("quarantine", site, "assign", "--code", "due_missing", "--owner", "")
    assert cause()["owners"] == []
    lienthong("quarantine", site, "assign", "no-such-dossier", "--owner", "x", expect=1)


@pytest.mark.parametrize("words", [("export",), ("import", "x.xlsx"), ("assign", "--owner", "x"), ("sing",)])
def test_half_a_command_says_how_it_is_used(site: Path, words: tuple[str, ...]) -> None:
    lienthong("quarantine", site, *words, expect=2)


def test_a_run_that_meets_too_much_trouble_stops_cleanly_and_the_next_one_goes_on(tmp_path: Path) -> None:
    site = tmp_path / "site"
    lienthong("demo", site, "--dossiers", "300", "--prepare")
    whole = (site / "site.yaml").read_text(encoding="utf-8")
    (site / "site.yaml").write_text(f"{whole}errors: {{data: {{stop_after: 5}}}}\n", encoding="utf-8")
    lienthong("extract", site)
    stopped = [lienthong(stage, site, expect=1).stderr for stage in ("map", "validate")]
    assert "Dừng theo errors.data của site.yaml" in " ".join(" ".join(stopped).split())
    assert not ledger_rows(site, "SELECT 1 FROM entry WHERE lease IS NOT NULL")
    (site / "site.yaml").write_text(whole, encoding="utf-8")
    go_on(site)
    assert set(states(site).values()) == {"VALID", "QUARANTINED", "EXCLUDED"}


def test_check_counts_the_rows_that_name_a_dossier_which_is_not_there(site: Path) -> None:
    def lost() -> list[str]:
        found = json.loads(lienthong("check", site, "--json").stdout)
        return [f["message"] for f in found if "không đi cùng hồ sơ nào" in f["message"]]

    assert lost() == []
    some = "(SELECT dossierActionId FROM opencps_dossieraction ORDER BY dossierActionId LIMIT 3)"
    sql = f"UPDATE opencps_dossieraction SET dossierId = 999999999 WHERE dossierActionId IN {some}"
    assert change(site / "var" / "old.sqlite", sql) == 3
    (said,) = lost()
    assert said.startswith("3 dòng của bảng opencps_dossieraction ")
