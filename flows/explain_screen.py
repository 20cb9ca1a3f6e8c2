"""A dossier's passport in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flows import screen
from validations import passport_words as words
from validations.passport import Item, Line, Passport, Topic


def print_hits(rows: Sequence[Any], named: Mapping[str, str]) -> None:
    """Several dossiers answer to the same name: which ones."""
    cells = [[named[r.source_id], r.key, r.code or "", words.tray(r.state)] for r in rows]
    title = f"{len(rows)} hồ sơ cùng mang khóa hoặc mã này"
    screen.out().print(screen.table(title, ["Nguồn", "Khóa cũ", "Mã hồ sơ", "Tình trạng"], cells))
    screen.say("Gọi lại với khóa cũ của một hồ sơ, thêm --source NGUỒN nếu hai nguồn trùng khóa.")


def print_passport(passport: Passport) -> None:
    """Head, findings, fields by topic, files, decisions, comparison, moves."""
    out = screen.out()
    out.print(Group(*_parts(passport)))


def _parts(passport: Passport) -> Iterable[RenderableType]:
    yield Text(f"Hồ sơ {passport.code or '(chưa có mã)'}", style="bold")
    new_id = f" · mã ở hệ thống mới {passport.new_id}" if passport.new_id else ""
    yield Text(
        f"Nguồn {passport.source} ({passport.profile}) · khóa cũ {passport.key} · lần đọc {passport.revision}{new_id}"
    )
    yield Text(f"{passport.state_name}. {passport.sentence}", style="bold")
    for caveat in passport.caveats:
        yield Text(caveat, style="yellow")
    if passport.findings:
        cells = [
            [
                f"{f.severity}: {f.title}",
                " ".join(filter(None, (f.where, f.about))),
                f"{f.remedy} ({f.who})" if f.who else f.remedy,
            ]
            for f in passport.findings
        ]
        yield from _table("Những điều phát hiện", ["Nội dung", "Ở đâu, liên quan", "Cách xử lý"], cells)
    for topic in passport.topics:
        yield from _topic(topic)
    files = [[f.name, f.belongs_to, f"{f.state}, {screen.number(f.size)} byte", f.sha256] for f in passport.files]
    yield from _table("Tệp đính kèm", ["Tệp", "Của", "Chuyển chưa", "sha256"], files)
    grounds = [[g.what, g.author, words.day(g.on) if g.on else "", g.note] for g in passport.decisions]
    yield from _table("Ai quyết định, căn cứ gì", ["Quyết định, quy tắc", "Ai, ở đâu", "Ngày", "Căn cứ"], grounds)
    if passport.comparison:
        yield _title("Đối soát với hệ thống mới")
        yield Padding(Text(passport.comparison), (0, 0, 0, 2))
        changed = [[f"{d.title}: {d.label or d.field or 'cả hồ sơ'}", d.expected, d.held] for d in passport.differences]
        yield from _table("", ["Khác ở đâu", "Đã gửi", "Hệ thống mới giữ"], changed)
    moves = [
        [_at(m.at), f"{words.tray(m.came_from)} → {words.tray(m.went_to)}", words.reason(m.reason), m.run]
        for m in passport.moves
    ]
    yield from _table("Đã qua những bước nào", ["Lúc", "Từ → đến", "Vì sao", "Lượt chạy"], moves)
    pushes = [[_at(p.at), _at(p.settled_at), words.answer(p.outcome), p.run] for p in passport.pushes]
    yield from _table("Các lần gửi sang hệ thống mới", ["Gửi lúc", "Trả lời lúc", "Trả lời", "Lượt chạy"], pushes)


def _who(name: str) -> str:
    return f"({name})" if name else ""


def _topic(topic: Topic) -> Iterable[RenderableType]:
    count = f" ({len(topic.items)})" if topic.items else ""
    yield _title(f"{topic.title}{count}")
    if topic.note:
        yield Padding(Text(topic.note, style="dim"), (0, 0, 0, 2))
    if topic.title == words.KEPT:
        single = [f"{line.label} {line.value}" for line in topic.lines if line.field != "extra"]
        rows = [f"{line.label}: {line.value}" for line in topic.lines if line.field == "extra"]
        yield Padding(Text("\n".join(["; ".join(single), *rows])), (0, 0, 0, 2))
    elif topic.lines:
        yield _lines(topic.lines)
    for number, item in enumerate(topic.items, start=1):
        yield _item(number, item)
    if topic.ways:
        yield Padding(Text("\n".join(_ways(topic)), style="dim"), (0, 0, 0, 2))


def _ways(topic: Topic) -> Iterable[str]:
    tables = ", ".join(dict.fromkeys(item.table for item in topic.items))
    columns = [f"{way.label} ← {', '.join(cell.column for cell in way.old)}" for way in topic.ways if way.old]
    yield f"Lấy từ bảng {tables}: {'; '.join(columns)}."
    yield from (f"{way.label}: {'; '.join(way.how)}." for way in topic.ways if way.how)


def _lines(lines: Sequence[Line]) -> Table:
    table = _plain_table()
    for _ in range(3):
        table.add_column(overflow="fold", ratio=1)
    table.columns[0].ratio, table.columns[1].ratio, table.columns[2].ratio = 3, 5, 7
    for line in lines:
        old = ", ".join(f"{cell.column} = {cell.value}" for cell in line.old)
        sentences = [*([f"← {old}"] if old else []), *line.how]
        table.add_row(Text(line.label), Text(line.value, style="bold"), Text("\n".join(sentences), style="dim"))
    return table


def _item(number: int, item: Item) -> RenderableType:
    head = Text(f"{number}. ")
    for position, line in enumerate(item.lines):
        head.append(f"{' · ' if position else ''}{line.label}: ")
        head.append(line.value, style="bold")
    own = [f"{line.label}: {'; '.join(line.how)}" for line in item.lines if line.how]
    return Padding(Group(head, *(Padding(Text(told, style="dim"), (0, 0, 0, 3)) for told in own)), (0, 0, 0, 2))


def _title(text: str) -> RenderableType:
    return Padding(Text(text, style="bold underline"), (1, 0, 0, 0))


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterable[RenderableType]:
    if not rows:
        return
    if title:
        yield _title(title)
    table = _plain_table()
    table.show_header = True
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    yield table


def _plain_table() -> Table:
    return Table(show_header=False, box=None, padding=(0, 2, 0, 2), pad_edge=False, expand=True)


def _at(text: str) -> str:
    return words.moment(datetime.fromisoformat(text)) if text else ""
