"""``lienthong quarantine``: the tray of quarantined dossiers."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from flows import quarantine as tray
from flows.failures import MATCHED, USAGE
from flows.screen import number, say
from flows.site import load_site
from flows.verbs.options import AsJson, Cause, Csv, Says, Site
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "quarantine": (
        "Hồ sơ cách ly theo nguyên nhân: list, show KHÓA, retry.",
        "Quarantined dossiers by cause: list, show KEY, retry.",
    ),
    "action": ("list (mặc định), show hoặc retry.", "list (default), show or retry."),
    "key": ("Khóa cũ hoặc mã hồ sơ (cho show).", "Old key or dossier code (for show)."),
}


def run(
    site: Site,
    action: Annotated[str, typer.Argument(help="action", metavar="[list|show|retry]")] = "list",
    key: Annotated[str, typer.Argument(help="key", metavar="KEY")] = "",
    code: Cause = "",
    csv: Csv = None,
    json: AsJson = False,
) -> int:
    """List by cause, show one, or send back to be mapped again."""
    if action not in ("list", "show", "retry") or (action == "show" and not key):
        say("Dùng: lienthong quarantine SITE [list | show KHÓA | retry [--code MÃ]]")
        return USAGE
    with open_workplace(load_site(site)) as work:
        if action == "retry":
            moved = tray.retry(work, code=code, key=key)
            say(f"Đã đưa {number(moved)} hồ sơ trở lại bước chuyển đổi. Chạy: lienthong migrate {site}")
            return MATCHED
        if action == "show":
            return tray.show(work, key, as_json=json)
        return tray.list_causes(work, code=code, csv_file=csv, as_json=json)
