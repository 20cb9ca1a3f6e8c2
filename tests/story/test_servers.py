"""A province on real servers: the old system on MariaDB, the ledger and the receiver on PostgreSQL.

The suite tells the stories in a short form; ``make soak`` tells the same with 20,000 dossiers and ten kills.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from flows.payloads import plain
from flows.site_files import write_site
from mappings.model import decode
from tests.servers import MakeDatabase
from tests.story.office import ask
from tests.story.prefect_stage import running
from tests.story.stage import lienthong, manifest, report, seeded, status

SOURCE, SEED = "phutho_cu", 9
TARGET = "target: {connector: rest, rehearsal_env: RECEIVER_URL}\nledger: {url_env: LEDGER_URL}\n"


@dataclass(frozen=True)
class Province:
    """A site whose three databases are on servers. ``seconds``: how long its first run took."""

    site: Path
    old: str
    ledger: str
    receiver: str
    seconds: float = 0.0

    def entries(self, where: str) -> dict[str, str]:
        """Old key → state of these entries of the ledger."""
        return dict(ask(self.ledger, f"SELECT key, state FROM entry WHERE {where} ORDER BY length(key), key"))

    def held(self, key: str) -> tuple[str, str]:
        """(new id, version) of a dossier."""
        ((new_id, version),) = ask(self.ledger, f"SELECT new_id, version FROM entry WHERE key = '{key}'")
        return str(new_id), str(version)


def change(url: str, sql: str) -> None:
    """Change one row of a database as somebody else would."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            assert connection.execute(text(sql)).rowcount == 1, sql
    finally:
        engine.dispose()


def lay(site: Path, old: str, files: str, make_postgres: MakeDatabase) -> Province:
    """A site on these databases; ledger and receiver are fresh."""
    province = Province(site, old, make_postgres(), make_postgres())
    write_site(site, name="phutho", source=SOURCE, is_rehearsal=True, old_url=old, files=files)
    settings = site / "site.yaml"
    lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
    settings.write_text("".join(line for line in lines if not line.startswith("target:")) + TARGET, encoding="utf-8")
    with (site / ".env").open("a", encoding="utf-8") as env:
        env.write(f"LEDGER_URL={province.ledger}\nRECEIVER_URL={province.receiver}\n")
    return province


@pytest.fixture(scope="module")
def province(
    tmp_path_factory: pytest.TempPathFactory,
    make_mariadb: MakeDatabase,
    make_postgres: MakeDatabase,
    request: pytest.FixtureRequest,
) -> Province:
    """A province that was checked, migrated and compared once; the stories of this file change it in turn."""
    laid = lay(tmp_path_factory.mktemp("servers") / "site", make_mariadb(), "var/old_files", make_postgres)
    dossiers = request.config.getoption("--dossiers")
    sample = ("--source", SOURCE, "--dossiers", dossiers, "--seed", str(SEED), "--url", laid.old)
    lienthong("sample", laid.site, *sample)
    lienthong("check", laid.site)
    started = time.monotonic()
    lienthong("migrate", laid.site, expect=1)
    seconds = time.monotonic() - started
    lienthong("compare", laid.site, expect=1)
    return Province(laid.site, laid.old, laid.ledger, laid.receiver, seconds)


def test_on_servers_every_figure_is_the_seeded_one(province: Province) -> None:
    found, wanted = status(province.site), manifest(province.site)
    assert found["balanced"]
    assert (found["found"], found["in_scope"]) == (wanted["found"], wanted["in_scope"])
    assert {told: found[told] for told in ("issues", "excluded")} == seeded(province.site)
    assert found["states"].keys() == {"MATCHED", "QUARANTINED"}


def test_every_dossier_has_an_agency_with_its_rule_or_waits_for_a_decision(province: Province) -> None:
    successors = new_communes()
    queue = json.loads(lienthong("decide", province.site, "--json", expect=1).stdout)
    waiting = {key for (key,) in ask(province.ledger, WAITING)}
    assert sum(group["dossiers"] for group in queue) == len(waiting) > 0
    placed, wrong = 0, []
    for key, state, mapped in ask(province.ledger, MAPPED):
        dossier = decode(plain(mapped))
        if key in waiting:
            assert state == "QUARANTINED"
            continue
        unit = dossier.receiving_agency.unit
        old = unit.code if unit and dossier.receiving_agency.level == "commune" else ""
        placed += 1
        if not dossier.handling_rule or (old and successors[old] != dossier.handling_agency.code):
            wrong.append(key)
    assert wrong == []
    assert placed > len(waiting)


MAPPED = (
    "SELECT e.key, e.state, p.mapped FROM entry e JOIN payload p ON p.source_id = e.source_id AND p.key = e.key "
    "WHERE p.mapped IS NOT NULL AND e.state <> 'EXCLUDED'"
)
WAITING = (
    "SELECT DISTINCT key FROM issue WHERE stage = 'map' AND severity = 'error' AND (code LIKE 'handling%') "
    "AND key IN (SELECT key FROM entry WHERE state = 'QUARANTINED')"
)


def new_communes() -> dict[str, str]:
    """Old commune → new commune of the 476 old communes of Phú Thọ that went whole; a split one leads nowhere."""
    with (Path(__file__).parents[1] / "unit" / "phutho_communes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    targets: dict[str, set[str]] = {}
    for row in rows:
        targets.setdefault(row["old_commune_code"], set()).add(row["new_commune_code"])
    return {old: next(iter(new)) if len(new) == 1 else "" for old, new in targets.items()}


@pytest.mark.long
def test_a_run_killed_again_and_again_ends_like_one_left_alone(
    province: Province, tmp_path: Path, make_postgres: MakeDatabase, request: pytest.FixtureRequest
) -> None:
    files = str(province.site / "var" / "old_files")
    killed = lay(tmp_path / "site", province.old, files, make_postgres)
    shutil.copytree(province.site / "crosswalks", killed.site / "crosswalks", dirs_exist_ok=True)
    moments, struck, seconds = random.Random(SEED), 0, province.seconds
    while struck < int(request.config.getoption("--kills")):
        if was_killed(killed.site, moments.uniform(0.0, seconds)):
            struck += 1
        else:  # it was done before the moment came: the next moment comes sooner
            seconds /= 2
    lienthong("migrate", killed.site, expect=1)
    assert report(killed.site) == report(province.site)
    assert ask(killed.receiver, "SELECT count(*) FROM receiver_dossier") == [
        (status(killed.site)["states"]["MATCHED"],)
    ]
    assert ask(killed.receiver, "SELECT count(*) FROM receiver_change WHERE version > 1") == [(0,)]
    assert not killed.entries("lease IS NOT NULL")
    content = "SELECT source, key, body_sha256 FROM receiver_dossier ORDER BY source, key"
    assert ask(killed.receiver, content) == ask(province.receiver, content)


def was_killed(site: Path, moment: float) -> bool:
    """Start a run and kill -9 it at this moment (seconds after it began to read); False when it had ended."""
    with running("migrate", site) as work:
        work.wait_for("Trích xuất")
        try:
            work.process.wait(moment)  # not a wait for anything: the moment of the kill
        except subprocess.TimeoutExpired:
            work.process.kill()
        assert "Traceback" not in work.words
        return work.process.wait() != 1


def test_on_servers_a_second_run_pushes_nothing(province: Province) -> None:
    before = ask(province.ledger, "SELECT count(*) FROM intent")
    lienthong("migrate", province.site, expect=1)
    assert ask(province.ledger, "SELECT count(*) FROM intent") == before
    assert ask(province.receiver, "SELECT count(*) FROM receiver_change WHERE version > 1") == [(0,)]


def test_on_servers_a_changed_dossier_child_and_file_go_round_again_and_nothing_else(province: Province) -> None:
    matched = province.entries("state = 'MATCHED'")
    renamed, stepped, filed = pick(
        matched,
        ask(province.old, "SELECT dossierId FROM opencps_dossier"),
        ask(province.old, "SELECT dossierId FROM opencps_dossieraction"),
        ask(province.old, "SELECT dossierId FROM opencps_dossierfile WHERE removed = 0 AND fileEntryId > 0"),
    )
    change(province.old, f"UPDATE opencps_dossier SET dossierName = 'Tên khác' WHERE dossierId = {renamed}")
    first = f"FROM opencps_dossieraction WHERE dossierId = {stepped}"
    ((action,),) = ask(province.old, f"SELECT MIN(dossierActionId) {first}")
    change(province.old, f"UPDATE opencps_dossieraction SET actionNote = 'Sửa' WHERE dossierActionId = {action}")
    locator = new_version_of_a_file(province, filed)
    lienthong("migrate", province.site, expect=1)
    assert province.entries("revision > 1") == dict.fromkeys((renamed, stepped, filed), "MATCHED")
    versions = ask(province.receiver, "SELECT key, version FROM receiver_dossier WHERE version > 1")
    assert dict(versions) == dict.fromkeys((renamed, stepped, filed), 2)
    held = f"SELECT size FROM receiver_dossier_file WHERE locator = '{locator}'"
    assert ask(province.receiver, held) == [((province.site / "var" / "old_files" / locator).stat().st_size,)]


def pick(matched: dict[str, str], *choices: list[tuple[Any, ...]]) -> list[str]:
    """From each list of keys the first one that is matched and not taken yet."""
    taken: list[str] = []
    for keys in choices:
        found = {str(key) for (key,) in keys}
        taken.append(next(key for key in matched if key in found and key not in taken))
    return taken


def new_version_of_a_file(province: Province, dossier: str) -> str:
    """What Liferay does when a file is uploaded again, but for the modified date; the file's new locator."""
    entry = f"SELECT MIN(fileEntryId) FROM opencps_dossierfile WHERE dossierId = {dossier} AND removed = 0"
    ((number,),) = ask(province.old, f"{entry} AND fileEntryId > 0")
    where = f"FROM DLFileEntry WHERE fileEntryId = {number}"
    ((company, folder, name, version),) = ask(province.old, f"SELECT companyId, folderId, name, version {where}")
    place = province.site / "var" / "old_files" / str(company) / str(folder) / str(name)
    (place / "2.0").write_bytes((place / str(version)).read_bytes() + b"\n% trang sau\n")
    change(province.old, f"UPDATE DLFileEntry SET version = '2.0' WHERE fileEntryId = {number}")
    return f"{company}/{folder}/{name}/2.0"


@pytest.fixture
def clerk(province: Province) -> Iterator[Callable[[str, dict[str, Any]], Any]]:
    """``clerk(new_id, changes)``: somebody at work in the new system; without changes: looks at a dossier."""
    token = "ma-truy-cap-cua-can-bo"
    receiver = ("receiver", "--database", province.receiver, "--port", "0")
    with running(*receiver, NEW_TOKEN=token) as work:
        url = "http://" + work.wait_for("chạy tại").split("http://")[1].split(";")[0]

        def call(new_id: str, changes: dict[str, Any]) -> Any:
            data = json.dumps(changes).encode() if changes else None
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            request = urllib.request.Request(
                f"{url}/v1/dossiers/{new_id}", data, headers, method="PATCH" if changes else "GET"
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)

        yield call


def test_on_servers_a_dossier_that_a_clerk_edited_is_not_overwritten(
    province: Province, clerk: Callable[[str, dict[str, Any]], Any]
) -> None:
    key = next(iter(province.entries("state = 'MATCHED' AND revision = 1 AND is_open")))
    new_id, version = province.held(key)
    assert clerk(new_id, {"note": "Cán bộ đã xử lý ở hệ thống mới"})["version"] == int(version) + 1
    change(province.old, f"UPDATE opencps_dossier SET dossierName = 'Tên khác' WHERE dossierId = {key}")
    lienthong("migrate", province.site, expect=1)
    assert province.entries(f"key = '{key}'") == {key: "QUARANTINED"}
    held = clerk(new_id, {})
    assert held["version"] == int(version) + 1
    assert held["body"]["GhiChu"] == "Cán bộ đã xử lý ở hệ thống mới"
    assert held["body"].get("TenHoSo") != "Tên khác"
    found = status(province.site)
    assert found["balanced"]
    assert found["issues"]["worked_on_in_new_system"] == 1
