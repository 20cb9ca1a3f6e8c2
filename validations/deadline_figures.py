"""From the counts of the deadline ledger to what the report says about promises and obligations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from validations.deadlines import OBLIGATIONS
from validations.report_data import Count, DeadlineFigures, Owed, UnitOwed
from validations.report_inputs import DeadlineInputs, ObligationTally

DUE: Final[Mapping[str, str]] = {
    "due_equal": "Hạn trả bằng nhau tới từng giây",
    "due_none": "Không có hạn trả ở cả hai bên (thủ tục không định thời hạn, hoặc chưa tiếp nhận)",
    "due_shifted": "Hạn trả lệch",
    "due_lost": "Hạn trả mất ở hệ thống mới",
    "due_added": "Hạn trả chỉ có ở hệ thống mới",
}
KEPT: Final[Mapping[str, str]] = {
    "received_equal": "Ngày tiếp nhận bằng nhau",
    "rounds_equal": "Các lần yêu cầu bổ sung giống nhau",
    "pauses_equal": "Các lần tạm dừng giống nhau",
}
LEFT: Final[Mapping[str, str]] = {
    "left_overdue": "Đã quá hạn",
    "left_day": "Còn dưới 1 ngày làm việc",
    "left_week": "Còn từ 1 đến 5 ngày làm việc",
    "left_more": "Còn trên 5 ngày làm việc",
    "left_none": "Không có hạn trả",
}
HISTORY: Final[Mapping[str, str]] = {
    "has_rounds": "Đã được yêu cầu bổ sung",
    "is_waiting": "Đang chờ bổ sung",
    "has_pauses": "Đã từng tạm dừng",
    "is_paused": "Đang tạm dừng",
    "is_extended": "Đã được gia hạn",
    "has_apology": "Đã có phiếu xin lỗi và hẹn lại",
}
OWED: Final[Mapping[str, str]] = {
    "fees_due": "Phí, lệ phí chưa nộp",
    "fees_unreconciled": "Phí, lệ phí đã nộp, chưa đối soát",
    "papers_requested": "Giấy tờ đang yêu cầu bổ sung",
    "opinions_awaited": "Ý kiến cơ quan khác đang chờ",
    "results_uncollected": "Kết quả chưa trả cho người dân",
}
SHORT: Final[Mapping[str, str]] = {
    "fees_due": "Phí chưa nộp",
    "fees_unreconciled": "Phí chưa đối soát",
    "papers_requested": "Chờ bổ sung",
    "opinions_awaited": "Chờ ý kiến",
    "results_uncollected": "Kết quả chưa trả",
}
"""The same as heads of columns."""
assert tuple(OWED) == tuple(SHORT) == OBLIGATIONS


def deadline_figures(inputs: DeadlineInputs) -> DeadlineFigures:
    """The figures of one source, or of all together."""
    counts, owed = inputs.counts, _owed(inputs.obligations)
    compared = counts.get("compared", 0)
    due = _counts(counts, DUE)
    kept = _counts(counts, KEPT)
    differing = sum(tally.differing for tally in inputs.obligations)
    is_kept = sum(c.dossiers for c in due[:2]) == compared and all(c.dossiers == compared for c in kept)
    return DeadlineFigures(
        open=counts.get("open", 0),
        compared=compared,
        worked_on=counts.get("worked_on", 0),
        due=due,
        kept=kept,
        left=_counts(counts, LEFT),
        history=_counts(counts, HISTORY),
        beyond_calendar=counts.get("beyond_calendar", 0),
        owed=owed,
        owed_by_unit=_by_unit(inputs.obligations),
        owed_differing=differing,
        sentence=_sentence(compared, {count.code: count.dossiers for count in due}),
        is_kept=is_kept and not differing,
    )


def add_deadlines(parts: Sequence[DeadlineInputs]) -> DeadlineInputs:
    """All sources as one."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    return DeadlineInputs(dict(counts), [tally for part in parts for tally in part.obligations])


def _counts(counts: Mapping[str, int], titles: Mapping[str, str]) -> tuple[Count, ...]:
    return tuple(Count(code, title, counts.get(code, 0)) for code, title in titles.items())


def _owed(tallies: Iterable[ObligationTally]) -> tuple[Owed, ...]:
    old: Counter[str] = Counter()
    new: Counter[str] = Counter()
    for tally in tallies:
        old[tally.kind] += tally.old
        new[tally.kind] += tally.new
    return tuple(Owed(kind, title, SHORT[kind], old[kind], new[kind]) for kind, title in OWED.items())


def _by_unit(tallies: Iterable[ObligationTally]) -> tuple[UnitOwed, ...]:
    units: dict[str, list[ObligationTally]] = {}
    for tally in tallies:
        units.setdefault(tally.unit, []).append(tally)
    found = [
        UnitOwed(code, next((t.unit_name for t in own if t.unit_name), code or "Chưa xác định"), _owed(own))
        for code, own in units.items()
    ]
    return tuple(sorted(found, key=lambda unit: (unit.title, unit.code)))


def _sentence(compared: int, due: Mapping[str, int]) -> str:
    if not compared:
        return "Chưa đọc lại hồ sơ đang mở nào từ hệ thống mới."
    bad = {"lệch": due["due_shifted"], "mất": due["due_lost"], "tự có thêm": due["due_added"]}
    said = [f"{_number(due['due_equal'])} hồ sơ có hạn trả bằng nhau tới từng giây"]
    if due["due_none"]:
        said.append(f"{_number(due['due_none'])} hồ sơ không có hạn trả ở cả hai bên")
    said += [f"{_number(n)} hồ sơ có hạn trả {word}" for word, n in bad.items() if n]
    end = "" if any(bad.values()) else " Không hạn trả nào lệch hay mất."
    return f"Trong {_number(compared)} hồ sơ đang mở đã sang hệ thống mới: {'; '.join(said)}.{end}"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")
