"""The shape of an old system: what of it nobody has declared, and what changed since the last complete sweep.

An old system lives on: a patch of its software renames a column or widens a type. What was read last is kept beside the
sweep, so that the message can say how it was and how it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from rapidfuzz import fuzz
from sqlalchemy import delete, insert, select

from connectors.base import Column
from flows import ledger_schema as t
from flows.findings import Finding, refuse, warn
from flows.ledger import Ledger
from flows.site import SiteError
from mappings.profile import Profile

REHEARSAL_MARK: Final = "lienthong_rehearsal"
SHOWN: Final = 6
Tables = Mapping[str, Sequence[Column]]
Shape = dict[str, dict[str, str]]
"""Table → column → type, as the database spells them."""


def column_findings(place: str, profile: Profile, tables: Mapping[str, Sequence[Column]]) -> Iterator[Finding]:
    """Columns missing, and columns or tables neither mapped nor ignored by name."""
    actual = {name.lower(): (name, {c.name.lower(): c.name for c in columns}) for name, columns in tables.items()}
    ignored_tables = {table.lower() for table in profile.ignored_tables()}
    for table in sorted(profile.read_tables()):
        name, columns = actual.get(table.lower(), ("", {}))
        used = {c.lower(): c for c in profile.used_columns(table)}
        if not name:
            if used:
                yield refuse(place, f"Thiếu bảng {table}.", "Kiểm tra tên cơ sở dữ liệu và phiên bản phần mềm cũ.")
            continue
        known = set(used) | {c.lower() for c in profile.ignored_columns(table)}
        for column in sorted(set(used) - set(columns)):
            yield refuse(
                place,
                f"Bảng {name} thiếu cột {used[column]}.",
                "Kiểm tra phiên bản phần mềm cũ; sửa profile của site nếu cột mang tên khác.",
            )
        for column in sorted(set(columns) - known):
            yield refuse(
                place,
                f"Cột {name}.{columns[column]} chưa được chuyển cũng chưa được bỏ qua đích danh.",
                f"Khai cột này trong profiles/{profile.name}.yaml của site: chuyển vào đâu, hoặc bỏ qua vì sao.",
            )
    yield from _hanging_tables(place, profile, actual, ignored_tables)


def _hanging_tables(
    place: str, profile: Profile, actual: Mapping[str, tuple[str, Mapping[str, str]]], ignored: set[str]
) -> Iterator[Finding]:
    known = {table.lower() for table in profile.read_tables()} | ignored
    for lower, (name, columns) in sorted(actual.items()):
        if lower in known or lower == REHEARSAL_MARK:
            continue
        hooks = [columns[c.lower()] for c in profile.reading.hang_on if c.lower() in columns]
        if hooks:
            yield refuse(
                place,
                f"Bảng {name} gắn với hồ sơ (cột {hooks[0]}) nhưng profile không nhắc tới.",
                f"Khai bảng này trong profiles/{profile.name}.yaml của site: chuyển, hoặc bỏ qua vì sao.",
            )


# ---------------------------------------------------------------- what changed


def shape_of(profile: Profile, tables: Tables) -> Shape:
    """The tables that the profile reads, as they are."""
    read = {table.lower() for table in profile.read_tables()}
    return {
        name: {column.name: column.type for column in columns}
        for name, columns in sorted(tables.items())
        if name.lower() in read
    }


def keep_shape(ledger: Ledger, source_id: str, shape: Shape) -> None:
    """Remember what a complete sweep has read."""
    with ledger.transaction() as c:
        c.execute(delete(t.shape).where(t.shape.c.source_id == source_id))
        c.execute(insert(t.shape).values(source_id=source_id, payload=msgspec.json.encode(shape)))


def kept_shape(ledger: Ledger, source_id: str) -> Shape:
    """What the last complete sweep read; empty before the first one."""
    with ledger.transaction() as c:
        found = c.execute(select(t.shape.c.payload).where(t.shape.c.source_id == source_id)).scalar()
    return msgspec.json.decode(found, type=Shape) if found else {}


def changes(old: Shape, new: Shape) -> Iterator[str]:
    """What is otherwise than before, in words: old and new side by side."""
    for table, before in old.items():
        after = next((columns for name, columns in new.items() if name.lower() == table.lower()), None)
        if after is None:
            yield f"bảng {table} không còn"
            continue
        gone = {column: kind for column, kind in before.items() if column.lower() not in map(str.lower, after)}
        added = {column: kind for column, kind in after.items() if column.lower() not in map(str.lower, before)}
        for column, kind in gone.items():
            other = _renamed(column, kind, added)
            told = f"; cột mới {other} ({added.pop(other)}) có thể là tên mới của nó" if other else ""
            yield f"bảng {table}: cột {column} ({kind}) không còn{told}"
        for column, kind in added.items():
            yield f"bảng {table}: cột {column} ({kind}) là mới"
        types = {column.lower(): kind for column, kind in after.items()}
        for column, kind in before.items():
            now = types.get(column.lower(), kind)
            if now != kind:
                yield f"bảng {table}: cột {column} đổi kiểu, trước {kind}, nay {now}"


def _renamed(column: str, kind: str, added: Mapping[str, str]) -> str:
    """The new column that may be the old one: of its type, and the most alike by name."""
    alike = [other for other, other_kind in added.items() if other_kind == kind]
    return max(alike, key=lambda other: fuzz.ratio(column.lower(), other.lower()), default="")


def drift_findings(ledger: Ledger, place: str, source_id: str, profile: Profile, tables: Tables) -> Iterator[Finding]:
    """What changed since the last complete sweep. What blocks the work is refused by :func:`column_findings`."""
    for change in changes(kept_shape(ledger, source_id), shape_of(profile, tables)):
        yield warn(
            place,
            f"Cấu trúc hệ thống cũ đã đổi từ lần quét trước: {change}.",
            "Hỏi đơn vị vận hành phần mềm cũ vừa nâng cấp gì; sửa profile của site cho khớp rồi chạy lại.",
        )


def refuse_drift(ledger: Ledger, name: str, source_id: str, profile: Profile, tables: Tables) -> None:
    """Stop before a sweep that would read too little. Raises SiteError with the old shape beside the new one."""
    findings = [finding for finding in column_findings(f"nguồn {name}", profile, tables) if finding.is_refusal]
    if not findings:
        return
    said = [finding.message for finding in findings]
    told = [
        f"Từ lần quét trước: {change}." for change in changes(kept_shape(ledger, source_id), shape_of(profile, tables))
    ]
    lines = [*told[:SHOWN], *said[:SHOWN]]
    more = len(told) + len(said) - len(lines)
    rest = f"\n  … và {more} chỗ nữa" if more else ""
    shown = "".join(f"\n  {line}" for line in lines)
    raise SiteError(
        f"Nguồn {name}: cấu trúc hệ thống cũ không khớp profile {profile.name}; chưa quét gì.{shown}{rest}\n"
        "Chạy lienthong check để xem cách sửa từng chỗ."
    )
