"""Bad input: a clear Vietnamese message, the right exit code, never a traceback, never a half-written ledger."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.story.stage import change, ledger_rows, lienthong, look, status


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad") / "site"
    lienthong("demo", folder, "--dossiers", "200", "--seed", "3", "--prepare")
    return folder


@pytest.fixture
def site(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "site"))


def edit(site: Path, old: str, new: str, file: str = "site.yaml") -> None:
    path = site / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_folder_without_a_site_says_how_to_make_one(tmp_path: Path) -> None:
    assert "lienthong init" in lienthong("status", tmp_path, expect=10).stderr


def test_broken_yaml_names_its_line(site: Path) -> None:
    edit(site, "target:", "target: {{")
    assert "dòng" in lienthong("check", site, expect=10).stderr


def test_an_unknown_option_is_a_usage_error_in_vietnamese(site: Path) -> None:
    assert "Không có tùy chọn này" in lienthong("status", site, "--jsn", expect=2).stderr


def test_a_wrong_value_and_a_missing_word_are_named_with_what_is_right(tmp_path: Path) -> None:
    assert "--dossiers (từ 200)" in lienthong("demo", tmp_path / "site", "--dossiers", "80", expect=2).stderr
    assert "SITE" in lienthong("quarantine", expect=2).stderr
    assert not list(tmp_path.iterdir())


def test_validate_waits_until_every_code_is_known(site: Path) -> None:
    lienthong("extract", site)
    assert "lienthong map" in lienthong("validate", site, expect=11).stderr
    assert ledger_rows(site, "SELECT DISTINCT state FROM entry WHERE state <> 'EXCLUDED'") == [("EXTRACTED",)]


def test_an_unreachable_database_is_unavailable(site: Path) -> None:
    edit(site, "OLD_URL=sqlite:///var/old.sqlite", "OLD_URL=mysql+pymysql://a:b@127.0.0.1:9/opencps", ".env")
    said = lienthong("check", site, expect=11).stderr
    assert "127.0.0.1" in said
    assert ":b@" not in said


def test_a_driver_that_is_not_installed_is_named(site: Path) -> None:
    edit(site, "OLD_URL=sqlite:///var/old.sqlite", "OLD_URL=oracle+oracledb://a:b@127.0.0.1/x", ".env")
    assert "oracle" in lienthong("check", site, expect=10).stderr.lower()


def test_a_wrong_database_password_is_forbidden(site: Path, make_mariadb: Callable[[], str]) -> None:
    url = make_mariadb()
    wrong = (
        url.replace("://", "://khong_co:sai@", 1)
        if "@" not in url
        else url.split("://")[0] + "://khong_co:sai@" + url.split("@")[1]
    )
    edit(site, "OLD_URL=sqlite:///var/old.sqlite", f"OLD_URL={wrong}", ".env")
    assert "sai@" not in lienthong("check", site, expect=12).stderr


def test_a_missing_table_is_named_and_blocks_the_migration(site: Path) -> None:
    change(site / "var" / "old.sqlite", "DROP TABLE opencps_paymentfile")
    assert "opencps_paymentfile" in lienthong("check", site, expect=10).stderr
    assert "opencps_paymentfile" in lienthong("migrate", site, expect=10).stderr


def test_a_missing_column_is_named(site: Path) -> None:
    change(site / "var" / "old.sqlite", "ALTER TABLE opencps_dossier RENAME COLUMN dueDate TO hanTra")
    said = lienthong("check", site, expect=10).stderr
    assert "dueDate" in said
    assert "hanTra" in said


def test_a_column_that_nobody_declared_blocks_the_migration(site: Path) -> None:
    change(site / "var" / "old.sqlite", "ALTER TABLE opencps_dossier ADD COLUMN ghiChuRieng TEXT")
    assert "ghiChuRieng" in lienthong("migrate", site, expect=10).stderr


def test_a_table_that_hangs_on_a_dossier_unknown_to_the_profile_blocks_the_migration(site: Path) -> None:
    change(site / "var" / "old.sqlite", "CREATE TABLE opencps_rieng (id INTEGER, dossierId INTEGER)")
    assert "opencps_rieng" in lienthong("check", site, expect=10).stderr


def test_check_refuses_the_wrong_zone(site: Path) -> None:
    edit(site, "zone: UTC ", "zone: Asia/Ho_Chi_Minh ")
    said = lienthong("check", site, expect=10).stderr
    assert "giờ hành chính" in said


def test_secrets_that_others_can_read_are_warned_of(site: Path) -> None:
    assert "chmod 600" not in lienthong("check", site).stderr
    (site / ".env").chmod(0o644)
    assert "chmod 600" in lienthong("check", site).stderr


def test_rehearsal_data_refuses_a_site_that_does_not_say_so(site: Path) -> None:
    edit(site, "rehearsal: true", "rehearsal: false")
    assert "diễn tập" in lienthong("check", site, expect=10).stderr


def test_sample_refuses_a_database_it_did_not_make(site: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "that.sqlite"
    change(foreign, "CREATE TABLE ho_so_that (id INTEGER)")
    said = lienthong("sample", site, "--url", f"sqlite:///{foreign}", "--dossiers", "200", expect=10).stderr
    assert "ho_so_that" in said


def test_a_wrong_token_is_forbidden_and_nothing_is_lost(site: Path, tmp_path: Path) -> None:
    with receiver(tmp_path / "r.sqlite") as url:
        edit(
            site,
            "target: {connector: rest, rehearsal: var/receiver.sqlite}",
            "target: {connector: rest, url_env: NEW_URL, token_env: NEW_TOKEN}",
        )
        for stage in ("extract", "map", "validate"):
            lienthong(stage, site, expect=(0, 1))
        before = status(site)
        lienthong("push", site, expect=12, NEW_URL=url, NEW_TOKEN="sai-hoan-toan")
        assert status(site) == before
        lienthong("push", site, expect=1, NEW_URL=url, NEW_TOKEN="dung")


def receiver(database: Path) -> Receiver:
    return Receiver(database)


class Receiver:
    """``lienthong receiver`` as a process of its own."""

    def __init__(self, database: Path) -> None:
        self.database = database

    def __enter__(self) -> str:
        from tests.story.stage import ROOT, command, environment

        self.process = subprocess.Popen(
            command("receiver", "--database", str(self.database), "--port", "0"),
            stdout=subprocess.PIPE,
            text=True,
            env=environment(NEW_TOKEN="dung"),
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "http://" in line:
                return "http://" + line.split("http://")[1].split()[0].rstrip("/.;")
        raise AssertionError("hệ thống nhận không khởi động")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_stops_the_run_and_loses_nothing(site: Path, small_disk: Path) -> None:
    edit(site, "name: phutho", "free_space_mb: 0\nledger: {url_env: LEDGER_URL}\nname: phutho")
    ledger = small_disk / "ledger.sqlite"
    (small_disk / "ballast").write_bytes(b"x" * 5_500_000)
    said = lienthong("extract", site, expect=11, LEDGER_URL=f"sqlite:///{ledger}").stderr
    assert "đầy" in said
    (small_disk / "ballast").unlink()
    assert look(ledger, "PRAGMA integrity_check") == [("ok",)]
    lienthong("extract", site, LEDGER_URL=f"sqlite:///{ledger}")


def test_an_account_over_a_ledger_in_use_is_told_who_uses_it(site: Path) -> None:
    lienthong("extract", site)
    ((boot,),) = ledger_rows(site, "SELECT boot FROM run")
    assert boot
    assert ledger_rows(site, "SELECT count(*) FROM run WHERE outcome IS NULL") == [(0,)]


def test_a_column_renamed_since_the_last_sweep_stops_the_next_one_with_old_and_new_shape(site: Path) -> None:
    lienthong("extract", site)
    before = ledger_rows(site, "SELECT key, state, revision FROM entry ORDER BY key")
    change(site / "var" / "old.sqlite", "ALTER TABLE opencps_dossier RENAME COLUMN dossierNo TO dossierNumber")
    said = lienthong("extract", site, expect=10).stderr
    assert "dossierNo" in said
    assert "dossierNumber" in said
    assert "tên mới" in said
    assert ledger_rows(site, "SELECT key, state, revision FROM entry ORDER BY key") == before
    assert "trước" in lienthong("check", site, expect=10).stderr
