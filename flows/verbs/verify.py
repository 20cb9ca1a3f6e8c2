"""``lienthong verify``: everything that a report says of itself, computed anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from flows import screen
from flows.failures import MATCHED, REMAINS
from flows.sealed import DIFFERS, HOLDS, UNCHECKED, Check, open_sealed
from flows.verbs.options import AsJson, Says
from flows.verifying import check

SAYS: Final[Says] = {
    "verify": (
        "Tính lại mọi mã băm của một báo cáo: tệp, chữ ký, chuỗi bản kê, cách khai, sổ cái. Nói rõ chỗ nào khác, "
        "chỗ nào chưa kiểm được.",
        "Compute every hash of a report anew: files, signature, chain, mapping, ledger. Say what differs and what "
        "could not be checked.",
    ),
    "report": (
        "Thư mục báo cáo, tệp manifest.json trong đó, hoặc thư mục site (báo cáo mới nhất).",
        "A report's folder, the manifest.json in it, or a site's folder (its latest report).",
    ),
    "of": ("Site đã viết báo cáo, khi thư mục báo cáo nằm nơi khác.", "The site, when the report lies elsewhere."),
    "key": ("Tệp signing.pub của site, khi không có site ở đây.", "The site's signing.pub, when the site is not here."),
}
_WORDS: Final = {HOLDS: "ĐÚNG", DIFFERS: "KHÁC", UNCHECKED: "CHƯA KIỂM"}


def run(
    report: Annotated[Path, typer.Argument(help="report", metavar="REPORT")],
    site: Annotated[Path | None, typer.Option("--site", help="of", metavar="SITE")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="key", metavar="TỆP")] = None,
    json: AsJson = False,
) -> int:
    """Check, tell, and end with 1 when something differs."""
    with open_sealed(report, site, key) as found:
        checks = list(check(found))
    differs = [each for each in checks if each.state == DIFFERS]
    if json:
        screen.print_json(
            {
                "report": str(found.folder),
                "number": found.manifest.number if found.manifest else None,
                "holds": not differs,
                "checks": [vars(each) | {"items": list(each.items)} for each in checks],
            }
        )
    else:
        _tell(found.folder, checks)
    return REMAINS if differs else MATCHED


def _tell(folder: Path, checks: list[Check]) -> None:
    out = screen.out()
    out.print(f"Báo cáo {folder}", markup=False, soft_wrap=True)
    for each in checks:
        out.print(f"  {_WORDS[each.state]:<9}  {each.title}: {each.said}", markup=False, soft_wrap=True)
    differs = [each.title.lower() for each in checks if each.state == DIFFERS]
    unchecked = [each.title.lower() for each in checks if each.state == UNCHECKED]
    if differs:
        screen.say(f"KHÔNG ĐÚNG: {', '.join(differs)}. Chưa kiểm: {', '.join(unchecked)}.")
    else:
        screen.say(f"Mọi điều đã kiểm đều đúng. Chưa kiểm: {', '.join(unchecked)}.")
