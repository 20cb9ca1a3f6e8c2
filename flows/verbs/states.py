"""``lienthong states``: the map of open dossiers."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from flows import states
from flows.failures import MATCHED, USAGE
from flows.screen import number, say
from flows.site import load_site
from flows.states import Choice
from flows.verbs.options import AsJson, Says, Site
from flows.workplace import Workplace, open_workplace

SAYS: Final[Says] = {
    "states": (
        "Hồ sơ đang mở đi tiếp ở bước nào: list, approve để duyệt, draft để soạn thêm, try để thử ở diễn tập.",
        "Where open dossiers go on: list, approve, draft what is missing, try next actions in a rehearsal.",
    ),
    "action": ("list (mặc định), approve, draft hoặc try.", "list (default), approve, draft or try."),
    "owner": ("Ai duyệt (chức danh, cơ quan).", "Who approves (title, office)."),
    "process": ("Chỉ các dòng của quy trình hoặc thủ tục này.", "Only rows of this process or procedure."),
    "step": ("Chỉ các dòng của bước cũ này.", "Only rows of this old step."),
    "case_action": (
        "Quyết định thay cho gợi ý: drain (làm nốt ở hệ thống cũ), park (tạm để lại) hoặc refuse.",
        "Decide otherwise than suggested: drain (finish in the old system), park or refuse.",
    ),
}


def run(
    site: Site,
    action: Annotated[str, typer.Argument(help="action", metavar="[list|approve|draft|try]")] = "list",
    owner: Annotated[str, typer.Option("--owner", help="owner")] = "",
    process: Annotated[str, typer.Option("--process", help="process")] = "",
    step: Annotated[str, typer.Option("--step", help="step")] = "",
    decide: Annotated[str, typer.Option("--action", help="case_action")] = "",
    json: AsJson = False,
) -> int:
    """Show, approve, draft again, or try at the rehearsal receiver."""
    choice = Choice(process, step, decide)
    is_known = action in ("list", "approve", "draft", "try") and choice.action in ("", "drain", "park", "refuse")
    is_known = is_known and bool(not choice.action or choice.process or choice.step)  # never for all at once
    if not is_known or (action == "approve" and not owner.strip()):
        say(
            "Dùng: lienthong states SITE [list | draft | try]\n"
            "      lienthong states SITE approve --owner AI [--process P] [--step S] [--action drain|park|refuse]"
        )
        return USAGE
    with open_workplace(load_site(site)) as work:
        if action == "try":
            return states.try_classes(work, as_json=json)
        if action == "approve":
            _approve(work, owner.strip(), choice)
            return MATCHED
        if action == "draft":
            say(f"Đã thêm {number(states.redraft(work))} dòng nháp.")
        return states.show(work, choice, as_json=json)


def _approve(work: Workplace, owner: str, choice: Choice) -> None:
    done, dossiers, left = states.approve(work, owner, choice)
    say(f"Đã duyệt {number(done)} dòng, {number(dossiers)} hồ sơ đang mở sẽ đi tiếp theo đó.")
    if left:
        say(f"{number(left)} dòng chưa có gợi ý thì để nguyên: thêm --step và --action, hoặc sửa tệp.")
    say(f"Chạy tiếp: lienthong migrate {work.site.path}")
