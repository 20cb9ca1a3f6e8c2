"""``lienthong edxml``: documents and results as edXML packets, and what packets and status messages say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from flows.failures import USAGE
from flows.screen import say
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "edxml": (
        "Gói edXML (QCVN 102:2016): export văn bản, kết quả của hồ sơ; read đọc gói và thông báo trạng thái.",
        "edXML packets (QCVN 102:2016): export documents and results of dossiers; read packets and status messages.",
    ),
    "action": ("export hoặc read.", "export or read."),
    "files": ("Tệp cần đọc (read).", "Files to read (read)."),
    "dossier": ("Mã hồ sơ cần xuất (lặp lại được).", "Code of a dossier to export (repeatable)."),
    "out": (
        "Thư mục ghi gói; mặc định var/edxml của site.",
        "Folder for the packets; by default the site's var/edxml.",
    ),
    "mask": (
        "Che dữ liệu cá nhân khi đọc gói; --no-mask thì hiện hết.",
        "Mask personal values when packets are read; --no-mask shows all.",
    ),
}
_USAGE: Final = """\
Dùng: lienthong edxml SITE export --dossier MÃ [--dossier MÃ…] [--out THƯ_MỤC]
      lienthong edxml SITE read TỆP… [--json] [--no-mask]"""


def run(
    site: Site,
    action: Annotated[str, typer.Argument(help="action", metavar="[export|read]")] = "",
    files: Annotated[list[Path] | None, typer.Argument(help="files", metavar="[FILE…]")] = None,
    dossier: Annotated[list[str] | None, typer.Option("--dossier", help="dossier")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="out")] = None,
    mask: Annotated[bool, typer.Option("--mask/--no-mask", help="mask")] = True,
    json: AsJson = False,
) -> int:
    """Export packets of dossiers, or tell what files say."""
    wanted = {"export": dossier and not files, "read": files and not dossier}
    if not wanted.get(action):
        say(_USAGE)
        return USAGE
    loaded = load_site(site)
    if action == "read":
        from flows import edxml_screen

        return edxml_screen.show(files or [], is_masked=mask, as_json=json)
    from flows import edxml  # the engine of explain records who looks

    with open_workplace(loaded) as work:
        return edxml.export(work, dossier or [], out)
