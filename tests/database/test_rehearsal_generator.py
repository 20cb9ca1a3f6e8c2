"""The generator of the rehearsal old system, asked by plain SQL, on SQLite, MariaDB and PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import text

from connectors.base import Misconfigured, Unavailable
from connectors.rehearsal.opencps_v2 import generate
from connectors.rehearsal.sample import SampleRequest
from tests.servers import free_port

DIALECTS = ("sqlite", "mariadb", "postgres")
CUTOFF, NOW = "'2025-06-30 17:00:00'", "'2026-11-20 00:00:00'"  # stored in UTC
FILED = "COALESCE(d.submitDate, d.receiveDate, d.createDate)"
AFTER = f"({FILED} >= {CUTOFF} AND {FILED} <= {NOW} AND (d.receiveDate IS NULL OR d.receiveDate >= {CUTOFF}))"
TWIN = (
    "(d.originality = 1 AND EXISTS "
    "(SELECT 1 FROM opencps_dossier t WHERE t.referenceUid = d.referenceUid AND t.originality = 2))"
)
DRAFT = "(COALESCE(d.dossierStatus, '') = '')"
IN_SCOPE = f"NOT {AFTER} AND d.originality >= 0 AND NOT {DRAFT} AND NOT {TWIN}"
OPEN = "('new', 'receiving', 'waiting', 'paying', 'processing', 'interoperating', 'releasing')"
SPLIT_HOME = "d.wardCode IN ('04891', '04957', '05221')"
CLOSED = "('done', 'denied', 'cancelled', 'unresolved')"
NO_PROVINCE = "('03', '13', '18', '21', '55', '97', '99')"
WRONG_PHONES = "('0912', '0000000000', 'n/a', '09876543210', '0110234567', '84')"
TAX_SUM = " + ".join(
    f"{weight} * CAST(SUBSTR(d.applicantIdNo, {place}, 1) AS INTEGER)"
    for place, weight in enumerate((31, 29, 23, 19, 17, 13, 7, 5, 3, 1), start=1)
)
CARD = "d.applicantIdType = 'citizen' AND LENGTH(d.applicantIdNo) = 12"


def _form(differs: str) -> str:
    """The electronic form that names the same CCCD: day of birth at 15, sex at 41."""
    return (
        f"{CARD} AND EXISTS (SELECT 1 FROM opencps_dossierfile f WHERE f.dossierId = d.dossierId AND f.formData LIKE"
        f" '{{%ngaySinh%' AND REPLACE(f.formData, d.applicantIdNo, '') <> f.formData AND {differs})"
    )


HIDDEN = (chr(0x200B), chr(0xFEFF), chr(0x1F), chr(0x200D), chr(0x2060))


def holding(column: str, *signs: str) -> str:
    """A test for text that holds one of these signs; LIKE would fold letters, and some signs weigh nothing there."""
    return "(" + " OR ".join(f"LENGTH(REPLACE({column}, '{sign}', '')) < LENGTH({column})" for sign in signs) + ")"


KINDS = {
    "after_cutoff": AFTER,
    "negative_originality": "d.originality < 0",
    "draft": f"{DRAFT} AND d.originality >= 0",
    "online_twin": TWIN,
    "lone_online": f"d.originality = 1 AND NOT {TWIN}",
    "originality_undecided": "d.originality IN (0, 4)",
    "filed_from_create_date": f"{IN_SCOPE} AND d.submitDate IS NULL AND d.receiveDate IS NULL",
    "filed_across_cutoff": f"d.submitDate < {CUTOFF} AND d.receiveDate >= {CUTOFF} AND d.receiveDate < {NOW}"
    " AND d.submitDate > '1990-01-01 00:00:00'",
    "status_undecided": f"{IN_SCOPE} AND d.dossierStatus NOT IN {OPEN} AND d.dossierStatus NOT IN {CLOSED}",
    "step_unknown": f"{IN_SCOPE} AND EXISTS (SELECT 1 FROM opencps_dossieraction a WHERE a.dossierActionId = "
    "d.dossierActionId AND NOT EXISTS (SELECT 1 FROM opencps_processstep s WHERE s.stepCode = a.stepCode))",
    "request_open": f"{IN_SCOPE} AND d.dossierStatus IN {OPEN} AND EXISTS "
    "(SELECT 1 FROM opencps_dossierrequests r WHERE r.dossierId = d.dossierId AND r.statusReg = 0)",
    "due_missing": f"{IN_SCOPE} AND d.receiveDate IS NOT NULL AND d.dueDate IS NULL AND d.durationCount > 0",
    "duplicate_number": f"{IN_SCOPE} AND d.dossierNo <> '' AND EXISTS (SELECT 1 FROM opencps_dossier o WHERE "
    "o.dossierNo = d.dossierNo AND o.dossierId <> d.dossierId AND o.originality > 1 "
    "AND o.applicantIdNo <> d.applicantIdNo)",
    "double_entry": f"{IN_SCOPE} AND d.dossierNo <> '' AND EXISTS (SELECT 1 FROM opencps_dossier o WHERE "
    "o.dossierNo = d.dossierNo AND o.dossierId <> d.dossierId AND o.originality > 1 "
    "AND o.applicantIdNo = d.applicantIdNo AND o.serviceCode = d.serviceCode AND o.referenceUid <> d.referenceUid)",
    "code_missing": f"{IN_SCOPE} AND d.receiveDate IS NOT NULL AND COALESCE(d.dossierNo, '') = ''",
    "code_form_unknown": "d.dossierNo LIKE 'HS %' OR d.dossierNo LIKE 'Số %' OR d.dossierNo LIKE '%/TNHS-UBND' "
    "OR d.dossierNo LIKE 'TN.%'",
    "code_form_old": "d.dossierNo LIKE 'PTMC.______._____' OR d.dossierNo LIKE '____HSNV_______' "
    "OR LENGTH(d.dossierNo) IN (8, 13) OR d.dossierNo LIKE 'MC__-______-_____'",
    "code_qd_20": "d.dossierNo LIKE 'H__%-______-____' OR d.dossierNo LIKE 'H__%-________-_______'",
    "second_code": "d.originDossierNo <> ''",
    "code_agency_unknown": "d.dossierNo LIKE '000.__.__.H__-%' AND d.dossierNo NOT LIKE '%.H44-%' "
    "AND d.dossierNo NOT LIKE '%.H62-%' AND d.dossierNo NOT LIKE '%.H28-%'",
    "procedure_unmapped": "d.serviceCode NOT LIKE '_.______%' AND NOT EXISTS "
    "(SELECT 1 FROM opencps_serviceinfomapping m WHERE m.serviceCode = d.serviceCode)",
    "procedure_succeeded": "d.serviceCode LIKE '1.011516%' OR d.serviceCode LIKE '1.009669%'",
    "procedure_gone": f"d.serviceCode LIKE '1.09900%' AND d.dossierStatus IN {OPEN}",
    "procedure_gone_closed": f"d.serviceCode LIKE '1.09900%' AND d.dossierStatus IN {CLOSED}",
    "id_form_unknown": "d.applicantIdType = 'citizen' AND (LENGTH(d.applicantIdNo) BETWEEN 5 AND 7"
    " OR LENGTH(d.applicantIdNo) = 10 AND SUBSTR(d.applicantIdNo, 1, 1) IN ('3', '5', '7', '9')"
    f" OR LENGTH(d.applicantIdNo) = 11 AND SUBSTR(d.applicantIdNo, 1, 2) IN {NO_PROVINCE})",
    "id_dummy": "d.applicantIdNo IN ('000000001', '123456789', '000000000', '111111111', '012345678901', "
    "'999999999999', '987654321')",
    "id_zero_lost": "d.applicantIdType = 'citizen' AND (LENGTH(d.applicantIdNo) = 8 AND d.applicantIdNo < 'A'"
    " OR LENGTH(d.applicantIdNo) = 10 AND SUBSTR(d.applicantIdNo, 1, 1) = '1'"
    f" OR LENGTH(d.applicantIdNo) = 11 AND SUBSTR(d.applicantIdNo, 1, 2) NOT IN {NO_PROVINCE})",
    "id_province_unknown": f"{CARD} AND SUBSTR(d.applicantIdNo, 2, 2) IN {NO_PROVINCE}",
    "id_checksum_wrong": f"d.applicantIdType = 'business' AND MOD({TAX_SUM}, 11) <> 10",
    "id_year_differs": _form("SUBSTR(f.formData, 23, 2) <> SUBSTR(d.applicantIdNo, 5, 2)"),
    "id_sex_differs": _form(
        "(CASE WHEN SUBSTR(d.applicantIdNo, 4, 1) IN ('0', '2') THEN 'Nam' ELSE 'Nữ\"' END)"
        " <> SUBSTR(f.formData, 41, 3)"
    ),
    "phone_zero_lost": "LENGTH(d.contactTelNo) = 9 OR LENGTH(d.delegateTelNo) = 9",
    "phone_invalid": f"d.contactTelNo IN {WRONG_PHONES} OR d.delegateTelNo IN {WRONG_PHONES}",
    "phone_11_digits": "d.contactTelNo LIKE '01_________'",
    "html_note": "d.submissionNote LIKE '%<%'",
    "address_unit_unknown": "NOT EXISTS (SELECT 1 FROM opencps_dictitem i WHERE i.itemCode = d.wardCode) "
    "AND d.wardName = 'Xã không rõ'",
    "abolished_unit": "NOT EXISTS (SELECT 1 FROM opencps_dictitem i WHERE i.itemCode = d.wardCode) "
    "AND d.wardName <> 'Xã không rõ'",
    "split_commune_address": f"{SPLIT_HOME} AND REPLACE(d.govAgencyName, SUBSTR(d.wardName, 2), '') = d.govAgencyName",
    "split_commune_home": f"{SPLIT_HOME} AND REPLACE(d.govAgencyName, SUBSTR(d.wardName, 2), '') <> d.govAgencyName",
    "agency_unknown": "NOT EXISTS (SELECT 1 FROM opencps_dictitem i WHERE i.itemCode = d.govAgencyCode)",
    "file_soft_deleted": "EXISTS (SELECT 1 FROM opencps_dossierfile f WHERE f.dossierId = d.dossierId "
    "AND f.removed = :yes)",
    "district_land": f"{IN_SCOPE} AND SUBSTR(d.govAgencyCode, 5, 2) = '50'",
    "place_outside": f"{IN_SCOPE} AND SUBSTR(d.govAgencyCode, 5, 2) = '00' AND SUBSTR(d.govAgencyCode, 8, 2) > '20' "
    "AND REPLACE(d.govAgencyName, SUBSTR(d.districtName, 2), '') = d.govAgencyName",
    "reappointed_again": "(SELECT COUNT(*) FROM opencps_dossierdocument x WHERE x.dossierId = d.dossierId "
    "AND x.documentType = 'PHIEU_XIN_LOI') > 1",
    "tcvn3_column": f"{holding('d.briefNote', '®', '§')}",
    "vni_column": f"{holding('d.applicantNote', 'ñ', 'Ñ')}",
    "mixed_column_sure": f"{holding('d.dossierNote', '®', '§', 'ñ', 'Ñ')}",
    "mixed_column_unsure": f"{holding('d.dossierNote', 'ê')} AND {holding('d.dossierNote', 'æ')} "
    "OR d.dossierNote LIKE 'L_p ch_'",
    "mixed_column_unicode": f"{holding('d.dossierNote', 'đ', 'Đ')} AND NOT {holding('d.dossierNote', 'æ')}",
    "legacy_cell": f"{holding('d.address', 'µ')}",
    "lookalike_letter": f"{holding('d.applicantName', 'Ð')}",
    "hidden_character": f"{holding('d.address', *HIDDEN)}",
    "ordinary_signs": f"{holding('d.dossierName', 'µ', '®', '©', '×')}",
    "overdue_at_cutoff": f"{IN_SCOPE} AND d.dossierStatus IN {OPEN} AND d.dueDate < {CUTOFF} "
    "AND d.dueDate > '1990-01-01 00:00:00'",
}
"""How a clerk with a database console would count each kind."""


@dataclass(frozen=True)
class Filled:
    """A filled old system."""

    dialect: str
    url: str
    files: Path
    manifest: dict[str, Any]

    def ask(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        engine = sqlalchemy.create_engine(self.url)
        with engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(text(sql), params)]
        engine.dispose()
        return rows

    def count(self, condition: str) -> int:
        params = {"yes": True} if ":yes" in condition else {}
        return int(self.ask(f"SELECT COUNT(*) FROM opencps_dossier d WHERE {condition}", **params)[0][0])

    @property
    def kinds(self) -> dict[str, dict[str, Any]]:
        return {kind["kind"]: kind for kind in self.manifest["kinds"]}


def request_for(url: str, folder: Path, dossiers: int = 600) -> SampleRequest:
    return SampleRequest(
        url=url,
        dossiers=dossiers,
        seed=20250701,
        zone="UTC",
        cutoff=date(2025, 7, 1),
        files_dir=folder / "files",
        manifest_path=folder / "manifest.json",
        now=datetime(2026, 11, 20),
    )


@pytest.fixture(scope="module")
def fresh_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The URL of an empty database of a dialect."""

    def fresh(dialect: str) -> str:
        if dialect == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('old')}/old.sqlite"
        return str(request.getfixturevalue(f"make_{dialect}")())

    return fresh


@pytest.fixture(scope="module", params=DIALECTS)
def filled(
    request: pytest.FixtureRequest, fresh_url: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Filled:
    """An old system of 600 dossiers with all its dirt."""
    folder, url = tmp_path_factory.mktemp(request.param), fresh_url(request.param)
    return Filled(request.param, url, folder / "files", generate(request_for(url, folder)))


def test_every_kind_of_dirt_is_there_as_often_as_the_manifest_says(filled: Filled) -> None:
    counted = {name: filled.count(condition) for name, condition in KINDS.items()}
    assert counted == {name: filled.kinds[name]["count"] for name in KINDS}


def test_the_day_in_a_code_is_that_of_receipt_but_where_it_was_seeded_otherwise(filled: Filled) -> None:
    rows = filled.ask(
        "SELECT d.dossierNo, d.receiveDate FROM opencps_dossier d "
        "WHERE d.receiveDate IS NOT NULL AND d.dossierNo LIKE '000.__.__.H__-______-____'"
    )
    differ = [code for code, at in rows if code[14:20] != str(at)[2:10].replace("-", "")]
    assert len(differ) == filled.kinds["code_date_differs"]["count"] > 0


def test_the_totals_of_the_manifest_are_the_totals_of_the_database(filled: Filled) -> None:
    manifest = filled.manifest
    assert manifest["found"] == manifest["dossiers"] == 600 == filled.count("1 = 1")
    assert manifest["in_scope"] == filled.count(IN_SCOPE)
    assert manifest["quarantined"] == sum(
        kind["count"] for kind in manifest["kinds"] if kind["outcome"] == "quarantined"
    )
    statuses = filled.ask(f"SELECT d.dossierStatus, COUNT(*) FROM opencps_dossier d WHERE {IN_SCOPE} GROUP BY 1")
    assert manifest["statuses"] == dict(statuses)
    assert filled.ask("SELECT seed, dossiers FROM lienthong_rehearsal") == [(20250701, 600)]


def test_each_kind_names_its_finder_its_outcome_and_its_first_keys(filled: Filled) -> None:
    for kind in filled.manifest["kinds"]:
        assert ("code" in kind) != ("rule" in kind)
        assert kind["outcome"] in {"excluded", "quarantined", "warned", "normalised", "untouched"}
        assert (kind["outcome"] == "untouched") == (kind.get("code") == "")
        assert len(kind["keys"]) == min(kind["count"], 20)


def test_a_kind_that_a_database_cannot_hold_is_left_out(filled: Filled) -> None:
    held = {
        "sqlite": {"filed_unreadable", "date_unreadable", "date_unreadable_minor", "bytes_not_utf8"},
        "mariadb": {"filed_unreadable", "date_unreadable", "date_unreadable_minor"},
        "postgres": set(),
    }
    assert held["sqlite"] & set(filled.kinds) == held[filled.dialect]


def test_the_last_second_before_the_cutoff_and_the_first_after_it_are_there(filled: Filled) -> None:
    edges = filled.manifest["life"]["cutoff_edge"]
    for side, instant in (("before", "2025-06-30 16:59:59"), ("after", "2025-06-30 17:00:00")):
        (key,) = edges[side]
        assert filled.count(f"d.dossierId = {key} AND d.submitDate = '{instant}' AND d.receiveDate IS NULL") == 1
    assert edges["after"][0] in filled.kinds["after_cutoff"]["keys"]


def test_receipts_fall_into_office_hours(filled: Filled) -> None:
    rows = filled.ask("SELECT receiveDate FROM opencps_dossier d WHERE d.receiveDate IS NOT NULL")
    local = [datetime.fromisoformat(str(at)) + timedelta(hours=7) for (at,) in rows]
    assert all(time(7, 30) <= at.time() <= time(16, 45) for at in local)


def test_odd_promises_are_there_as_often_as_the_manifest_says(filled: Filled) -> None:
    rows = filled.ask(
        "SELECT d.dueDate, a.dueDate FROM opencps_dossier d JOIN opencps_dossieraction a "
        f"ON a.dossierActionId = d.dossierActionId WHERE {IN_SCOPE} AND d.dossierStatus IN {OPEN} "
        f"AND d.dueDate > '1990-01-01 00:00:00' AND d.dueDate < {NOW} AND a.dueDate IS NOT NULL"
    )
    local = [[datetime.fromisoformat(str(at)) + timedelta(hours=7) for at in row] for row in rows]
    made_up = {date(2024, 5, 4), date(2025, 4, 26)}
    works = [due.weekday() < 5 or due.date() in made_up for due, _ in local]
    on_days_off = works.count(False)
    moved = sum(is_working and due != first for is_working, (due, first) in zip(works, local, strict=True))
    kinds = filled.kinds
    assert (on_days_off, moved) == (kinds["due_on_day_off"]["count"], kinds["due_far_off"]["count"])


def test_the_history_of_a_dossier_is_one_chain_that_ends_in_its_status(filled: Filled) -> None:
    joined = (
        "FROM opencps_dossier d JOIN opencps_dossieraction a ON a.dossierActionId = d.dossierActionId "
        "JOIN opencps_processstep s ON s.serviceProcessId = a.serviceProcessId AND s.stepCode = a.stepCode"
    )
    ((number,),) = filled.ask(f"SELECT COUNT(*) {joined}")
    assert number == filled.count(f"NOT {DRAFT}") - filled.kinds["step_unknown"]["count"]
    known = "('cho_xac_nhan', '999')"
    ((odd,),) = filled.ask(
        f"SELECT COUNT(*) {joined} WHERE s.dossierStatus <> d.dossierStatus AND d.dossierStatus NOT IN {known} "
        f"AND NOT {TWIN}"
    )
    assert odd == 0
    ((broken,),) = filled.ask(
        "SELECT COUNT(*) FROM opencps_dossieraction a LEFT JOIN opencps_dossieraction b "
        "ON b.dossierActionId = a.previousActionId AND b.dossierId = a.dossierId "
        "WHERE a.previousActionId <> 0 AND (b.dossierActionId IS NULL OR b.stepCode <> a.fromStepCode)"
    )
    assert broken == 0


def test_a_dossier_has_about_four_papers_and_five_steps(filled: Filled) -> None:
    for table, low, high in (("opencps_dossierfile", 3.3, 4.7), ("opencps_dossieraction", 4.0, 6.0)):
        ((number,),) = filled.ask(f"SELECT COUNT(*) FROM {table}")
        assert low <= number / 600 <= high


def test_stored_files_are_on_disk_but_for_those_that_are_gone(filled: Filled) -> None:
    rows = filled.ask("SELECT companyId, folderId, name, version, size_ FROM DLFileEntry")
    gone = 0
    for company, folder, name, version, size in rows:
        place = filled.files / str(company) / str(folder) / name / version
        if not place.exists():
            gone += 1
            continue
        assert place.stat().st_size == size
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert gone == filled.kinds["file_gone"]["count"]


def test_unreadable_bytes_are_really_no_utf8(fresh_url: Callable[[str], str], tmp_path: Path) -> None:
    url = fresh_url("sqlite")
    manifest = generate(request_for(url, tmp_path))
    spoilt = next(kind for kind in manifest["kinds"] if kind["kind"] == "bytes_not_utf8")
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        sql = "SELECT CAST(address AS BLOB), typeof(address) FROM opencps_dossier WHERE dossierId = :key"
        raw, kind = connection.execute(text(sql), {"key": int(spoilt["keys"][0])}).one()
    engine.dispose()
    assert kind == "text"
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_the_same_request_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (_all_bytes(tmp_path / name) for name in ("one", "two"))
    assert first == second


def test_another_seed_gives_other_dossiers(tmp_path: Path) -> None:
    assert _all_bytes(tmp_path / "one") != _all_bytes(tmp_path / "two", seed=8)


def test_local_time_and_utc_differ_in_the_stored_text_only(tmp_path: Path) -> None:
    filed = {}
    for zone in ("UTC", "Asia/Ho_Chi_Minh"):
        folder = tmp_path / zone[:3]
        folder.mkdir()
        url = f"sqlite:///{folder}/old.sqlite"
        manifest = generate(replace(request_for(url, folder, 250), zone=zone))
        old = Filled("sqlite", url, folder, manifest)
        sql = "SELECT receiveDate FROM opencps_dossier WHERE receiveDate IS NOT NULL ORDER BY dossierId"
        filed[zone] = [datetime.fromisoformat(at) for (at,) in old.ask(sql)]
    assert filed["Asia/Ho_Chi_Minh"] == [at + timedelta(hours=7) for at in filed["UTC"]]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_database_with_a_foreign_table_is_refused_and_left_alone(
    dialect: str, fresh_url: Callable[[str], str], tmp_path: Path
) -> None:
    url = fresh_url(dialect)
    _run(url, "CREATE TABLE opencps_dossier (dossierId BIGINT)", "INSERT INTO opencps_dossier VALUES (1)")
    with pytest.raises(Misconfigured, match="opencps_dossier"):
        generate(request_for(url, tmp_path))
    assert Filled(dialect, url, tmp_path, {}).count("1 = 1") == 1
    assert not (tmp_path / "manifest.json").exists()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_own_database_is_filled_afresh_but_not_beside_a_foreign_table(
    dialect: str, fresh_url: Callable[[str], str], tmp_path: Path
) -> None:
    url = fresh_url(dialect)
    request = request_for(url, tmp_path, 30)
    generate(request)
    generate(replace(request, dossiers=20))
    old = Filled(dialect, url, tmp_path, {})
    assert old.count("1 = 1") == 20
    assert old.ask("SELECT dossiers FROM lienthong_rehearsal") == [(20,)]
    _run(url, "CREATE TABLE payroll (id INTEGER)")
    with pytest.raises(Misconfigured, match="payroll"):
        generate(request)
    assert old.count("1 = 1") == 20


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "thesis.odt").write_text("not ours")
    with pytest.raises(Misconfigured):
        generate(request_for(f"sqlite:///{tmp_path}/old.sqlite", tmp_path, 20))
    assert (tmp_path / "files" / "thesis.odt").read_text() == "not ours"


def test_a_clean_system_of_fixed_shape_serves_a_benchmark(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.sqlite"
    shape = {"is_clean": True, "with_files": False, "papers": 4, "steps": 5}
    manifest = generate(replace(request_for(url, tmp_path, 300), **shape))
    assert {kind["kind"] for kind in manifest["kinds"]} <= {"overdue_at_cutoff"}
    assert (manifest["found"], manifest["in_scope"], manifest["quarantined"]) == (300, 300, 0)
    old = Filled("sqlite", url, tmp_path, manifest)
    for table, each in (("opencps_dossierfile", 4), ("opencps_dossieraction", 5), ("DLFileEntry", 4)):
        if table == "DLFileEntry":
            assert old.ask(f"SELECT COUNT(*) FROM {table}") == [(300 * each,)]
        else:
            counts = old.ask(f"SELECT DISTINCT COUNT(*) FROM {table} GROUP BY dossierId")
            assert counts == [(each,)]
    assert not (tmp_path / "files").exists()


def test_what_is_written_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    generate(request_for(f"sqlite:///{tmp_path}/old.sqlite", tmp_path, 20))
    for name in ("old.sqlite", "manifest.json"):
        assert stat.S_IMODE(os.stat(tmp_path / name).st_mode) == 0o600


def test_progress_counts_up_to_all_dossiers(tmp_path: Path) -> None:
    told: list[int] = []
    generate(request_for(f"sqlite:///{tmp_path}/old.sqlite", tmp_path, 450), told.append)
    assert told == [200, 400, 450]


def test_a_server_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    for driver in ("mysql+pymysql", "postgresql+psycopg"):
        url = f"{driver}://somebody:secret@127.0.0.1:{free_port()}/old"
        with pytest.raises(Unavailable) as caught:
            generate(request_for(url, tmp_path, 20))
        assert "secret" not in str(caught.value)


def test_a_request_that_makes_no_sense_is_refused_in_words(tmp_path: Path) -> None:
    good = request_for(f"sqlite:///{tmp_path}/old.sqlite", tmp_path, 20)
    for wrong in (
        {"zone": "Europe/Paris"},
        {"dossiers": 0},
        {"now": datetime(2025, 7, 2)},
        {"papers": 4},
        {"url": "mysql+pyodbc://x"},
        {"url": "no url"},
    ):
        with pytest.raises(Misconfigured):
            generate(replace(good, **wrong))  # type: ignore[arg-type]
    assert not (tmp_path / "old.sqlite").exists()


def _all_bytes(folder: Path, seed: int = 7) -> str:
    """One hash over database, files and manifest."""
    folder.mkdir()
    generate(replace(request_for(f"sqlite:///{folder}/old.sqlite", folder, 300), seed=seed))
    whole = hashlib.sha256()
    for place in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(str(place.relative_to(folder)).encode() + place.read_bytes())
    return whole.hexdigest()


def _run(url: str, *statements: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
