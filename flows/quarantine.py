"""The tray of quarantined dossiers: by cause, one by one, and back onto the conveyor."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from flows import ledger_schema as t
from flows import screen
from flows.evidence import about_in_words
from flows.failures import MATCHED, REMAINS
from flows.figures import Cause, quarantine_causes, quarantine_rows
from flows.tray import Wait, carries, is_named, read_standings, waits_by_cause
from flows.workplace import Workplace
from validations.remedies import remedy_of, title_of

CSV_HEADS = ["nguon", "khoa_cu", "ma_ho_so", "nguyen_nhan", "buoc", "truong", "lien_quan", "cach_xu_ly"]


def list_causes(work: Workplace, *, code: str, csv_file: Path | None, as_json: bool) -> int:
    """Causes with counts and remedies; the dossiers themselves as CSV."""
    ids = list(work.site.source_ids().values())
    causes = [c for c in quarantine_causes(work.ledger, ids) if not code or c.code == code]
    with work.ledger.transaction() as c:
        waits = waits_by_cause(c, ids, work.clock())
    if csv_file is not None:
        with work.ledger.transaction() as c:
            cells = (
                [r.source_id, r.key, r.dossier_code or "", r.code, r.stage, r.field, r.about, remedy_of(r.code)]
                for r in quarantine_rows(c, ids, code)
            )
            written = write_csv(csv_file, CSV_HEADS, cells)
        screen.say(f"Đã ghi {screen.number(written)} dòng vào {csv_file}.")
    if as_json:
        screen.print_json(
            [
                {
                    "code": c.code,
                    "dossiers": c.dossiers,
                    "keys": c.keys,
                    "title": title_of(c.code),
                    "remedy": remedy_of(c.code),
                    "oldest_days": waits[c.code][0],
                    "owners": waits[c.code][1],
                }
                for c in causes
            ]
        )
    elif csv_file is None:
        _print_causes(causes, waits)
    return REMAINS if causes else MATCHED


def _print_causes(causes: Sequence[Cause], waits: Mapping[str, Wait]) -> None:
    if not causes:
        screen.say("Không có hồ sơ nào bị cách ly.")
        return
    rows = [
        [
            f"{title_of(c.code)} [dim]{c.code}[/dim]\n[dim]→[/dim] {remedy_of(c.code)}",
            screen.number(c.dossiers),
            "\n".join([f"{screen.number(waits[c.code][0])} ngày", *waits[c.code][1]]),
            "\n".join(c.keys[:3]),
        ]
        for c in causes
    ]
    heads = ["Nguyên nhân và cách xử lý", "Hồ sơ", "Lâu nhất, ai làm", "Ví dụ"]
    screen.out().print(screen.table("Hồ sơ cách ly theo nguyên nhân", heads, rows))
    screen.say(
        "Xem một hồ sơ: lienthong explain SITE KHÓA. Làm trên sổ: lienthong quarantine SITE export TỆP.xlsx.\n"
        "Sửa ở hệ thống cũ xong: lienthong quarantine SITE retry --code MÃ."
    )


def show(work: Workplace, key: str, *, as_json: bool) -> int:
    """Everything the ledger knows of one dossier, without its content."""
    e = t.entry.c
    with work.ledger.transaction() as c:
        entries = c.execute(
            select(t.entry).where(or_(e.key == key, e.code == key, e.second_code == key)).order_by(e.source_id, e.key)
        ).all()
        found = [
            {
                "source": row.source_id,
                "key": row.key,
                "code": row.code,
                "state": row.state,
                "rule": row.rule,
                "twin": row.twin,
                "revision": row.revision,
                "new_id": row.new_id,
                "issues": [dict(i._mapping) for i in c.execute(_issues(row))],
                "history": [dict(h._mapping) for h in c.execute(_history(row))],
                "attempts": [dict(i._mapping) for i in c.execute(_attempts(row))],
                **asdict(read_standings(c, row.source_id, [row.key], work.clock())[row.key]),
            }
            for row in entries
        ]
    if not found:
        screen.say("Sổ cái không có hồ sơ nào với khóa cũ hoặc mã hồ sơ này.")
        return REMAINS
    if as_json:
        screen.print_json(found)
    else:
        for dossier in found:
            _print_dossier(dossier)
    return REMAINS if any(d["state"] == t.QUARANTINED for d in found) else MATCHED


def _issues(row: Any) -> Any:
    i = t.issue.c
    return (
        select(i.code, i.severity, i.stage, i.field, i.about)
        .where(i.source_id == row.source_id, i.key == row.key)
        .order_by(i.severity, i.code, i.field)
    )


def _history(row: Any) -> Any:
    h = t.history.c
    return (
        select(h.at, h.state_from, h.state_to, h.reason, h.revision, h.run_id)
        .where(h.source_id == row.source_id, h.key == row.key)
        .order_by(h.id)
    )


def _attempts(row: Any) -> Any:
    i = t.intent.c
    return (
        select(i.opened_at, i.settled_at, i.outcome, i.revision, i.run_id)
        .where(i.source_id == row.source_id, i.key == row.key)
        .order_by(i.opened_at, i.revision)
    )


def _print_dossier(dossier: dict[str, Any]) -> None:
    state = screen.STATE_NAMES.get(dossier["state"], dossier["state"])
    head = f"Hồ sơ {dossier['code'] or '(chưa có mã)'} · nguồn {dossier['source']} · khóa cũ {dossier['key']} · {state}"
    screen.out().print(head, markup=False)
    if dossier["state"] == t.QUARANTINED:
        owner = dossier["owner"] or "chưa ai nhận"
        screen.out().print(f"Cách ly lần {dossier['times']}, {dossier['days']} ngày nay; {owner}", markup=False)
    rows = [
        [title_of(i["code"]), i["severity"], i["field"], about_in_words(i["about"]), remedy_of(i["code"])]
        for i in dossier["issues"]
    ]
    if rows:
        screen.out().print(screen.table("Phát hiện", ["Nội dung", "Mức", "Trường", "Liên quan", "Cách xử lý"], rows))
    moves = [[h["at"], h["state_from"] or "(mới)", h["state_to"], h["reason"]] for h in dossier["history"]]
    screen.out().print(screen.table("Quá trình", ["Lúc (UTC)", "Từ", "Đến", "Lý do"], moves))
    tries = [[a["opened_at"], a["settled_at"] or "(chưa rõ)", a["outcome"] or ""] for a in dossier["attempts"]]
    if tries:
        screen.out().print(screen.table("Các lần đẩy", ["Gửi lúc (UTC)", "Trả lời lúc", "Kết quả"], tries))


def retry(work: Workplace, *, code: str, key: str) -> int:
    """Send quarantined dossiers (all, of one cause, or one) back to the mapping; how many."""
    e = t.entry.c
    wanted: list[ColumnElement[bool]] = [e.source_id.in_(list(work.site.source_ids().values()))]
    if key:
        wanted.append(is_named(key))
    if code:
        wanted.append(carries(code))
    with work.ledger.run("retry") as run:
        reason = f"retry by {os.environ.get('USER', 'operator')}"
        return work.ledger.send_back(run, and_(e.state == t.QUARANTINED, *wanted), reason)


def write_csv(file: Path, heads: list[str], rows: Iterable[list[str]]) -> int:
    """A CSV that Excel opens as UTF-8, readable by its owner only; the number of rows."""
    count = 0
    with open(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8-sig", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(heads)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count
