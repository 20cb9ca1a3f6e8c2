"""``lienthong differences``: what compare found to differ, as work."""

from __future__ import annotations

import os
from typing import Annotated, Final

import typer

from flows.difference_choice import KNOWN_STATES, Wanted
from flows.failures import MATCHED, REMAINS, USAGE
from flows.screen import number, say
from flows.site import load_site
from flows.verbs.options import AsJson, Author, Csv, Says, Site
from flows.workplace import Workplace, open_workplace
from validations.accepted import MOST_SIGNS, day_of

SAYS: Final[Says] = {
    "differences": (
        "Khác biệt khi đối soát theo nguyên nhân: list; repair đẩy lại và đối soát đúng các hồ sơ đó; accept ghi vào "
        "accepted.csv ai chấp nhận, vì sao, đến khi nào.",
        "Differences that compare found, by cause: list; repair pushes again and compares exactly those dossiers; "
        "accept writes into accepted.csv who accepts them, why, and until when.",
    ),
    "action": ("list (mặc định), accept hoặc repair.", "list (default), accept or repair."),
    "group": ("Nhóm nguyên nhân, như list in ra.", "The cause, as list prints it."),
    "kind": (
        "Loại: missing, extra, value, time, code_list, truncation, encoding, attachment, by_design, …",
        "Kind: missing, extra, value, time, code_list, truncation, encoding, attachment, by_design, …",
    ),
    "field": ("Trường, như list in ra: TaiLieuNop[].TenGiayTo.", "Field as list prints it: TaiLieuNop[].TenGiayTo."),
    "key": ("Khóa cũ hoặc mã hồ sơ.", "Old key or dossier code."),
    "mark": ("Dấu của một khác biệt.", "The mark of one difference."),
    "state": (
        "open (mặc định: chưa xử lý), all, new, reopened, accepted, fixed.",
        "open (default: not dealt with), all, new, reopened, accepted, fixed.",
    ),
    "reason": ("Vì sao chấp nhận: căn cứ, không ghi dữ liệu cá nhân.", "Why it is accepted: no personal data."),
    "until": ("Ngày cuối còn hiệu lực, dạng 2025-12-31; sau đó khác biệt mở lại.", "Last day it holds: 2025-12-31."),
    "unmasked": (
        "Hiện cả dữ liệu cá nhân; được ghi vào sổ cái.",
        "Show personal values, too; recorded in the ledger.",
    ),
}
_USAGE: Final = """\
Dùng: lienthong differences SITE [list] [--group NHÓM | --kind LOẠI | --field TRƯỜNG | --key KHÓA] [--csv TỆP]
      lienthong differences SITE repair [--group NHÓM | --kind LOẠI | --key KHÓA]
      lienthong differences SITE accept (--group NHÓM | --key KHÓA | --mark DẤU) --author AI --reason VÌ_SAO
                                        [--until 2025-12-31]"""


def run(
    site: Site,
    action: Annotated[str, typer.Argument(help="action", metavar="[list|accept|repair]")] = "list",
    group: Annotated[str, typer.Option("--group", help="group")] = "",
    kind: Annotated[str, typer.Option("--kind", help="kind")] = "",
    field: Annotated[str, typer.Option("--field", help="field")] = "",
    key: Annotated[str, typer.Option("--key", help="key")] = "",
    mark: Annotated[str, typer.Option("--mark", help="mark")] = "",
    state: Annotated[str, typer.Option("--state", help="state")] = "open",
    author: Author = "",
    reason: Annotated[str, typer.Option("--reason", help="reason")] = "",
    until: Annotated[str, typer.Option("--until", help="until", metavar="DAY")] = "",
    csv: Csv = None,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="unmasked")] = False,
    json: AsJson = False,
) -> int:
    """List by cause or one by one, accept by name, or push again."""
    wanted = Wanted(group, kind, field, key, mark, state)
    author, reason = " ".join(author.split()), " ".join(reason.split())
    is_named = 0 < len(author) <= MOST_SIGNS and bool(reason)
    is_said = is_named and wanted.is_narrow and (not until or day_of(until) is not None)
    if not {"list": True, "repair": True, "accept": is_said}.get(action) or state not in KNOWN_STATES:
        say(_USAGE)
        return USAGE
    with open_workplace(load_site(site)) as work:
        if action == "accept":
            return _accept(work, wanted, author, reason, until)
        if action == "repair":
            return _repair(work, wanted, author, reason, as_json=json)
        from flows.differing import list_differences

        return list_differences(work, wanted, csv_file=csv, as_json=json, is_masked=not unmasked)


def _accept(work: Workplace, wanted: Wanted, author: str, reason: str, until: str) -> int:
    from flows.accepting import Word, accept

    done = accept(work, wanted, Word(author, reason, day_of(until) if until else None))
    if not done:
        say("Không có khác biệt nào chưa xử lý như vậy: không ghi gì.")
        return REMAINS
    file = work.site.path / "accepted.csv"
    say(f"Đã ghi {number(done)} khác biệt vào {file}. Viết lại báo cáo: lienthong report {work.site.path}")
    return MATCHED


def _repair(work: Workplace, wanted: Wanted, author: str, reason: str, *, as_json: bool) -> int:
    from flows.repairing import repair

    who = author or os.environ.get("USER", "operator")
    because = f"repair by {who}{': ' if reason else ''}{reason}"
    return repair(work, wanted, because, as_json=as_json)
