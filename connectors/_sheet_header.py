"""Which row of a sheet is the header of which table, and which column is which."""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from rapidfuzz.distance import Levenshtein

from connectors._sheet_cells import Raw, text_of
from connectors._sheet_shapes import SheetTable, column_letter, fold

HEAD_ROWS: Final = 60
"""A header is looked for in so many rows."""
DEPTHS: Final = (1, 2, 3)
"""Lines of a header."""
FEWEST: Final = 2
"""Columns that must be recognised before a row is taken for a header at all."""

How = Literal["exact", "alike", "ignored", "left"]
Labels = list[tuple[str, str]]
"""(whole label of a column, its last line) by position; both empty where there is none."""


@dataclass(frozen=True)
class Claim:
    """One column of a sheet: its label, the column of the table that it became, and how that was seen."""

    at: int
    label: str
    column: str
    how: How


@dataclass(frozen=True)
class Header:
    """The header of one sheet. Rows count from 0; ``first`` is the first row behind it."""

    table: SheetTable
    row: int
    depth: int
    claims: tuple[Claim, ...]
    first: int

    @property
    def columns(self) -> dict[str, int]:
        """Column of the table → its position in the sheet."""
        return {claim.column: claim.at for claim in self.claims if claim.column}

    @functools.cached_property
    def lines(self) -> dict[int, frozenset[str]]:
        """Position → what the lines of the header say there, in small letters, of the columns of the table."""
        parts = {claim.at: claim.label.casefold().split(" / ") for claim in self.claims if claim.column}
        return {at: frozenset(texts) for at, texts in parts.items()}


def find_header(rows: Sequence[Sequence[Raw]], tables: Sequence[SheetTable]) -> Header | None:
    """The first row that names most columns of a table, with its lines below; None when no row names two.

    It is found by labels that are right; slips of the hand are looked for in it alone.
    """
    texts = [[" ".join((text_of(cell) or "").split()) for cell in row] for row in rows[:HEAD_ROWS]]
    best: tuple[int, Header] | None = None
    for top, depth, table in itertools.product(range(len(texts)), DEPTHS, tables):
        if top + depth <= len(texts):
            found = _read_as(texts, top, depth, table)
            if len(found[1].columns) >= FEWEST and (best is None or found[0] > best[0]):
                best = found
    if best is None:
        return None
    rank, header = best
    while header.depth > 1:  # a title above it tells no column apart
        below = _read_as(texts, header.row + 1, header.depth - 1, header.table)
        if below[0] != rank:
            break
        header = below[1]
    numbering = header.first < len(texts) and _is_numbering(texts[header.first])
    claims = tuple(_with_slips(header.claims, header.table))
    return replace(header, claims=claims, first=header.first + numbering)


def _read_as(texts: Sequence[Sequence[str]], top: int, depth: int, table: SheetTable) -> tuple[int, Header]:
    """The header that these lines would be, and how much it tells: columns found less those missing."""
    labels = _labels(texts[top : top + depth])
    claims = tuple(_claim(at, whole, last, table) for at, (whole, last) in enumerate(labels) if whole)
    found = {claim.column for claim in claims if claim.column}
    missing = sum(name not in found for name in table.required)
    return len(found) - missing, Header(table, top, depth, claims, top + depth)


def lines_above(rows: Sequence[Sequence[Raw]], header: Header) -> dict[str, str]:
    """Column → what a line above the header says of all rows: a text that begins with a declared word.

    Of "Đơn vị: UBND xã X" only what stands behind the colon.
    """
    texts = [text for row in rows[: header.row] for cell in row if (text := " ".join((text_of(cell) or "").split()))]
    found: dict[str, str] = {}
    for name, column in header.table.columns.items():
        for word in column.above:
            told = next((text for text in texts if f"{fold(text)} ".startswith(f"{fold(word)} ")), "")
            head, colon, rest = told.partition(":")
            if told:
                found.setdefault(name, rest.strip() if colon and fold(head) == fold(word) else told)
    return found


def header_fault(header: Header) -> str:
    """Why a header cannot be read by: a column that is missing, or one that two claim; Vietnamese, "" when it can."""
    places = defaultdict(list)
    for claim in header.claims:
        if claim.column:
            places[claim.column].append(column_letter(claim.at))
    for column, at in places.items():
        if len(at) > 1:
            return f"các cột {', '.join(at)} cùng nhận là {column}; sửa nhãn cột, hoặc sửa labels trong profile"
    missing = [name for name in header.table.required if name not in places]
    if missing:
        names = ", ".join(f"{name} ({header.table.columns[name].labels[0]})" for name in missing)
        return f"dòng {header.row + 1} giống dòng tiêu đề nhưng thiếu cột {names}"
    return ""


def is_header_again(row: Sequence[Raw], header: Header) -> bool:
    """Whether a row further down repeats a line of the header, as printed pages do."""
    alike = 0
    for at, parts in header.lines.items():
        cell = row[at] if at < len(row) else None
        alike += isinstance(cell, str) and " ".join(cell.split()).casefold() in parts
    return alike >= max(FEWEST, len(header.columns) // 3)


def is_other_header(row: Sequence[Raw], header: Header) -> bool:
    """Whether a row further down names columns as a header does, and not all of them where the header has them."""
    by_label, claims = header.table.by_label, {claim.at: claim for claim in header.claims}
    named, is_moved = set(), False
    for at, cell in enumerate(row):
        label = fold(cell) if isinstance(cell, str) else ""
        column, claim = by_label.get(label, ""), claims.get(at)
        named |= {column} - {""}
        if label and claim is not None:
            own = {fold(part) for part in claim.label.split(" / ")}
            is_moved |= label not in own and (not claim.column or column != claim.column)
        elif column:
            is_moved = True
    return is_moved and len(named) >= max(FEWEST + 1, len(header.columns) // 2)


def _labels(lines: Sequence[Sequence[str]]) -> Labels:
    """What each column is called. A heading over several columns stands in the first of them."""
    width = max(map(len, lines), default=0)
    grid = [[*line, *[""] * (width - len(line))] for line in lines]
    for level, line in enumerate(grid[:-1]):
        below = [any(lower[at] for lower in grid[level + 1 :]) for at in range(width)]
        over = ""
        for at in range(width):
            if line[at]:
                over = line[at] if below[at] else ""
            elif below[at]:
                line[at] = over
            else:
                over = ""
    labels: Labels = []
    for at in range(width):
        parts = list(dict.fromkeys(line[at] for line in grid if line[at]))
        labels.append((" / ".join(parts), parts[-1]) if parts else ("", ""))
    return labels


def _claim(at: int, whole: str, last: str, table: SheetTable) -> Claim:
    """What a column is by its label as it stands."""
    names = (fold(whole), fold(last))
    for name in names:
        if name in table.by_label:
            return Claim(at, whole, table.by_label[name], "exact")
    return Claim(at, whole, "", "left" if table.folded_ignored.isdisjoint(names) else "ignored")


def _with_slips(claims: Sequence[Claim], table: SheetTable) -> Iterator[Claim]:
    """The same, and columns that nobody claims yet by labels with a slip of the hand."""
    sure = {claim.column for claim in claims}
    for claim in claims:
        names = (fold(claim.label), fold(claim.label.rpartition(" / ")[2])) if claim.how == "left" else ()
        near = {column for label, column in table.by_label.items() for name in names if _is_alike(name, label)}
        is_clear = len(near) == 1 and sure.isdisjoint(near)
        yield Claim(claim.at, claim.label, near.pop(), "alike") if is_clear else claim


def _is_alike(one: str, other: str) -> bool:
    """Whether two labels differ by slips of the hand only: word by word, a letter or two of one word.

    A likeness of the whole would not do: "thời gian hẹn trả kết quả" and "thời gian trả kết quả" are 95 % alike.
    """
    words, others = one.split(), other.split()
    if len(words) != len(others) or len(one) < 5:
        return False
    slips = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    return len(slips) == 1 and all(_is_slip(a, b) for a, b in slips)


def _is_slip(one: str, other: str) -> bool:
    allowed = 2 if min(len(one), len(other)) >= 6 else 1 if min(len(one), len(other)) >= 4 else 0
    return Levenshtein.distance(one, other, score_cutoff=allowed) <= allowed


_NUMBER: Final = re.compile(r"\(?\s*(\d{1,2}|[A-Za-z])\s*\)?(?:\s*=.*)?")


def _is_numbering(line: Sequence[str]) -> bool:
    """Whether a line numbers the columns: (1) (2) (3), or A B 1 2 3."""
    marks = [_NUMBER.fullmatch(text) for text in line if text]
    if len(marks) < 3 or not all(marks):
        return False
    numbers = [int(mark[1]) for mark in marks if mark and mark[1].isdecimal()]
    return len(numbers) >= 2 and all(after - before == 1 for before, after in itertools.pairwise(numbers))
