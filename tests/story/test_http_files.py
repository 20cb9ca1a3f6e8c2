"""An old system whose files lie behind HTTP: the same dossiers, the same findings, a push killed inside a file."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli import run as command
from flows.site_files import write_site
from tests.file_server import FileWeb, file_web
from tests.story.office import ended, fork
from tests.story.stage import environment, go_on, ledger_rows, lienthong, look, manifest, status

ADDRESS = "sqlite:///var/old.sqlite"
TOKEN = "ma-doc-kho-tep"
LARGE = b"%PDF-1.4\n" + bytes(range(256)) * 8000


@pytest.fixture
def web(tmp_path: Path) -> Iterator[FileWeb]:
    site = tmp_path / "site"
    write_site(site, name="thu", source="cu", is_rehearsal=True, old_url=ADDRESS, files="var/old_files")
    lienthong("sample", site, "--url", ADDRESS, "--dossiers", "40")
    (site / "var" / "old_files").rename(tmp_path / "kho")  # nobody but the server can see it
    with file_web(tmp_path / "kho") as served:
        served.habits.login, served.habits.prefix = f"Bearer {TOKEN}", "/documents"
        declare(site, f"{served.url}/documents")
        yield served


def declare(site: Path, url: str, token: str = TOKEN) -> None:
    file, env = site / "site.yaml", site / ".env"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines(True) if not line.strip().startswith("files")]
    at = next(number for number, line in enumerate(lines) if line.strip().startswith("zone:"))
    lines.insert(at, "    files_url_env: OLD_FILES_URL\n    files_token_env: OLD_FILES_TOKEN\n")
    file.write_text("".join(lines), encoding="utf-8")
    kept = [line for line in env.read_text(encoding="utf-8").splitlines() if not line.startswith("OLD_FILES")]
    env.write_text("\n".join([*kept, f"OLD_FILES_URL={url}", f"OLD_FILES_TOKEN={token}"]) + "\n", encoding="utf-8")


def enlarge_some(store: Path) -> None:
    """Make some scans large ones."""
    scans = [path for path in sorted(store.rglob("*")) if path.is_file() and path.read_bytes()[:5] == b"%PDF-"]
    for number, path in enumerate(scans[:5]):
        path.write_bytes(LARGE + bytes([number]))


def test_files_behind_http_are_carried_over_though_the_push_is_killed_inside_one(tmp_path: Path, web: FileWeb) -> None:
    site, store = tmp_path / "site", tmp_path / "kho"
    declare(site, web.url + "/documents/sai")
    assert "Kho tệp không có tệp nào trong" in lienthong("check", site).stderr
    declare(site, web.url + "/documents", "sai-ma")
    told = lienthong("doctor", site, expect=12).stdout
    assert "chưa đăng nhập" in told.replace("\n", " ")
    assert "sai-ma" not in told
    declare(site, web.url + "/documents")
    assert "ho tệp" not in lienthong("check", site).stderr
    assert "nhận đăng nhập" in " ".join(lienthong("doctor", site).stdout.split())

    enlarge_some(store)
    go_on(site)
    web.habits.stalls_over = 500_000
    child = fork(lambda: command(["push", str(site)]), **environment())
    assert web.stalled.wait(120)
    os.kill(child, signal.SIGKILL)
    assert ended(child) == -signal.SIGKILL
    assert ledger_rows(site, "SELECT COUNT(*) FROM entry WHERE state = 'VALID'")[0][0] > 0

    web.habits.stalls_over = 0
    for stage in ("push", "compare"):
        lienthong(stage, site, expect=(0, 1))
    found = status(site)
    assert found["balanced"]
    assert found["sources"]["cu"]["states"] == {"MATCHED": manifest(site)["in_scope"]}
    figures = dict(ledger_rows(site, "SELECT name, SUM(value) FROM check_figure GROUP BY name"))
    assert figures["attachments_hashed"] == figures["attachments_equal"] > 0
    held = look(site / "var" / "receiver.sqlite", "SELECT locator, sha256 FROM receiver_dossier_file")
    assert sum((store / name).stat().st_size == len(LARGE) + 1 for name, _ in held) > 1
    assert all(hashlib.sha256((store / name).read_bytes()).hexdigest() == sha256 for name, sha256 in held)
