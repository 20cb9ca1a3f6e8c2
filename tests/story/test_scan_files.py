"""XML that no profile knows: scanned, drafted, and read by the draft."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mappings.declared import read_yaml
from tests.story.stage import ledger_rows, lienthong
from tests.story.xml_export import dossier, exported

SITE = """\
name: la
cutoff: 2025-07-01
rehearsal: true
sources:
  la_xml: {connector: xml, path: nhan, profile: xuat_la, zone: Asia/Ho_Chi_Minh}
target: {connector: rest, rehearsal: var/receiver.sqlite}
free_space_mb: 50
"""
DOSSIERS = 30


def words(number: int) -> str:
    """One dossier in another vendor's words; two papers."""
    said = dossier(number)
    for ours, theirs in (
        ("<HoSo ", "<Record "), ("</HoSo>", "</Record>"), ("MaHoSo", "SoHoSo"), ("TrangThai", "TinhTrang"),
        ("HoTen", "TenChuHoSo"), ("NgayHenTra", "HenTra"), ("GiayToKemTheo", "DinhKem"),
    ):  # fmt: skip
        said = said.replace(ours, theirs)
    return said.replace("<DinhKem>", '<DinhKem><GiayTo ma="TP02"><Ten>Giấy chứng sinh</Ten></GiayTo>')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scan") / "la"
    (folder / "nhan").mkdir(parents=True)
    (folder / "site.yaml").write_text(SITE, encoding="utf-8")
    text = exported(*map(words, range(1, DOSSIERS + 1))).replace("XuatHoSo", "Export")
    (folder / "nhan" / "xuat.xml").write_text(text, encoding="utf-8")
    return folder


def scanned(site: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(lienthong("scan", site, "la_xml", "--json").stdout)
    return said


def test_a_draft_says_the_shapes_and_the_fields_and_its_reader_sees_no_person(site: Path) -> None:
    said = scanned(site)
    assert said["dossiers"] == "record"
    right = {
        "code": "SoHoSo", "status.code": "TinhTrang", "procedure.code": "ThuTuc_ma", "filed": "NgayNop",
        "received": "NgayTiepNhan", "due_at": "HenTra", "applicant.name": "TenChuHoSo",
        "applicant.identity.number": "SoGiayTo", "agency.code": "DonVi_ma", "papers.name": "Ten",
    }  # fmt: skip
    assert {field: said["fields"].get(field) for field in right} == right
    tables = read_yaml(Path(said["profile"])).data["reading"]["xml"]["tables"]
    assert {name: table["record"] for name, table in tables.items()} == {
        "record": "/Export/Record", "giayto": "DinhKem/GiayTo",
    }  # fmt: skip
    assert tables["record"]["key"] == "record_id"
    assert tables["giayto"]["columns"]["Tep"] == {"path": "Tep", "as": "file"}
    written = [*Path(said["folder"]).glob("*.html"), Path(said["profile"])]
    shown = "".join(file.read_text(encoding="utf-8") for file in written)
    assert len(written) == 2
    assert not [secret for secret in ("Nguyễn Thị Mẫu", "025190000001", "0912345678", "Khu 3") if secret in shown]


def test_check_takes_the_draft_once_its_points_are_settled_and_it_reads_every_dossier(site: Path) -> None:
    profile = site / "profiles" / "xuat_la.yaml"
    if not profile.exists():
        scanned(site)
    told = lienthong("check", site, expect=10)
    assert "open_points" in told.stdout + told.stderr
    text = profile.read_text(encoding="utf-8")
    profile.write_text(re.sub(r"^open_points:.*?\n\n", "", text, flags=re.M | re.S), encoding="utf-8")
    statuses = site / "crosswalks" / "xuat_la_status.csv"
    decided = statuses.read_text(encoding="utf-8").replace(
        "10,,,none,draft,,lienthong scan", "10,,10,exact,approved,Biên bản họp,ban chỉ đạo"
    )
    statuses.write_text(decided, encoding="utf-8")
    lienthong("check", site)
    for stage in ("extract", "map"):
        lienthong(stage, site, expect=(0, 1))
    assert ledger_rows(site, "SELECT found, in_scope FROM sweep") == [(DOSSIERS, DOSSIERS)]
    assert ledger_rows(site, "SELECT count(*) FROM entry WHERE code LIKE '000.01.21.H44-250602-%'") == [(DOSSIERS,)]
    assert "Nguồn là tệp" not in lienthong("scan", site, "la_xml", "--profile", "xuat_khac", expect=1).stdout


def test_xml_without_anything_that_repeats_or_says_much_gets_no_draft(tmp_path: Path) -> None:
    (tmp_path / "nhan").mkdir()
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "nhan" / "a.xml").write_text("<cau><mau>1</mau></cau>", encoding="utf-8")
    assert "không có bản nháp" in lienthong("scan", tmp_path, "la_xml", expect=1).stderr
    (tmp_path / "nhan" / "a.xml").write_text("<cau", encoding="utf-8")
    assert "không tệp XML nào đọc được" in lienthong("scan", tmp_path, "la_xml", expect=10).stderr
