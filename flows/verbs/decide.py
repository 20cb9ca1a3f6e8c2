"""``lienthong decide``: the decision queue, or one more decision."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from flows import queue
from flows.failures import MATCHED, USAGE
from flows.queue import NewDecision
from flows.screen import number, say
from flows.site import load_site
from flows.verbs.options import AsJson, Author, Note, Says, Site
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "decide": (
        "Hồ sơ chờ quyết định cơ quan giải quyết tiếp: list, hoặc add để ghi một quyết định.",
        "Dossiers that wait for a decision on who goes on: list, or add to write a decision.",
    ),
    "action": ("list (mặc định) hoặc add.", "list (default) or add."),
    "to": ("Mã xã mới, hoặc mã cơ quan mới (H44.…).", "Code of a new commune, or of a new agency (H44.…)."),
    "procedure_to": (
        "Mã thủ tục hiện hành thay thế; sau đó quy tắc thẩm quyền xét tiếp. Thay cho --to.",
        "Code of the procedure that replaced it; then the competence rules choose. Instead of --to.",
    ),
    "procedure": ("Mã thủ tục của hồ sơ (lặp lại được).", "Code of the dossier's procedure (repeatable)."),
    "agency": ("Mã cơ quan cũ (lặp lại được).", "Code of an old agency (repeatable)."),
    "village": (
        "Thôn, khu, xóm trong địa chỉ, chỉ xét trong chính xã bị chia (lặp lại được).",
        "Village named in the address, inside the very commune that was split (repeatable).",
    ),
    "address": ("Những chữ có trong địa chỉ (lặp lại được).", "Words of the address (repeatable)."),
    "dossier": ("Khóa cũ hoặc mã hồ sơ (lặp lại được).", "Old key or dossier code (repeatable)."),
}


def run(
    site: Site,
    action: Annotated[str, typer.Argument(help="action", metavar="[list|add]")] = "list",
    to: Annotated[str, typer.Option("--to", help="to")] = "",
    procedure_to: Annotated[str, typer.Option("--procedure-to", help="procedure_to")] = "",
    author: Author = "",
    note: Note = "",
    cause: Annotated[str, typer.Option("--cause", help="code")] = "",
    procedure: Annotated[list[str] | None, typer.Option("--procedure", help="procedure")] = None,
    agency: Annotated[list[str] | None, typer.Option("--agency", help="agency")] = None,
    village: Annotated[list[str] | None, typer.Option("--village", help="village")] = None,
    address: Annotated[list[str] | None, typer.Option("--address", help="address")] = None,
    dossier: Annotated[list[str] | None, typer.Option("--dossier", help="dossier")] = None,
    json: AsJson = False,
) -> int:
    """Show what waits, or write a decision and say how many go on."""
    lists = (tuple(words or ()) for words in (procedure, agency, village, address, dossier))
    new = NewDecision(author, note, to, procedure_to, cause, *lists)
    if action not in ("list", "add") or (action == "add" and not _is_whole(new)):
        say(
            "Dùng: lienthong decide SITE [list]\n"
            "      lienthong decide SITE add --cause MÃ --agency MÃ --village THÔN --to MÃ --author AI --note CĂN_CỨ\n"
            "      lienthong decide SITE add --procedure MÃ_CŨ --procedure-to MÃ_NAY --author AI --note CĂN_CỨ"
        )
        return USAGE
    with open_workplace(load_site(site)) as work:
        if action == "list":
            return queue.show(work, as_json=json)
        file, settled, waiting = queue.add(work, new)
    rest = f"; {number(waiting)} hồ sơ còn chờ một quyết định khác" if waiting else ""
    say(f"Đã ghi {file}: {number(settled)} hồ sơ đang chờ sẽ đi tiếp{rest}. Chạy: lienthong migrate {site}")
    return MATCHED


def _is_whole(new: NewDecision) -> bool:
    names_one_end = bool(new.to) != bool(new.procedure_to)
    names_dossiers = bool(new.cause or new.procedure or new.dossiers)
    return names_one_end and bool(new.author and new.note) and names_dossiers
