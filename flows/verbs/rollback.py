"""``lienthong rollback``: take dossiers back from the new system, or let them go there once more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from flows import taking_back
from flows.failures import USAGE
from flows.screen import say
from flows.selection import Selection, of_codes, of_run, of_wave, read_list
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site, Sources
from flows.workplace import Workplace, open_workplace

SAYS: Final[Says] = {
    "rollback": (
        "Rút hồ sơ đã chuyển khỏi hệ thống mới: một đợt, một lượt chạy hoặc các hồ sơ nêu tên. Hồ sơ cán bộ đã làm "
        "việc ở đó thì để lại và nêu tên. --again: chuyển lại những hồ sơ đã rút.",
        "Take migrated dossiers back from the new system: a wave, a run, or the dossiers named. What officials worked "
        "on there is left and named. --again: migrate once more what was taken back.",
    ),
    "wave": ("Các hồ sơ của đợt này.", "The dossiers of this wave."),
    "run": ("Các hồ sơ mà lượt chạy này đưa sang.", "The dossiers that this run brought over."),
    "dossier": ("Khóa cũ hoặc mã hồ sơ (lặp lại được).", "Old key or dossier code (repeatable)."),
    "list": ("Tệp danh sách, mỗi dòng một khóa cũ hoặc mã hồ sơ.", "A file with one old key or dossier code a line."),
    "again": (
        "Chuyển lại những hồ sơ đã rút: chuyển đổi, kiểm tra, đẩy, đối soát.",
        "Migrate again what was taken back: map, validate, push, compare.",
    ),
    "reason": ("Vì sao (ghi vào sổ cái).", "Why (kept in the ledger)."),
    "author": ("Ai quyết định; mặc định là tên tài khoản.", "Who decided; the account's name by default."),
    "dry": ("Chỉ xem sẽ rút gì, không rút.", "Show what would be taken back, take nothing."),
}


def run(
    site: Site,
    wave: Annotated[str, typer.Option("--wave", help="wave")] = "",
    ledger_run: Annotated[str, typer.Option("--run", help="run", metavar="ID")] = "",
    dossier: Annotated[list[str] | None, typer.Option("--dossier", help="dossier", metavar="CODE")] = None,
    listed: Annotated[Path | None, typer.Option("--list", help="list", metavar="FILE")] = None,
    again: Annotated[bool, typer.Option("--again", help="again")] = False,
    reason: Annotated[str, typer.Option("--reason", help="reason")] = "",
    author: Annotated[str, typer.Option("--author", help="author")] = "",
    source: Sources = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="dry")] = False,
    json: AsJson = False,
) -> int:
    """Take back or let go again exactly one kind of selection."""
    ways = [bool(wave), bool(ledger_run), bool(dossier), listed is not None]
    if sum(ways) != 1:
        say(
            "Dùng: lienthong rollback SITE (--wave ĐỢT | --run LƯỢT | --dossier MÃ … | --list TỆP) [--reason LÝ_DO]\n"
            "      lienthong rollback SITE --again (--wave … | --run … | --dossier … | --list …)"
        )
        return USAGE
    codes = list(dossier or ()) if listed is None else read_list(listed)
    because = taking_back.because(author or os.environ.get("USER", "operator"), reason)
    with open_workplace(load_site(site)) as work:
        chosen = _selection(work, wave, ledger_run, codes, tuple(source or ()), taken_back=again)
        if again:
            return taking_back.let_go_again(work, chosen, because, is_dry=dry_run, as_json=json)
        return taking_back.take_back(work, chosen, because, is_dry=dry_run, as_json=json)


def _selection(
    work: Workplace, wave: str, run_id: str, codes: list[str], sources: tuple[str, ...], *, taken_back: bool
) -> Selection:
    work.site.sources(sources)
    ids = [id for name, id in work.site.source_ids().items() if not sources or name in sources]
    if wave:
        return of_wave(work.ledger, wave)
    if run_id:
        return of_run(work.ledger, run_id, ids, taken_back=taken_back)
    return of_codes(work.ledger, codes, ids)
