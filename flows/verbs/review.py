"""``lienthong review``: the mapping for people to look at, to change and to approve."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from flows import screen
from flows.approval import Approval
from flows.failures import MATCHED, REMAINS, USAGE
from flows.ledger_schema import STATES
from flows.questions import count_state
from flows.site import load_site
from flows.verbs.options import AsJson, Author, Note, Says, Site
from flows.workplace import Workplace, open_workplace

SAYS: Final[Says] = {
    "review": (
        "Soát xét cách chuyển: viết sổ XLSX và bản in; nhận lại sổ đã sửa (--import); duyệt loạt (--approve).",
        "Review the mapping: write a workbook and a page; take it back edited (--import); approve many rows.",
    ),
    "out": ("Thư mục để ghi (mặc định: SITE/var/review).", "Folder to write into (SITE/var/review when left out)."),
    "book": (
        "Sổ XLSX đã sửa: kiểm tra từng dòng rồi ghi vào crosswalks/; sai một chỗ thì không ghi gì.",
        "An edited workbook: every row is checked, then crosswalks/ is written; one fault, nothing is.",
    ),
    "approve": (
        "Duyệt các dòng để ngỏ của bảng này (ví dụ agencies), theo các điều kiện dưới.",
        "Approve the open rows of this table (agencies, for example) that fit the conditions below.",
    ),
    "prefix": ("Chỉ những mã cũ bắt đầu như vậy.", "Only old codes that begin like this."),
    "score": (
        "Chỉ dòng có gợi ý từ điểm này (0-100), không trái với đích đã ghi. Chưa có đích: mặc định 90.",
        "Only rows whose suggestion has this score (0-100) and agrees. Without a target: 90 by default.",
    ),
    "min_dossiers": ("Chỉ những mã có ít nhất chừng này hồ sơ.", "Only codes with at least so many dossiers."),
}


def run(
    site: Site,
    out: Annotated[Path | None, typer.Option("--out", help="out", metavar="DIR")] = None,
    book: Annotated[Path | None, typer.Option("--import", help="book", metavar="FILE")] = None,
    approve: Annotated[str, typer.Option("--approve", help="approve", metavar="LIST")] = "",
    author: Author = "",
    note: Note = "",
    code: Annotated[str, typer.Option("--code", help="prefix", metavar="PREFIX")] = "",
    min_score: Annotated[int | None, typer.Option("--min-score", min=0, max=100, help="score")] = None,
    min_dossiers: Annotated[int, typer.Option("--min-dossiers", min=0, help="min_dossiers")] = 0,
    json: AsJson = False,
) -> int:
    """Write the workbook and the page, take the workbook back, or approve many rows."""
    wanted = Approval(approve, author, note, code, min_score, min_dossiers) if approve else None
    if wanted is not None and (book is not None or not (author and note)):
        screen.say(
            "Dùng: lienthong review SITE --approve BẢNG --author AI --note CĂN_CỨ [--min-score 90] [--min-dossiers N]"
        )
        return USAGE
    with open_workplace(load_site(site)) as work, screen.progress_bars() as progress:
        total = count_state(work.ledger, STATES, list(work.site.source_ids().values()))

        def show(done: int) -> None:
            progress("review", done, total)

        if book is not None or wanted is not None:
            return _change(work, book, wanted, show, as_json=json)
        return _write(work, out, show, as_json=json)


def _change(
    work: Workplace, book: Path | None, wanted: Approval | None, show: Callable[[int], None], *, as_json: bool
) -> int:
    from flows import review as reviewing  # only this verb needs a workbook

    before = reviewing.rows_now(work)
    changed = reviewing.approve(work, wanted, show) if wanted else reviewing.take_back(work, cast(Path, book))
    if as_json:
        screen.print_json({edited.table.name: ["/".join(key) for key in edited.rows] for edited in changed})
    else:
        reviewing.print_changes(work, changed, before)
    return MATCHED


def _write(work: Workplace, out: Path | None, show: Callable[[int], None], *, as_json: bool) -> int:
    from flows import review as reviewing

    found, folder = reviewing.write(work, out, show)
    if as_json:
        screen.print_json({"folder": str(folder), "records": found.records, "lists": reviewing.summary(found)})
    else:
        reviewing.print_summary(found, folder)
    return REMAINS if any(one.open_rows() for one in found.lists) else MATCHED
