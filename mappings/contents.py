"""Files that stand in a column of the old database: what a profile may say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mappings import plan

if TYPE_CHECKING:
    from mappings.profile import Profile, ReadTable


def content_faults(profile: Profile) -> Iterator[tuple[list[str | int], str]]:
    """(path, message) of every ``content`` that cannot be read as declared."""
    reading = profile.reading
    others: list[tuple[list[str | int], ReadTable]] = [(["dossiers"], reading.dossiers)]
    others += [(["references", name], read) for name, read in reading.references.items()]
    for place, read in others:
        if read.content:
            yield ["reading", *place, "content"], "content chỉ dùng cho bảng con (reading.children)"
    for name, read in reading.children.items():
        fault = _fault(profile, name, read) if read.content else ""
        if fault:
            yield ["reading", "children", name, "content"], fault


def _fault(profile: Profile, name: str, read: ReadTable) -> str:
    alias, dot, _ = read.content.rpartition(".")
    join = next((join for join in read.join if join.alias == alias), None)
    if profile.reading.xml or profile.reading.spreadsheet:
        return "content chỉ dùng cho cơ sở dữ liệu; với tệp XML, bảng tính hãy dùng file"
    if read.sql or not read.table:
        return "content cần table: không dùng cùng sql"
    if read.file or read.split:
        return f"content không dùng cùng {'file' if read.file else 'split'}"
    if dot and join is None:
        return f"content nói tới bảng nối {alias!r}, không có trong join"
    if join is not None and len(join.match) != 1:
        return f"content cần bảng nối {alias!r} nối bằng đúng một cột: cột ấy chỉ ra dòng giữ nội dung"
    if join is None and not read.key:
        return "content cần key: cột chỉ ra đúng một dòng của bảng"
    if read.content.lower() in {column.lower() for column in plan.selected_columns(profile, name)}:
        return f"cột {read.content} vừa là nội dung tệp vừa được đọc như một ô"
    return ""
