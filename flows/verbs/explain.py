"""``lienthong explain``: why one dossier is as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site, Sources
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "explain": (
        "Vì sao một hồ sơ ra như vậy: giá trị cũ, quy tắc, quyết định, phát hiện, các lần gửi, tệp, đối soát.",
        "Why one dossier is as it is: old values, rules, decisions, issues, attempts, files, comparison.",
    ),
    "wanted": ("Khóa cũ, mã hồ sơ, hoặc mã ở hệ thống mới.", "Old key, dossier code, or id in the new system."),
    "mask": (
        "Che dữ liệu cá nhân; --no-mask thì hiện hết và được ghi vào sổ cái.",
        "Mask personal values; --no-mask shows all, and is recorded in the ledger.",
    ),
    "html": ("Ghi ra một trang HTML để xem và in.", "Write one HTML page, to read and print."),
}


def run(
    site: Site,
    code: Annotated[str, typer.Argument(help="wanted", metavar="CODE")],
    source: Sources = None,
    mask: Annotated[bool, typer.Option("--mask/--no-mask", help="mask")] = True,
    html: Annotated[Path | None, typer.Option("--html", help="html")] = None,
    json: AsJson = False,
) -> int:
    """Tell on the screen, as JSON or as a page."""
    from flows import explain  # the engine's own tracing, and pages

    with open_workplace(load_site(site)) as work:
        return explain.explain(work, code, explain.ExplainOptions(tuple(source or ()), mask, json, html))
