"""From an unknown database to a profile that `check` accepts; and what a scan does when it cannot draft one."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flows.scan import ScanOptions, scan_source
from flows.site import load_site
from tests.story.stage import lienthong
from tests.story.test_scan import SOURCE, make_site, personal_values, report

TABLES = """
    CREATE TABLE hoso (hosoid INTEGER PRIMARY KEY, so_bien_nhan VARCHAR(40), tinh_trang VARCHAR(10),
      ma_thu_tuc VARCHAR(20),
      ten_thu_tuc VARCHAR(200), ma_don_vi VARCHAR(20), ten_don_vi VARCHAR(200), ngay_nop DATETIME, ngay_nhan DATETIME,
      ngay_hen_tra DATETIME, chu_ho_so VARCHAR(100), so_cmnd VARCHAR(12), dien_thoai VARCHAR(15), dia_chi VARCHAR(200),
      mat_khau VARCHAR(40), mau_giay INTEGER);
    CREATE TABLE giay_to_kem_theo (id INTEGER PRIMARY KEY, hosoid INTEGER, ten_giay_to VARCHAR(200),
      ghi_chu VARCHAR(200));
    CREATE TABLE so_khac (id INTEGER PRIMARY KEY, hosoid INTEGER, chu VARCHAR(20));
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site over the small database of a unit that wrote its own software."""
    folder = make_site(tmp_path / "site").path
    with closing(sqlite3.connect(folder / "var" / "old.sqlite")) as database:
        database.executescript(TABLES)
        for n in range(1, 61):
            day = f"2025-0{1 + n % 5}-1{n % 10} 0{8 + n % 2}:15:00"
            row = (n, f"2025.{n:05d}", "DXL" if n % 3 else "TRA", "1.001193", "Đăng ký khai sinh", f"X{n % 4}",
                   f"UBND xã {n % 4}", day, day, "2025-07-20 16:00:00", "Nguyễn Văn Mẫu", f"0251900{n:05d}",
                   f"09123{n:05d}", f"Khu {n}, xã Mẫu", "bí mật", n)  # fmt: skip
            database.execute(f"INSERT INTO hoso VALUES ({', '.join('?' * len(row))})", row)
            database.execute("INSERT INTO giay_to_kem_theo VALUES (?, ?, 'Tờ khai', NULL)", (n * 2, n))
            database.execute("INSERT INTO so_khac VALUES (?, ?, 'a')", (n, n))
        database.commit()
    return folder


def refusals(site: Path) -> list[str]:
    """What `check` refuses, by place."""
    done = lienthong("check", site, "--json", expect=(0, 10))
    found = [finding["place"] for finding in json.loads(done.stdout) if finding["level"] == "refusal"]
    assert done.returncode == (10 if found else 0)
    return found


def test_check_refuses_a_draft_until_its_open_points_are_settled_and_accepts_it_then(site: Path) -> None:
    found = json.loads(lienthong("scan", site, SOURCE, "--json").stdout)
    assert found["dossiers"] == "hoso"
    assert found["fields"]["code"] == "so_bien_nhan"
    assert found["fields"]["received"] == "ngay_nhan"
    assert found["fields"]["papers.name"] == "ten_giay_to"
    assert "bang.so_khac" in found["open_points"]
    profile = Path(found["profile"])
    text = profile.read_text(encoding="utf-8")
    assert "bí mật" not in text.replace("là bí mật", "")
    assert set(refusals(site)) == {f"profile phan_mem_la, điểm {point}" for point in found["open_points"]}

    kept = re.sub(r'^  (?!xem_lai)[\w."]+: ".*"\n', "", text, flags=re.M)  # all but one settled
    profile.write_text(kept, encoding="utf-8")
    assert refusals(site) == ["profile phan_mem_la, điểm xem_lai"]
    profile.write_text(re.sub(r"^open_points:.*\n(?:  .*\n)+", "", text, flags=re.M), encoding="utf-8")
    assert refusals(site) == []


def test_what_was_drafted_before_is_never_overwritten(site: Path) -> None:
    lienthong("scan", site, SOURCE)
    profile = site / "profiles" / "phan_mem_la.yaml"
    profile.write_text("# của kỹ thuật viên\n", encoding="utf-8")
    assert "không ghi đè" in lienthong("scan", site, SOURCE, "--profile", "phan_mem_la", expect=10).stderr
    assert profile.read_text(encoding="utf-8") == "# của kỹ thuật viên\n"


def test_a_scan_without_time_left_names_the_tables_it_did_not_look_at(site: Path) -> None:
    found, draft = scan_source(load_site(site), ScanOptions(SOURCE, minutes=0), lambda done, total: None)
    assert (found.tables, draft) == ((), None)
    assert sorted(found.skipped) == ["giay_to_kem_theo", "hoso", "so_khac"]


def test_a_database_without_dossiers_gets_a_report_and_no_draft(site: Path) -> None:
    with closing(sqlite3.connect(site / "var" / "old.sqlite")) as database:
        database.executescript("DROP TABLE hoso")
    assert "không có bản nháp" in lienthong("scan", site, SOURCE, expect=1).stderr
    assert (site / "var" / "scan" / SOURCE / "scan.html").is_file()
    assert not list((site / "profiles").iterdir())


REGISTER = """\
name: so_xa
cutoff: 2025-07-01
sources:
  so_xa: {connector: spreadsheet, path: so, profile: so_theo_doi, zone: Asia/Ho_Chi_Minh}
target: {connector: rest, rehearsal: var/receiver.sqlite}
"""


def test_a_register_of_spreadsheets_is_told_without_its_people_and_gets_no_draft(tmp_path: Path) -> None:
    folder = tmp_path / "so_xa"
    folder.mkdir()
    (folder / "site.yaml").write_text(REGISTER, encoding="utf-8")
    lienthong("sample", folder, "--dossiers", "100")
    assert "không có bản nháp" in lienthong("scan", folder, "so_xa", expect=1).stderr
    told = report(folder / "var" / "scan" / "so_xa")
    values = personal_values("so_theo_doi", folder / "var" / "staged" / "so_xa.sqlite")
    assert len(values) > 100
    assert [value for value in values if value in told] == []
