"""``lienthong init``: a new site."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flows.failures import MATCHED
from flows.screen import say
from flows.site_files import write_site
from flows.verbs.options import Folder, Profile, Says

SAYS: Final[Says] = {
    "init": ("Tạo một site mới với site.yaml có chú thích.", "Create a new site with a commented site.yaml."),
}


def run(dir: Folder, profile: Profile = "opencps_v2") -> int:
    """Make a site for a real database."""
    write_site(
        dir, name=_plain_name(dir), source="he_thong_cu", is_rehearsal=False, files="var/old_files", profile=profile
    )
    say(
        f"Đã tạo site {dir}. Việc tiếp theo:\n"
        f"  1. Sửa {dir / 'site.yaml'} (nguồn, múi giờ, hệ thống nhận).\n"
        f"  2. Điền bí mật vào {dir / '.env'}.\n"
        f"  3. Chạy: lienthong check {dir}"
    )
    return MATCHED


def _plain_name(folder: Path) -> str:
    name = "".join(ch if ch.isascii() and (ch.isalnum() or ch in "-_") else "_" for ch in folder.resolve().name)
    return name[:40] or "site"
