"""A page of dossiers: how large it may grow, its keys, and the rows that hang on each dossier."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from connectors._parts import each_part
from connectors._sql_text import Query
from connectors.base import Cell, Misconfigured, ReadPlan, Record

LOWEST: Final = -(2**63)
"""Below every numeric key; the empty text is below every text key."""
LOWEST_GUID: Final = "00000000-0000-0000-0000-000000000000"
"""Below every GUID but itself: a dossier under the empty GUID is counted and not read."""
NARROW_BYTES: Final = 64
"""What a cell of bounded type is taken to weigh."""

_GUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

Rows = Sequence[Sequence[Cell]]


class PageTooBig(Exception):
    """The page outgrew its bytes: read it again with fewer dossiers."""


@dataclass
class Meter:
    """Rows and bytes of one page; no bound where a page cannot be made smaller."""

    bound: int | None = None
    rows: int = 0
    used: int = 0

    def add(self, rows: Rows, wide: Sequence[int]) -> None:
        self.rows += len(rows)
        self.used += len(rows) * (len(rows[0]) if rows else 0) * NARROW_BYTES
        self.used += sum(len(cell) for row in rows for at in wide if isinstance(cell := row[at], str | bytes))
        if self.bound is not None and self.used > self.bound:
            raise PageTooBig


@dataclass(frozen=True)
class Job:
    """A plan made ready for one database."""

    plan: ReadPlan
    main: Query
    children: tuple[Query, ...]


def lowest_bound(main: Query) -> int | str:
    if main.is_guid:
        return LOWEST_GUID
    return LOWEST if main.is_numeric else ""


def as_bound(key: str, main: Query) -> Any:
    """A key as the database compares it; None when it cannot be one."""
    if main.is_guid:
        return key if _GUID.fullmatch(key) else None
    if not main.is_numeric:
        return key
    try:
        return int(key)
    except ValueError:
        pass
    try:
        return Decimal(key)
    except InvalidOperation:
        return None


def native(value: Cell, main: Query) -> Any:
    """A key as read, as the database compares it: decimals are read as text."""
    bound = as_bound(value, main) if isinstance(value, str) else value
    return value if bound is None else bound


def _key(value: Cell) -> str:
    """The text of a key."""
    if isinstance(value, int | str):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    raise Misconfigured("Cột khóa trong profile không phải số nguyên hay chữ: chọn cột khác.")


def make_records(job: Job, rows: Rows) -> dict[str, Record]:
    names, children = job.main.names, [child.read.name for child in job.children]
    records = {}
    for row in rows:
        key = _key(row[-1])
        records[key] = Record(key, dict(zip(names, row, strict=False)), {name: [] for name in children})
    if len(records) != len(rows):
        raise Misconfigured(f"Cột {job.main.read.parent} của {job.main.read.table} không phải khóa: có giá trị lặp.")
    return records


def hang_rows(records: Mapping[str, Record], child: Query, rows: Rows, owners: Mapping[str, str]) -> None:
    """Give each row to its dossier; a row whose dossier the plan does not read belongs to none.

    ``owners``: text of a parent → the key that the database takes it for, where the two are not the same text.
    """
    read, names = child.read, child.names
    for row in rows:
        key = _key(row[-1])
        record = records.get(owners.get(key, key))
        if record is not None:
            made = dict(zip(names, row, strict=False))
            if child.content is not None:
                made["_locator"] = child.content.locator(made["_locator"])
            record.children[read.name].extend(each_part(read, made))


def not_a_key(main: Query) -> str:
    """What to say of a key column with values that the database takes for one."""
    return (
        f"Cột {main.read.parent} của {main.read.table} không phải khóa: cơ sở dữ liệu coi hai giá trị của nó là một "
        "(chỉ khác nhau ở chữ hoa, chữ thường, dấu hay dấu cách cuối). Sửa một giá trị ở phần mềm cũ, hoặc chọn cột "
        "khóa khác trong profile."
    )
