"""accepted.csv of a site: differences that a named person has accepted, one a row. Marks stand in it, no values.

A row holds for exactly the values that its mark stands for, until its last day. The later row of a mark counts.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from mappings.declared import ProfileError, read_csv
from validations.spreadsheet import plain_cell

COLUMNS: Final = (
    "nguon", "khoa_cu", "ma_ho_so", "truong", "loai", "dau", "nguoi_chap_nhan", "ly_do", "ngay", "den_ngay",
)  # fmt: skip
MOST_SIGNS: Final = 120
"""Signs of who accepts."""
_MARK: Final = re.compile(r"k[0-9a-f]{12}")


@dataclass(frozen=True)
class Accepted:
    """One accepted difference. ``until``: the last day on which it holds, None for ever."""

    source: str
    key: str
    code: str
    field: str
    kind: str
    mark: str
    author: str
    reason: str
    on: date
    until: date | None = None
    line: int = 0

    @property
    def place(self) -> tuple[str, str, str]:
        """What it is about: source, old key, mark."""
        return self.source, self.key, self.mark

    def holds(self, today: date) -> bool:
        """Whether its last day is not over."""
        return self.until is None or today <= self.until


def accepted_file(site_dir: Path) -> Path:
    """The site's own table."""
    return site_dir / "accepted.csv"


def read_accepted(file: Path) -> list[Accepted]:
    """Every row, in the order of the file; none when there is no such file. Raises ProfileError with the line."""
    if not file.is_file():
        return []
    return [_row(file, line, cells) for line, cells in read_csv(file, COLUMNS)]


def _row(file: Path, line: int, cells: dict[str, str]) -> Accepted:
    for name, what in _NEEDED.items():
        if not cells[name]:
            raise ProfileError(f"cột {name} trống: ghi {what}, hoặc bỏ cả dòng này", file, line)
    mark = cells["dau"]
    if not _MARK.fullmatch(mark):
        said = f"dấu {mark!r} không đúng dạng (k và 12 chữ số 0-9, a-f): chép lại từ lienthong differences"
        raise ProfileError(said, file, line)
    if len(cells["nguoi_chap_nhan"]) > MOST_SIGNS:
        raise ProfileError(f"nguoi_chap_nhan dài quá {MOST_SIGNS} ký tự: ghi chức danh, cơ quan", file, line)
    on, until = _day(file, line, cells, "ngay"), _day(file, line, cells, "den_ngay")
    assert on is not None, "asked for above"
    if until is not None and until < on:
        raise ProfileError("den_ngay đứng trước ngay: sửa một trong hai", file, line)
    return Accepted(
        cells["nguon"], cells["khoa_cu"], cells["ma_ho_so"], cells["truong"], cells["loai"], mark,
        cells["nguoi_chap_nhan"], cells["ly_do"], on, until, line,
    )  # fmt: skip


_NEEDED: Final = {
    "nguon": "tên cố định (id) của nguồn",
    "khoa_cu": "khóa cũ của hồ sơ",
    "dau": "dấu của khác biệt",
    "nguoi_chap_nhan": "ai chấp nhận (chức danh, cơ quan)",
    "ly_do": "vì sao",
    "ngay": "ngày chấp nhận, dạng 2025-07-15",
}


def _day(file: Path, line: int, cells: dict[str, str], name: str) -> date | None:
    text = cells[name]
    if not text:
        return None
    day = day_of(text)
    if day is None:
        raise ProfileError(f"{name} {text!r} không phải ngày: viết dạng 2025-07-15", file, line)
    return day


def day_of(text: str) -> date | None:
    """The day that a text of the form 2025-07-15 names; None for any other text."""
    try:
        return date.fromisoformat(text) if len(text) == len("2025-07-15") and text[4] == "-" else None
    except ValueError:
        return None


def accepted_text(rows: Iterable[Accepted], *, with_heads: bool) -> str:
    """Rows as they stand in the file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if with_heads:
        writer.writerow(COLUMNS)
    for row in rows:
        until = row.until.isoformat() if row.until else ""
        texts = (row.source, row.key, row.code, row.field, row.kind, row.mark, row.author, row.reason)
        writer.writerow([*(plain_cell(text) for text in texts), row.on.isoformat(), until])
    return out.getvalue()
