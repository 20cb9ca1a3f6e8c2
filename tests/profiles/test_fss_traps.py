"""The traps of FSS HSHCQH in a database that its generator filled: keys of two columns, orphans, tables of a field."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.base import Misconfigured, ReadPlan, Record
from connectors.rehearsal.fss_hshcqh import ORPHANS, ZONE, generate
from connectors.rehearsal.sample import SampleRequest
from connectors.sql import SqlSource
from flows.check import check_site
from flows.plan import build_plan
from flows.site import load_site
from flows.site_files import write_site
from flows.workplace import open_workplace
from mappings.profile import load_profile

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("fss") / "site"
    url, files = "sqlite:///var/old.sqlite", "var/old_files"
    write_site(site, name="fss", source="cu", is_rehearsal=True, old_url=url, files=files, profile="fss_hshcqh")
    address, manifest = f"sqlite:///{site / 'var' / 'old.sqlite'}", site / "var" / "manifest.json"
    generate(SampleRequest(address, 200, 3, ZONE, date(2025, 7, 1), site / files, manifest, NOW))
    return site


@pytest.fixture(scope="module")
def plan() -> ReadPlan:
    params: dict[str, str | int] = {"cutoff": "2025-07-01 00:00:00", "sweep": "2026-11-20 00:00:00"}
    return build_plan(load_profile("fss_hshcqh"), {}, params, 100)


@pytest.fixture
def source(site: Path) -> Iterator[SqlSource]:
    opened = SqlSource(f"sqlite:///{site / 'var' / 'old.sqlite'}", files=site / "var" / "old_files")
    yield opened
    opened.close()


def sweep(source: SqlSource, plan: ReadPlan) -> list[Record]:
    return [record for page in source.sweep(plan) for record in page]


def test_a_join_on_one_of_two_key_columns_is_refused_and_on_both_gives_each_dossier_once(
    source: SqlSource, plan: ReadPlan
) -> None:
    records = sweep(source, plan)
    assert len({record.key for record in records}) == len(records) > 150
    assert all(record.row["tt.TenTinhTrang"] for record in records if record.row["MaTinhTrang"] == "LDK")
    for alias in ("loai", "tt"):
        halved = tuple(replace(j, on=j.on[1:]) if j.alias == alias else j for j in plan.main.join)
        with pytest.raises(Misconfigured, match="giá trị lặp"):
            sweep(source, replace(plan, main=replace(plan.main, join=halved)))


def test_a_file_with_a_temporary_id_goes_with_its_dossier_and_an_orphan_with_none(
    source: SqlSource, plan: ReadPlan, site: Path
) -> None:
    records = sweep(source, plan)
    early = [file for record in records for file in record.children["early_files"]]
    assert early
    assert all(file["_size"] for file in early)
    with closing(sqlite3.connect(site / "var" / "old.sqlite")) as database:
        loose = "SELECT COUNT(*) FROM FileDinhKem WHERE HoSoTiepNhanID IS NULL"
        (total,) = database.execute(loose).fetchone()
    assert total == len(early) + ORPHANS


def test_names_of_wards_streets_and_users_stand_in_another_database_without_which_check_refuses(site: Path) -> None:
    assert refusals(site) == []
    with closing(sqlite3.connect(site / "var" / "old.sqlite")) as database:
        database.execute('ALTER TABLE "portal.DMDUONG" RENAME TO DMDUONG')
        said = refusals(site)
        database.execute('ALTER TABLE DMDUONG RENAME TO "portal.DMDUONG"')
    assert len([message for message in said if "portal.DMDUONG" in message]) >= 1


def test_a_table_of_one_field_that_the_profile_does_not_know_is_refused_by_name(site: Path) -> None:
    with closing(sqlite3.connect(site / "var" / "old.sqlite")) as database:
        database.execute("CREATE TABLE CPXD_GIAYPHEP (GiayPhepID INTEGER PRIMARY KEY, HoSoTiepNhanID VARCHAR(50))")
        said = refusals(site)
        database.execute("DROP TABLE CPXD_GIAYPHEP")
    assert len([message for message in said if "CPXD_GIAYPHEP" in message]) == 1


def refusals(site: Path) -> list[str]:
    """What `check` refuses about the source."""
    with open_workplace(load_site(site)) as work:
        return [finding.message for finding in check_site(work) if finding.is_refusal]
