"""A site whose old system left nothing but exported XML: checked, migrated, changed, and stopped by what is broken."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.story.stage import as_seeded, go_on, ledger_rows, lienthong, manifest, report, status
from tests.story.xml_export import dossier, exported

SITE = """\
name: xuat
cutoff: 2025-07-01
rehearsal: true
sources:
  xuat_xml: {connector: xml, path: nhan, profile: xml_mau, zone: Asia/Ho_Chi_Minh}
target: {connector: rest, rehearsal: var/receiver.sqlite}
free_space_mb: 50
"""
AGENCIES = """\
code,name,level,province_code,district_code,commune_code,status,method,note,author
H44.01,UBND thị trấn Lâm Thao,commune,25,237,08494,approved,,,
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("xml") / "xuat"
    (folder / "crosswalks").mkdir(parents=True)
    (folder / "site.yaml").write_text(SITE, encoding="utf-8")
    (folder / "crosswalks" / "agencies.csv").write_text(AGENCIES, encoding="utf-8")
    received = folder / "nhan"
    (received / "kq").mkdir(parents=True)
    (received / "kq" / "1.pdf").write_bytes(b"%PDF one")
    later = dossier(4, filed="2025-07-02T09:00:00+07:00")
    (received / "2025-06.xml").write_text(exported(dossier(1), dossier(2), dossier(3, 0), later), encoding="utf-8")
    with zipfile.ZipFile(received / "2025-07.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2.xml", exported(dossier(2)))  # exported again, with its result this time
        archive.writestr("kq/2.pdf", b"%PDF two")
    return folder


def states(site: Path) -> list[Any]:
    return ledger_rows(site, "select key, state, rule from entry order by key")


MOVED = [("1", "MATCHED", None), ("2", "MATCHED", None), ("3", "EXCLUDED", "draft")]


def test_exported_xml_is_migrated_with_the_files_inside_and_beside(site: Path) -> None:
    said = lienthong("check", site).stderr
    assert "1 bản ghi thế chỗ bản xuất trước" in said
    assert "kho tệp" not in said
    lienthong("migrate", site)
    assert states(site) == MOVED
    assert ledger_rows(site, "select found, in_scope, after_cutoff from sweep") == [(4, 2, 1)]
    sent = [row[0] for row in ledger_rows(site, "select locator from attachment order by key, locator")]
    assert [locator.partition(":")[0] for locator in sent] == ["kq/1.pdf", "sha256", "2025-07.zip/kq/2.pdf", "sha256"]


def test_results_go_out_as_packets_for_their_owner_only_and_are_read_masked(site: Path, tmp_path: Path) -> None:
    code = "000.01.21.H44-250602-0001"
    out = tmp_path / "goi"
    said = lienthong("edxml", site, "export", "--dossier", code, "--out", out).stderr
    assert "đã ghi vào sổ cái" in said
    (file,) = out.iterdir()
    assert (file.name, file.stat().st_mode & 0o777, out.stat().st_mode & 0o777) == (f"{code}_01.edxml", 0o600, 0o700)
    assert ledger_rows(site, "select key from history where reason like 'unmasked by %'") == [("1",)]
    shown = lienthong("edxml", site, "read", file).stdout
    assert "Văn bản: 1/2025, ngày 2025-06-10; mã " in shown
    assert "Giấy khai sinh" not in shown
    assert "Giấy khai sinh" in lienthong("edxml", site, "read", file, "--no-mask").stdout
    (packet,) = json.loads(lienthong("edxml", site, "read", file, "--json", "--no-mask").stdout)
    assert packet["header"]["sender"] == {"id": "H44.01", "name": "UBND thị trấn Lâm Thao"}
    assert [file["size"] for file in packet["files"]] == [len(b"%PDF one")]
    assert "sổ cái không có" in lienthong("edxml", site, "export", "--dossier", "khong-co", expect=1).stderr
    assert "chưa qua bước kiểm tra" in lienthong("edxml", site, "export", "--dossier", "3", expect=1).stderr
    assert "Dùng:" in lienthong("edxml", site, "export", expect=2).stderr
    (out / "hong.edxml").write_bytes(file.read_bytes()[:400])
    mixed = lienthong("edxml", site, "read", file, out / "hong.edxml", out / "mat.edxml", expect=10)
    assert "1/2025" in mixed.stdout
    assert "hong.edxml:" in mixed.stderr
    assert "mat.edxml: không thấy tệp này" in mixed.stderr


def test_a_broken_file_is_refused_and_nothing_vanishes_until_it_is_left_out_by_name(site: Path) -> None:
    broken = site / "nhan" / "2025-06.xml"
    whole = broken.read_text(encoding="utf-8")
    broken.write_text(whole[: whole.index('<HoSo id="2">') + 200], encoding="utf-8")
    refused = lienthong("check", site, expect=10).stderr
    assert "2025-06.xml" in refused
    assert "cắt cụt" in refused
    assert "accept_broken" in refused
    assert "2025-06.xml" in lienthong("extract", site, expect=10).stderr
    assert states(site) == MOVED
    accepted = SITE.replace("profile: xml_mau,", 'profile: xml_mau, accept_broken: {2025-06.xml: "đã xác nhận"},')
    (site / "site.yaml").write_text(accepted, encoding="utf-8")
    refused = lienthong("check", site, expect=10).stderr
    assert "dạng cũ" in refused
    (name,) = set(re.findall(r"2025-06\.xml#[0-9a-f]{12}", refused))
    (site / "site.yaml").write_text(accepted.replace("{2025-06.xml:", f"{{{name}:"), encoding="utf-8")
    lienthong("extract", site)
    lienthong("report", site, expect=1)
    report = (site / "var" / "reports" / "latest" / "report.html").read_text(encoding="utf-8")
    assert "1 chỗ không đọc được trong tệp của nguồn" in report
    assert "đã xác nhận" in report
    assert states(site) == [("1", "MATCHED", None), ("2", "MATCHED", None), ("3", "VANISHED", "draft")]
    broken.write_text(whole, encoding="utf-8")
    (site / "site.yaml").write_text(SITE, encoding="utf-8")


def test_an_element_that_no_shape_declares_is_asked_for_and_can_be_left_out_by_name(site: Path) -> None:
    (site / "nhan" / "2025-08.xml").write_text(exported(dossier(5, extra="<MaVach>123</MaVach>")), encoding="utf-8")
    assert "ho_so.MaVach" in lienthong("check", site, expect=10).stderr
    (site / "profiles").mkdir()
    left_out = "extends: xml_mau\nreading: {ignored_columns: {ho_so: {In trên giấy biên nhận: [MaVach]}}}\n"
    (site / "profiles" / "xml_mau.yaml").write_text(left_out, encoding="utf-8")
    lienthong("check", site)


def test_a_folder_of_exports_is_migrated_as_it_was_seeded(tmp_path: Path) -> None:
    site = tmp_path / "site"
    lienthong("demo", site, "--profile", "xml_mau", "--dossiers", "240", "--seed", "5", "--prepare")
    assert "bản ghi thế chỗ bản xuất trước" in lienthong("check", site).stderr
    go_on(site)
    for stage in ("push", "compare"):
        lienthong(stage, site, expect=1)
    wanted = manifest(site)
    assert len(wanted["kinds"]) > 15
    as_seeded(status(site)["sources"]["phutho_cu"], wanted)
    found = report(site)["total"]
    assert found["differences"] == []
    assert found["attachments"]["equal"] == found["attachments"]["checked"] > 100
