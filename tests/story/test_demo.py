"""The whole demo site, as a technician meets it: run, run again, change something, be killed, go on."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.story.stage import (
    ROOT,
    change,
    command,
    environment,
    ledger_rows,
    lienthong,
    look,
    manifest,
    report,
    seeded,
    status,
)

DOSSIERS = 400


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo site that has been run once."""
    folder = tmp_path_factory.mktemp("demo") / "site"
    lienthong("demo", folder, "--dossiers", str(DOSSIERS), "--seed", "7")
    return folder


@pytest.fixture
def site(demo: Path, tmp_path: Path) -> Path:
    """A copy of it for one story."""
    return Path(shutil.copytree(demo, tmp_path / "site"))


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A demo site that has not been run yet."""
    folder = tmp_path / "site"
    lienthong("demo", folder, "--dossiers", str(DOSSIERS), "--seed", "7", "--prepare")
    return folder


def test_every_kind_of_dirt_is_found_with_exactly_its_seeded_count(demo: Path) -> None:
    found, wanted = status(demo), manifest(demo)
    assert found["balanced"]
    assert (found["found"], found["in_scope"]) == (wanted["found"], wanted["in_scope"])
    assert {told: found[told] for told in ("issues", "excluded")} == seeded(demo)
    assert len(found["issues"]) + len(found["excluded"]) > 25


def test_no_citizen_and_no_portal_hears_of_the_migration(demo: Path) -> None:
    assert report(demo)["total"]["told"] == {"citizens": 0, "portal": 0}


def test_papers_are_mapped_to_components_as_often_as_the_old_system_names_them_so(demo: Path) -> None:
    matched = {key for (key,) in ledger_rows(demo, "SELECT key FROM entry WHERE state = 'MATCHED'")}
    usual = "('Bản sao căn cước công dân hoặc hộ chiếu', 'Giấy tờ chứng minh nơi cư trú', 'Giấy tờ, tài liệu kèm theo')"
    sql = (
        "SELECT d.dossierId FROM opencps_dossier d JOIN opencps_dossierfile f ON f.dossierId = d.dossierId"
        " JOIN opencps_dossierpart p ON p.templateNo = f.dossierTemplateNo AND p.partNo = f.dossierPartNo"
        f" WHERE p.partType = 1 AND p.partName NOT LIKE 'Tờ khai: %' AND p.partName NOT IN {usual}"
        " AND d.processNo = 'QT-' || SUBSTR(d.serviceCode, 1, 8)"
        " UNION ALL SELECT d.dossierId FROM opencps_dossier d"
        " JOIN opencps_serviceinfomapping m ON m.serviceCode = d.serviceCode"
        " JOIN opencps_dossierfile f ON f.dossierId = d.dossierId"
        " JOIN opencps_dossierpart p ON p.templateNo = f.dossierTemplateNo AND p.partNo = f.dossierPartNo"
        f" WHERE p.partType = 1 AND p.partName NOT LIKE 'Tờ khai: %' AND p.partName NOT IN {usual}"
    )
    named = sum(1 for (key,) in look(demo / "var" / "old.sqlite", sql) if str(key) in matched)
    told = report(demo)["total"]["papers"]
    assert told["of_components"] == manifest(demo)["life"]["papers_of_components"] == named > 20
    assert told["others"] > told["of_components"]


def _text_of(file: Path) -> str:
    """What a file of the report says; a workbook's parts are packed."""
    if file.suffix != ".xlsx":
        return file.read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(file) as book:
        return "".join(book.read(name).decode("utf-8") for name in book.namelist())


def test_the_report_names_no_person(demo: Path) -> None:
    with sqlite3.connect(demo / "var" / "old.sqlite") as c:
        c.text_factory = lambda raw: raw.decode("utf-8", "replace")
        rows = c.execute("SELECT applicantName, applicantIdNo, contactTelNo FROM opencps_dossier").fetchall()
    people = {text for row in rows for text in row if text and len(text) > 6}
    folder = demo / "var" / "reports" / "latest"
    text = "".join(_text_of(file) for file in folder.rglob("*") if file.is_file())
    assert len(people) > DOSSIERS / 2
    assert [person for person in people if person in text] == []


def test_a_second_run_pushes_nothing(site: Path) -> None:
    before = ledger_rows(site, "SELECT count(*) FROM intent")
    lienthong("migrate", site, expect=1)
    assert ledger_rows(site, "SELECT count(*) FROM intent") == before
    assert status(site)["balanced"]


def test_one_changed_dossier_one_child_and_one_file_go_round_again_and_nothing_else(site: Path) -> None:
    keys = [k for (k,) in ledger_rows(site, "SELECT key FROM entry WHERE state='MATCHED' ORDER BY key")]
    old = site / "var" / "old.sqlite"
    with_step = "SELECT dossierId FROM opencps_dossieraction GROUP BY dossierId"
    with_file = "SELECT dossierId FROM opencps_dossierfile WHERE removed=0 GROUP BY dossierId"
    with sqlite3.connect(old) as c:
        stepped = {str(k) for (k,) in c.execute(with_step)}
        filed = {str(k) for (k,) in c.execute(with_file)}
    first = keys[0]
    second = next(k for k in keys[1:] if k in stepped)
    third = next(k for k in keys[1:] if k in filed and k != second)
    assert change(old, f"UPDATE opencps_dossier SET dossierName='Tên khác' WHERE dossierId={first}") == 1
    one_step = f"(SELECT min(dossierActionId) FROM opencps_dossieraction WHERE dossierId={second})"
    assert change(old, f"UPDATE opencps_dossieraction SET actionNote='Sửa' WHERE dossierActionId={one_step}") == 1
    one_file = (
        f"(SELECT min(fileEntryId) FROM opencps_dossierfile WHERE dossierId={third} AND removed=0 AND fileEntryId>0)"
    )
    assert change(old, f"UPDATE DLFileEntry SET title=title || ' (2)' WHERE fileEntryId={one_file}") == 1
    lienthong("migrate", site, expect=1)
    again = ledger_rows(site, "SELECT key FROM entry WHERE revision > 1")
    assert {k for (k,) in again} == {first, second, third}
    assert {s for (s,) in ledger_rows(site, "SELECT DISTINCT state FROM entry WHERE revision > 1")} == {"MATCHED"}


def test_a_dossier_worked_on_in_the_new_system_is_not_overwritten(site: Path) -> None:
    (key,) = ledger_rows(site, "SELECT key FROM entry WHERE state='MATCHED' ORDER BY key")[0]
    receiver = site / "var" / "receiver.sqlite"
    assert change(receiver, f"UPDATE receiver_dossier SET version=version+1, updated_by='clerk' WHERE key='{key}'") == 1
    change(site / "var" / "old.sqlite", f"UPDATE opencps_dossier SET dossierName='Tên khác' WHERE dossierId={key}")
    lienthong("migrate", site, expect=1)
    assert ledger_rows(site, f"SELECT state FROM entry WHERE key='{key}'") == [("QUARANTINED",)]
    assert status(site)["issues"]["worked_on_in_new_system"] == 1


def test_a_dossier_deleted_in_the_old_system_is_listed_and_never_deleted_in_the_new_one(site: Path) -> None:
    (key,) = ledger_rows(site, "SELECT key FROM entry WHERE state='MATCHED' ORDER BY key")[0]
    change(site / "var" / "old.sqlite", f"DELETE FROM opencps_dossier WHERE dossierId={key}")
    lienthong("migrate", site, expect=1)
    found = status(site)
    assert found["states"]["VANISHED"] == 1
    assert found["balanced"]
    with sqlite3.connect(site / "var" / "receiver.sqlite") as c:
        assert c.execute("SELECT count(*) FROM receiver_dossier WHERE key=?", (key,)).fetchone() == (1,)


def test_a_dossier_that_the_new_system_lost_is_told_and_pushed_again(site: Path) -> None:
    (key,) = ledger_rows(site, "SELECT key FROM entry WHERE state='MATCHED' ORDER BY key")[0]
    receiver = site / "var" / "receiver.sqlite"
    (identity,) = look(receiver, f"SELECT id FROM receiver_dossier WHERE key='{key}'")[0]
    tables = look(receiver, "SELECT name FROM sqlite_master WHERE type='table' AND sql LIKE '%dossier_id%'")
    for (table,) in tables:
        change(receiver, f"DELETE FROM {table} WHERE dossier_id={identity}")
    assert change(receiver, f"DELETE FROM receiver_dossier WHERE id={identity}") == 1
    lienthong("compare", site, expect=1)
    assert ledger_rows(site, f"SELECT kind FROM difference WHERE key='{key}'") == [("missing",)]
    lienthong("differences", site, "repair", "--kind", "missing")
    assert ledger_rows(site, f"SELECT state FROM entry WHERE key='{key}'") == [("MATCHED",)]


@pytest.mark.long
def test_a_run_killed_at_any_moment_is_taken_up_and_ends_the_same(prepared: Path, demo: Path) -> None:
    moments = random.Random(11)
    for stage in ("extract", "map", "validate", "push", "compare", "push"):
        victim = subprocess.Popen(
            command(stage, prepared), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(), cwd=ROOT
        )
        try:
            victim.wait(timeout=moments.uniform(1.0, 4.0))  # not a wait for anything: the moment of the kill
        except subprocess.TimeoutExpired:
            os.kill(victim.pid, signal.SIGKILL)
        assert b"Traceback" not in (victim.communicate()[1] or b"")
    lienthong("migrate", prepared, expect=1)
    assert report(prepared) == report(demo)
    with sqlite3.connect(prepared / "var" / "receiver.sqlite") as c:
        doubled = c.execute("SELECT key FROM receiver_dossier GROUP BY key HAVING count(*) > 1").fetchall()
    assert doubled == []


def test_quarantine_lists_causes_with_remedies_and_retry_brings_them_back(site: Path, tmp_path: Path) -> None:
    shown = lienthong("quarantine", site, expect=1).stdout
    assert "duplicate_code" in shown
    lienthong("quarantine", site, "--csv", tmp_path / "q.csv", expect=1)
    assert (tmp_path / "q.csv").read_text(encoding="utf-8-sig").startswith("nguon,khoa_cu")
    lienthong("quarantine", site, "retry", "--code", "duplicate_code")
    assert status(site)["states"]["EXTRACTED"] > 0
    lienthong("migrate", site, expect=1)
    assert status(site)["issues"] == seeded(site)["issues"]  # a retry without a cause removed changes none
