"""Why one dossier is as it is: old values, rules, decisions, attempts, files; masked unless somebody asks."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.story.stage import change, ledger_rows, lienthong, look


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsed site, from end to end, without Prefect."""
    folder = tmp_path_factory.mktemp("explain") / "site"
    lienthong("demo", folder, "--dossiers", "400", "--seed", "7", "--prepare")
    for stage in ("extract", "map", "validate", "push", "compare"):
        lienthong(stage, folder, expect=(0, 1))
    return folder


def passport(site: Path, key: str, *options: str) -> dict[str, Any]:
    (found,) = json.loads(lienthong("explain", site, key, "--json", *options).stdout)
    return dict(found)


def key_in(site: Path, state: str, *, issue: str = "", where: str = "") -> str:
    """An old key in a tray, of those with an issue code when one is named."""
    of_issue = f"AND key IN (SELECT key FROM issue WHERE code = '{issue}')" if issue else ""
    of_issue += f" AND {where}" if where else ""
    return str(
        ledger_rows(site, f"SELECT key FROM entry WHERE state = '{state}' {of_issue} ORDER BY key LIMIT 1")[0][0]
    )


def old_row(site: Path, key: str) -> tuple[str, str, str]:
    sql = f"SELECT applicantName, applicantIdNo, contactTelNo FROM opencps_dossier WHERE dossierId = {key}"
    return tuple(look(site / "var" / "old.sqlite", sql)[0])  # type: ignore[return-value]


def line(found: dict[str, Any], field: str) -> dict[str, Any]:
    return next(line for topic in found["topics"] for line in topic["lines"] if line["field"] == field)


def test_a_matched_dossier_tells_where_each_value_comes_from(site: Path) -> None:
    key = key_in(site, "MATCHED")
    found = passport(site, key)
    code = line(found, "code")
    assert code["old"] == [{"column": "dossierNo", "value": found["code"]}]
    assert line(found, "handling_agency")["how"][0].startswith("quy tắc thẩm quyền")
    assert any("rules/competence.yaml" in ground["author"] for ground in found["decisions"])
    assert [move["went_to"] for move in found["moves"]] == ["EXTRACTED", "MAPPED", "VALID", "PUSHED", "MATCHED"]
    assert [push["outcome"] for push in found["pushes"]] == ["pushed"]
    assert all(len(file["sha256"]) == 64 for file in found["files"] if not file["is_missing"])
    assert passport(site, found["new_id"])["key"] == passport(site, found["code"])["key"] == key


def test_a_quarantined_dossier_tells_its_reasons_and_what_to_do(site: Path) -> None:
    found = passport(site, key_in(site, "QUARANTINED", issue="handling_agency_split"))
    assert "handling_agency_split" in {finding["code"] for finding in found["findings"]}
    assert all(finding["remedy"] for finding in found["findings"])
    assert line(found, "handling_agency")["value"] == "chưa có, chờ quyết định"


def test_a_dossier_that_cannot_be_mapped_shows_what_was_read(site: Path) -> None:
    found = passport(site, key_in(site, "QUARANTINED", issue="status_undecided"))
    assert found["code"]
    assert line(found, "applicant.kind")["value"]
    assert found["caveats"]


def test_an_excluded_dossier_tells_the_rule_and_the_one_that_stands_for_it(site: Path) -> None:
    key, twin = ledger_rows(site, "SELECT key, twin FROM entry WHERE rule = 'online_twin' ORDER BY key LIMIT 1")[0]
    found = passport(site, key)
    assert twin in found["sentence"]
    assert line(found, "")["old"] == [{"column": "originality", "value": "1"}]


def test_personal_values_are_masked_everywhere(site: Path, tmp_path: Path) -> None:
    key = key_in(site, "MATCHED")
    page = tmp_path / "page.html"
    lienthong("explain", site, key, "--html", page)
    shown = [lienthong("explain", site, key, *words).stdout for words in ((), ("--json",))]
    shown.append(page.read_text(encoding="utf-8"))
    for text in shown:
        assert not [value for value in old_row(site, key) if value and value in text]
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_an_unmasked_look_is_asked_for_and_recorded(site: Path) -> None:
    key = key_in(site, "MATCHED", issue="overdue_at_cutoff")
    before = len(ledger_rows(site, "SELECT id FROM history"))
    found = passport(site, key, "--no-mask")
    name, number, _ = old_row(site, key)
    assert (line(found, "applicant.name")["value"], line(found, "applicant.identity.number")["value"]) == (name, number)
    assert len(ledger_rows(site, "SELECT id FROM history")) == before + 1
    (reason,) = ledger_rows(site, f"SELECT reason FROM history WHERE key = '{key}' ORDER BY id DESC LIMIT 1")[0]
    assert reason.startswith("unmasked by ")


def test_the_report_has_a_masked_page_for_each_of_its_examples(site: Path) -> None:
    folder = site / "var" / "reports" / "latest"
    linked = re.findall(r'<a href="(dossiers/[^"]+)">', (folder / "report.html").read_text(encoding="utf-8"))
    assert linked
    for address in set(linked):
        page = (folder / address).read_text(encoding="utf-8")
        key = re.search(r"-(\d+)\.html", address)
        assert key is not None
        assert not [value for value in old_row(site, key[1]) if value and len(value) > 8 and value in page]
    assert "<script" not in page
    assert "http://" not in page


def test_a_name_that_nobody_bears_is_said_so(site: Path) -> None:
    done = lienthong("explain", site, "khong-co", expect=1)
    assert "Sổ cái không có hồ sơ" in done.stderr


def test_several_dossiers_of_one_code_are_listed(site: Path) -> None:
    (code,) = ledger_rows(site, "SELECT code FROM entry GROUP BY code HAVING COUNT(*) > 1 AND code <> '' LIMIT 1")[0]
    done = lienthong("explain", site, code, expect=1)
    assert "cùng mang khóa hoặc mã này" in done.stdout


def test_a_difference_names_its_field_and_hides_its_values(site: Path) -> None:
    key = key_in(site, "MATCHED", where="due_at IS NOT NULL")
    (new_id,) = ledger_rows(site, f"SELECT new_id FROM entry WHERE key = '{key}'")[0]
    assert (
        change(site / "var" / "receiver.sqlite", f"UPDATE receiver_dossier SET due_at = NULL WHERE key = '{key}'") == 1
    )
    lienthong("compare", site, expect=1)
    found = passport(site, key)
    assert (found["state"], found["new_id"]) == ("DIFFERENT", new_id)
    assert "Ngày hẹn trả" in {changed["label"] for changed in found["differences"]}
