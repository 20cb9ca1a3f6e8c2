"""Suggested targets for open codes: names and codes held against the catalogue, scored. Never more than that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from mappings.agency_names import fold_name, read_name
from mappings.catalogues import bare_name
from mappings.glossary import STATUSES
from mappings.review_tables import Cells, NewCodes, Table
from mappings.units import OldUnit, Units

LEAST: Final = 70
"""Below this score (0 to 100) two names have too little in common to be shown."""


@dataclass(frozen=True)
class Suggestion:
    """What a row's target might be. ``cells``: the target columns; ``score``: 0 to 100."""

    cells: Mapping[str, str]
    title: str
    score: int


@dataclass(frozen=True)
class Entry:
    """An entry of a target catalogue: the cells it would fill in, its title, and the folded text to compare."""

    cells: Mapping[str, str]
    title: str
    text: str


Suggest = Callable[[Cells, str], Suggestion | None]
"""``suggest(row, name of the old code)``."""


def suggester(table: Table, known: NewCodes) -> Suggest:
    """Suggests targets for the rows of a table; None where nothing in its catalogue is alike, or two things equally."""
    if table.catalogue == "old_units":
        return _Places(known.units).suggest
    if table.catalogue == "departments":
        offices = known.catalogues.departments.values()
        return _by_name([Entry({"new_name": o.name}, o.name, bare_name(o.name)) for o in offices])
    if table.catalogue == "statuses":
        return _by_name([Entry({"target": str(n)}, name, fold_name(name)) for n, name in STATUSES.items()])
    return lambda cells, name: None


def _by_name(entries: Iterable[Entry]) -> Suggest:
    known = list({entry.text: entry for entry in entries}.values())

    def suggest(cells: Cells, name: str) -> Suggestion | None:
        return best(bare_name(name), known)

    return suggest


def best(text: str, entries: list[Entry]) -> Suggestion | None:
    """The entry most like a folded text; None when there is none or two are equally like it."""
    texts = [entry.text for entry in entries]
    found = process.extract(text, texts, scorer=fuzz.token_sort_ratio, limit=2, score_cutoff=LEAST) if text else []
    if not found or (len(found) > 1 and found[0][1] == found[1][1]):
        return None
    _, score, at = found[0]
    return Suggestion(entries[at].cells, entries[at].title, int(score))


class _Places:
    """Old units by the name of a people's committee, within what the name and the row say of its place."""

    def __init__(self, units: Units) -> None:
        self.districts = {code: fold_name(name) for code, (name, _) in units.districts.items()}
        self.communes: dict[str, list[Entry]] = {}  # by province
        for unit in units.communes.values():
            self.communes.setdefault(unit.province, []).append(self._entry(unit, units))
        self.all = [entry for entries in self.communes.values() for entry in entries]

    def _entry(self, unit: OldUnit, units: Units) -> Entry:
        cells = {
            "level": "commune",
            "province_code": unit.province,
            "district_code": unit.district,
            "commune_code": unit.code,
        }
        title = f"{unit.name}, {units.districts[unit.district][0]}, {units.provinces[unit.province]}"
        return Entry(cells, title, fold_name(unit.name))

    def suggest(self, cells: Cells, name: str) -> Suggestion | None:
        said = read_name(name)
        if said is None or said.level != "commune":
            return None
        entries = self.communes.get(cells["province_code"], self.all)
        districts = {code for code, text in self.districts.items() if text in said.context}
        districts |= {cells["district_code"]} - {""}
        if districts:
            entries = [entry for entry in entries if entry.cells["district_code"] in districts]
        return best(said.unit, entries)
