"""``lienthong scan``: a look at an unknown old system, and a draft of its profile."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from flows import screen
from flows.failures import MATCHED, REMAINS
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site

SAYS: Final[Says] = {
    "scan": (
        "Xem một cơ sở dữ liệu cũ hay tệp XML chưa biết, không làm phiền nó; viết báo cáo và soạn nháp profile.",
        "Look at an unknown old database or XML without hurting it; write a report and draft a profile.",
    ),
    "source": ("Tên nguồn trong site.yaml.", "Name of the source in site.yaml."),
    "minutes": ("Quá chừng này phút thì không xem thêm bảng nào.", "Begin no further table after so many minutes."),
    "draft": (
        "Tên của bản nháp; bỏ trống thì theo site.yaml.",
        "Name of the draft; as site.yaml says when left out.",
    ),
}


def run(
    site: Site,
    source: Annotated[str, typer.Argument(help="source", metavar="SOURCE")],
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="minutes")] = 5,
    profile: Annotated[str, typer.Option("--profile", help="draft", metavar="NAME")] = "",
    json: AsJson = False,
) -> int:
    """Look at a source within a time budget and write what was found."""
    from flows import scan as scanning  # only this verb needs a workbook and the dictionary

    options = scanning.ScanOptions(source, minutes, profile)
    with screen.progress_bars() as progress:
        written = scanning.scan(load_site(site), options, lambda done, total: progress("scan", done, total))
    if json:
        screen.print_json(scanning.to_json(written))
    else:
        scanning.print_found(site, written)
    return MATCHED if written.profile else REMAINS
