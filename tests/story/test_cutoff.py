"""The cut-off, to the second, whether the old system stores UTC or local time."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.site_files import write_site
from tests.story.stage import ledger_rows, lienthong, look, manifest, status

ZONES = {
    "UTC": ("2025-06-30 16:59:59", "2025-06-30 17:00:00"),
    "Asia/Ho_Chi_Minh": ("2025-06-30 23:59:59", "2025-07-01 00:00:00"),
}


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_second_of_june_is_in_scope_and_the_first_of_july_is_not(tmp_path: Path, zone: str) -> None:
    site = tmp_path / "site"
    write_site(
        site, name="phutho", source="cu", is_rehearsal=True, old_url="sqlite:///var/old.sqlite", files="var/old_files"
    )
    settings = site / "site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("zone: UTC ", f"zone: {zone} "), encoding="utf-8")
    lienthong("sample", site, "--url", "sqlite:///var/old.sqlite", "--dossiers", "250", "--seed", "5")
    edge = manifest(site)["life"]["cutoff_edge"]
    stored = {
        key: look(site / "var" / "old.sqlite", f"SELECT submitDate FROM opencps_dossier WHERE dossierId={key}")[0][0]
        for key in (*edge["before"], *edge["after"])
    }
    assert [stored[key][:19] for key in edge["before"]] == [ZONES[zone][0]]
    assert [stored[key][:19] for key in edge["after"]] == [ZONES[zone][1]]
    lienthong("extract", site)
    known = {key for (key,) in ledger_rows(site, "SELECT key FROM entry")}
    assert set(edge["before"]) <= known
    assert not set(edge["after"]) & known
    assert status(site)["balanced"]
    (wrong,) = set(ZONES) - {zone}
    settings.write_text(settings.read_text(encoding="utf-8").replace(f"zone: {zone} ", f"zone: {wrong} "), "utf-8")
    assert f"Theo múi giờ {zone} chỉ 0%" in lienthong("check", site, expect=10).stderr
