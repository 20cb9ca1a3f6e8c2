"""Code crosswalks: one old code list to one new code list, each row with its source and its approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mappings.declared import SHIPPED, ProfileError, check_name, read_csv

COLUMNS: Final = ("code", "qualifier", "target", "relation", "status", "source", "author", "note")
"""``qualifier`` narrows a code (a sub-status, or a word the profile computes); "" holds for all of them."""
STATUSES: Final = frozenset({"approved", "draft", "rejected"})


@dataclass(frozen=True)
class Crosswalk:
    """The rows of a code list by (code, qualifier). Only approved rows map."""

    name: str
    approved: Mapping[tuple[str, str], str]
    undecided: Mapping[tuple[str, str], str]  # draft and rejected rows with the target somebody proposed
    basis: Mapping[tuple[str, str], str] = field(default_factory=dict)  # on what ground an approved row stands

    def find(self, code: str, *qualifiers: str) -> str | None:
        """Approved target of a code: the first qualifier that has a row, then the row without qualifier."""
        key = self.row(code, *qualifiers)
        return self.approved[key] if key else None

    def row(self, code: str, *qualifiers: str) -> tuple[str, str] | None:
        """(code, qualifier) of the approved row that speaks for a code."""
        for qualifier in qualifiers:
            if qualifier and (code, qualifier) in self.approved:
                return code, qualifier
        return (code, "") if (code, "") in self.approved else None


def read_crosswalk(name: str, site_dir: Path | None = None) -> Crosswalk:
    """Shipped rows overlaid by the site's rows of the same (code, qualifier). Raises ProfileError."""
    check_name(name)
    files = [root / "crosswalks" / f"{name}.csv" for root in (SHIPPED, site_dir) if root is not None]
    files = [file for file in files if file.is_file()]
    if not files:
        raise ProfileError(f"không có bảng chuyển đổi {name!r} (crosswalks/{name}.csv)")
    merged: dict[tuple[str, str], tuple[str, str, str]] = {}
    for file in files:
        merged.update(_rows(file))
    return Crosswalk(
        name,
        {key: target for key, (status, target, _) in merged.items() if status == "approved"},
        {key: target for key, (status, target, _) in merged.items() if status != "approved"},
        {key: source for key, (status, _, source) in merged.items() if status == "approved"},
    )


def _rows(file: Path) -> dict[tuple[str, str], tuple[str, str, str]]:
    found: dict[tuple[str, str], tuple[str, str, str]] = {}
    for line, row in read_csv(file, COLUMNS):
        key = (row["code"], row["qualifier"])
        if row["status"] not in STATUSES:
            raise ProfileError(f"status phải là một trong: {', '.join(sorted(STATUSES))}", file, line)
        if key in found:
            raise ProfileError(f"mã {row['code']!r} khai hai lần với cùng qualifier", file, line)
        if row["status"] == "approved" and not (row["source"] and row["target"]):
            raise ProfileError("dòng đã duyệt phải có target và source (căn cứ)", file, line)
        found[key] = (row["status"], row["target"], row["source"])
    return found
