"""A province with three kinds of old software, each on its own kind of database; one run, one ledger, one report.

CMON on MariaDB with its tables of exchange, OpenCPS, and the MotCua of a department on SQL Server.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from flows.payloads import plain
from flows.site_files import write_site
from mappings.model import Dossier, decode
from tests.servers import MakeDatabase
from tests.story.stage import as_seeded, ledger_rows, lienthong, report, status
from tests.story.test_twins import run

CMON, EXCHANGE, OPENCPS, DONG_NAI = "motcua_cu", "trao_doi", "phutho_cu", "so_cu"
DOSSIERS = {CMON: "200", OPENCPS: "200", DONG_NAI: "120"}


@pytest.fixture(scope="module")
def old(make_mariadb: MakeDatabase) -> str:
    """The CMON database."""
    return make_mariadb()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, old: str, make_mssql: MakeDatabase) -> Path:
    """A site with all sources, filled by `sample` and migrated once."""
    department = f"{make_mssql()}&database.NganhY={make_url(make_mssql()).database}"
    site = tmp_path_factory.mktemp("cmon") / "site"
    files = "var/cmon_files"
    write_site(site, name="phutho", source=CMON, is_rehearsal=True, old_url=old, files=files, profile="cmon")
    lines = (site / "site.yaml").read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("target:"))
    other = [
        f"  {EXCHANGE}: {{url_env: OLD_URL, profile: cmon_exch, zone: Asia/Ho_Chi_Minh}}",
        f"  {OPENCPS}:",
        "    url_env: OTHER_URL",
        "    profile: opencps_v2",
        "    zone: UTC",
        "    files: var/opencps_files",
        f"  {DONG_NAI}:",
        "    url_env: DEPARTMENT_URL",
        "    profile: dong_nai",
        "    zone: Asia/Ho_Chi_Minh",
        "    files: var/department_files",
    ]
    (site / "site.yaml").write_text("\n".join([*lines[:at], *other, "", *lines[at:]]) + "\n", encoding="utf-8")
    with (site / ".env").open("a", encoding="utf-8") as env:
        env.write(f"OTHER_URL=sqlite:///var/opencps.sqlite\nDEPARTMENT_URL={department}\n")
    for source, url in ((CMON, old), (OPENCPS, "sqlite:///var/opencps.sqlite"), (DONG_NAI, department)):
        lienthong("sample", site, "--source", source, "--url", url, "--dossiers", DOSSIERS[source])
    run(site)
    return site


def manifest(site: Path, source: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((site / "var" / f"manifest-{source}.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("source", [CMON, EXCHANGE, OPENCPS, DONG_NAI])
def test_every_kind_of_dirt_is_found_in_exactly_its_count(site: Path, source: str) -> None:
    found = status(site)["sources"][source]
    assert found["balanced"]
    as_seeded(found, manifest(site, CMON)["exchange"] if source == EXCHANGE else manifest(site, source))


def carried(site: Path) -> dict[str, Dossier]:
    """The dossiers of CMON that the new system holds, as mapped."""
    sql = (
        "SELECT e.key, p.mapped FROM entry e JOIN payload p ON p.source_id = e.source_id AND p.key = e.key"
        f" WHERE e.source_id = '{CMON}' AND e.state = 'MATCHED'"
    )
    return {key: decode(plain(mapped)) for key, mapped in ledger_rows(site, sql)}


def test_the_three_meanings_of_status_16_go_three_ways(site: Path) -> None:
    keys = {kind["kind"].removeprefix("status_16_"): kind["keys"] for kind in manifest(site, CMON)["kinds"]}
    held = carried(site)
    said = {name: {held[key].status for key in keys[name]} for name in ("refused", "not_accepted", "cancelled")}
    assert said == {"refused": {3}, "not_accepted": {3}, "cancelled": {7}}
    assert held.keys().isdisjoint(keys["unclear"])


def test_the_moves_of_the_counter_software_travel_with_their_dossier(site: Path, old: str) -> None:
    engine = create_engine(old)
    moves_of = (
        "SELECT COALESCE(e.hosotthccongid, a.HOSOTTHCCONGID), COUNT(*) FROM exch_trangthaihoso e"
        " LEFT JOIN cmon_hosoanhxa a ON a.MAHOSO = e.masohoso"
        " WHERE COALESCE(e.hosotthccongid, a.HOSOTTHCCONGID) IS NOT NULL GROUP BY 1"
    )
    with engine.connect() as connection:
        moves = {str(int(key)): n for key, n in connection.execute(text(moves_of))}
    engine.dispose()
    held = carried(site)
    told = {key: sum(step.action == "Luân chuyển" for step in held[key].steps) for key in moves.keys() & held.keys()}
    assert told == {key: n for key, n in moves.items() if key in held}
    assert sum(told.values()) > 50


def test_a_source_that_no_generator_fills_is_named(site: Path) -> None:
    said = lienthong("sample", site, "--source", EXCHANGE, "--url", "sqlite:///var/x.sqlite", expect=10).stderr
    assert "cmon_exch" in said
    assert not (site / "var" / "x.sqlite").exists()


def test_what_never_got_into_cmon_is_carried_from_the_exchange(site: Path) -> None:
    sql = f"SELECT code FROM entry WHERE source_id = '{EXCHANGE}' AND state = 'MATCHED'"
    strays = {code for (code,) in ledger_rows(site, sql)}
    known = {code for (code,) in ledger_rows(site, f"SELECT code FROM entry WHERE source_id = '{CMON}'")}
    assert strays
    assert strays.isdisjoint(known)


def test_all_sources_are_one_run_one_ledger_and_columns_of_one_report(site: Path) -> None:
    assert ledger_rows(site, "SELECT count(DISTINCT source_id) FROM entry") == [(4,)]
    assert ledger_rows(site, "SELECT count(*) FROM run") == [(1,)]
    found, told = status(site), report(site)
    assert found["balanced"]
    assert [source["name"] for source in told["sources"]] == [CMON, EXCHANGE, OPENCPS, DONG_NAI]
    for name in ("found", "in_scope"):
        assert found[name] == sum(found["sources"][source][name] for source in found["sources"])
        assert told["total"][name] == found[name]
    page = (site / "var" / "reports" / "latest" / "report.html").read_text(encoding="utf-8")
    assert all(name in page for name in (CMON, EXCHANGE, OPENCPS, DONG_NAI))


def test_a_decision_about_one_software_leaves_the_other_alone(site: Path) -> None:
    (undecided,) = (kind for kind in manifest(site, OPENCPS)["kinds"] if kind["kind"] == "originality_undecided")
    assert status(site)["sources"][OPENCPS]["issues"]["originality_undecided"] == undecided["count"]
    settings = (site / "site.yaml").read_text(encoding="utf-8")
    (site / "site.yaml").write_text(settings + '\ndecisions: {status.17: "4"}\n', encoding="utf-8")
    said = lienthong("status", site, expect=10).stderr
    (site / "site.yaml").write_text(settings, encoding="utf-8")
    assert "sources.<nguồn>.decisions" in said
