"""An old system that keeps its files inside the database: the same dossiers, the same findings, no folder beside it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import yaml

from flows.site_files import write_site
from tests.story.stage import as_seeded, change, ledger_rows, lienthong, manifest, status
from tests.story.test_twins import run

CHILDREN = ("files", "documents", "invoices", "payment_proofs", "deliverables")
ADDRESS = "sqlite:///var/old.sqlite"


def move_inside(site: Path) -> int:
    """Put every stored file into a column of the row that names it; how many there were."""
    folder, moved = site / "var" / "old_files", 0
    with closing(sqlite3.connect(site / "var" / "old.sqlite")) as raw, raw:
        raw.execute("ALTER TABLE DLFileEntry ADD COLUMN noiDung BLOB")
        named = raw.execute("SELECT fileEntryId, companyId, folderId, name, version FROM DLFileEntry").fetchall()
        for entry, *parts in named:
            file = folder.joinpath(*map(str, parts))
            if file.is_file():
                raw.execute("UPDATE DLFileEntry SET noiDung = ? WHERE fileEntryId = ?", (file.read_bytes(), entry))
                moved += 1
    shutil.rmtree(folder)
    return moved


def declare(site: Path, column: str) -> None:
    children = {name: {"file": None, "content": f"dl.{column}"} for name in CHILDREN}
    path = {"DLFileEntry": {"Đường dẫn trong kho tệp không còn": ["folderId", "name"]}}
    words = {"extends": "opencps_v2", "reading": {"children": children, "ignored_columns": path}}
    (site / "profiles").mkdir(exist_ok=True)
    (site / "profiles" / "opencps_v2.yaml").write_text(yaml.safe_dump(words, allow_unicode=True), encoding="utf-8")


def test_files_inside_the_database_are_carried_over_with_their_hashes(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_site(site, name="thu", source="cu", is_rehearsal=True, old_url=ADDRESS, files="var/old_files")
    lienthong("sample", site, "--url", ADDRESS, "--dossiers", "60")
    settings = site / "site.yaml"
    lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
    settings.write_text("".join(line for line in lines if not line.strip().startswith("files:")), encoding="utf-8")
    assert move_inside(site) > 50
    declare(site, "noiDung")
    assert "kho tệp" not in lienthong("check", site).stderr
    run(site)
    found = status(site)
    assert found["balanced"]
    as_seeded(found["sources"]["cu"], manifest(site))
    pushed = ledger_rows(site, "SELECT locator, size FROM attachment")
    assert pushed
    assert all(locator.startswith("db:DLFileEntry.noiDung?fileEntryId=") for locator, _ in pushed)
    figures = dict(ledger_rows(site, "SELECT name, SUM(value) FROM check_figure GROUP BY name"))
    assert figures["attachments_hashed"] == figures["attachments_equal"] > 0
    (entry,) = ledger_rows(site, "SELECT locator FROM attachment ORDER BY locator LIMIT 1")[0]
    one = f"WHERE fileEntryId = {entry.rpartition('=')[2]}"
    assert change(site / "var" / "old.sqlite", f"UPDATE DLFileEntry SET noiDung = zeroblob(7) {one}") == 1
    lienthong("extract", site, expect=(0, 1))
    assert ledger_rows(site, "SELECT COUNT(*) FROM entry WHERE state = 'EXTRACTED'") == [(1,)]  # told by its size
