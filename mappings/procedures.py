"""What became of a procedure: old code → code of today, by crosswalks/procedures.csv and the national catalogue.

A repeal in one province is no repeal elsewhere: a row may hold for one new province only. A code of the national form
that is neither in the catalogue nor in the table belongs to a procedure that no longer exists.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from mappings.declared import SHIPPED, ProfileError, read_csv

COLUMNS: Final = (
    "code", "province", "target", "relation", "valid_from", "valid_to", "decision", "status", "source", "author",
    "note",
)  # fmt: skip
"""``province``: code of a new province, "" holds everywhere. ``decision``: the number of the text that says so."""
STATUSES: Final = ("approved", "draft", "rejected")
REPEALED: Final = "repealed"
RELATIONS: Final = ("replaced", "merged", "renumbered", REPEALED)

_NATIONAL: Final = re.compile(r"(\d\.\d{6})(?:\.(?:000\.00\.00\.)?[GH]\d{2}(?:\.\d{2})?)?")


def national_code(code: str) -> str:
    """The plain national procedure code in ``code`` (1.001193.000.00.00.H44 → 1.001193); "" when it has none."""
    if len(code) < 8 or code[1] != "." or not code.isascii():
        return ""
    if len(code) == 8:
        return code if code[0].isdigit() and code[2:].isdigit() else ""
    found = _NATIONAL.fullmatch(code)
    return found[1] if found else ""


@dataclass(frozen=True)
class Fate:
    """What a code is today: the same, its successor, or ``is_gone`` (then ``code`` is the old one)."""

    code: str
    is_gone: bool = False


@dataclass(frozen=True)
class Successors:
    """The rows that hold now, (code, new province or "") → target ("" repealed), beside the national catalogue."""

    rows: Mapping[tuple[str, str], str]
    catalogue: Collection[str]

    def fate(self, code: str, province: str) -> Fate:
        """Follow the rows of the new province, else those that hold everywhere, to their end."""
        now = code
        while (target := self._next(now, province)) is not None:
            if not target:
                return Fate(code, is_gone=True)
            now = target
        if now in self.catalogue or not national_code(now):
            return Fate(now)
        return Fate(code, is_gone=True)

    def _next(self, code: str, province: str) -> str | None:
        found = self.rows.get((code, province))
        return self.rows.get((code, "")) if found is None else found


@dataclass(frozen=True)
class SuccessorTable:
    """Every row of the table, checked, whenever it holds."""

    rows: Sequence[_Row]
    catalogue: Collection[str]

    def on(self, day: date, *, with_drafts: bool) -> Successors:
        """The rows in force on a day; drafts are fit for a rehearsal only."""
        usable = [row for row in self.rows if with_drafts or row.status == "approved"]
        rows = {row.key: row.target for row in usable if row.holds_on(day.isoformat())}
        return Successors(rows, self.catalogue)


def read_successors(site_dir: Path | None, catalogue: Collection[str], provinces: Collection[str]) -> SuccessorTable:
    """The site's rows over the shipped ones. Raises ProfileError with file and line."""
    known: dict[tuple[str, str], list[_Row]] = {}
    for root in (SHIPPED, site_dir):
        file = root / "crosswalks" / "procedures.csv" if root else None
        if file is not None and file.is_file():
            known.update(_of_file(file, provinces))
    rows = [row for found in known.values() for row in found if row.status != "rejected"]
    _check_targets(rows, catalogue)
    _check_circles(rows)
    return SuccessorTable(rows, catalogue)


# ---------------------------------------------------------------- the table


@dataclass(frozen=True)
class _Row:
    """One row where it stands. Dates are ISO texts, "" open."""

    code: str
    province: str
    target: str
    status: str
    valid_from: str
    valid_to: str
    file: Path
    line: int

    @property
    def key(self) -> tuple[str, str]:
        return self.code, self.province

    def holds_on(self, day: str) -> bool:
        return self.valid_from <= day and (not self.valid_to or day < self.valid_to)

    def meets(self, other: _Row) -> bool:
        """Whether there is a day on which both hold."""
        return not (self.valid_to and self.valid_to <= other.valid_from) and not (
            other.valid_to and other.valid_to <= self.valid_from
        )

    def wrong(self, message: str) -> ProfileError:
        return ProfileError(message, self.file, self.line)


def _of_file(file: Path, provinces: Collection[str]) -> dict[tuple[str, str], list[_Row]]:
    found: dict[tuple[str, str], list[_Row]] = {}
    for line, cells in read_csv(file, COLUMNS):
        if fault := row_fault(cells, provinces):
            raise ProfileError(fault, file, line)
        told = {name: cells[name] for name in ("code", "province", "target", "status", "valid_from", "valid_to")}
        row = _Row(**told, file=file, line=line)
        same = found.setdefault(row.key, [])
        for other in same:
            if "rejected" not in (row.status, other.status) and row.meets(other):
                what = "khai hai lần" if row.target == other.target else f"trái với dòng {other.line}"
                raise row.wrong(f"mã {row.code}: {what} (cùng tỉnh, cùng thời gian)")
        same.append(row)
    return found


def row_fault(cells: Mapping[str, str], provinces: Collection[str]) -> str:
    """What is wrong with one row by itself; "" when nothing is."""
    code, target = cells["code"], cells["target"]
    if not code or (national_code(code) or code) != code:
        return f"code {code!r}: ghi mã trần, không có đuôi tỉnh (1.001193)"
    if cells["status"] not in STATUSES or cells["relation"] not in RELATIONS:
        return f"status là {', '.join(STATUSES)}; relation là {', '.join(RELATIONS)}"
    if bool(target) == (cells["relation"] == REPEALED):
        return f"relation {REPEALED} đi cùng target trống, và chỉ cùng nó"
    if cells["province"] and cells["province"] not in provinces:
        return f"province {cells['province']}: không có tỉnh nào mã này từ 01/7/2025"
    if cells["status"] == "approved" and not (cells["decision"] and cells["source"]):
        return "dòng đã duyệt phải có decision (số văn bản) và source (nguồn)"
    period = (cells["valid_from"], cells["valid_to"])
    if not all(_is_day(day) for day in period if day) or (all(period) and period[0] >= period[1]):
        return "valid_from, valid_to là ngày YYYY-MM-DD, từ trước đến"
    return ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_targets(rows: Iterable[_Row], catalogue: Collection[str]) -> None:
    rows = list(rows)
    codes = {row.code for row in rows}
    for row in rows:
        if row.target and row.target not in catalogue and row.target not in codes:
            raise row.wrong(f"target {row.target}: danh mục TTHC quốc gia không có mã này")


def _check_circles(rows: Iterable[_Row]) -> None:
    """Refuse a chain that comes back to itself, whatever the dates and the approvals of its rows."""
    rows = list(rows)
    for province in sorted({row.province for row in rows}):
        steps: dict[str, list[_Row]] = {}
        for row in rows:
            if row.target and row.province in ("", province):
                steps.setdefault(row.code, []).append(row)
        for code in steps:
            for path in _paths(steps, (code,)):
                if path[-1] == code:
                    raise steps[code][0].wrong(f"các mã kế thừa đi vòng: {' → '.join(path)}")


def _paths(steps: Mapping[str, list[_Row]], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every way on from the end of a path, until it meets a code that it has."""
    for row in steps.get(path[-1], ()):
        longer = (*path, row.target)
        yield longer
        if row.target not in path:
            yield from _paths(steps, longer)
