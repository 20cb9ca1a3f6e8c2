"""Catalogues in force since 1 July 2025: the new agencies, what old departments became, who handles a procedure now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mappings.agency_names import fold_name, folded
from mappings.declared import SHIPPED, ProfileError, read_csv
from mappings.papers import Components, read_components

AGENCY_COLUMNS: Final = (
    "code", "name", "level", "province_code", "unit_code", "valid_from", "valid_to", "source",
)  # fmt: skip
DEPARTMENT_COLUMNS: Final = ("old_name", "new_name", "status", "source", "note", "author")
PROCEDURE_COLUMNS: Final = ("code", "levels", "basis", "field", "source")
SINCE: Final = "2025-07-01"


@dataclass(frozen=True)
class NewAgency:
    """An agency of the two-level government. ``province_code`` is that of the new catalogue."""

    code: str
    name: str
    level: str  # commune | province
    province_code: str
    unit_code: str = ""


@dataclass(frozen=True)
class Procedure:
    """A procedure of the national catalogue: the levels that handle it now (BO, TINH, XA, KHAC) and its field."""

    levels: frozenset[str]
    field: str


@dataclass(frozen=True)
class Catalogues:
    """The new catalogues, looked up by folded names and by codes."""

    departments: Mapping[tuple[str, str], NewAgency]  # (new province, folded name) → agency of province level
    became: Mapping[str, tuple[str, bool]]  # folded old department → (folded new one, approved)
    procedures: Mapping[str, Procedure]
    components: Components  # of procedures, by the names of papers

    def department(self, name: str, province: str, *, with_drafts: bool) -> NewAgency | None:
        """What a department (by its bare name) became in its new province; None when nobody knows for certain."""
        target, is_approved = self.became.get(name, (name, True))
        return self.departments.get((province, target)) if is_approved or with_drafts else None


def read_catalogues(site_dir: Path | None) -> Catalogues:
    """The shipped catalogues with the site's own rows over them. Raises ProfileError with file and line."""
    departments: dict[tuple[str, str], NewAgency] = {}
    for file, line, row in _rows(site_dir, "new_agencies.csv", AGENCY_COLUMNS):
        if row["level"] not in ("commune", "province") or not row["code"]:
            raise ProfileError("level là commune hoặc province; code không được trống", file, line)
        if row["level"] == "province" and _is_in_force(row):
            agency = NewAgency(row["code"], row["name"], row["level"], row["province_code"], row["unit_code"])
            departments[(agency.province_code, bare_name(agency.name))] = agency
    became = _became(site_dir, {name for _, name in departments})
    procedures = {
        row["code"]: Procedure(frozenset(filter(None, row["levels"].split("|"))), row["field"])
        for _, _, row in _rows(site_dir, "procedure_levels.csv", PROCEDURE_COLUMNS)
    }
    return Catalogues(departments, became, procedures, read_components(site_dir))


def _became(site_dir: Path | None, new_names: Set[str]) -> dict[str, tuple[str, bool]]:
    """Folded old department → (folded new one, approved)."""
    found: dict[str, tuple[str, bool]] = {}
    seen: set[tuple[Path, str]] = set()
    for file, line, row in _rows(site_dir, "departments.csv", DEPARTMENT_COLUMNS, later=1):
        old, new = bare_name(row["old_name"]), bare_name(row["new_name"])
        if row["status"] not in ("draft", "approved", "rejected"):
            raise ProfileError("status là draft, approved hoặc rejected", file, line)
        if (file, old) in seen:
            raise ProfileError(f"{row['old_name']} khai hai lần", file, line)
        seen.add((file, old))
        if row["status"] == "rejected":
            found.pop(old, None)
        elif new not in new_names:
            raise ProfileError(f"{row['new_name']} không có trong crosswalks/new_agencies.csv", file, line)
        else:
            found[old] = (new, row["status"] == "approved")
    return found


def bare_name(name: str, province: str = "") -> str:
    """The folded name of an agency without its province: "Sở Tư pháp" of "Sở Tư pháp tỉnh Hòa Bình"."""
    text = fold_name(name)
    long, short = _COUNCIL
    text = f"{short} {text.removeprefix(long).strip()}" if text.startswith(f"{long} ") else text
    for kind in _PROVINCE_KINDS:
        text = text.partition(f" {kind} ")[0].removesuffix(f" {kind}")
    home = fold_name(province)
    for kind in _PROVINCE_KINDS:
        home = home.removeprefix(f"{kind} ")
    return text.removesuffix(f" {home}") if home else text


_COUNCIL: Final = folded("Ủy ban nhân dân", "UBND")
_PROVINCE_KINDS: Final = folded("tỉnh", "thành phố")


def _is_in_force(row: Mapping[str, str]) -> bool:
    return row["valid_from"] <= SINCE and (not row["valid_to"] or row["valid_to"] > SINCE)


def _rows(
    site_dir: Path | None, name: str, columns: tuple[str, ...], *, later: int = 0
) -> Iterator[tuple[Path, int, Mapping[str, str]]]:
    """(file, line, row) of the shipped table, then of the site's."""
    for root in (SHIPPED, site_dir):
        for file in (root / "crosswalks" / name, root / "crosswalks" / f"{name}.gz") if root else ():
            if file.is_file():
                yield from ((file, line, row) for line, row in read_csv(file, columns, later=later))
                break
