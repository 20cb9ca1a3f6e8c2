"""The deadline ledger: one CSV row an open dossier, what was promised here and what stands there; counted on the way.

No personal value: keys, codes, units, instants and numbers.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from mappings.calendar import Calendar, working_time_left
from mappings.model import Dossier
from validations.deadline_figures import SHORT
from validations.deadlines import (
    ADDED,
    EQUAL,
    LOST,
    NONE,
    SHIFTED,
    WORKED_ON,
    Held,
    Obligations,
    apologies,
    open_rounds,
)
from validations.spreadsheet import plain_cell, taken

_LOCAL: Final = timezone(timedelta(hours=7))
_CHUNK: Final = 500
_DAY: Final = 86_400

HEADS: Final = (
    "nguon", "khoa_cu", "ma_ho_so", "ma_don_vi", "don_vi_xu_ly", "trang_thai", "trang_thai_so_cai", "tiep_nhan",
    "han_tra", "thoi_han", "don_vi_thoi_han", "lan_bo_sung", "dang_cho_bo_sung", "lan_tam_dung", "dang_tam_dung",
    "gia_han", "phieu_xin_loi", "con_lai_tai_moc", "phut_lam_viec_con", "tinh_trang_tai_moc", "nghia_vu",
    "tiep_nhan_moi", "han_tra_moi", "lan_bo_sung_moi", "lan_tam_dung_moi", "ket_luan", "lech",
)  # fmt: skip
DUE_WORDS: Final = {
    EQUAL: "bằng",
    SHIFTED: "lệch",
    LOST: "mất",
    ADDED: "thêm",
    NONE: "không có hạn",
    WORKED_ON: "cán bộ đã xử lý",
}


@dataclass(frozen=True)
class Promise:
    """One open dossier. ``held``: what compare read back; None when it was not compared since it last changed."""

    source: str
    dossier: Dossier
    unit_name: str
    state: str
    owed: Obligations
    held: Held | None


class Promises:
    """Writes promises as CSV and counts them. ``counts``: source → Counter, names as in ``deadline_figures``."""

    def __init__(self, calendar: Calendar, cutoff: datetime) -> None:
        self._calendar, self._cutoff = calendar, cutoff
        self.counts: dict[str, Counter[str]] = {}

    def csv(self, promises: Iterable[Promise]) -> Iterator[bytes]:
        """Pieces of a CSV that Excel opens as it is (UTF-8 with BOM)."""
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        buffer.write("\ufeff")
        writer.writerow(HEADS)
        for number, promise in enumerate(promises, start=1):
            writer.writerow(self._row(promise))
            if number % _CHUNK == 0:
                yield taken(buffer)
        yield taken(buffer)

    def _row(self, promise: Promise) -> list[str]:
        dossier, held = promise.dossier, promise.held
        left, minutes, where = self._left(dossier.due_at)
        self._count(promise, where)
        owed = "; ".join(f"{SHORT[kind].lower()}: {n}" for kind, n in promise.owed.by_kind().items() if n)
        here = [
            promise.source, plain_cell(dossier.key), plain_cell(dossier.code),
            plain_cell(dossier.handling_agency.code), plain_cell(promise.unit_name),
            str(dossier.status), promise.state, _instant(dossier.received_at), _instant(dossier.due_at),
            dossier.duration, dossier.duration_unit, str(len(dossier.supplements)), _flag(_is_waiting(dossier)),
            str(len(dossier.pauses)), _flag(_is_paused(dossier)), _instant(dossier.extended_at),
            str(apologies(dossier)), left, minutes,
            _WHERE[where], owed,
        ]  # fmt: skip
        if held is None:
            return [*here, "", "", "", "", "chưa đối soát", ""]
        if not held.is_held:
            return [*here, "", "", "", "", DUE_WORDS[held.due], ""]
        there = [_instant(held.received_at), _instant(held.due_at), str(held.rounds), str(held.pauses)]
        return [*here, *there, DUE_WORDS[held.due], _shift(dossier.due_at, held.due_at)]

    def _left(self, due: datetime | None) -> tuple[str, str, str]:
        """Working time left at the cut-off: in words, in minutes for sorting, and the class it falls into."""
        if due is None:
            return "", "", "left_none"
        left = working_time_left(self._cutoff, due, self._calendar)
        said = f"{'quá' if left.is_past else 'còn'} {left.days} ngày {left.hours} giờ {left.minutes} phút"
        minutes = str(int(self._calendar.seconds_between(self._cutoff, due) / 60))
        if left.is_past:
            return said, minutes, "left_overdue"
        if not left.days:
            return said, minutes, "left_day"
        return said, minutes, "left_week" if (left.days, left.hours, left.minutes) <= (5, 0, 0) else "left_more"

    def _count(self, promise: Promise, where: str) -> None:
        dossier, held = promise.dossier, promise.held
        counts = self.counts.setdefault(promise.source, Counter())
        counts.update(("open", where))
        flags = {
            "has_rounds": bool(dossier.supplements),
            "is_waiting": _is_waiting(dossier),
            "has_pauses": bool(dossier.pauses),
            "is_paused": _is_paused(dossier),
            "is_extended": dossier.extended_at is not None,
            "has_apology": apologies(dossier) > 0,
            "beyond_calendar": dossier.due_at is not None and not self._calendar.covers(dossier.due_at),
        }
        counts.update(name for name, holds in flags.items() if holds)
        if held is None:
            return
        if held.due == WORKED_ON:
            counts["worked_on"] += 1
            return
        counts.update(("compared", f"due_{held.due}"))
        counts["received_equal"] += held.is_received_equal
        counts["rounds_equal"] += held.are_rounds_equal
        counts["pauses_equal"] += held.are_pauses_equal


_WHERE: Final = {
    "left_none": "không có hạn", "left_overdue": "quá hạn", "left_day": "dưới 1 ngày", "left_week": "1 đến 5 ngày",
    "left_more": "trên 5 ngày",
}  # fmt: skip


def _is_waiting(dossier: Dossier) -> bool:
    return open_rounds(dossier) > 0


def _is_paused(dossier: Dossier) -> bool:
    return any(pause.ended_at is None for pause in dossier.pauses)


def _flag(value: bool) -> str:
    return "có" if value else ""


def _instant(at: datetime | None) -> str:
    """Local wall time, to the second."""
    return at.astimezone(_LOCAL).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _shift(old: datetime | None, new: datetime | None) -> str:
    """How far the new instant lies from the old one: muộn 2 ngày 03:00:00 (calendar days)."""
    if old is None or new is None or old == new:
        return ""
    seconds = int((new - old).total_seconds())
    days, rest = divmod(abs(seconds), _DAY)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{'sớm' if seconds < 0 else 'muộn'} {days} ngày {clock}"
