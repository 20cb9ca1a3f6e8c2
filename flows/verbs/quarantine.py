"""``lienthong quarantine``: the tray of quarantined dossiers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from flows import quarantine as tray
from flows.failures import MATCHED, REMAINS, USAGE
from flows.screen import number, say
from flows.site import load_site
from flows.tray import assign
from flows.verbs.options import AsJson, Author, Cause, Csv, Note, Says, Site
from flows.workplace import Workplace, open_workplace

SAYS: Final[Says] = {
    "quarantine": (
        "Hồ sơ cách ly theo nguyên nhân: list, show KHÓA, retry; export và import một sổ XLSX; assign người làm.",
        "Quarantined dossiers by cause: list, show KEY, retry; export and import a workbook; assign who works on them.",
    ),
    "action": (
        "list (mặc định), show, retry, export, import hoặc assign.",
        "list (default), show, retry, export, import or assign.",
    ),
    "key": (
        "Khóa cũ hoặc mã hồ sơ (show, assign); tệp XLSX (export, import).",
        "Old key or dossier code (show, assign); XLSX file (export, import).",
    ),
    "owner": ("Ai nhận việc (assign); bỏ trống thì thôi nhận.", "Who takes it on (assign); empty gives it back."),
    "mask": (
        "Che dữ liệu cá nhân trong sổ; --no-mask thì hiện hết và được ghi vào sổ cái.",
        "Mask personal values in the workbook; --no-mask shows all, and is recorded in the ledger.",
    ),
}
_USAGE: Final = """\
Dùng: lienthong quarantine SITE [list] [--code MÃ] [--csv TỆP]
      lienthong quarantine SITE show KHÓA
      lienthong quarantine SITE retry [--code MÃ]
      lienthong quarantine SITE export TỆP.xlsx [--code MÃ] [--no-mask]
      lienthong quarantine SITE import TỆP.xlsx --author AI --note CĂN_CỨ
      lienthong quarantine SITE assign (KHÓA | --code MÃ) --owner AI"""


def run(
    site: Site,
    action: Annotated[str, typer.Argument(help="action", metavar="[list|show|retry|export|import|assign]")] = "list",
    key: Annotated[str, typer.Argument(help="key", metavar="[KEY|FILE]")] = "",
    code: Cause = "",
    csv: Csv = None,
    mask: Annotated[bool, typer.Option("--mask/--no-mask", help="mask")] = True,
    author: Author = "",
    note: Note = "",
    owner: Annotated[str, typer.Option("--owner", help="owner")] = "",
    json: AsJson = False,
) -> int:
    """List by cause, show one, send back to be mapped again, or work on all of them in a workbook."""
    needs = {"list": True, "show": key, "retry": True, "export": key, "import": key and author and note}
    if not {**needs, "assign": key or code}.get(action):
        say(_USAGE)
        return USAGE
    with open_workplace(load_site(site)) as work:
        if action == "export":
            return _export(work, Path(key), code, is_masked=mask)
        if action == "import":
            return _import(work, Path(key), author, note)
        if action == "assign":
            done = assign(work.ledger, list(work.site.source_ids().values()), owner.strip(), code=code, key=key)
            say(f"{number(done)} hồ sơ cách ly: {owner.strip() or 'không còn ai nhận'}.")
            return MATCHED if done else REMAINS
        if action == "retry":
            moved = tray.retry(work, code=code, key=key)
            say(f"Đã đưa {number(moved)} hồ sơ trở lại bước chuyển đổi. Chạy: lienthong migrate {site}")
            return MATCHED
        if action == "show":
            return tray.show(work, key, as_json=json)
        return tray.list_causes(work, code=code, csv_file=csv, as_json=json)


def _export(work: Workplace, file: Path, code: str, *, is_masked: bool) -> int:
    from flows import quarantine_book as book  # a workbook, and the engine with a listener

    rows = book.export(work, file, book.Wanted(code, is_masked))
    say(
        f"Đã ghi {number(rows)} dòng vào {file}. Điền cột “Giá trị đúng”, rồi:\n"
        f"  lienthong quarantine {work.site.path} import {file} --author AI --note CĂN_CỨ"
    )
    return REMAINS if rows else MATCHED


def _import(work: Workplace, file: Path, author: str, note: str) -> int:
    from flows import quarantine_book as book

    files, cells, dossiers = book.take_back(work, file, author, note)
    if not files:
        say("Cột “Giá trị đúng” của sổ trống: không có gì để ghi.")
        return REMAINS
    say(
        f"Đã ghi {number(cells)} ô sửa của {number(dossiers)} hồ sơ vào {', '.join(map(str, files))}. "
        f"Hệ thống cũ không bị sửa. Chạy: lienthong migrate {work.site.path}"
    )
    return MATCHED
