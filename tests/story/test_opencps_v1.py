"""OpenCPS v1 on MariaDB: every kind of dirt in its count, and what only v1 has arrives as it was."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from flows.payloads import plain
from flows.site_files import write_site
from mappings.model import Dossier, decode
from tests.servers import MakeDatabase
from tests.story.stage import ledger_rows, lienthong, status
from tests.story.test_twins import run

DOSSIERS = "200"


@pytest.fixture(scope="module")
def old(make_mariadb: MakeDatabase) -> str:
    """The old database."""
    return make_mariadb()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, old: str) -> Path:
    """A site filled by `sample` and migrated once."""
    site = tmp_path_factory.mktemp("v1") / "site"
    files = "var/old_files"
    write_site(site, name="thu", source="cu", is_rehearsal=True, old_url=old, files=files, profile="opencps_v1")
    lienthong("sample", site, "--url", old, "--dossiers", DOSSIERS)
    run(site)
    return site


def seeded(site: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next((site / "var").glob("manifest*.json")).read_text(encoding="utf-8"))
    return found


def keys_of(site: Path, kind: str) -> list[str]:
    return next(each["keys"] for each in seeded(site)["kinds"] if each["kind"] == kind)


@pytest.fixture(scope="module")
def carried(site: Path) -> dict[str, Dossier]:
    """The dossiers that the new system holds, as mapped."""
    sql = (
        "SELECT e.key, p.mapped FROM entry e JOIN payload p ON p.source_id = e.source_id AND p.key = e.key"
        " WHERE e.state = 'MATCHED'"
    )
    return {key: decode(plain(mapped)) for key, mapped in ledger_rows(site, sql)}


def test_every_kind_of_dirt_is_found_in_exactly_its_count(site: Path) -> None:
    wanted, found = seeded(site), status(site)["sources"]["cu"]
    told: dict[str, Counter[str]] = {"issues": Counter(), "excluded": Counter()}
    for kind in wanted["kinds"]:
        for name, word in (("issues", "code"), ("excluded", "rule")):
            if kind.get(word):
                told[name][kind[word]] += kind["count"]
    assert found["balanced"]
    assert {name: found[name] for name in told} == told
    waiting = wanted["quarantined"]
    assert found["states"] == {"MATCHED": wanted["in_scope"] - waiting, "QUARANTINED": waiting}


def test_a_status_as_a_number_and_as_a_word_is_one_status(site: Path, carried: dict[str, Dossier]) -> None:
    numbers = {dossier.old_status for dossier in carried.values() if dossier.old_status.isdigit()}
    words = {dossier.old_status for dossier in carried.values()} - numbers
    assert {"8", "6"} <= numbers
    assert {"done", "processing"} <= words
    assert {d.status for d in carried.values() if d.old_status in ("8", "done")} == {10}
    assert {d.status for d in carried.values() if d.old_status in ("6", "processing")} == {4}


@pytest.mark.parametrize("kind", ["status_waiting", "status_of_v2"])
def test_a_word_that_v2_means_otherwise_waits(kind: str, site: Path, carried: dict[str, Dossier]) -> None:
    assert carried.keys().isdisjoint(keys_of(site, kind))


def test_actions_of_every_agency_travel_with_the_dossier(site: Path, old: str, carried: dict[str, Dossier]) -> None:
    of_orders = (
        "SELECT o.dossierId, COUNT(*), COUNT(DISTINCT o.processOrderId) FROM opencps_actionhistory h"
        " JOIN opencps_processorder o ON o.processOrderId = h.processOrderId GROUP BY 1"
    )
    engine = create_engine(old)
    with engine.connect() as connection:
        rows = {str(key): (actions, orders) for key, actions, orders in connection.execute(text(of_orders))}
    engine.dispose()
    held = rows.keys() & carried.keys()
    assert {key: len(carried[key].steps) for key in held} == {key: rows[key][0] for key in held}
    assert all(rows[key][1] == 2 for key in keys_of(site, "several_agencies"))


def test_an_account_of_somebody_else_says_nothing_of_the_owner(site: Path, carried: dict[str, Dossier]) -> None:
    others = keys_of(site, "account_of_other")
    assert {carried[key].applicant.born for key in others} == {""}
    assert any(dossier.applicant.born for dossier in carried.values())
