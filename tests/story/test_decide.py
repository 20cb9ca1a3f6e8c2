"""Dossiers that wait for a decision: seen in groups, settled by village, taken back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.story.stage import change, go_on, ledger_rows, lienthong, look, make_ready

WHO = ("--author", "UBND tỉnh", "--note", "Công văn 123/UBND-NC ngày 20/11/2026")


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rehearsed site, extracted, mapped and validated: some dossiers wait."""
    return make_ready(tmp_path_factory.mktemp("decide") / "site", 1600, 7)


@pytest.fixture
def site(mapped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(mapped, tmp_path / "site"))


def queue(site: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(lienthong("decide", site, "--json", expect=(0, 1)).stdout)
    return found


def split_group(site: Path, agency: str = "") -> dict[str, Any]:
    """The group of this agency, of a commune that was split; by default the largest."""
    found = (group for group in queue(site) if group["cause"] == "handling_agency_split")
    return next(group for group in found if not agency or group["agency"] == agency)


def keys_of_village(site: Path, agency: str, village: str) -> set[str]:
    """Old keys of the dossiers of an agency whose owner lives in this village, as the old system has them."""
    sql = f"SELECT dossierId FROM opencps_dossier WHERE govAgencyCode = '{agency}' AND address LIKE '%, {village}, %'"
    return {str(key) for (key,) in look(site / "var" / "old.sqlite", sql)}


def land_undecided(site: Path) -> list[int]:
    """How many dossiers of the district office of Việt Trì wait because their land has no rule."""
    wanted = ("000.00.21.H44", "handling_land_undecided")
    return [group["dossiers"] for group in queue(site) if (group["agency"], group["cause"]) == wanted]


def states(site: Path, keys: set[str]) -> set[str]:
    return {state for key, state in ledger_rows(site, "SELECT key, state FROM entry") if key in keys}


def sent_back(site: Path) -> set[str]:
    """Keys that a decision sent through the mapping again."""
    return {key for (key,) in ledger_rows(site, "SELECT key FROM history WHERE reason = 'decision_changed'")}


def test_everything_that_waits_is_in_the_queue(site: Path) -> None:
    waiting = ledger_rows(
        site,
        "SELECT count(DISTINCT e.key) FROM entry e JOIN issue i ON i.key = e.key"
        " WHERE e.state = 'QUARANTINED' AND i.stage = 'map' AND i.code LIKE 'handling_%'",
    )
    assert sum(group["dossiers"] for group in queue(site)) == waiting[0][0] > 20
    shown = lienthong("decide", site, expect=1, COLUMNS="220").stdout
    assert "handling_land_undecided" in shown
    assert "04924 Xã Lương Sơn" in shown


def test_one_decision_by_village_moves_exactly_its_dossiers(site: Path) -> None:
    group = split_group(site)
    village = next(iter(group["villages"]))
    concerned = keys_of_village(site, group["agency"], village)
    assert 0 < len(concerned) < group["dossiers"]
    words = ("--cause", group["cause"], "--agency", group["agency"], "--village", village)
    said = lienthong("decide", site, "add", *words, "--to", group["candidates"][0], *WHO).stderr
    assert f"{len(concerned)} hồ sơ đang chờ sẽ đi tiếp" in said
    go_on(site)
    assert sent_back(site) == concerned
    assert states(site, concerned) == {"VALID"}
    moved = ledger_rows(site, "SELECT key, unit FROM entry WHERE revision > 1")
    assert dict(moved) == dict.fromkeys(concerned, group["candidates"][0])
    assert split_group(site, group["agency"])["dossiers"] == group["dossiers"] - len(concerned)


def test_a_decision_that_is_taken_back_lets_its_dossiers_wait_again(site: Path) -> None:
    group = split_group(site)
    words = ("--cause", group["cause"], "--agency", group["agency"])
    lienthong("decide", site, "add", *words, "--to", group["candidates"][1], *WHO)
    go_on(site)
    decided = {key for (key,) in ledger_rows(site, "SELECT key FROM entry WHERE state = 'VALID' AND revision > 1")}
    assert len(decided) == group["dossiers"]
    (file,) = (site / "decisions").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    go_on(site)
    assert states(site, decided) == {"QUARANTINED"}
    assert split_group(site, group["agency"])["dossiers"] == group["dossiers"]


def test_a_dispute_ends_when_one_of_its_decisions_goes(site: Path) -> None:
    group = split_group(site)
    words = ("--cause", group["cause"], "--agency", group["agency"])
    for commune in group["candidates"]:
        lienthong("decide", site, "add", *words, "--to", commune, *WHO)
    go_on(site)
    disputed = next(g for g in queue(site) if g["cause"] == "decision_conflict")
    assert (disputed["agency"], disputed["dossiers"]) == (group["agency"], group["dossiers"])
    max((site / "decisions").iterdir()).unlink()
    go_on(site)
    assert not [g for g in queue(site) if g["agency"] == group["agency"]]
    moved = ledger_rows(site, f"SELECT count(*) FROM entry WHERE unit = '{group['candidates'][0]}' AND state = 'VALID'")
    assert moved[0][0] >= group["dossiers"]


def test_a_decision_about_one_procedure_moves_exactly_its_dossiers_and_can_be_taken_back(site: Path) -> None:
    gone = {g["procedure"]: g for g in queue(site) if g["cause"] == "handling_procedure_gone"}
    sql = "SELECT dossierId FROM opencps_dossier WHERE serviceCode LIKE '1.099001%' AND dossierStatus = 'processing'"
    concerned = {str(key) for (key,) in look(site / "var" / "old.sqlite", sql)}
    assert {procedure: group["dossiers"] for procedure, group in gone.items()} == dict.fromkeys(gone, len(concerned))
    assert set(gone) == {"1.099001", "1.099002"}
    words = ("--procedure", "1.099001", "--procedure-to", "1.000656")
    said = lienthong("decide", site, "add", *words, *WHO).stderr
    assert f"{len(concerned)} hồ sơ đang chờ sẽ đi tiếp" in said
    go_on(site)
    assert sent_back(site) == concerned
    assert states(site, concerned) == {"VALID"}
    assert [g["procedure"] for g in queue(site) if g["cause"] == "handling_procedure_gone"] == ["1.099002"]
    (file,) = (site / "decisions").iterdir()
    file.unlink()
    go_on(site)
    assert sent_back(site) == concerned
    assert states(site, concerned) == {"QUARANTINED"}
    assert {g["procedure"] for g in queue(site)} >= {"1.099001", "1.099002"}


def test_a_successor_that_leaves_another_question_is_told_so(site: Path) -> None:
    with (site / "crosswalks" / "agencies.csv").open(encoding="utf-8") as file:
        assert "000.00.21.H44" in file.read()
    where = "serviceCode = '1.099001' AND dossierStatus = 'processing'"
    change(site / "var" / "old.sqlite", f"UPDATE opencps_dossier SET govAgencyCode = '000.00.21.H44' WHERE {where}")
    go_on(site)
    waiting = next(g["dossiers"] for g in queue(site) if g["procedure"] == "1.099001")
    words = ("--procedure", "1.099001", "--procedure-to", "1.012753")
    said = lienthong("decide", site, "add", *words, *WHO).stderr
    assert f"0 hồ sơ đang chờ sẽ đi tiếp; {waiting} hồ sơ còn chờ một quyết định khác" in said
    go_on(site)
    assert land_undecided(site) == [waiting]
    answer = ("--cause", "handling_land_undecided", "--agency", "000.00.21.H44", "--to", "H44.45")
    assert f"{waiting} hồ sơ đang chờ sẽ đi tiếp." in lienthong("decide", site, "add", *answer, *WHO).stderr
    go_on(site)
    assert land_undecided(site) == []
    min((site / "decisions").iterdir()).unlink()  # the first one goes: both answers fall
    go_on(site)
    assert next(g["dossiers"] for g in queue(site) if g["procedure"] == "1.099001") == waiting


def test_a_decision_for_a_procedure_that_is_none_is_refused_and_not_kept(site: Path) -> None:
    words = ("--procedure", "1.099001", "--procedure-to", "9.999999")
    assert "9.999999" in lienthong("decide", site, "add", *words, *WHO, expect=10).stderr
    assert list((site / "decisions").iterdir()) == []
    lienthong("decide", site, "add", "--procedure", "1.099001", *WHO, expect=2)


def test_a_decision_for_a_commune_that_is_none_is_refused_and_not_kept(site: Path) -> None:
    said = lienthong("decide", site, "add", "--cause", "handling_agency_split", "--to", "99999", *WHO, expect=10).stderr
    assert "99999" in said
    assert list((site / "decisions").iterdir()) == []


def test_a_decision_needs_its_ground(site: Path) -> None:
    lienthong("decide", site, "add", "--cause", "handling_agency_split", "--to", "04924", expect=2)
