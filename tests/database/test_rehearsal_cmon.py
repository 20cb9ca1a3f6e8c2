"""The generator of a rehearsal CMON, asked by plain SQL, on SQLite and MariaDB."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import text

from connectors.base import Misconfigured
from connectors.rehearsal.cmon import generate
from connectors.rehearsal.sample import SampleRequest

DIALECTS = ("sqlite", "mariadb")
CUTOFF, NOW, NEVER = "'2025-07-01 00:00:00'", "'2026-11-20 00:00:00'", "'1753-01-01 00:00:00'"
FILED = ", ".join(f"NULLIF(d.{column}, {NEVER})" for column in ("NGAYNOPHOSO", "NGAYNHANHOSO", "NGAYTAO"))
RECEIVED = f"NULLIF(d.NGAYNHANHOSO, {NEVER})"
AFTER = (
    f"(COALESCE({FILED}) >= {CUTOFF} AND COALESCE({FILED}) <= {NOW} AND ({RECEIVED} IS NULL OR {RECEIVED} >= {CUTOFF}))"
)
IN_SCOPE = f"(NOT {AFTER} AND d.DAXOA = 0)"
OPINION = "SELECT 1 FROM cmon_ykientraodoi y WHERE y.HOSOTTHCCONGID = d.ID"
AGENCY = "(SELECT q.MA FROM cmon_coquanquanly q WHERE q.ID = d.COQUANTIEPNHANID)"
CITIZEN = "(SELECT {} FROM csms_congdan c WHERE c.ID = d.CONGDANNOPID)"
UNIT = "(SELECT {} FROM cmon_donvihanhchinh u WHERE u.ID = d.DIACHITHUONGTRUNGUOINOPID)"
PROCEDURE = "(SELECT t.MA FROM cmon_thutuchanhchinh t WHERE t.ID = d.THUTUCHANHCHINHID)"
NUMBER = CITIZEN.format("c.SOCMND")
DUMMIES = "('000000001', '123456789', '000000000', '111111111', '012345678901', '999999999999', '987654321')"
WRONG_PHONES = "('0912', '0000000000', 'n/a', '09876543210', '0110234567', '84')"
SAME_CODE = (
    "FROM cmon_hosotthccong o WHERE o.MASOHOSO = d.MASOHOSO AND d.MASOHOSO <> '' AND o.ID <> d.ID AND o.CHUSOHUU"
)

KINDS = {
    "after_cutoff": f"{AFTER} AND d.DAXOA = 0",
    "soft_deleted": "d.DAXOA = 1",
    "filed_placeholder": f"d.NGAYNOPHOSO = {NEVER} AND {RECEIVED} IS NOT NULL",
    "filed_nowhere": f"d.NGAYNOPHOSO = {NEVER} AND {RECEIVED} IS NULL",
    "filed_implausible": f"d.NGAYNOPHOSO > {NOW} OR d.NGAYNOPHOSO > '0001-01-01' AND d.NGAYNOPHOSO < '0100-01-01'",
    "filed_unreadable": "d.NGAYNOPHOSO < '0001-01-01'",
    "filed_across_cutoff": f"d.NGAYNOPHOSO > '1990-01-01' AND d.NGAYNOPHOSO < {CUTOFF} AND d.NGAYNHANHOSO >= {CUTOFF}",
    "date_unreadable": "d.NGAYHENTRAKETQUA < '0001-01-01'",
    "due_placeholder": f"d.NGAYHENTRAKETQUA = {NEVER} AND d.SONGAYXULY > 0",
    "status_16_unclear": f"d.TRANGTHAIHOSO = 16 AND {RECEIVED} IS NOT NULL AND d.YEUCAUHUYHOSO = 0"
    f" AND NOT EXISTS ({OPINION} AND y.LOAI IN (1, 3))",
    "status_17_received": f"d.TRANGTHAIHOSO = 17 AND {RECEIVED} IS NOT NULL",
    "status_unknown": "d.TRANGTHAIHOSO NOT IN (SELECT s.ID FROM cmon_trangthaihoso s)",
    "withdrawal_open": "d.YEUCAUHUYHOSO = 1 AND d.TRANGTHAIHOSO <> 16",
    "procedure_unmapped": f"{PROCEDURE} IN ('PT-NOI-BO-07', 'VP-LE-HOI-02')",
    "procedure_succeeded": f"{PROCEDURE} LIKE '1.011516%' OR {PROCEDURE} LIKE '1.009669%'",
    "procedure_gone": f"{PROCEDURE} LIKE '1.09900%' AND d.TRANGTHAIHOSO <> 5",
    "procedure_gone_closed": f"{PROCEDURE} LIKE '1.09900%' AND d.TRANGTHAIHOSO = 5",
    "duplicate_number": f"{IN_SCOPE} AND EXISTS (SELECT 1 {SAME_CODE} <> d.CHUSOHUU)",
    "double_entry": f"{IN_SCOPE} AND EXISTS (SELECT 1 {SAME_CODE} = d.CHUSOHUU)",
    "code_missing": f"{RECEIVED} IS NOT NULL AND COALESCE(d.MASOHOSO, '') = ''",
    "code_typed": "LENGTH(d.MASOHOSO) > 0 AND LENGTH(d.MASOHOSO) NOT IN (13, 25)",
    "code_national": "LENGTH(d.MASOHOSO) = 25",
    "code_of_cmon": f"{IN_SCOPE} AND LENGTH(d.MASOHOSO) = 13",
    "several_owners": "d.CHUSOHUU LIKE '%;%'",
    "summary_cut": "CHAR_LENGTH(d.TRICHYEU) = 60",
    "agency_name_differs": "d.TENCOQUANTIEPNHAN LIKE '%(cũ)'",
    "procedure_name_differs": "d.TENTHUTUCHANHCHINH LIKE '%(theo mẫu cũ)'",
    "html_note": "d.GHICHU LIKE '%<%'",
    "id_dummy": f"{NUMBER} IN {DUMMIES}",
    "id_province_unknown": f"LENGTH({NUMBER}) = 12 AND SUBSTR({NUMBER}, 2, 2) IN"
    f" ('03', '13', '18', '21', '55', '97', '99') AND {NUMBER} NOT IN {DUMMIES}",
    "id_year_differs": f"{IN_SCOPE} AND d.CHUSOHUU = d.HOTENNGUOINOPHOSO AND LENGTH({NUMBER}) = 12"
    f" AND {NUMBER} NOT IN {DUMMIES} AND SUBSTR({NUMBER}, 2, 2) IN ('25', '26', '17')"
    f" AND SUBSTR({NUMBER}, 5, 2) <> SUBSTR({CITIZEN.format('c.NGAYSINH')}, 3, 2)",
    "phone_11_digits": "d.SODIENTHOAIDIDONGNGUOINOP LIKE '01_________'",
    "phone_invalid": f"d.SODIENTHOAIDIDONGNGUOINOP IN {WRONG_PHONES}",
    "phone_zero_lost": "LENGTH(d.SODIENTHOAIDIDONGNGUOINOP) = 9",
    "address_unit_unknown": f"{UNIT.format('u.TEN')} = 'Xã không rõ'",
    "agency_unplaced": f"{AGENCY} LIKE '000.99.%'",
    "district_land": f"{IN_SCOPE} AND {AGENCY} LIKE '000.50.%'",
    "owner_elsewhere": f"{IN_SCOPE} AND d.DIACHICHUHOSO = 'Khu 3'",
    "file_soft_deleted": "EXISTS (SELECT 1 FROM cmon_giaytodinhkemhoso g WHERE g.HOSOTTHCCONGID = d.ID"
    " AND g.DAXOA = 1)",
    "move_status_unknown": "EXISTS (SELECT 1 FROM exch_trangthaihoso e WHERE e.hosotthccongid = d.ID"
    " AND e.trangthaihientai > 4)",
    "move_date_unreadable": "EXISTS (SELECT 1 FROM exch_trangthaihoso e WHERE e.hosotthccongid = d.ID"
    " AND (e.ngaygioluanchuyen LIKE '31/02/%' OR LENGTH(e.ngaygioluanchuyen) < 19))",
    "online_waiting": f"{IN_SCOPE} AND d.LOAIHOSO = 0 AND {RECEIVED} IS NULL",
}
"""How a clerk with a database console would count each kind."""


@dataclass(frozen=True)
class Filled:
    """A filled old system."""

    dialect: str
    url: str
    files: Path
    manifest: dict[str, Any]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        engine = sqlalchemy.create_engine(self.url)
        with engine.connect() as connection:
            if self.dialect == "sqlite":
                connection.connection.create_function(
                    "CHAR_LENGTH", 1, lambda text: None if text is None else len(text)
                )
            rows = [tuple(row) for row in connection.execute(text(sql.replace(":", "\\:")))]
        engine.dispose()
        return rows

    def count(self, condition: str) -> int:
        return int(self.ask(f"SELECT COUNT(*) FROM cmon_hosotthccong d WHERE {condition}")[0][0])

    @property
    def kinds(self) -> dict[str, dict[str, Any]]:
        return {kind["kind"]: kind for kind in self.manifest["kinds"]}


def request_for(url: str, folder: Path, dossiers: int = 600) -> SampleRequest:
    return SampleRequest(
        url=url,
        dossiers=dossiers,
        seed=20250701,
        zone="Asia/Ho_Chi_Minh",
        cutoff=date(2025, 7, 1),
        files_dir=folder / "files",
        manifest_path=folder / "manifest.json",
        now=datetime(2026, 11, 20),
    )


@pytest.fixture(scope="module", params=DIALECTS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """An old system of 600 dossiers with all its dirt."""
    folder = tmp_path_factory.mktemp(request.param)
    url = f"sqlite:///{folder}/old.sqlite"
    if request.param == "mariadb":
        make: Callable[[], str] = request.getfixturevalue("make_mariadb")
        url = make()
    return Filled(request.param, url, folder / "files", generate(request_for(url, folder)))


def test_every_kind_of_dirt_is_there_as_often_as_the_manifest_says(filled: Filled) -> None:
    counted = {name: filled.count(condition) for name, condition in KINDS.items()}
    assert counted == {name: filled.kinds[name]["count"] for name in KINDS}
    assert filled.manifest["in_scope"] == filled.count(IN_SCOPE)
    assert filled.manifest["found"] == filled.count("1 = 1") == 600


def test_keys_are_of_floating_point_as_the_dump_declares_them(filled: Filled) -> None:
    ((key,),) = filled.ask("SELECT MIN(d.ID) FROM cmon_hosotthccong d")
    assert isinstance(key, float)
    assert key.is_integer()


def test_receipts_fall_into_office_hours_of_local_time(filled: Filled) -> None:
    rows = filled.ask(f"SELECT {RECEIVED} FROM cmon_hosotthccong d WHERE {RECEIVED} IS NOT NULL")
    moments = [datetime.fromisoformat(str(at)).time() for (at,) in rows]
    assert all(time(7, 30) <= at <= time(16, 45) for at in moments)


def test_an_answer_comes_after_what_it_answers(filled: Filled) -> None:
    asked = (
        "FROM cmon_ykientraodoi a JOIN cmon_ykientraodoi q ON q.ID = a.CHAID AND q.HOSOTTHCCONGID = a.HOSOTTHCCONGID"
    )
    assert filled.ask(f"SELECT COUNT(*) {asked} WHERE a.THOIGIANGUIYKIEN < q.THOIGIANGUIYKIEN OR a.ID < q.ID") == [(0,)]
    ((answers,),) = filled.ask(f"SELECT COUNT(*) {asked}")
    assert answers > 20


def test_a_row_of_the_exchange_leads_to_its_dossier_or_is_a_stray(filled: Filled) -> None:
    exchange = filled.manifest["exchange"]
    tied = "cmon_hosoanhxa a JOIN cmon_hosotthccong h ON h.ID = a.HOSOTTHCCONGID"
    lost = f"exch_hosomotcua e WHERE NOT EXISTS (SELECT 1 FROM {tied} WHERE a.MAHOSO = e.masohoso)"
    assert filled.ask(f"SELECT COUNT(*) FROM {lost}") == [(exchange["in_scope"],)]
    assert filled.ask(f"SELECT COUNT(*) FROM {lost} AND e.trangthaixuly = 1") == [(0,)]
    assert filled.ask("SELECT COUNT(*) FROM exch_hosomotcua") == [(exchange["found"],)]
    ((codes, times),) = filled.ask("SELECT COUNT(DISTINCT MAHOSO), COUNT(*) FROM cmon_hosoanhxa")
    assert codes == times


def test_stored_files_are_on_disk_but_for_those_that_are_gone(filled: Filled) -> None:
    names = {str(int(file)) for (file,) in filled.ask("SELECT NOILUUTRUID FROM cmon_noiluutrutailieu")}
    held = {path.name for path in filled.files.iterdir() if not path.name.startswith(".")}
    assert held <= names
    assert len(names - held) == filled.kinds["file_gone"]["count"]


def test_the_same_request_gives_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        generate(request_for(f"sqlite:///{folder}/old.sqlite", folder, 220))
        places = sorted(path for path in folder.rglob("*") if path.is_file())
        made.append([(str(p.relative_to(folder)), hashlib.sha256(p.read_bytes()).hexdigest()) for p in places])
    assert made[0] == made[1]


def test_a_clean_cmon_has_ordinary_life_only(tmp_path: Path) -> None:
    request = replace(request_for(f"sqlite:///{tmp_path}/old.sqlite", tmp_path, 200), is_clean=True, with_files=False)
    manifest = generate(request)
    ordinary = {"code_of_cmon", "online_waiting", "placeholder_date", "overdue_at_cutoff"}
    assert {kind["kind"] for kind in manifest["kinds"]} <= ordinary
    assert (manifest["found"], manifest["in_scope"], manifest["quarantined"]) == (200, 200, 0)


def test_what_cmon_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    good = request_for(f"sqlite:///{tmp_path}/old.sqlite", tmp_path, 20)
    with pytest.raises(Misconfigured, match="Asia/Ho_Chi_Minh"):
        generate(replace(good, zone="UTC"))
    with pytest.raises(Misconfigured, match="CMON"):
        generate(replace(good, is_clean=True, papers=4, steps=5))
    assert not (tmp_path / "old.sqlite").exists()
