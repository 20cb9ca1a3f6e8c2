"""One dossier in two records: two provinces' databases, clashes within one, decisions and their taking back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.rehearsal.opencps_lending import Lending
from connectors.rehearsal.opencps_v2 import generate
from connectors.rehearsal.receiver import process as receiver
from connectors.rehearsal.sample import SampleRequest
from flows.site_files import write_site
from tests.story.stage import ROOT, change, environment, ledger_rows, lienthong, look, report, status

WHO = ("--author", "UBND tỉnh", "--note", "Biên bản đối chiếu số 5 ngày 20/11/2026")
FIRST, SECOND = "phutho_cu", "hoabinh_cu"
SHARED = 20  # four of each of the five kinds


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with two old databases that hold some of each other's dossiers, migrated once."""
    site = tmp_path_factory.mktemp("twins") / "site"
    old = "sqlite:///var/old.sqlite"
    write_site(site, name="phutho", source=FIRST, is_rehearsal=True, old_url=old, files="var/old_files")
    lent = Lending(SHARED)
    make(site, "old", 150, 1, lend=lent)
    make(site, "other", 60, 2, borrow=lent)
    lines = (site / "site.yaml").read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("target:"))
    other = [
        f"  {SECOND}:",
        "    url_env: OTHER_URL",
        "    profile: opencps_v2",
        "    zone: UTC",
        "    files: var/other_files",
    ]
    (site / "site.yaml").write_text("\n".join([*lines[:at], *other, "", *lines[at:]]) + "\n", encoding="utf-8")
    with (site / ".env").open("a", encoding="utf-8") as env:
        env.write("OTHER_URL=sqlite:///var/other.sqlite\n")
    run(site)
    return site


@pytest.fixture
def site(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(migrated, tmp_path / "site"))


def make(site: Path, name: str, dossiers: int, seed: int, **shared: Lending) -> None:
    request = SampleRequest(
        url=f"sqlite:///{site}/var/{name}.sqlite",
        dossiers=dossiers,
        seed=seed,
        zone="UTC",
        cutoff=date(2025, 7, 1),
        files_dir=site / "var" / f"{name}_files",
        manifest_path=site / "var" / f"{name}.json",
        now=datetime(2026, 11, 20),
        is_clean=True,
        first_serial=1 if seed == 1 else 4001,
    )
    generate(request, **shared)


def run(site: Path) -> None:
    """All five stages in one process without Prefect: nothing is imported five times."""
    code = (
        "import sys; from pathlib import Path; from flows.verbs.stage import RunOptions, run_stages; "
        "sys.exit(run_stages(Path(sys.argv[1]), 'migrate', RunOptions(), as_json=True))"
    )
    command = [sys.executable, "-c", code, str(site)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=ROOT, check=False)
    assert done.returncode in (0, 1), done.stderr[-3000:]


def seeded(site: Path) -> dict[str, dict[str, Any]]:
    manifest = json.loads((site / "var" / "other.json").read_text(encoding="utf-8"))
    return {kind["kind"]: kind for kind in manifest["kinds"]}


def twins(site: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(lienthong("twins", site, "--json", expect=(0, 1)).stdout)
    return found


def open_pair(site: Path, kind: str) -> dict[str, Any]:
    """The waiting pair of the first seeded dossier of a kind."""
    wanted = f"{SECOND}/{seeded(site)[kind]['keys'][0]}"
    return next(pair for pair in twins(site) if pair["second"]["dossier"] == wanted)


def state(site: Path, dossier: str) -> str:
    source, _, key = dossier.partition("/")
    rows = ledger_rows(site, f"SELECT state FROM entry WHERE source_id = '{source}' AND key = '{key}'")
    return str(rows[0][0])


def held(site: Path, code: str) -> set[str]:
    """The dossiers that a look-up by code finds in the new system."""
    with receiver.start(str(site / "var" / "receiver.sqlite")) as running:
        headers = {"Authorization": f"Bearer {running.read_token}"}
        answer = httpx.get(f"{running.url}/v1/dossiers", params={"code": code}, headers=headers)
    return {f"{found['source']}/{found['key']}" for found in answer.json()["dossiers"]}


def test_what_two_databases_hold_alike_is_carried_once_and_the_figures_balance(migrated: Path) -> None:
    alike = seeded(migrated)["borrowed_alike"]["count"]
    found = status(migrated)
    assert alike == 8
    assert found["balanced"]
    assert found["decided"]["merged_into"] == found["sources"][SECOND]["decided"]["merged_into"] == alike
    assert found["found"] == 150 + 60 + SHARED
    assert found["in_scope"] == 150 + 60 + SHARED  # a source knows nothing of doubles; the ledger says where they are
    assert report(migrated)["total"]["is_balanced"]
    keys = seeded(migrated)["borrowed_alike"]["keys"]
    pushed = {
        key
        for (key,) in look(
            migrated / "var" / "receiver.sqlite", f"SELECT key FROM receiver_dossier WHERE source = '{SECOND}'"
        )
    }
    assert pushed.isdisjoint(keys)


def test_the_merged_record_keeps_its_evidence_and_is_found_by_its_code(migrated: Path) -> None:
    key = seeded(migrated)["borrowed_alike"]["keys"][0]
    shown = json.loads(lienthong("quarantine", migrated, "show", key, "--json", expect=(0, 1)).stdout)
    entry = next(e for e in shown if e["source"] == SECOND)
    assert (entry["state"], entry["rule"]) == ("EXCLUDED", "merged_into")
    about = next(i["about"] for i in entry["issues"] if i["code"] == "merged_into")
    assert "reference_uid uid=yes code=yes person=yes name=yes procedure=yes filed=yes" in about
    assert held(migrated, entry["code"]) == {f"{FIRST}/{entry['twin']}"}


def test_each_clash_waits_with_its_evidence_in_words_and_no_value(migrated: Path) -> None:
    kinds = seeded(migrated)
    waiting = [kinds[name]["count"] for name in ("borrowed_own_code", "borrowed_own_uid", "borrowed_code_only")]
    assert waiting == [4, 4, 4]
    found = [pair for pair in twins(migrated) if pair["outcome"] == "open"]
    assert len(found) == sum(waiting)
    issues = status(migrated)["issues"]
    assert issues["same_reference_uid"] == 2 * 4  # met in one sweep: both wait
    assert issues["duplicate_code"] == 2 * 8
    assert open_pair(migrated, "borrowed_own_code")["evidence"] | {"papers": ""} == {
        "uid": "yes", "code": "no", "person": "yes", "name": "yes", "procedure": "yes", "filed": "yes",
        "received": "yes", "papers": "",
    }  # fmt: skip
    assert open_pair(migrated, "borrowed_code_only")["evidence"]["person"] == "no"
    assert open_pair(migrated, "borrowed_own_uid")["evidence"]["uid"] == "no"
    shown = lienthong("twins", migrated, expect=1, COLUMNS="200").stdout
    assert "khác: mã hồ sơ" in shown


def test_one_matter_under_two_codes_is_found_by_both_and_comes_apart_again(site: Path) -> None:
    pair = open_pair(site, "borrowed_own_code")
    first, second = pair["first"], pair["second"]
    lienthong("twins", site, "same", first["dossier"], second["dossier"], *WHO)
    run(site)
    assert (state(site, first["dossier"]), state(site, second["dossier"])) == ("MATCHED", "EXCLUDED")
    assert held(site, first["code"]) == held(site, second["code"]) == {first["dossier"]}
    assert status(site)["balanced"]
    moved = ledger_rows(
        site, "SELECT DISTINCT source_id || '/' || key FROM history WHERE reason IN ('merged_into', 'merged_from')"
    )
    assert {first["dossier"], second["dossier"]} <= {dossier for (dossier,) in moved}
    (file,) = (site / "decisions").iterdir()
    file.unlink()
    run(site)
    assert (state(site, first["dossier"]), state(site, second["dossier"])) == ("QUARANTINED", "QUARANTINED")
    body = ledger_rows(
        site, f"SELECT count(*) FROM pair WHERE outcome = 'open' AND key = '{second['dossier'].split('/')[1]}'"
    )
    assert body == [(1,)]
    assert status(site)["balanced"]


def test_different_matters_with_one_code_are_both_carried_and_told_apart(site: Path) -> None:
    pair = open_pair(site, "borrowed_code_only")
    first, second = pair["first"]["dossier"], pair["second"]["dossier"]
    lienthong("twins", site, "different", first, second, *WHO)
    before = {(s, k): r for s, k, r in ledger_rows(site, "SELECT source_id, key, revision FROM entry")}
    run(site)
    assert {state(site, first), state(site, second)} == {"MATCHED"}
    assert held(site, pair["first"]["code"]) == {first, second}
    assert status(site)["issues"]["code_shared"] == 2
    after = {(s, k): r for s, k, r in ledger_rows(site, "SELECT source_id, key, revision FROM entry")}
    assert after == before  # nothing else was touched, and the two were not even mapped again


def test_a_certain_merge_is_overruled_by_a_decision(site: Path) -> None:
    key = seeded(site)["borrowed_alike"]["keys"][0]
    pair = next(p for p in twins(site) if p["second"]["dossier"] == f"{SECOND}/{key}")
    assert (pair["outcome"], pair["ground"]) == ("same", "reference_uid")
    lienthong("twins", site, "different", pair["first"]["dossier"], pair["second"]["dossier"], *WHO)
    run(site)
    assert {state(site, pair[side]["dossier"]) for side in ("first", "second")} == {"MATCHED"}
    assert status(site)["decided"]["merged_into"] == seeded(site)["borrowed_alike"]["count"] - 1


def test_the_double_comes_back_when_the_dossier_that_was_kept_is_gone(site: Path) -> None:
    key = seeded(site)["borrowed_alike"]["keys"][0]
    pair = next(p for p in twins(site) if p["second"]["dossier"] == f"{SECOND}/{key}")
    kept = pair["first"]["dossier"].split("/")[1]
    assert change(site / "var" / "old.sqlite", f"DELETE FROM opencps_dossier WHERE dossierId = {kept}") == 1
    run(site)
    assert (state(site, pair["first"]["dossier"]), state(site, pair["second"]["dossier"])) == ("VANISHED", "MATCHED")
    assert status(site)["balanced"]


def test_a_second_run_moves_no_dossier(site: Path) -> None:
    moves = "SELECT count(*) FROM history WHERE state_from <> state_to"
    before = ledger_rows(site, moves)
    run(site)
    assert ledger_rows(site, moves) == before
    assert status(site)["balanced"]


def test_a_record_that_nobody_knows_is_refused(site: Path) -> None:
    said = lienthong("twins", site, "same", f"{FIRST}/999999999", f"{SECOND}/1", *WHO, expect=10).stderr
    assert "sổ cái không có bản ghi này" in said
    assert list((site / "decisions").iterdir()) == []
    lienthong("twins", site, "same", f"{FIRST}/1", *WHO, expect=2)
