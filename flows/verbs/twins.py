"""``lienthong twins``: records that look like one dossier, or one more decision about them."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from flows import twins
from flows.failures import MATCHED, USAGE
from flows.screen import say
from flows.site import load_site
from flows.twins import NewPair
from flows.verbs.options import AsJson, Author, Csv, Note, Says, Site
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "twins": (
        "Bản ghi trùng số, trong một nguồn hay giữa các nguồn: list, same để gộp, different để giữ cả hai.",
        "Records that share a number, in one source or across: list, same to merge, different to keep both.",
    ),
    "action": ("list (mặc định), same hoặc different.", "list (default), same or different."),
    "pair": (
        "Các bản ghi, viết nguồn/khóa cũ; same giữ bản nêu trước.",
        "The records as source/old key; same keeps the first named.",
    ),
    "shared_code": (
        "Mọi hồ sơ mang mã này (chỉ cho different).",
        "All dossiers that bear this code (different only).",
    ),
}


def run(
    site: Site,
    action: Annotated[str, typer.Argument(help="action", metavar="[list|same|different]")] = "list",
    dossiers: Annotated[list[str] | None, typer.Argument(help="pair", metavar="[SOURCE/KEY]...")] = None,
    code: Annotated[str, typer.Option("--code", help="shared_code")] = "",
    author: Author = "",
    note: Note = "",
    csv: Csv = None,
    json: AsJson = False,
) -> int:
    """Show the pairs, or write that they are one dossier or several."""
    new = NewPair(action, author, note, tuple(dossiers or ()), code)
    named = len(new.dossiers) > 1 or (action == "different" and new.code and not new.dossiers)
    if action not in ("list", "same", "different") or (action != "list" and not (named and author and note)):
        say(
            "Dùng: lienthong twins SITE [list] [--csv TỆP]\n"
            "      lienthong twins SITE same BẢN_1 BẢN_2 … --author AI --note CĂN_CỨ\n"
            "      lienthong twins SITE different (BẢN_1 BẢN_2 … | --code MÃ) --author AI --note CĂN_CỨ"
        )
        return USAGE
    with open_workplace(load_site(site)) as work:
        if action == "list":
            return twins.show(work, csv_file=csv, as_json=json)
        file = twins.add(work, new)
    say(f"Đã ghi {file}. Chạy: lienthong migrate {site}")
    return MATCHED
