"""The tables of a site that people approve row by row: which they are, what a row may say, how a change is written.

A new list is one more :class:`Table` in :func:`reviewed`. Shipped rows are overlaid by the site's rows of the same key.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from mappings import agencies, catalogues, crosswalk, procedures
from mappings.agencies import AgencyRow, unit_fault
from mappings.catalogues import Catalogues, bare_name
from mappings.declared import SHIPPED, read_csv
from mappings.fingerprint import digest
from mappings.glossary import STATUSES
from mappings.profile import Profile
from mappings.profile_words import coded_values
from mappings.units import Units

Key = tuple[str, ...]
Cells = Mapping[str, str]
DECISIONS: Final = ("approved", "draft", "rejected")
RELATIONS: Final = ("exact", "narrower", "broader", "guess", "none")


@dataclass(frozen=True)
class NewCodes:
    """The catalogues in which targets must stand."""

    units: Units
    catalogues: Catalogues


@dataclass(frozen=True)
class Table:
    """One reviewed table, ``crosswalks/<name>.csv``. ``target``: the columns that say what the old code becomes."""

    name: str
    title: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    target: tuple[str, ...]
    catalogue: Literal[
        "statuses", "old_units", "departments", "procedures", ""
    ]  # where targets stand; "": only the profile knows
    ground: str = "source"  # column of the document that an approval rests on
    person: str = "author"  # column of who approved or rejected
    named: str = ""  # column with the old code's name; "" when there is none
    relation: str = ""
    relations: tuple[str, ...] = RELATIONS
    later: int = 0  # columns at the end that older tables lack

    def key_of(self, cells: Cells) -> Key:
        """The old code of a row."""
        return tuple(cells[name] for name in self.key)

    def open_row(self, key: Key, name: str = "") -> dict[str, str]:
        """The row of a code that stands in no table yet."""
        row = dict.fromkeys(self.columns, "") | dict(zip(self.key, key, strict=True)) | {"status": "draft"}
        return row | {self.named: name} if self.named else row

    def is_settled(self, cells: Cells) -> bool:
        """Whether somebody has approved or rejected the row."""
        return cells["status"] != "draft"

    def has_target(self, cells: Cells) -> bool:
        """Whether somebody has proposed what the old code becomes."""
        return any(cells[name] for name in self.target)

    def mark(self, cells: Cells) -> str:
        """Tells a row that was changed from one that was not: its key's print and its cells' print."""
        return f"{digest(self.key_of(cells)).hex()[:8]}-{digest(dict(cells)).hex()[:12]}"

    def fault(self, cells: Cells, known: NewCodes) -> str:
        """Why a row cannot stand in the table, in Vietnamese; "" when it can."""
        if not cells[self.key[0]]:
            return "mã cũ trống"
        if cells["status"] not in DECISIONS:
            return f"trạng thái duyệt {cells['status']!r} không có trong danh sách cho phép"
        if self.relation and cells[self.relation] not in ("", *self.relations):
            return f"tương đương {cells[self.relation]!r} không có trong danh sách cho phép"
        if cells["status"] == "approved":
            if not self.has_target(cells):
                return "dòng đã duyệt phải có mã đích"
            if not cells[self.person]:
                return "dòng đã duyệt phải có người duyệt"
            if not cells[self.ground]:
                return "dòng đã duyệt phải có căn cứ"
        return _TARGET_FAULTS[self.catalogue](cells, known) if self.has_target(cells) else ""


# ---------------------------------------------------------------- the lists


def reviewed(profiles: Sequence[Profile]) -> list[Table]:
    """Every table that a site with these profiles has to approve."""
    statuses = {profile.status.crosswalk: profile.title for profile in profiles}
    codes = {v.value.crosswalk: v.path for p in profiles for v in coded_values(p) if v.value.crosswalk}
    return [
        *(_codes(name, f"trạng thái {title}", "statuses") for name, title in statuses.items()),
        *(_codes(name, path, "") for name, path in codes.items() if name not in statuses),
        Table(
            name="agencies",
            title="cơ quan cũ",
            columns=agencies.COLUMNS,
            key=("code",),
            target=("level", "province_code", "district_code", "commune_code"),
            catalogue="old_units",
            ground="note",
            named="name",
            later=1,
        ),
        Table(
            name="departments",
            title="sở, ban, ngành cũ",
            columns=catalogues.DEPARTMENT_COLUMNS,
            key=("old_name",),
            target=("new_name",),
            catalogue="departments",
            later=1,
        ),
        Table(
            name="procedures",
            title="thủ tục kế thừa",
            columns=procedures.COLUMNS,
            key=("code", "province", "valid_from"),
            target=("target", "relation"),  # a procedure may become nothing: repealed, without target
            catalogue="procedures",
            relations=procedures.RELATIONS,
        ),
    ]


def _codes(name: str, title: str, catalogue: Literal["statuses", ""]) -> Table:
    key, target = ("code", "qualifier"), ("target",)
    return Table(name, title, crosswalk.COLUMNS, key, target, catalogue, relation="relation")


def _status_fault(cells: Cells, known: NewCodes) -> str:
    is_known = cells["target"] in {str(number) for number in STATUSES}
    return "" if is_known else f"mã đích {cells['target']!r} không phải TrangThaiHoSo từ 1 đến 10"


def _agency_fault(cells: Cells, known: NewCodes) -> str:
    if cells["level"] not in agencies.LEVELS - {""}:
        return f"cấp {cells['level']!r} không phải commune, district hay province"
    if cells["level"] == "commune" and not cells["commune_code"]:
        return "cơ quan cấp xã phải có mã xã cũ"
    return unit_fault(AgencyRow(**cells), known.units)


def _department_fault(cells: Cells, known: NewCodes) -> str:
    new = bare_name(cells["new_name"])
    is_known = any(name == new for _, name in known.catalogues.departments)
    return "" if is_known else f"cơ quan mới {cells['new_name']!r} không có trong danh mục new_agencies.csv"


def _procedure_fault(cells: Cells, known: NewCodes) -> str:
    return procedures.row_fault(cells, frozenset(known.units.new_provinces.values()))


_TARGET_FAULTS: Final[Mapping[str, Callable[[Cells, NewCodes], str]]] = {
    "statuses": _status_fault,
    "old_units": _agency_fault,
    "departments": _department_fault,
    "procedures": _procedure_fault,
    "": lambda cells, known: "",
}
"""What is wrong with the target of a row, "" when it stands in its catalogue."""

# ---------------------------------------------------------------- rows


def shipped_rows(table: Table) -> dict[Key, dict[str, str]]:
    """Rows that come with the program."""
    return _read(table, SHIPPED)


def site_rows(table: Table, site_dir: Path) -> dict[Key, dict[str, str]]:
    """The site's own rows."""
    return _read(table, site_dir)


def merged_rows(table: Table, site_dir: Path) -> dict[Key, dict[str, str]]:
    """Rows as the mapping sees them: shipped, the site's over them."""
    return shipped_rows(table) | site_rows(table, site_dir)


def _read(table: Table, root: Path) -> dict[Key, dict[str, str]]:
    file = root / "crosswalks" / f"{table.name}.csv"
    rows = read_csv(file, table.columns, later=table.later) if file.is_file() else []
    return {table.key_of(cells): cells for _, cells in rows}


def site_text(table: Table, site_dir: Path, changed: Mapping[Key, Cells]) -> str:
    """The site's table after a change, as CSV: its rows in their order, then new ones; only what is not as shipped."""
    shipped, rows = shipped_rows(table), site_rows(table, site_dir)
    rows.update({key: dict(cells) for key, cells in changed.items()})
    out = io.StringIO()
    writer = csv.DictWriter(out, table.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_as_written(rows, shipped))
    return out.getvalue()


def _as_written(rows: Mapping[Key, Cells], shipped: Mapping[Key, Cells]) -> Iterator[Cells]:
    return (cells for key, cells in rows.items() if shipped.get(key) != cells)
