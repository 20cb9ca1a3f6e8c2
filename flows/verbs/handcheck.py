"""``lienthong handcheck``: the sample that people look at by hand, in both systems side by side."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from flows import handcheck, screen
from flows.failures import MATCHED, REMAINS, USAGE
from flows.site import load_site
from flows.verbs.options import AsJson, Says, Site
from flows.workplace import Workplace, open_workplace
from validations.report_inputs import HandFigures

SAYS: Final[Says] = {
    "handcheck": (
        "Mẫu hồ sơ để người đối chiếu bằng mắt: rút mẫu ra sổ (draw), nhận lại kết quả (read), hoặc xem đang ra sao.",
        "The sample that people look at by hand: draw it into a form, read the form back, or tell how it stands.",
    ),
    "what": ("draw: rút mẫu; read: nhận lại sổ đã điền.", "draw: draw the sample; read: take the filled form back."),
    "file": (
        "Sổ XLSX; draw để trống: SITE/var/mau_doi_chieu.xlsx.",
        "The XLSX form; left out with draw: SITE/var/mau_doi_chieu.xlsx.",
    ),
    "size": ("Số hồ sơ của mẫu.", "Dossiers of the sample."),
    "again": ("Rút mẫu mới dù mẫu trước đã có kết quả.", "Draw anew although the last sample has results."),
}  # fmt: skip


def run(
    site: Site,
    what: Annotated[Literal["draw", "read"] | None, typer.Argument(help="what")] = None,
    file: Annotated[Path | None, typer.Argument(help="file")] = None,
    size: Annotated[int, typer.Option("--size", min=1, max=2000, help="size")] = handcheck.SIZE,
    again: Annotated[bool, typer.Option("--again", help="again")] = False,
    json: AsJson = False,
) -> int:
    """Draw, read back, or tell; exit code 1 while the sample is not looked at to its end, or something is wrong."""
    if what == "read" and file is None:
        screen.say("Dùng: lienthong handcheck SITE read TỆP.xlsx")
        return USAGE
    with open_workplace(load_site(site)) as work:
        if what == "draw":
            _draw(work, file or work.site.var / "mau_doi_chieu.xlsx", size, is_again=again)
        elif file is not None:
            screen.say(f"Đã nhận {screen.number(handcheck.take_back(work, file))} kết quả từ {file}.")
        figures = handcheck.figures_of(work.ledger)
    if json:
        screen.print_json(asdict(figures))
    else:
        _tell(figures)
    is_done = figures.drawn and figures.right == figures.drawn and not figures.moved
    return MATCHED if is_done else REMAINS


def _draw(work: Workplace, file: Path, size: int, *, is_again: bool) -> None:
    sample = handcheck.draw(work, file, size, is_again=is_again)
    screen.say(
        f"Đã rút {screen.number(len(sample.rows))} hồ sơ ({screen.number(sample.by_chance)} ngẫu nhiên, còn lại là "
        f"loại nhiều rủi ro). Sổ để điền: {file}. Xem xong: lienthong handcheck {work.site.path} read {file}"
    )


def _tell(figures: HandFigures) -> None:
    if not figures.drawn:
        screen.say("Chưa rút mẫu. Rút: thêm draw.")
        return
    screen.say(
        f"Mẫu {screen.number(figures.drawn)} hồ sơ: {screen.number(figures.right)} đúng, "
        f"{screen.number(figures.wrong)} sai, {screen.number(figures.drawn - figures.looked_at)} chưa xem."
    )
    if figures.moved:
        screen.say(f"{screen.number(figures.moved)} hồ sơ của mẫu đã đổi từ khi rút: đối soát lại rồi rút mẫu mới.")
