"""A column in TCVN3, from the first check to the approved table."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.story.stage import change, ledger_rows, lienthong, manifest, seeded, status


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts") / "site"
    lienthong("demo", folder, "--dossiers", "300", "--seed", "11", "--prepare")
    return folder


@pytest.fixture
def site(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "site"))


def table(site: Path) -> dict[str, dict[str, str]]:
    with open(site / "crosswalks" / "encodings.csv", encoding="utf-8", newline="") as stream:
        return {row["column"]: row for row in csv.DictReader(stream)}


def make_real(site: Path) -> None:
    """The same old system as if it were no rehearsal."""
    change(site / "var" / "old.sqlite", "DROP TABLE lienthong_rehearsal")
    file = site / "site.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("rehearsal: true", "rehearsal: false"), encoding="utf-8")


def approve(site: Path) -> None:
    file = site / "crosswalks" / "encodings.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",draft,", ",approved,"), encoding="utf-8")


def mapped(site: Path) -> Counter[str]:
    """Issue codes of letters after mapping, by dossier."""
    lienthong("extract", site, expect=(0, 1))
    lienthong("map", site, expect=(0, 1))
    rows = ledger_rows(site, "SELECT code, count(DISTINCT key) FROM issue WHERE code LIKE 'text_%' GROUP BY code")
    return Counter(dict(rows))


def test_check_names_each_column_with_counts_and_no_text(site: Path) -> None:
    said = lienthong("check", site, "--json").stdout
    found: list[dict[str, Any]] = [f for f in json.loads(said) if "có vẻ lưu bằng" in f["message"]]
    assert ["briefNote" in f["message"] and "TCVN3 (ABC)" in f["message"] for f in found].count(True) == 1
    assert {row["encoding"] for name, row in table(site).items() if name != "*"} == {"tcvn3", "vni", "mixed"}
    kinds = {kind["kind"]: kind["count"] for kind in manifest(site)["kinds"]}
    assert int(table(site)["briefNote"]["tcvn3"]) == kinds["tcvn3_column"]
    assert "®" not in said + (site / "crosswalks" / "encodings.csv").read_text(encoding="utf-8")


def test_a_real_site_converts_nothing_before_somebody_approves(site: Path) -> None:
    make_real(site)
    lienthong("check", site)
    wanted = seeded(site)["issues"]
    columns = wanted["text_converted"] + wanted["text_encoding_mixed"]
    before = mapped(site)
    assert (before["text_converted"], before["text_encoding_undecided"]) == (0, columns)
    approve(site)
    after = mapped(site)
    assert (after["text_encoding_undecided"], after["text_converted"]) == (0, wanted["text_converted"])
    assert after["text_encoding_mixed"] == wanted["text_encoding_mixed"]


def test_a_wrong_table_is_refused_with_its_line(site: Path) -> None:
    lienthong("check", site)
    file = site / "crosswalks" / "encodings.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",tcvn3,", ",utf9,"), encoding="utf-8")
    said = lienthong("check", site, expect=10).stderr
    assert "encodings.csv" in said
    assert "utf9" not in said or "encoding là" in said


def test_a_clean_old_system_gets_no_alarm(site: Path) -> None:
    (site / "var" / "old.sqlite").unlink()
    lienthong("sample", site, "--url", "sqlite:///var/old.sqlite", "--dossiers", "300", "--clean")
    lienthong("check", site)
    assert list(table(site)) == ["*"]
    assert mapped(site) == Counter()
    assert ledger_rows(site, "SELECT count(*) FROM issue WHERE severity IN ('error', 'warning')") == [(0,)]


def test_the_statuses_say_what_was_seeded(site: Path) -> None:
    lienthong("migrate", site, expect=(0, 1))
    found, wanted = status(site)["issues"], seeded(site)["issues"]
    of_letters = {code for code in wanted if code.startswith("text_")}
    assert {code: found[code] for code in of_letters} == {code: wanted[code] for code in of_letters}
