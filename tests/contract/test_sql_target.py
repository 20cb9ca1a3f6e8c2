"""A target of tables beyond the exam: a batch is one transaction, rows are replaced, what is missing is told."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import make_url

from connectors.base import Conflict, Forbidden, Misconfigured, Push, Refused, Removal
from connectors.sql_target import SqlTarget
from mappings.model import Paper, encode
from tests.contract.dossiers import dossier, every_field, new_source, push
from tests.contract.tables import DOSSIERS, PAPERS, STEPS, Vendor
from tests.servers import MakeDatabase

KINDS = ["mariadb", "postgres", "mssql"]


@pytest.fixture(params=KINDS)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.getfixturevalue(f"{request.param}_tables")
    return found.wiped()


@pytest.fixture
def target(vendor: Vendor) -> Iterator[SqlTarget]:
    opened = vendor.target()
    yield opened
    opened.close()


def rows_of(vendor: Vendor, table: str, column: str, number: str) -> int:
    return int(vendor.sql(f"SELECT COUNT(*) FROM {{{table}}} WHERE {{{column}}} = '{number}'")[0][0])


def test_every_field_is_held_in_columns_or_beside_them(vendor: Vendor, target: SqlTarget) -> None:
    source = new_source()
    whole = every_field(source, "1")
    target.upload(source, "1", "20109/1/2/1.0", "Tờ khai.pdf", io.BytesIO(b"x"))
    sent = Push(source, "1", encode(whole), "k")
    (receipt,) = target.push([sent])
    assert receipt.error is None
    (stored,) = target.read_back(source, ["1"])
    assert json.loads(stored.body) == json.loads(sent.body)
    number = json.loads(sent.body)["MaHoSo"]
    columns = "{NgayTiepNhan}, {TrangThaiHoSoId}, {LoaiDoiTuong}, {ViTriDeHoSo}, {TrangThaiDongBoDVC}"
    ((received, *rest),) = vendor.sql(f"SELECT {columns} FROM {{{DOSSIERS}}} WHERE {{MaHoSo}} = '{number}'")
    assert (str(received)[:19], rest) == ("2025-05-05 09:30:15", ["4", "Công dân", "Convert", "1"])
    ((path,),) = vendor.sql(f"SELECT {{DinhKem}} FROM {{{PAPERS}}} WHERE {{HoSo}} = '{number}'")
    assert (vendor.folder / path).read_bytes() == b"x"


def test_the_rows_of_a_dossier_are_replaced_as_a_whole(vendor: Vendor, target: SqlTarget) -> None:
    source = new_source()
    first, other = target.push([push(source, "1"), push(source, "2")])
    number = f"000.17.22.H44-250505-{1:0>4}"
    assert (rows_of(vendor, PAPERS, "HoSo", number), rows_of(vendor, STEPS, "MaHoSo", number)) == (4, 5)
    papers = (Paper("g9", name="Giấy mới"),)
    (second,) = target.push([push(source, "1", if_match=first.version, papers=papers, steps=())])
    assert (second.error, second.new_id) == (None, first.new_id)
    assert (rows_of(vendor, PAPERS, "HoSo", number), rows_of(vendor, STEPS, "MaHoSo", number)) == (1, 0)
    stays = target.read_back(source, ["2"])[0]
    assert (stays.version, len(json.loads(stays.body)["TaiLieuNop"])) == (other.version, 4)


@pytest.mark.parametrize("kind", ["mariadb", "postgres"])
def test_a_batch_stands_without_the_dossier_that_the_database_refuses(
    request: pytest.FixtureRequest, kind: str
) -> None:
    vendor: Vendor = request.getfixturevalue(f"{kind}_tables").wiped()
    target, source = vendor.target(), new_source()
    check = f"ALTER TABLE {{{PAPERS}}} ADD CONSTRAINT c1 CHECK ({{Ten}} <> 'Cam')"
    vendor.sql(check)
    try:
        batch = [push(source, str(at)) for at in range(1, 6)]
        batch[2] = push(source, "3", papers=(Paper("g1", name="Cam"),))
        receipts = target.push(batch)
    finally:
        target.close()
        vendor.sql(f"ALTER TABLE {{{PAPERS}}} DROP CONSTRAINT c1")
    assert [r.key for r in receipts if r.error] == ["3"]
    refused = receipts[2].error
    assert isinstance(refused, Refused)
    assert refused.reasons == (("", "refused_by_database"),)
    assert (vendor.count(DOSSIERS), vendor.count(PAPERS), vendor.count(STEPS)) == (4, 16, 20)


def test_a_number_of_another_dossier_is_refused_even_at_another_unit(vendor: Vendor, target: SqlTarget) -> None:
    source = new_source()
    (receipt,) = target.push([push(source, "1")])
    copy = push(new_source(), "1")
    (refused, other) = target.push([copy, push(source, "2")])
    assert isinstance(refused.error, Refused)
    assert refused.error.reasons == (("MaHoSo", "number_taken"),)
    assert (receipt.error, other.error) == (None, None)
    twins = [push(new_source(), "7", code="H-7"), push(new_source(), "7", code="H-7")]
    assert [r.error is None for r in target.push(twins)] == [True, False]


def test_dossiers_without_a_number_keep_their_rows_beside_them(vendor: Vendor, target: SqlTarget) -> None:
    source = new_source()
    sent = [push(source, key, code="") for key in ("1", "2")]
    assert [r.error for r in target.push(sent)] == [None, None]
    assert [json.loads(s.body) for s in target.read_back(source, ["1", "2"])] == [json.loads(p.body) for p in sent]
    assert vendor.count(PAPERS) == 0


def test_what_was_pushed_is_taken_back_with_its_rows_and_files_and_can_be_pushed_again(
    vendor: Vendor, target: SqlTarget
) -> None:
    source = new_source()
    target.upload(source, "1", "1.pdf", "1.pdf", io.BytesIO(b"x"))
    sent = push(source, "1")
    first, stays = target.push([sent, push(source, "2")])
    (kept,) = target.remove([Removal(source, "1", "0" * 16, "k")])
    assert isinstance(kept.error, Conflict)
    removal = Removal(source, "1", first.version, "k")
    (gone,) = target.remove([removal])
    assert (gone.error, gone.new_id) == (None, first.new_id)
    assert list(target.list_keys(source)) == [("2", stays.version)]
    assert (vendor.count(PAPERS), vendor.count(STEPS)) == (4, 5)
    assert not list((vendor.folder / source).rglob("*.pdf"))
    (nothing,) = target.remove([removal])
    assert (nothing.error, nothing.new_id) == (None, "")
    (again,) = target.push([sent])
    assert again.error is None
    (late,) = target.remove([removal])
    assert isinstance(late.error, Conflict), "a late copy of the removal takes nothing away"


def test_a_row_that_a_clerk_adds_or_changes_anywhere_is_noticed(vendor: Vendor, target: SqlTarget) -> None:
    source = new_source()
    (receipt,) = target.push([push(source, "1")])
    vendor.sql(f"UPDATE {{{DOSSIERS}}} SET {{NguoiDangXuLy}} = 'can-bo'")
    (stored,) = target.read_back(source, ["1"])
    assert stored.version != receipt.version
    row = "{Id}, {MaHoSo}, {NguoiGui}, {ThaoTac}, {TrangThai}, {NoiDung}"
    values = f"'{'1' * 8}-1111-1111-1111-{'1' * 12}', '000.17.22.H44-250505-0001', 'cb', 'Chuyen', '2', 'Xong'"
    vendor.sql(f"INSERT INTO {{{STEPS}}} ({row}) VALUES ({values})")
    (later,) = target.read_back(source, ["1"])
    assert later.version not in (stored.version, receipt.version)
    assert json.loads(later.body)["TienTrinh"][-1]["GhiChu"] == "Xong"


def test_a_server_that_cuts_texts_without_a_word_is_found_before_anything_stands(mariadb_tables: Vendor) -> None:
    vendor = mariadb_tables.wiped()
    vendor.sql("SET GLOBAL sql_mode = ''")
    vendor.sql(f"ALTER TABLE {{{DOSSIERS}}} MODIFY {{ChuHoSo}} VARCHAR(5)")
    target, source = vendor.target(), new_source()
    try:
        short = msgspec.structs.replace(dossier(source, "2").applicant, name="An")
        cut, stands = target.push([push(source, "1"), push(source, "2", applicant=short)])
    finally:
        target.close()
        vendor.sql("SET GLOBAL sql_mode = DEFAULT")
        vendor.sql(f"ALTER TABLE {{{DOSSIERS}}} MODIFY {{ChuHoSo}} VARCHAR(500)")
    assert isinstance(cut.error, Refused)
    assert ("ThongTinChuHoSo.ChuHoSo", "read_back_differs") in cut.error.reasons
    assert (stands.error, vendor.count(DOSSIERS), vendor.count(PAPERS)) == (None, 1, 4)


# ---------------------------------------------------------------- what is missing there


def test_everything_that_is_missing_is_named_at_once(make_postgres: MakeDatabase, tmp_path: Path) -> None:
    vendor = Vendor.made(make_postgres(), tmp_path / "tep")
    vendor.sql(f"ALTER TABLE {{{DOSSIERS}}} DROP COLUMN {{EFormData}}, DROP COLUMN {{ChuHoSo}}")
    vendor.sql(f"DROP TABLE {{{PAPERS}}}")
    vendor.sql(f"ALTER TABLE {{{STEPS}}} DROP CONSTRAINT {{{STEPS}_pkey}}")
    target = vendor.target()
    with pytest.raises(Misconfigured) as told:
        target.probe()
    target.close()
    said = str(told.value)
    assert all(word in said for word in ("ChuHoSo, EFormData", f"không có bảng {PAPERS}", "Khóa chính"))


@pytest.mark.parametrize("kind", ["mariadb", "postgres"])
def test_a_right_that_is_missing_is_named(request: pytest.FixtureRequest, kind: str) -> None:
    vendor: Vendor = request.getfixturevalue(f"{kind}_tables")
    url = make_url(vendor.url)
    host = "@'127.0.0.1'" if kind == "mariadb" else ""
    identified = "IDENTIFIED BY" if kind == "mariadb" else "PASSWORD"
    vendor.sql(f"CREATE USER doc{host} {identified} 'bi-mat'")
    for table in (DOSSIERS, PAPERS, STEPS, "Business.HoSoBoSungs"):
        vendor.sql(f"GRANT SELECT ON {{{table}}} TO doc{host}")
    login = url.set(username="doc", password="bi-mat").render_as_string(hide_password=False)
    writer, reader = vendor.target(url=login), vendor.target(url=login, is_reader=True)
    try:
        assert "TD.DichVuCong" in reader.probe()
        with pytest.raises(Forbidden, match=f"quyền INSERT trên bảng (?i:{DOSSIERS})"):
            writer.probe()
        assert reader.read_back(new_source(), ["1"]) == []
    finally:
        writer.close()
        reader.close()


def test_a_folder_of_files_that_is_not_there_is_named(postgres_tables: Vendor, tmp_path: Path) -> None:
    target = replace(postgres_tables, folder=tmp_path / "khong-co").target()
    with pytest.raises(Misconfigured, match="khong-co"):
        target.probe()
    target.close()
