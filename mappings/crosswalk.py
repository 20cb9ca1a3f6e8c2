"""Code crosswalks: one old code list to one new code list, each row with its source and its approval."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mappings.declared import SHIPPED, ProfileError, check_name, read_csv

COLUMNS: Final = ("code", "qualifier", "target", "relation", "status", "source", "author", "note")
"""``qualifier`` narrows a code (a sub-status, or a word the profile computes); "" holds for all of them."""
STATUSES: Final = frozenset({"approved", "draft", "rejected"})
UNAPPROVED: Final = "crosswalk_unapproved"
"""Issue of a dossier whose value stands in a drafted row only."""

Key = tuple[str, str]
"""(code, qualifier)."""


@dataclass(frozen=True)
class Crosswalk:
    """The rows of a code list by (code, qualifier).

    ``usable`` rows map. ``waiting`` rows would if somebody approved them: drafts that name a target and its ground.
    A draft without a ground is a question and no proposal; it neither maps nor waits.
    """

    name: str
    usable: Mapping[Key, str]
    waiting: Mapping[Key, str]
    basis: Mapping[Key, str] = field(default_factory=dict)  # on what ground a usable row stands, and who wrote it

    def find(self, code: str, *qualifiers: str) -> str | None:
        """Usable target of a code: the first qualifier that has a row, then the row without qualifier."""
        key = self.row(code, *qualifiers)
        return self.usable[key] if key else None

    def row(self, code: str, *qualifiers: str) -> Key | None:
        """(code, qualifier) of the usable row that speaks for a code."""
        return _speaking(self.usable, code, qualifiers)

    def is_waiting(self, code: str, *qualifiers: str) -> bool:
        """Whether a row would map the code if it were approved."""
        return _speaking(self.waiting, code, qualifiers) is not None


def _speaking(rows: Mapping[Key, str], code: str, qualifiers: tuple[str, ...]) -> Key | None:
    for qualifier in qualifiers:
        if qualifier and (code, qualifier) in rows:
            return code, qualifier
    return (code, "") if (code, "") in rows else None


def read_crosswalk(
    name: str, site_dir: Path | None = None, *, with_drafts: bool = False, targets: Container[str] | None = None
) -> Crosswalk:
    """Shipped rows overlaid by the site's rows of the same (code, qualifier). Raises ProfileError.

    ``with_drafts``: drafts map, too (a rehearsal). ``targets``: the catalogue in which every target must stand.
    """
    check_name(name)
    files = [root / "crosswalks" / f"{name}.csv" for root in (SHIPPED, site_dir) if root is not None]
    files = [file for file in files if file.is_file()]
    if not files:
        raise ProfileError(f"không có bảng chuyển đổi {name!r} (crosswalks/{name}.csv)")
    merged: dict[Key, tuple[str, str, str]] = {}
    for file in files:
        merged.update(_rows(file, targets))
    used = {"approved", "draft"} if with_drafts else {"approved"}
    return Crosswalk(
        name,
        {key: target for key, (status, target, _) in merged.items() if status in used},
        {key: target for key, (status, target, _) in merged.items() if status == "draft" and not with_drafts},
        {key: ground for key, (status, _, ground) in merged.items() if status in used},
    )


def _rows(file: Path, targets: Container[str] | None) -> dict[Key, tuple[str, str, str]]:
    found: dict[Key, tuple[str, str, str]] = {}
    for line, row in read_csv(file, COLUMNS):
        key = (row["code"], row["qualifier"])
        if row["status"] not in STATUSES:
            raise ProfileError(f"status phải là một trong: {', '.join(sorted(STATUSES))}", file, line)
        if key in found:
            raise ProfileError(f"mã {row['code']!r} khai hai lần với cùng qualifier", file, line)
        is_grounded = bool(row["source"] and row["target"])
        if row["status"] == "approved" and not is_grounded:
            raise ProfileError("dòng đã duyệt phải có target và source (căn cứ)", file, line)
        if row["target"] and targets is not None and row["target"] not in targets:
            raise ProfileError(f"mã đích {row['target']!r} không có trong danh mục đích", file, line)
        ground = f"{row['source']} ({row['author']})" if row["author"] else row["source"]
        found[key] = (row["status"] if is_grounded else "question", row["target"], ground)
    return found
