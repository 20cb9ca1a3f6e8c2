"""``lienthong sample``: an old system to rehearse on."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from flows.failures import MATCHED
from flows.verbs.options import OneSource, Says, Seed, Site

SAYS: Final[Says] = {
    "sample": (
        "Đổ dữ liệu diễn tập (người không có thật) vào một cơ sở dữ liệu trống.",
        "Fill an empty database with rehearsal data (invented people).",
    ),
    "url": (
        "Cơ sở dữ liệu trống để đổ vào (địa chỉ SQLAlchemy). Sổ bảng tính: bỏ trống, ghi vào path.",
        "Empty database to fill (SQLAlchemy URL). Registers: leave it out, the folder at path is filled.",
    ),
    "dossiers": ("Số hồ sơ.", "Number of dossiers."),
    "clean": ("Không gieo lỗi nào.", "Seed no dirt."),
}


def run(
    site: Site,
    url: Annotated[str, typer.Option("--url", help="url")] = "",
    source: OneSource = "",
    dossiers: Annotated[int, typer.Option("--dossiers", min=1, help="dossiers")] = 1000,
    seed: Seed = 1,
    clean: Annotated[bool, typer.Option("--clean", help="clean")] = False,
) -> int:
    """Fill an empty database with rehearsal data and mark the site."""
    from flows import demo  # the generators take long to import

    demo.fill(site, source=source, url=url, dossiers=dossiers, seed=seed, is_clean=clean)
    return MATCHED
