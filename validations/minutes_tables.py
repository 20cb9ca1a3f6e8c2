"""The tables of the handover minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from validations.minutes import Five, Numbers, Split, Table, Trouble
from validations.remedies import Shelf, look_up
from validations.report_words import (
    DIFFERENT,
    MATCHED,
    ON_THE_WAY,
    QUARANTINED,
    ROLLED_BACK,
    STATES,
    STATUSES,
    VANISHED,
    number,
)

Line = tuple[str, int, str, str, str]
"""Cause, dossiers, who, remedy, examples."""
_NONE: Final = "Chưa xác định"
_COLUMNS: Final = (MATCHED, DIFFERENT, QUARANTINED)


def equation(numbers: Numbers, five: Five, whose: str) -> Table:
    """The five figures, and what the rest is made of."""
    rows = [
        (f"Tìm thấy: hồ sơ phải chuyển của {whose}", number(five.found)),
        ("= Đã sang hệ thống mới và khớp", number(five.matched)),
        ("+ Khác biệt giữa hai hệ thống", number(five.different)),
        *([("trong đó: đã được chấp nhận đích danh", number(numbers.settled))] if numbers.settled else []),
        ("+ Cách ly, chờ xử lý", number(five.quarantined)),
        ("+ Còn lại", number(five.rest)),
    ]
    parts = list(_parts_of_rest(numbers))
    rows += [(f"trong đó: {title}", number(n)) for title, n in parts]
    return Table(("Nội dung", "Số hồ sơ"), (78, 22), tuple(rows), numbers=(1,), strong=(0,))


def _parts_of_rest(numbers: Numbers) -> Iterator[tuple[str, int]]:
    for state in (*ON_THE_WAY, VANISHED, ROLLED_BACK):
        if n := numbers.states.get(state, 0):
            title = STATES[state]
            yield title[:1].lower() + title[1:], n
    for rule, n in numbers.decided.items():
        title = look_up(rule, "excluded").title
        yield f"không chuyển theo quyết định: {title[:1].lower() + title[1:]}", n


def by_status(numbers: Numbers) -> Table:
    """By TrangThaiHoSo."""
    named = [
        Split(split.code, f"{split.code}. {STATUSES[int(split.code)]}" if split.code else _NONE, split.states)
        for split in numbers.by_status
    ]
    return _breakdown("Trạng thái hồ sơ", named)


def by_procedure(numbers: Numbers) -> Table:
    """The procedures with most dossiers, the others summed up."""
    named = [
        Split(s.code, f"{s.code} ({s.name})" if s.name else s.code or _NONE, s.states) for s in numbers.by_procedure
    ]
    if numbers.other_procedures:
        title = f"{number(numbers.other_procedures)} thủ tục khác"
        named.append(Split("", title, numbers.others.states))
    return _breakdown("Thủ tục (lĩnh vực)", named)


def by_unit(numbers: Numbers) -> Table:
    """By who handles them now."""
    return _breakdown("Nơi giải quyết", [Split(s.code, s.name or s.code or _NONE, s.states) for s in numbers.by_unit])


def _breakdown(head: str, splits: Sequence[Split]) -> Table:
    rows = [(split.name, *_cells(split.states)) for split in splits]
    states = [state for split in splits for state in split.states]
    total = {state: sum(split.states.get(state, 0) for split in splits) for state in states}
    rows.append(("Cộng", *_cells(total)))
    heads = (head, "Hồ sơ", "Khớp", "Khác biệt", "Cách ly", "Còn lại")
    return Table(heads, (40, 12, 12, 12, 12, 12), tuple(rows), numbers=(1, 2, 3, 4, 5), strong=(len(rows) - 1,))


def _cells(states: Mapping[str, int]) -> tuple[str, ...]:
    rest = sum(n for state, n in states.items() if state not in _COLUMNS)
    return (number(sum(states.values())), *(number(states.get(state, 0)) for state in _COLUMNS), number(rest))


# ---------------------------------------------------------------- open exceptions


def troubles(numbers: Numbers, site_path: str) -> list[Line]:
    """What keeps dossiers from being handed over, most first."""
    lines = [_line(trouble, "issues") for trouble in numbers.quarantine]
    lines += [_line(trouble, "differences") for trouble in numbers.differences]
    lines += [_accepted(trouble) for trouble in numbers.accepted]
    waiting = sum(numbers.states.get(state, 0) for state in ON_THE_WAY)
    if waiting:
        how = f"Chạy tiếp: lienthong migrate {site_path}, hoặc bắt đầu đợt của chúng."
        lines.append(("Đang trên đường", waiting, "Kỹ thuật viên", how, ""))
    if gone := numbers.states.get(VANISHED, 0):
        how = "Hỏi đơn vị vận hành vì sao. Bản đã sang hệ thống mới không bị xóa."
        lines.append((STATES[VANISHED], gone, "Kỹ thuật viên hệ thống cũ", how, ""))
    if back := numbers.states.get(ROLLED_BACK, 0):
        how = "Sửa nguyên nhân rồi chuyển lại: thêm --again vào lệnh đã rút."
        lines.append((STATES[ROLLED_BACK], back, "Kỹ thuật viên", how, ""))
    return lines


def _line(trouble: Trouble, shelf: Shelf) -> Line:
    remedy = look_up(trouble.code, shelf)
    who = ", ".join(trouble.owners) or remedy.who or "Không ai phải làm gì"
    return remedy.title, trouble.dossiers, who, remedy.remedy, ", ".join(trouble.examples)


def _accepted(trouble: Trouble) -> Line:
    how = "Đã chấp nhận; lý do và hạn ghi ở accepted.csv và báo cáo đối soát."
    who = ", ".join(trouble.owners)
    return look_up(trouble.code, "differences").title, trouble.dossiers, who, how, ", ".join(trouble.examples)


def open_issues(lines: Sequence[Line]) -> Table:
    """Cause, how many, who, how."""
    rows = tuple(
        (f"{title}{f' (ví dụ: {examples})' if examples else ''}", number(n), who, how)
        for title, n, who, how, examples in lines
    )
    return Table(
        ("Nguyên nhân", "Hồ sơ", "Người làm", "Cách xử lý"), (34, 9, 20, 37), rows, numbers=(1,), is_whole=False
    )
