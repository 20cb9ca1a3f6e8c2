"""What would change: one row of a crosswalk edited, in a copy of the site or in its own git history."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.story.stage import ledger_rows, lienthong, look, make_ready


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsed site, mapped and validated."""
    return make_ready(tmp_path_factory.mktemp("whatif") / "site", 400, 7)


def dossiers_of(site: Path, agency: str) -> set[str]:
    """Old keys of the mapped dossiers that were filed with an agency."""
    sql = f"SELECT dossierId FROM opencps_dossier WHERE govAgencyCode = '{agency}'"
    mapped = {key for (key,) in ledger_rows(site, "SELECT key FROM entry WHERE mapped_fp IS NOT NULL")}
    return {str(key) for (key,) in look(site / "var" / "old.sqlite", sql)} & mapped


def busiest_commune(site: Path) -> tuple[str, int]:
    """The commune agency with the most dossiers, and its line in agencies.csv (0 is the head)."""
    rows = read(site)
    communes = {row[0]: line for line, row in enumerate(rows) if row[2] == "commune" and row[7] == "name_in_district"}
    filed = Counter(a for (a,) in look(site / "var" / "old.sqlite", "SELECT govAgencyCode FROM opencps_dossier"))
    agency = max(communes, key=lambda code: len(dossiers_of(site, code)) * (filed[code] > 0))
    return agency, communes[agency]


def read(site: Path) -> list[list[str]]:
    with (site / "crosswalks" / "agencies.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def send_elsewhere(site: Path, line: int) -> None:
    """Give an agency the commune of Việt Trì: another one than its own."""
    rows = read(site)
    viet_tri = next(row for row in rows if row[2] == "commune" and row[4] == "227" and row != rows[line])
    rows[line][3:6] = viet_tri[3:6]
    with (site / "crosswalks" / "agencies.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def groups(text: str) -> dict[tuple[str, str], int]:
    found: dict[str, Any] = json.loads(text)
    return {(g["kind"], g["subject"]): g["dossiers"] for g in found["groups"]}


def test_one_changed_row_lists_exactly_the_dossiers_concerned(site: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(site, tmp_path / "other", ignore=shutil.ignore_patterns("var")))
    agency, line = busiest_commune(site)
    send_elsewhere(other, line)
    concerned = dossiers_of(site, agency)
    before = ledger_rows(site, "SELECT key, state, revision, mapping_version FROM entry ORDER BY key")
    done = lienthong("whatif", site, "--against", other, "--json", "--csv", tmp_path / "w.csv", expect=1)
    with (tmp_path / "w.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["khoa_cu"] for row in csv.DictReader(file)}
    assert len(concerned) >= 2
    assert listed == concerned
    found = groups(done.stdout)
    assert found[("field", "DonViXuLy.MaDonVi")] == len(concerned)
    assert {kind for kind, _ in found} == {"field"}
    assert ledger_rows(site, "SELECT key, state, revision, mapping_version FROM entry ORDER BY key") == before


def test_a_decision_shows_what_leaves_the_quarantine(site: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(site, tmp_path / "other", ignore=shutil.ignore_patterns("var")))
    with (other / "site.yaml").open("a", encoding="utf-8") as file:
        file.write("decisions:\n  originality.0: migrate\n  originality.4: exclude\n")
    sql = "SELECT originality, count(*) FROM opencps_dossier WHERE originality IN (0, 4) GROUP BY 1"
    counts = dict(look(site / "var" / "old.sqlite", sql))
    found = groups(lienthong("whatif", site, "--against", other, "--json", expect=1).stdout)
    assert found == {
        ("issue_gone", "originality_undecided"): counts[0],
        ("tray", "MAPPED"): counts[0],
        ("scope", "originality_4"): counts[4],
    }


def test_a_site_is_held_against_its_own_past(site: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(site, tmp_path / "mine"))
    identity = ("-c", "user.name=mc", "-c", "user.email=mc@example.org")
    for words in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "Truoc")):
        subprocess.run(["git", *words], cwd=mine, check=True)
    assert not lienthong("whatif", mine, "--against", "HEAD").stdout
    agency, line = busiest_commune(mine)
    send_elsewhere(mine, line)
    found = groups(lienthong("whatif", mine, "--against", "HEAD", "--json", expect=1).stdout)
    assert found[("field", "DonViXuLy.MaDonVi")] == len(dossiers_of(mine, agency))


def test_what_is_no_site_and_no_version_is_said_so(site: Path) -> None:
    assert "khong_co" in lienthong("whatif", site, "--against", "khong_co", expect=10).stderr


def test_a_site_with_other_sources_is_refused(site: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(site, tmp_path / "other", ignore=shutil.ignore_patterns("var")))
    settings = other / "site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("id: phutho_cu", "id: khac"), encoding="utf-8")
    assert "phutho_cu" in lienthong("whatif", site, "--against", other, expect=10).stderr
