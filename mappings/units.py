"""Administrative units: the catalogue before 1 July 2025, codes abolished earlier, and the crosswalk to the new one.

A commune is looked up by its old code together with the district and province declared beside it: codes were
used again, in 2020 and in 2025, so a code that disagrees with its district is not believed.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mappings.cells import Cell, code_of
from mappings.declared import SHIPPED, read_csv
from mappings.model import SINCE_MERGER, UnitRef

COMMUNE_COLUMNS: Final = (
    "old_province_code", "old_province_name", "old_district_code", "old_district_name", "old_commune_code",
    "old_commune_name", "new_commune_code", "new_commune_name", "new_province_code", "new_province_name",
    "relation", "part", "source", "note", "valid_from", "valid_to",
)  # fmt: skip
ABOLISHED_COLUMNS: Final = (
    "gone_code", "gone_name", "district_code", "district_name", "province_code", "province_name", "last_seen",
    "successor_code", "successor_name", "source", "note",
)  # fmt: skip


_JOINED: Final = re.compile(r"[0-9]{2}\.(?:[0-9]{3}\.)?([0-9]{3,5})")


def unit_code(code: str) -> str:
    """The unit's own code where some software writes it behind those above it: tinh.huyen.xa."""
    joined = _JOINED.fullmatch(code) if "." in code else None
    return joined[1] if joined else code


def declared_codes(cells: Sequence[Cell]) -> tuple[str, str, str]:
    """Codes of province, district and commune as the catalogue writes them; a number has lost its zeros in front."""
    province, district, commune = (
        code_of(cell).zfill(width) if type(cell) is int and cell > 0 else unit_code(code_of(cell))
        for cell, width in zip(cells, _WIDTHS, strict=True)
    )
    return province, district, commune


_WIDTHS: Final = (2, 3, 5)


@dataclass(frozen=True)
class OldUnit:
    """A commune of an old catalogue. ``successor`` is set for a code abolished before 2025."""

    code: str
    name: str
    district: str
    province: str
    targets: tuple[UnitRef, ...]  # new communes; more than one: it was split
    successor: str = ""
    districts: frozenset[str] = frozenset()  # every district code that may stand beside it


@dataclass(frozen=True)
class Resolved:
    """What became of a declared unit. ``new`` only when certain; ``candidates`` of a split, in code order."""

    is_known: bool
    new: UnitRef | None = None
    candidates: tuple[str, ...] = ()
    is_succeeded: bool = False


UNKNOWN: Final = Resolved(is_known=False)
NOTHING: Final = Resolved(is_known=True)


@dataclass(frozen=True)
class Units:
    """The catalogues by code."""

    communes: Mapping[str, OldUnit]
    abolished: Mapping[str, OldUnit]
    districts: Mapping[str, tuple[str, str]]  # code → (name, province code)
    provinces: Mapping[str, str]  # code → name
    islands: Mapping[tuple[str, str], UnitRef]  # (province, district) without communes → new unit
    fates: Mapping[str, tuple[str, frozenset[str], Resolved]]  # commune code → province, districts, outcome
    new_provinces: Mapping[str, str]  # old province code → new one

    def districts_of(self, commune: str) -> frozenset[str]:
        """Every district code that may stand beside a commune of the old catalogues."""
        fate = self.fates.get(commune)
        return fate[1] if fate else frozenset()

    def resolve(self, commune: str, district: str, province: str) -> Resolved:
        """What became of an old unit given by its codes; "" where none was declared."""
        if commune:
            fate = self.fates.get(commune)
            if fate is None or (province and province != fate[0]) or (district and district not in fate[1]):
                return UNKNOWN
            return fate[2]
        if district:
            own = self.districts.get(district)
            if own is None or (province and province != own[1]):
                return UNKNOWN
            island = self.islands.get((own[1], district))
            return Resolved(is_known=True, new=island) if island else NOTHING
        return NOTHING if not province or province in self.provinces else UNKNOWN


def read_units(site_dir: Path | None = None) -> Units:
    """The shipped crosswalk of all provinces, with the site's further abolished codes. Raises ProfileError."""
    own = site_dir / "crosswalks" / "abolished_units.csv" if site_dir else None
    return _units(own) if own is not None and own.is_file() else _shipped_units()


@functools.cache
def _shipped_units() -> Units:
    return _units(None)


def _units(own: Path | None) -> Units:
    """``own``: the site's table of further abolished codes."""
    rows = [row for _, row in read_csv(SHIPPED / "crosswalks" / "communes.csv.gz", COMMUNE_COLUMNS)]
    communes = _communes(rows)
    gone: dict[str, OldUnit] = {}
    gone_rows: list[dict[str, str]] = []
    for file in (SHIPPED / "crosswalks" / "abolished_units.csv", own):
        if file is not None:
            gone_rows += [row for _, row in read_csv(file, ABOLISHED_COLUMNS)]
    for row in gone_rows:
        gone[row["gone_code"]] = _abolished(row, communes)
    districts = {row["old_district_code"]: (row["old_district_name"], row["old_province_code"]) for row in rows}
    for row in gone_rows:
        districts.setdefault(row["district_code"], (row["district_name"], row["province_code"]))
    islands = {
        (row["old_province_code"], row["old_district_code"]): _new(row) for row in rows if not row["old_commune_code"]
    }
    provinces = {row["old_province_code"]: row["old_province_name"] for row in rows}
    fates = _fates(communes.values(), gone.values())
    new_provinces = {row["old_province_code"]: row["new_province_code"] for row in rows}
    return Units(communes, gone, districts, provinces, islands, fates, new_provinces)


@dataclass(frozen=True)
class NewCommune:
    """A commune of the catalogue since 1 July 2025."""

    name: str
    province: str


def new_communes() -> dict[str, NewCommune]:
    """Every commune of the catalogue since 1 July 2025, by code."""
    rows = read_csv(SHIPPED / "crosswalks" / "communes.csv.gz", COMMUNE_COLUMNS)
    return {row["new_commune_code"]: NewCommune(row["new_commune_name"], row["new_province_code"]) for _, row in rows}


def new_commune_codes() -> frozenset[str]:
    """Codes of every commune of the catalogue since 1 July 2025."""
    rows = read_csv(SHIPPED / "crosswalks" / "communes.csv.gz", COMMUNE_COLUMNS)
    return frozenset(row["new_commune_code"] for _, row in rows)


def _new(row: Mapping[str, str]) -> UnitRef:
    return UnitRef(row["new_commune_code"], SINCE_MERGER, row["new_commune_name"])


def _communes(rows: Iterable[Mapping[str, str]]) -> dict[str, OldUnit]:
    targets: dict[str, list[UnitRef]] = defaultdict(list)
    first: dict[str, Mapping[str, str]] = {}
    for row in rows:
        if row["old_commune_code"]:
            targets[row["old_commune_code"]].append(_new(row))
            first.setdefault(row["old_commune_code"], row)
    return {
        code: OldUnit(
            code,
            row["old_commune_name"],
            row["old_district_code"],
            row["old_province_code"],
            tuple(sorted(targets[code], key=lambda unit: unit.code)),
            districts=frozenset({row["old_district_code"]}),
        )
        for code, row in first.items()
    }


def _abolished(row: Mapping[str, str], communes: Mapping[str, OldUnit]) -> OldUnit:
    # A form filled in years later may carry the abolished commune with its own district or with the successor's.
    successor = communes.get(row["successor_code"])
    districts = {row["district_code"]} | ({successor.district} if successor else set())
    return OldUnit(
        row["gone_code"],
        row["gone_name"],
        row["district_code"],
        row["province_code"],
        successor.targets if successor else (),
        row["successor_code"],
        frozenset(districts),
    )


def _fates(*catalogues: Iterable[OldUnit]) -> dict[str, tuple[str, frozenset[str], Resolved]]:
    fates: dict[str, tuple[str, frozenset[str], Resolved]] = {}
    for catalogue in catalogues:
        for unit in catalogue:
            fates.setdefault(unit.code, (unit.province, unit.districts, _fate(unit)))
    return fates


def _fate(unit: OldUnit) -> Resolved:
    gone = bool(unit.successor)
    if not unit.targets:
        return UNKNOWN
    if len(unit.targets) == 1:
        return Resolved(is_known=True, new=unit.targets[0], is_succeeded=gone)
    return Resolved(is_known=True, candidates=tuple(target.code for target in unit.targets), is_succeeded=gone)
