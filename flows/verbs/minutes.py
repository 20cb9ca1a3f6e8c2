"""``lienthong minutes``: the handover minutes of communes and waves, from the last comparison."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from flows import screen
from flows.failures import MATCHED, REMAINS, USAGE
from flows.minutes_desk import Asked, Written, write_minutes
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site
from flows.workplace import open_workplace

SAYS: Final[Says] = {
    "minutes": (
        "Lập biên bản bàn giao, đối soát (DOCX và PDF) từ lần đối soát cuối: từng xã, phường, từng đợt, hoặc tất cả.",
        "Write the handover minutes (DOCX and PDF) of the last comparison: of communes, of waves, or of all.",
    ),
    "commune": (
        "Mã xã, phường mới hoặc mã cơ quan (lặp lại được).",
        "Code of a new commune or of an agency (repeatable).",
    ),
    "wave": ("Tên đợt trong site.yaml (lặp lại được).", "The wave's name in site.yaml (repeatable)."),
    "all": (
        "Mọi xã, phường của tỉnh, kể cả nơi không có hồ sơ; cơ quan khác có hồ sơ; các đợt đã bắt đầu.",
        "Every commune of the province, also those without dossiers; other agencies that have some; started waves.",
    ),
}


def run(
    site: Site,
    commune: Annotated[list[str] | None, typer.Option("--commune", help="commune", metavar="CODE")] = None,
    wave: Annotated[list[str] | None, typer.Option("--wave", help="wave", metavar="NAME")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="all")] = False,
    json: AsJson = False,
) -> int:
    """Write the minutes asked for; exit code 1 when dossiers of theirs are not handed over yet."""
    asked = Asked(tuple(commune or ()), tuple(wave or ()), everybody)
    if asked == Asked():
        screen.say("Dùng: lienthong minutes SITE (--all | --commune MÃ … | --wave ĐỢT …)")
        return USAGE
    with open_workplace(load_site(site)) as work:
        index, written = write_minutes(work, asked)
    if json:
        screen.print_json({"index": str(index), "minutes": [_figures(one) for one in written]})
    else:
        _tell(written)
        screen.say(f"Biên bản: {index.parent}; mục lục: {index.name}")
    return MATCHED if all(one.is_done for one in written) else REMAINS


def _figures(one: Written) -> dict[str, object]:
    five = one.five
    terms = {name: getattr(five, name) for name in ("found", "matched", "different", "quarantined", "rest")}
    subject = {"kind": one.subject.kind, "code": one.subject.code, "name": one.subject.name, "file": one.file}
    return {
        **subject,
        **terms,
        "accepted": one.settled,
        "balanced": five.is_balanced,
        "changed_since": one.changed_since,
    }


def _tell(written: list[Written]) -> None:
    communes = sum(one.subject.kind == "commune" for one in written)
    waves = sum(one.subject.kind == "wave" for one in written)
    screen.say(
        f"Đã lập {screen.number(len(written))} biên bản, mỗi biên bản một tệp DOCX và một tệp PDF: "
        f"{screen.number(communes)} xã, phường; {screen.number(len(written) - communes - waves)} nơi khác; "
        f"{screen.number(waves)} đợt."
    )
    if not all(one.is_whole for one in written):
        screen.say("Phương trình của toàn bộ dữ liệu CHƯA CÂN (lienthong status): quét lại rồi lập lại; đừng ký.")
    for one in written:
        if not one.five.is_balanced:
            screen.say(f"{one.file}: phép cộng KHÔNG KHỚP. Chạy lienthong migrate rồi lập lại; đừng ký.")
    if moved := sum(one.changed_since for one in written if one.subject.kind != "wave"):
        screen.say(
            f"{screen.number(moved)} hồ sơ đổi trạng thái sau lần đối soát cuối: chạy lienthong compare, rồi lập lại "
            "biên bản trước khi ký."
        )
