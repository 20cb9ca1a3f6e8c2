"""``doctor``: every part of the machine and of the other systems is looked at by itself, each fault with its remedy."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from connectors.rehearsal.receiver import process as receiver
from flows.doctor import Sign, exit_code, print_signs
from flows.doctor_doors import _clock, examine
from flows.site import load_site
from flows.site_files import write_site
from tests.servers import free_port
from tests.story.stage import lienthong


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    write_site(folder, name="kham", source="cu", is_rehearsal=True, files="var/old_files")
    (folder / "var" / "old_files").mkdir(parents=True)
    for place in (folder / "var", folder / "var" / "old_files"):
        place.chmod(0o700)
    sqlite3.connect(folder / "var" / "old.sqlite").execute("CREATE TABLE dossier (id INTEGER)").connection.close()
    set_old(folder, "sqlite:///var/old.sqlite")
    return folder


def set_old(site: Path, url: str) -> None:
    env = site / ".env"
    env.write_text(f"OLD_URL={url}\n", encoding="utf-8")
    env.chmod(0o600)


def signs(site: Path, area: str) -> list[Sign]:
    """What doctor says of one area; every other area has its say, too."""
    found = list(examine(load_site(site)))
    assert {"Máy", "ODBC", "Đĩa", "Giờ", "Chữ Việt", "Cổng", "Sổ cái", "Nguồn cu", "Hệ thống nhận"} <= {
        sign.area for sign in found
    }
    assert all(sign.remedy for sign in found if sign.level != "ok")
    return [sign for sign in found if sign.area == area]


def test_a_whole_machine_is_told_so_and_nothing_is_made(site: Path, make_mariadb: Callable[[], str]) -> None:
    set_old(site, make_mariadb())
    told = json.loads(lienthong("doctor", site, "--json").stdout)
    source = {sign["subject"]: sign for sign in told if sign["area"] == "Nguồn cu"}
    assert not [sign for sign in told if sign["level"] == "fault"]
    assert source["kết nối"]["found"].startswith("MariaDB")
    assert source["đồng hồ"]["level"] == "ok"
    assert source["quyền"]["level"] == "doubt"
    assert not (site / "var" / "ledger.sqlite").exists()


def test_a_closed_port_is_told_before_any_driver_has_its_say(site: Path) -> None:
    set_old(site, f"mysql+pymysql://a:mat-khau@127.0.0.1:{free_port()}/x")
    (sign,) = signs(site, "Nguồn cu")
    assert (sign.level, sign.code) == ("fault", 11)
    assert "từ chối cổng" in sign.found
    assert "mat-khau" not in lienthong("doctor", site, expect=11).stdout


def test_a_name_that_nobody_knows_is_told(site: Path) -> None:
    set_old(site, "mysql+pymysql://a:b@khong-co-may-nay.invalid/x")
    (sign,) = signs(site, "Nguồn cu")
    assert "khong-co-may-nay.invalid" in sign.found
    assert sign.code == 11


def test_a_wrong_password_is_forbidden_after_the_port_was_found_open(
    site: Path, make_mariadb: Callable[[], str]
) -> None:
    url = make_url(make_mariadb()).set(username="ai_do", password="sai")
    set_old(site, url.render_as_string(hide_password=False))
    reached, refused = signs(site, "Nguồn cu")
    assert (reached.subject, reached.level) == ("địa chỉ", "ok")
    assert (refused.level, refused.code) == ("fault", 12)


def test_a_secret_that_is_not_set_is_named(site: Path) -> None:
    (site / ".env").write_text("", encoding="utf-8")
    (sign,) = signs(site, "Nguồn cu")
    assert "OLD_URL" in sign.found
    assert sign.code == 10


def test_a_driver_whose_file_is_gone_is_named(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odbcinst.ini").write_text("[Cu ky]\nDriver=/khong/co/libcu.so\n", encoding="utf-8")
    monkeypatch.setenv("ODBCSYSINI", str(tmp_path))
    told = json.loads(lienthong("doctor", site, "--json", is_fresh=True, ODBCSYSINI=str(tmp_path)).stdout)
    (sign,) = [sign for sign in told if sign["subject"] == "Cu ky"]
    assert sign["level"] == "doubt"
    assert "/khong/co/libcu.so" in sign["found"]


def test_a_file_store_that_is_not_mounted_is_a_fault(site: Path) -> None:
    (site / "var" / "old_files").rmdir()
    found = signs(site, "Nguồn cu")
    assert [sign.level for sign in found if sign.subject in ("nguồn", "kho tệp")] == ["fault"]


def test_the_files_of_a_source_are_counted_and_not_read(site: Path) -> None:
    file = site / "site.yaml"
    text = file.read_text(encoding="utf-8").replace("connector: sql", "connector: xml")
    file.write_text(re.sub(r"url_env: OLD_URL.*", "path: vao", text), encoding="utf-8")
    assert [sign.level for sign in signs(site, "Nguồn cu") if sign.subject == "tệp"] == ["fault"]
    (site / "vao").mkdir()
    (site / "vao" / "a.xml").write_text("<So/>", encoding="utf-8")
    found = {sign.subject: sign for sign in signs(site, "Nguồn cu")}
    assert found["tệp"].level == "ok"
    assert "1 tệp" in found["tệp"].found
    assert not (site / "var" / "staged").exists()


@pytest.mark.parametrize(("apart", "level"), [(3, "ok"), (-3, "ok"), (600, "doubt"), (-600, "doubt")])
def test_clocks_that_are_minutes_apart_are_told(apart: int, level: str) -> None:
    assert _clock("Nguồn cu", datetime.now(UTC) + timedelta(seconds=apart)).level == level


def test_the_new_system_is_asked_with_both_tokens(site: Path) -> None:
    with receiver.start(str(site / "var" / "new.sqlite")) as new:
        file = site / "site.yaml"
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("target:")]
        target = "target: {connector: rest, url_env: NEW_URL, token_env: NEW_TOKEN, read_token_env: NEW_READ}"
        file.write_text("\n".join([*lines, target]), encoding="utf-8")
        with (site / ".env").open("a", encoding="utf-8") as env:
            env.write(f"NEW_URL={new.url}\nNEW_TOKEN={new.push_token}\nNEW_READ={'x' * 40}\n")
        found = {sign.subject: sign for sign in signs(site, "Hệ thống nhận")}
    assert found["mã đẩy"].level == "ok"
    assert found["đồng hồ"].level == "ok"
    assert (found["mã đọc"].level, found["mã đọc"].code) == ("fault", 12)


def test_the_exit_code_is_that_of_the_first_fault(capsys: pytest.CaptureFixture[str]) -> None:
    found = [Sign("a", "b", "c"), Sign("a", "d", "e", "f", "fault", 12), Sign("a", "g", "h", "i", "fault", 11)]
    assert exit_code(found) == 12
    assert exit_code(found[:1]) == 0
    print_signs(found)
    shown = capsys.readouterr()
    assert "HỎNG" in shown.out
    assert "2 chỗ hỏng" in shown.err
