"""A demo site whose new system is a vendor's tables: killed in mid-push, gone on with, balanced; then nothing more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.servers import MakeDatabase
from tests.story.office import ask
from tests.story.stage import lienthong, make_ready, status

DOSSIERS = 200
HELD = (
    'SELECT h."id"::text, h."lastmodifiedon", count(t."id") FROM "business.hosos" h '
    'LEFT JOIN "business.thanhphanhosos" t ON t."hoso" = h."mahoso" GROUP BY 1, 2 ORDER BY 1, 2'
)


def turn_to_tables(site: Path, url: str) -> None:
    """Let the site push into tables instead of the rehearsal receiver."""
    file = site / "site.yaml"
    ways = "profile: td_dichvucong_sql, url_env: NEW_DB_URL, files: var/new_files, batch: 50"
    target = f"target: {{connector: sql, {ways}}}"
    text, changed = re.subn(r"^target:.*$", target, file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert changed == 1
    file.write_text(text, encoding="utf-8")
    with (site / ".env").open("a", encoding="utf-8") as env:
        env.write(f"NEW_DB_URL={url}\n")
    (site / "var" / "new_files").mkdir()


def flat(said: str) -> str:
    """What a table of the screen says, without its line breaks."""
    return " ".join(said.split())


def test_a_site_is_migrated_into_tables_once_whatever_happens(tmp_path: Path, make_postgres: MakeDatabase) -> None:
    url, site = make_postgres(), make_ready(tmp_path / "site", DOSSIERS, 5)
    turn_to_tables(site, url)
    assert "không có bảng Business.HoSos" in flat(lienthong("doctor", site, expect=10).stdout)
    assert "Đã dựng" in lienthong("receiver", site, "--tables").stderr
    assert "giữ ở EFormData" in lienthong("check", site).stderr
    assert "đủ bảng, cột và quyền" in flat(lienthong("doctor", site, expect=(0, 1)).stdout)
    lienthong("push", site, expect=-9, LIENTHONG_FAULT="call.after:2:kill")
    begun = ask(url, HELD)
    assert len(begun) == 100
    lienthong("push", site, expect=(0, 1))
    lienthong("compare", site, expect=(0, 1))
    found: dict[str, Any] = status(site)
    held = ask(url, HELD)
    assert found["states"].keys() == {"MATCHED", "QUARANTINED"}
    assert len(held) == found["states"]["MATCHED"] > DOSSIERS // 2
    assert set(begun) <= set(held), "what had arrived before the kill was written again"
    lienthong("migrate", site, expect=(0, 1))
    assert ask(url, HELD) == held
    assert status(site)["states"] == found["states"]
