"""Open dossiers go on where they stood: a real site's drafted map, its approval, and what each kind of row does."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mappings.case_states import COLUMNS
from tests.story.stage import change, ledger_rows, lienthong, report, status

AFTER = ("map", "validate", "push", "compare")
OWNER = ("--owner", "Văn phòng UBND tỉnh")


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that is no rehearsal, with approved agencies, run once: the map is drafted and nobody has approved it."""
    folder = tmp_path_factory.mktemp("open") / "site"
    lienthong("demo", folder, "--dossiers", "240", "--seed", "3", "--prepare")
    change(folder / "var" / "old.sqlite", "DROP TABLE lienthong_rehearsal")
    file = folder / "site.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("rehearsal: true\n", "rehearsal: false\n"), encoding="utf-8"
    )
    lienthong("extract", folder, expect=(0, 1))
    approve_agencies(folder)
    run(folder, "map", "validate", "push")
    return folder


@pytest.fixture(scope="module")
def going(waiting: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after one approval and one more run."""
    folder = Path(shutil.copytree(waiting, tmp_path_factory.mktemp("going") / "site"))
    said = lienthong("states", folder, "approve", *OWNER).stderr
    assert "Đã duyệt" in said
    assert "chưa có gợi ý" in said
    run(folder, *AFTER)
    return folder


@pytest.fixture
def site(waiting: Path, tmp_path: Path) -> Path:
    """A copy of the site whose open dossiers wait."""
    return Path(shutil.copytree(waiting, tmp_path / "site"))


@pytest.fixture
def moving(going: Path, tmp_path: Path) -> Path:
    """A copy of the site whose open dossiers went on."""
    return Path(shutil.copytree(going, tmp_path / "site"))


def approve_agencies(site: Path) -> None:
    file = site / "crosswalks" / "agencies.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",draft,", ",approved,"), encoding="utf-8")


def run(site: Path, *stages: str) -> None:
    for stage in stages:
        lienthong(stage, site, expect=(0, 1))


def rows(site: Path) -> list[dict[str, str]]:
    with open(site / "crosswalks" / "case_states.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def rewrite(site: Path, edit: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """What an official does in a spreadsheet."""
    edited = [edit(row) for row in rows(site)]
    with open(site / "crosswalks" / "case_states.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(edited)


def states(site: Path, *words: str, expect: int | tuple[int, ...] = (0, 1)) -> Any:
    return json.loads(lienthong("states", site, *words, "--json", expect=expect).stdout)


def case_issues(site: Path) -> dict[str, int]:
    return {code: n for code, n in status(site)["issues"].items() if code.startswith("case_state_")}


def open_keys(site: Path, *where: str) -> set[str]:
    asked = " AND ".join(("is_open = 1", *where))
    return {key for (key,) in ledger_rows(site, f"SELECT key FROM entry WHERE {asked}")}


def test_a_new_database_begins_with_a_drafted_map_and_every_open_dossier_waits(waiting: Path) -> None:
    found = states(waiting, expect=1)
    opened = open_keys(waiting)
    assert found["waiting"] == len(opened) > 40
    assert case_issues(waiting) == {"case_state_unmapped": len(opened)}
    assert not open_keys(waiting, "new_id IS NOT NULL")
    assert status(waiting)["balanced"]
    assert len(found["rows"]) < 25
    assert {row["status"] for row in found["rows"]} == {"draft"}
    assert sum(row["now"] for row in found["rows"]) == len(opened)
    assert "Chuyên viên xử lý" in lienthong("states", waiting, expect=1, COLUMNS="200").stdout


def test_one_approval_lets_them_all_go_on(going: Path) -> None:
    site = going
    left = case_issues(site)
    assert set(left) == {"case_state_unmapped", "case_state_parked"}  # unknown steps, requests that nobody answered
    found, work = status(site), report(site)["total"]["open_work"]
    assert found["balanced"]
    migrated = open_keys(site, "state = 'MATCHED'")
    assert len(migrated) > 30
    assert work["read_back"] == work["actions_equal"] == len(migrated)
    assert work["actions_different"] == 0
    assert work["rounds"] == work["rounds_equal"] > 0
    assert work["pauses"] == work["pauses_equal"]
    assert (work["unmapped"], work["parked"]) == (left["case_state_unmapped"], left["case_state_parked"])
    page = (site / "var" / "reports" / "latest" / "report.html").read_text(encoding="utf-8")
    assert "Hồ sơ đang mở đi tiếp ở hệ thống mới" in page


def test_the_next_action_of_every_class_succeeds_and_disturbs_nothing(moving: Path) -> None:
    site = moving
    tried = json.loads(lienthong("states", site, "try", "--json").stdout)
    assert tried["failed"] == 0
    assert tried["classes"] == tried["succeeded"] > 20
    assert {trial["step"] for trial in tried["trials"]} >= {"THAM_DINH", "CHO_TRA", "TIEP_NHAN", "CHO_BO_SUNG"}
    before = status(site)
    run(site, "compare")  # whatever the trial had changed, compare would now find
    after = status(site)
    assert (after["states"], after["issues"]) == (before["states"], before["issues"])


def test_drain_park_and_refuse_do_what_they_say(site: Path) -> None:
    """Three large classes, one action each; the equation holds and the report names every one."""
    lienthong("states", site, "approve", *OWNER)
    left = {"400": "drain", "300": "park", "220": "refuse"}
    stay: dict[str, str] = {"new_step": "", "new_role": "", "equivalence": "none"}
    rewrite(site, lambda row: row | stay | {"action": left[row["step"]]} if row["step"] in left else row)
    count = dict.fromkeys(left.values(), 0)
    for row in states(site)["rows"]:
        if row["step"] in left:
            count[left[row["step"]]] += row["now"]
    assert all(count.values())
    run(site, *AFTER)
    found = status(site)
    assert found["balanced"]
    assert found["decided"] == {"drained": count["drain"]}
    assert found["in_scope"] == sum(found["states"].values()) + count["drain"]
    assert found["issues"]["case_state_refused"] == count["refuse"]
    assert found["issues"]["case_state_parked"] >= count["park"]
    going = report(site)["total"]["open_work"]
    assert (going["drained"], going["refused"]) == (count["drain"], count["refuse"])
    drained = open_keys(site, "rule = 'drained'")
    assert not open_keys(site, "rule = 'drained'", "state <> 'EXCLUDED'")

    run(site, "extract", "map")  # a decision holds over the next sweep
    assert open_keys(site, "state = 'EXCLUDED'") == drained

    back = {"action": "migrate", "new_step": "CHO_TRA", "equivalence": "equal"}
    rewrite(site, lambda row: row | back if row["step"] == "400" else row)
    run(site, *AFTER)
    assert status(site)["decided"] == {}
    assert status(site)["balanced"]
    assert open_keys(site, "state = 'MATCHED'") & drained


def test_a_drained_dossier_that_was_pushed_before_is_named(moving: Path) -> None:
    site = moving
    stay = {"action": "drain", "new_step": "", "new_role": "", "equivalence": "none"}
    rewrite(site, lambda row: row | stay if row["step"] == "400" else row)
    run(site, "map")
    pushed = open_keys(site, "state = 'EXCLUDED'", "new_id IS NOT NULL")
    assert status(site)["issues"]["excluded_after_push"] == len(pushed) > 0


def test_check_refuses_a_step_that_the_new_system_has_not(site: Path) -> None:
    lienthong("states", site, "approve", *OWNER)
    lienthong("check", site)
    for changes, said in (
        ({"new_step": "BUOC_LA"}, "không có bước BUOC_LA"),
        ({"new_step": "CHO_TRA", "new_role": ""}, "không nhận TrangThaiHoSo 2"),
        ({"new_role": "LANH_DAO"}, "do vai trò LANH_DAO_PHONG xử lý"),
    ):
        file = site / "crosswalks" / "case_states.csv"
        kept = file.read_bytes()
        line = next(n for n, row in enumerate(rows(site), start=2) if row["step"] == "200")
        rewrite(site, lambda row, changes=changes: row | changes if row["step"] == "200" else row)  # type: ignore[misc]
        told = lienthong("check", site, expect=10, COLUMNS="300").stderr
        assert said in told
        assert f"case_states.csv:{line}" in told
        file.write_bytes(kept)


def test_approved_rows_stay_as_they_are_when_new_cases_appear(site: Path) -> None:
    lienthong("states", site, "approve", *OWNER, "--step", "201")
    before = rows(site)
    change(
        site / "var" / "old.sqlite",
        "UPDATE opencps_dossieraction SET stepCode = '250', stepName = 'Xin ý kiến' WHERE dossierActionId IN"
        " (SELECT dossierActionId FROM opencps_dossier WHERE dossierStatus = 'interoperating')",
    )
    run(site, "extract")
    after = rows(site)
    assert after[: len(before)] == before
    assert {row["step"] for row in after[len(before) :]} == {"250"}
    run(site, "extract")
    assert rows(site) == after


def test_a_step_moved_in_the_new_system_is_a_difference(moving: Path) -> None:
    site = moving
    key = min(open_keys(site, "state = 'MATCHED'", "status = 4"))
    change(
        site / "var" / "receiver.sqlite",
        "UPDATE receiver_dossier SET body = replace(replace(body, '\"THAM_DINH\"', '\"LIEN_THONG\"'), '\"TRINH_KY\"',"
        f" '\"LIEN_THONG\"') WHERE key = '{key}'",
    )
    run(site, "compare")
    kinds = {kind for (kind,) in ledger_rows(site, f"SELECT kind FROM difference WHERE key = '{key}'")}
    assert "next_actions_differ" in kinds
    assert report(site)["total"]["open_work"]["actions_different"] == 1


def test_the_verb_says_how_it_is_used(site: Path) -> None:
    assert "approve --owner" in lienthong("states", site, "approve", expect=2).stderr
    lienthong("states", site, "approve", *OWNER, "--action", "drain", expect=2)  # not for everything at once
    assert "Dùng:" in lienthong("states", site, "xóa", expect=2).stderr
    file = site / "crosswalks" / "case_states.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",draft,", ",final,", 1), encoding="utf-8")
    said = lienthong("states", site, expect=10).stderr
    assert "case_states.csv:2" in said
    assert "status" in said
