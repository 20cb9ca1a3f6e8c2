"""``lienthong demo``: a complete rehearsal site, run from end to end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from flows.failures import MATCHED, REMAINS
from flows.pipeline import RunOptions, site_status
from flows.screen import say
from flows.site import load_site
from flows.verbs.migrate import migrate
from flows.verbs.options import Folder, Profile, Says, Seed
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "demo": (
        "Tạo một site diễn tập trọn vẹn và chạy thử từ đầu đến cuối.",
        "Make a complete rehearsal site and run it from end to end.",
    ),
    "dossiers": ("Số hồ sơ.", "Number of dossiers."),
    "prepare": ("Chỉ tạo site, chưa chạy.", "Make the site only, do not run it."),
}


def run(
    dir: Folder,
    dossiers: Annotated[int, typer.Option("--dossiers", min=200, help="dossiers")] = 2000,
    seed: Seed = 1,
    prepare: Annotated[bool, typer.Option("--prepare", help="prepare")] = False,
    profile: Profile = "opencps_v2",
) -> int:
    """Make the site, run it, and hold its figures against what was seeded."""
    from flows import demo  # the generators take long to import

    started = datetime.now(UTC)
    demo.prepare(dir, dossiers=dossiers, seed=seed, profile=profile)
    if prepare:
        say(f"Đã tạo site diễn tập {dir}. Chạy: lienthong migrate {dir}")
        return MATCHED
    code = migrate(dir, RunOptions(), as_json=False)
    if code not in (MATCHED, REMAINS):
        return code
    with open_workplace(load_site(dir)) as work:
        mistakes = demo.compare_with_manifest(site_status(work), work.site.var / "manifest.json")
    for mistake in mistakes:
        say(f"SAI SO VỚI DỮ LIỆU ĐÃ GIEO: {mistake}")
    seconds = (datetime.now(UTC) - started).total_seconds()
    if not mistakes:
        say(f"Mọi con số đúng như đã gieo, kể cả hồ sơ cách ly ({seconds:.0f} giây).")
    return REMAINS if mistakes else MATCHED
