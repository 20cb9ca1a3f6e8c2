"""Differences as a list of work: by cause, and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from rich.markup import escape as plain
from sqlalchemy import ColumnElement, select

from flows import ledger_schema as t
from flows import screen
from flows.acceptance import Standing, settle_accepted
from flows.difference_choice import Cause, Wanted, chosen, is_within, read_causes
from flows.difference_rows import is_open, of_entry
from flows.difference_tallies import read_rows
from flows.explain import record_unmasked
from flows.failures import MATCHED, REMAINS
from flows.site import write_private
from flows.workplace import Workplace
from validations.accepted import Accepted
from validations.differences import STATE_WORDS
from validations.passport_parts import local_moment
from validations.remedies import remedy_of, title_of
from validations.report import DifferenceRow, differences_csv, shown_values

SHOWN: Final = 30
IN_JSON: Final = 1000
NAMED: Final = 10


def list_differences(
    work: Workplace, wanted: Wanted, *, csv_file: Path | None, as_json: bool, is_masked: bool = True
) -> int:
    """Causes; with anything named, the differences themselves. Exit code 1 while something is open."""
    standing = settle_accepted(work)
    where = chosen(work, wanted)
    causes = [c for c in read_causes(work, replace(wanted, group="")) if not wanted.group or c.group == wanted.group]
    rows = _rows(work, where, is_masked=is_masked) if wanted.is_narrow else []
    if csv_file is not None:
        _export(work, where, csv_file, is_masked=is_masked)
    elif as_json:
        shown = [_plain(row, is_masked=is_masked) for row in rows]
        screen.print_json({"groups": [_of_cause(cause) for cause in causes], "differences": shown} | _told(standing))
    elif wanted.is_narrow:
        _print_rows(causes, rows, is_masked=is_masked)
    else:
        _print_causes(work, causes, wanted)
    _warn(standing)
    return REMAINS if _is_anything_open(work) else MATCHED


def _rows(work: Workplace, where: ColumnElement[bool], *, is_masked: bool) -> list[DifferenceRow]:
    with work.ledger.transaction() as c:
        rows = list(read_rows(c, where, limit=IN_JSON))
    if not is_masked:
        _record(work, where)
    return rows


def _record(work: Workplace, where: ColumnElement[bool]) -> None:
    """Note in the ledger who looks at these dossiers without masks, before anything is shown."""
    e = t.entry.c
    with work.ledger.transaction() as c:
        seen = c.execute(select(e.source_id, e.key, e.revision, e.state).where(of_entry(where))).all()
    if seen:
        who = record_unmasked(work, seen)
        screen.say(f"Không che dữ liệu cá nhân: đã ghi vào sổ cái tên tài khoản {who}.")


def _export(work: Workplace, where: ColumnElement[bool], file: Path, *, is_masked: bool) -> None:
    if not is_masked:
        _record(work, where)
    with work.ledger.transaction() as c:
        write_private(file, differences_csv(read_rows(c, where), unmasked=not is_masked))
    screen.say(f"Đã ghi {file}.")


def _is_anything_open(work: Workplace) -> bool:
    d = t.difference.c
    with work.ledger.transaction() as c:
        return c.execute(select(d.id).where(is_open(), is_within(work)).limit(1)).first() is not None


def _of_cause(cause: Cause) -> dict[str, Any]:
    return {**asdict(cause), "title": cause.said, "remedy": remedy_of(cause.kind, "differences")}


def _plain(row: DifferenceRow, *, is_masked: bool) -> dict[str, str]:
    old, new = shown_values(row.difference, unmasked=not is_masked)
    return {
        "source": row.source, "key": row.key, "code": row.code, "field": row.difference.field,
        "kind": row.difference.kind, "old": old, "new": new, "state": row.state, "mark": row.mark,
        "first_at": row.first_at, "last_at": row.last_at, "entity": row.entity,
    }  # fmt: skip


def _told(standing: Standing) -> dict[str, Any]:
    def lines(rows: Sequence[Accepted]) -> list[int]:
        return [row.line for row in rows]

    return {"accepted": {"expired": lines(standing.expired), "unknown": lines(standing.unknown)}}


def _warn(standing: Standing) -> None:
    """What of accepted.csv does not count, and why."""
    if standing.unknown:
        lines = ", ".join(str(row.line) for row in standing.unknown[:NAMED])
        more = " …" if len(standing.unknown) > NAMED else ""
        count = screen.number(len(standing.unknown))
        screen.say(
            f"accepted.csv: {count} dòng mang dấu mà sổ cái không có (dòng {lines}{more}): giá trị đã đổi, hoặc hồ sơ "
            "không còn khác biệt ấy. Xem khác biệt nay thế nào rồi chấp nhận lại, hoặc bỏ dòng."
        )
    if standing.expired:
        screen.say(f"accepted.csv: {screen.number(len(standing.expired))} dòng đã quá hạn: khác biệt ấy mở lại.")


def _print_causes(work: Workplace, causes: Sequence[Cause], wanted: Wanted) -> None:
    if not causes:
        screen.say(
            "Không có khác biệt nào chưa xử lý." if wanted.state == "open" else "Không có khác biệt nào như vậy."
        )
    else:
        rows = [
            [
                f"{cause.said}\n[dim]{_where(cause)}[/dim]\n[dim]→[/dim] {remedy_of(cause.kind, 'differences')}",
                screen.number(cause.dossiers),
                cause.group,
                "\n".join(cause.keys[:3]),
            ]
            for cause in causes
        ]
        heads = ["Nguyên nhân và cách xử lý", "Hồ sơ", "Nhóm", "Ví dụ"]
        screen.out().print(screen.table("Khác biệt theo nguyên nhân", heads, rows))
        site = work.site.path
        screen.say(
            f"Xem từng khác biệt: lienthong differences {site} --group NHÓM. Đẩy lại: lienthong differences {site} "
            f"repair --group NHÓM.\nChấp nhận: lienthong differences {site} accept --group NHÓM --author AI "
            "--reason VÌ_SAO."
        )


def _where(cause: Cause) -> str:
    return plain(cause.field) or "cả hồ sơ"


def _print_rows(causes: Sequence[Cause], rows: Sequence[DifferenceRow], *, is_masked: bool) -> None:
    if not rows:
        screen.say("Không có khác biệt nào như vậy.")
        return
    lines = []
    for row in rows[:SHOWN]:
        old, new = map(local_moment, shown_values(row.difference, unmasked=not is_masked))
        title = title_of(row.difference.kind, "differences")
        field = row.difference.field or "cả hồ sơ"
        state = f"{STATE_WORDS[row.state]}, thấy từ {row.first_at[:10]}\n{row.mark}"
        lines.append([plain(cell) for cell in (f"{row.key}\n{row.code}", f"{title}\n{field}", old, new, state)])
    heads = ["Khóa cũ, mã hồ sơ", "Khác biệt", "Hệ thống cũ", "Hệ thống mới", "Tình trạng, dấu"]
    table = screen.table("Từng khác biệt", heads, lines)
    table.columns[1].justify = "left"
    screen.out().print(table)
    if len(rows) > SHOWN:
        total = sum(cause.dossiers for cause in causes)
        screen.say(f"Mới hiện {SHOWN} khác biệt; có ở {screen.number(total)} hồ sơ. Xem hết: thêm --csv TỆP.")
