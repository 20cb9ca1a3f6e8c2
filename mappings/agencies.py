"""agencies.csv of a site: which agency of the old system is which unit. Drafted by name, approved by people.

Only the catalogue before 1 July 2025 is searched: all 148 new commune codes of Phú Thọ reuse an old one and many
names moved, so a name that looks like a new commune proves nothing.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Final

from mappings.agency_names import COMMUNE_WORDS, DEPARTMENTS, KINDS, TOWN, Said, fold_name, folded, read_name
from mappings.cells import Row, code_of
from mappings.declared import ProfileError, read_csv, replace_text
from mappings.profile import AgencyList, Profile
from mappings.units import OldUnit, Units, read_units

LEVELS: Final = frozenset({"", "commune", "district", "province"})


@dataclass(frozen=True)
class AgencyRow:
    """One agency of the old system and the unit it belongs to (codes of the catalogue before 1 July 2025)."""

    code: str
    name: str = ""
    level: str = ""  # commune | district | province | "" not known
    province_code: str = ""
    district_code: str = ""
    commune_code: str = ""
    status: str = "draft"  # draft | approved | rejected
    method: str = ""
    note: str = ""
    author: str = ""  # who approved or rejected it


COLUMNS: Final = tuple(item.name for item in fields(AgencyRow))


def read_agencies(file: Path) -> list[AgencyRow]:
    """Rows of an agencies.csv. Raises ProfileError with the line."""
    rows: list[AgencyRow] = []
    seen: set[str] = set()
    for line, cells in read_csv(file, COLUMNS, later=1):
        row = AgencyRow(**cells)
        if not row.code or row.code in seen:
            raise ProfileError("mã cơ quan trống hoặc khai hai lần", file, line)
        if row.level not in LEVELS or row.status not in ("draft", "approved", "rejected"):
            raise ProfileError(
                "level là commune, district, province hoặc trống; status là draft, approved hoặc rejected", file, line
            )
        if row.level == "commune" and not row.commune_code:
            raise ProfileError("cơ quan cấp xã phải có commune_code", file, line)
        seen.add(row.code)
        rows.append(row)
    return rows


def unit_fault(row: AgencyRow, units: Units) -> str:
    """What is wrong with the unit codes of a row: not in the catalogue, or not of one another; "" when right."""
    known: dict[str, Mapping[str, object]] = {
        "province_code": units.provinces, "district_code": units.districts, "commune_code": units.fates,
    }  # fmt: skip
    for name, codes in known.items():
        code = getattr(row, name)
        if code and code not in codes:
            return f"{name} {code!r} không có trong danh mục đơn vị hành chính trước 01/7/2025"
    where = (row.commune_code, row.district_code, row.province_code)
    if row.level and not units.resolve(*where).is_known:
        return f"xã, huyện, tỉnh không khớp nhau: {', '.join(filter(None, where))}"
    return ""


def refuse_wrong_units(rows: Iterable[AgencyRow], units: Units, site_dir: Path | None) -> None:
    """Refuse a row whose unit codes cannot be. Raises ProfileError with the line of the site's table."""
    for row in rows:
        if fault := unit_fault(row, units):
            file = site_dir / "crosswalks" / "agencies.csv" if site_dir else Path("agencies.csv")
            table = read_csv(file, COLUMNS, later=1) if file.is_file() else []
            line = next((line for line, cells in table if cells["code"] == row.code), None)
            raise ProfileError(f"cơ quan {row.code}: {fault}", file, line)


def agencies_csv(rows: Sequence[AgencyRow]) -> str:
    """The text of an agencies.csv, in code order."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in sorted(rows, key=lambda row: row.code))
    return out.getvalue()


def write_agencies(file: Path, rows: Sequence[AgencyRow]) -> None:
    """Write an agencies.csv, in code order."""
    replace_text(file, agencies_csv(rows))


# ---------------------------------------------------------------- the tree


@dataclass(frozen=True)
class _Node:
    code: str
    name: str
    parent: str


def draft_agencies(
    references: Mapping[str, Sequence[Row]], profile: Profile, units: Units | None = None
) -> list[AgencyRow]:
    """A draft row for every agency that the profile's lists name, in code order. What is not certain has level ""."""
    found: dict[str, AgencyRow] = {}
    units = units or read_units()
    for spec in profile.agencies:
        for row in _Drafter(_nodes(spec, references), units).rows():
            found[row.code] = _agreed(found[row.code], row) if row.code in found else row
    return [found[code] for code in sorted(found)]


def listed_codes(references: Mapping[str, Sequence[Row]], profile: Profile) -> set[str]:
    """The codes of all agencies that a source lists."""
    return {node.code for spec in profile.agencies for node in _nodes(spec, references).values() if node.code}


def _nodes(spec: AgencyList, references: Mapping[str, Sequence[Row]]) -> dict[str, _Node]:
    wanted: set[str] | None = None
    if spec.collection:
        ((theirs, _),) = spec.collection.match.items()
        rows = references.get(spec.collection.name, ())
        chosen = set(spec.collections)
        wanted = {code_of(r.get(theirs)) for r in rows if code_of(r.get(spec.collection.column[0])) in chosen}
        ours = spec.collection.match[theirs]
    return {
        code_of(row.get(spec.id)): _Node(
            code_of(row.get(spec.code)), code_of(row.get(spec.name)), code_of(row.get(spec.parent))
        )
        for row in references.get(spec.reference, ())
        if wanted is None or code_of(row.get(ours)) in wanted
    }


def _agreed(one: AgencyRow, other: AgencyRow) -> AgencyRow:
    place = ("level", "province_code", "district_code", "commune_code")
    if not other.level or all(getattr(one, name) == getattr(other, name) for name in place):
        return one
    if not one.level:
        return other
    return AgencyRow(one.code, one.name, note="hai danh mục của phần mềm cũ nói khác nhau; cần người quyết định")


class _Drafter:
    """Finds the unit of each node by its name, within what the nodes above it already settled."""

    def __init__(self, nodes: Mapping[str, _Node], units: Units) -> None:
        self.nodes = nodes
        self.units = units
        self.settled: dict[str, AgencyRow] = {}
        self.communes = _by_name([*units.communes.values()])
        self.abolished = _by_name([*units.abolished.values()])
        self.districts = _byfolded((code, name, province) for code, (name, province) in units.districts.items())
        self.provinces = {_bare(fold_name(name)): code for code, name in units.provinces.items()}

    def rows(self) -> Iterator[AgencyRow]:
        for key, node in self.nodes.items():
            if node.code:
                yield self.settle(key, frozenset())

    def settle(self, key: str, below: frozenset[str]) -> AgencyRow:
        """The row of a node; the tree may be broken, so a circle ends as "no parent"."""
        if key not in self.settled:
            node = self.nodes[key]
            is_rooted = node.parent in self.nodes and node.parent not in below | {key}
            above = self.settle(node.parent, below | {key}) if is_rooted else AgencyRow("")
            self.settled[key] = self._draft(node, above)
        return self.settled[key]

    def _draft(self, node: _Node, above: AgencyRow) -> AgencyRow:
        blank = AgencyRow(node.code, node.name)
        said = read_name(node.name)
        if said is None:
            return self._department(blank, above)
        province, district = self._context(said, above)
        if said.level == "commune":
            return self._commune(blank, said, province, district)
        if said.level == "province":
            code = self.provinces.get(_bare(said.unit), "")
            return _settled(blank, "province", code) if code else replace(blank, note="không có tỉnh nào tên này")
        return self._district(blank, said, province)

    def _context(self, said: Said, above: AgencyRow) -> tuple[str, str]:
        province, district = above.province_code, above.district_code
        for part in reversed(said.context):
            province = self.provinces.get(_bare(part), province) if part.startswith(KINDS["province"]) else province
        for part in said.context:
            named = [code for code, home in self.districts.get(part, ()) if home == province or not province]
            if len(named) == 1:
                district = named[0]
                province = self.units.districts[district][1]
        return province, district

    def _district(self, blank: AgencyRow, said: Said, province: str) -> AgencyRow:
        named = [(code, home) for code, home in self.districts.get(said.unit, ()) if home == province or not province]
        if len(named) == 1:
            return _settled(blank, "district", named[0][1], named[0][0])
        city = self.provinces.get(_bare(said.unit), "")
        if not named and city and fold_name(self.units.provinces[city]) == said.unit:
            return _settled(blank, "province", city)
        return replace(blank, note=_why(len(named), "huyện"))

    def _commune(self, blank: AgencyRow, said: Said, province: str, district: str) -> AgencyRow:
        for catalogue, method in ((self.communes, "name"), (self.abolished, "abolished_name")):
            named = [unit for unit in catalogue.get(said.unit, ()) if _stands_in(unit, province, district)]
            if len(named) == 1:
                unit = named[0]
                place = "in_district" if district else "in_province" if province else "unique"
                row = _settled(blank, "commune", unit.province, unit.district, unit.code)
                return replace(row, method=f"{method}_{place}")
            if named:
                return replace(blank, province_code=province, district_code=district, note=_why(len(named), "xã"))
        return replace(blank, province_code=province, district_code=district, note=_why(0, "xã"))

    def _department(self, blank: AgencyRow, above: AgencyRow) -> AgencyRow:
        name = fold_name(blank.name)
        if name.startswith(tuple(f"{start} " for start in DEPARTMENTS)):
            province = above.province_code or self._province_of(name)
            return replace(_settled(blank, "province", province), method="department")
        words = fold_name(blank.name).replace(TOWN, "").split()
        says_commune = not COMMUNE_WORDS.isdisjoint(words)
        if above.level and (above.level == "commune" or not says_commune):
            return replace(above, code=blank.code, name=blank.name, method="parent", note="theo đơn vị cấp trên")
        return replace(blank, note="tên không nói là cơ quan của xã, huyện hay tỉnh nào")

    def _province_of(self, name: str) -> str:
        """The province that a department's name ends on ("Sở Y tế tỉnh X"), where no agency stands above it."""
        kind = KINDS["province"][0]
        return self.provinces.get(_bare(f"{kind} {name.rpartition(f' {kind} ')[2]}"), "")


def _settled(blank: AgencyRow, level: str, province: str, district: str = "", commune: str = "") -> AgencyRow:
    return replace(
        blank, level=level, province_code=province, district_code=district, commune_code=commune, method="name", note=""
    )


def _stands_in(unit: OldUnit, province: str, district: str) -> bool:
    return (not province or unit.province == province) and (not district or district in unit.districts)


def _why(number: int, what: str) -> str:
    if number:
        return f"có {number} {what} cùng tên: cần người quyết định"
    return f"không có {what} nào tên này trong danh mục cũ của địa bàn"


def _bare(name: str) -> str:
    for kind in (*KINDS["province"], *folded("thành phố")):
        name = name.removeprefix(f"{kind} ")
    return name


def _by_name(units: Sequence[OldUnit]) -> dict[str, list[OldUnit]]:
    found: dict[str, list[OldUnit]] = defaultdict(list)
    for unit in units:
        found[fold_name(unit.name)].append(unit)
    return found


def _byfolded(rows: Iterable[tuple[str, str, str]]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, name, home in rows:
        found[fold_name(name)].append((code, home))
    return found
