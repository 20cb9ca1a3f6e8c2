"""``lienthong wave``: named sets of dossiers, each through its gates."""

from __future__ import annotations

import os
from typing import Annotated, Final

import typer

from flows import board, screen, wave_desk
from flows.failures import MATCHED, USAGE
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site
from flows.workplace import Workplace, open_workplace

ACTIONS: Final = ("list", "board", "plan", "start", "gate", "finish", "rollback")
SAYS: Final[Says] = {
    "wave": (
        "Chuyển theo đợt (xã, thủ tục, trạng thái, danh sách): list, plan, start, gate, finish, rollback; "
        "board: bảng theo dõi mọi xã, phường.",
        "Migrate in waves (communes, procedures, statuses, a list): list, plan, start, gate, finish, rollback; board "
        "shows every commune.",
    ),
    "action": (
        "list (mặc định), board, plan, start, gate, finish hoặc rollback.",
        "list (default), board, plan, start, gate, finish or rollback.",
    ),
    "name": ("Tên đợt trong site.yaml.", "The wave's name in site.yaml."),
    "late": ("start: lấy cả hồ sơ đến sau khi đã chốt.", "start: take in what came after the freeze."),
    "reason": ("rollback: vì sao (ghi vào sổ cái).", "rollback: why (kept in the ledger)."),
    "author": ("Ai quyết định; mặc định là tên tài khoản.", "Who decided; the account's name by default."),
    "dry": ("rollback: chỉ xem, không rút.", "rollback: show only, take nothing."),
}


def run(
    site: Site,
    action: Annotated[str, typer.Argument(help="action", metavar="[" + "|".join(ACTIONS) + "]")] = "list",
    name: Annotated[str, typer.Argument(help="name", metavar="NAME")] = "",
    late: Annotated[bool, typer.Option("--late", help="late")] = False,
    reason: Annotated[str, typer.Option("--reason", help="reason")] = "",
    author: Annotated[str, typer.Option("--author", help="author")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="dry")] = False,
    json: AsJson = False,
) -> int:
    """List, plan, start, ask the gate, finish, take back; or the board."""
    if action not in ACTIONS or bool(name) == (action in ("list", "board")):
        screen.say(
            "Dùng: lienthong wave SITE [list | board]\n"
            "      lienthong wave SITE (plan | start [--late] | gate | finish | rollback [--reason LÝ_DO]) ĐỢT"
        )
        return USAGE
    who = author or os.environ.get("USER", "operator")
    with open_workplace(load_site(site)) as work:
        if action == "start":
            return wave_desk.start(work, name, who, with_late=late, as_json=json)
        if action == "finish":
            return wave_desk.finish(work, name, who, as_json=json)
        if action == "rollback":
            return wave_desk.roll_back(work, name, who, reason, is_dry=dry_run, as_json=json)
        return _look(work, action, name, as_json=json)


def _look(work: Workplace, action: str, name: str, *, as_json: bool) -> int:
    if action == "plan":
        return wave_desk.plan(work, name, as_json=as_json)
    if action == "gate":
        return wave_desk.gate(work, name, as_json=as_json)
    if action == "list":
        return wave_desk.show_all(work, as_json=as_json)
    places = board.read_board(work)
    if as_json:
        screen.print_json([place.to_json() for place in places])
    else:
        board.print_board(places)
    return MATCHED
