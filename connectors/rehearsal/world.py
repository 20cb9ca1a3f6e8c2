"""The three old provinces as their one-stop knew them: units, agencies, clerks, procedures."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from random import Random

from connectors.rehearsal.people import person_name

PROVINCES = {"25": ("H44", "Phú Thọ"), "26": ("H62", "Vĩnh Phúc"), "17": ("H28", "Hòa Bình")}
LAND = "Đất đai"
_DEPARTMENTS = {
    "Sở Tư pháp": ("Trợ giúp pháp lý", "Tư vấn pháp luật", "Giám định tư pháp"),
    "Sở Công Thương": ("Vật liệu nổ công nghiệp, tiền chất thuốc nổ",),
    "Sở Nông nghiệp và Môi trường": ("Thú y",),
    "Sở Văn hóa, Thể thao và Du lịch": ("Văn hóa", "Gia đình", "Thể dục thể thao"),
    "Sở Y tế": ("Trẻ em",),
    "Sở Xây dựng": ("Kinh doanh bất động sản",),
    "Sở Giáo dục và Đào tạo": ("Giáo dục và Đào tạo thuộc hệ thống giáo dục quốc dân",),
}
_LOCAL_SERVICES = (("PT-NOI-BO-07", "Xác nhận hộ nghèo theo mẫu của tỉnh"), ("VP-LE-HOI-02", "Thông báo hội làng"))
"""Services that the province made up: no national code, no mapping."""
_SUCCEEDED_SERVICES = (
    ("1.011516", "Đăng ký khai thác, sử dụng nước mặt, nước biển"),
    ("1.009669.000.00.00.H44", "Tính tiền cấp quyền khai thác tài nguyên nước"),
)
"""Services that another one has replaced since: no such code in the national catalogue of today."""
_GONE_SERVICES = (
    ("1.099001", "Thủ tục diễn tập đã bãi bỏ, số một"),
    ("1.099002.000.00.00.H44", "Thủ tục diễn tập đã bãi bỏ, số hai"),
)
"""Invented services of the national form that nothing replaced."""


@dataclass(frozen=True)
class Unit:
    """A commune, ward or township before July 2025."""

    code: str
    name: str
    district_code: str
    district_name: str
    province_code: str
    province_name: str


@dataclass(frozen=True)
class Agency:
    """An agency with its code in the form of QCVN 102. ``unit_code``: its commune or district, before July 2025."""

    code: str
    name: str
    level: str  # commune | district | province
    parent_code: str
    province_code: str
    unit_code: str = ""
    field: str = ""  # the one field it handles; "" any


@dataclass(frozen=True)
class Procedure:
    """An administrative procedure as the old software offered it."""

    code: str
    name: str
    field: str
    level: str
    duration: int
    duration_unit: int  # 0 working day, 1 hour
    fee: int
    private_code: str

    @property
    def days(self) -> int:
        """Working days until the due date (eight hours a day); 0 = no due date."""
        return self.duration // 8 if self.duration_unit else self.duration

    def service_code(self, province_code: str) -> str:
        """The code that stands in a dossier: the office's own, or the national one with or without its suffix."""
        if self.private_code:
            return self.private_code
        return f"{self.code}.000.00.00.H28" if province_code == "17" else self.code


@dataclass(frozen=True)
class Clerk:
    """An official with the Liferay account that acts."""

    user_id: int
    name: str
    agency_code: str


@dataclass(frozen=True)
class World:
    """Everything that stands still while dossiers come and go."""

    communes: Sequence[Unit]  # never split
    split_communes: Sequence[Unit]
    gone_communes: Sequence[Unit]
    agencies: Sequence[Agency]
    procedures: Sequence[Procedure]
    clerks: Mapping[str, Sequence[Clerk]]  # by agency code
    handling: Mapping[str, Sequence[Agency]]  # by level; land offices and agencies of split communes are left out
    split_agencies: Sequence[Agency]
    land_offices: Sequence[Agency]
    homes: Mapping[str, Sequence[Unit]]  # by district: communes that were never split
    papers: Mapping[tuple[str, str], str]  # procedure and part of its template → its name in the national catalogue
    local_services: Sequence[tuple[str, str]] = _LOCAL_SERVICES
    succeeded_services: Sequence[tuple[str, str]] = _SUCCEEDED_SERVICES
    gone_services: Sequence[tuple[str, str]] = _GONE_SERVICES

    def offers(self, agency: Agency) -> list[Procedure]:
        """The procedures that an agency handles."""
        return [p for p in self.procedures if p.level == agency.level and _fits(agency, p)]


def world(random: Random) -> World:
    """Read the shipped facts and invent the officials."""
    rows = _read("old_units.csv")
    units = [_unit(row) for row in rows]
    split = {row["code"] for row in rows if row["is_split"] == "1"}
    agencies = [agency for province in PROVINCES for agency in _agencies(province, units)]
    procedures = [_procedure(row) for row in _read("procedures.csv")]
    usual = [a for a in agencies if a.parent_code and a.unit_code not in split and a.field != LAND]
    communes = [unit for unit in units if unit.code not in split]
    homes: dict[str, list[Unit]] = {}
    for unit in communes:
        homes.setdefault(unit.district_code, []).append(unit)
    return World(
        communes=communes,
        split_communes=[unit for unit in units if unit.code in split],
        gone_communes=[_unit(row) for row in _read("gone_units.csv")],
        agencies=agencies,
        procedures=procedures,
        clerks=_clerks(random, agencies),
        handling={level: [a for a in usual if a.level == level] for level in ("commune", "district", "province")},
        split_agencies=[agency for agency in agencies if agency.unit_code in split],
        land_offices=[agency for agency in agencies if agency.field == LAND],
        homes=homes,
        papers={(row["procedure"], row["part"]): row["name"] for row in _read("papers.csv")},
    )


def holidays() -> list[tuple[date, int, str]]:
    """Days off (0) and make-up days (1) with their names."""
    return [(date.fromisoformat(row["day"]), int(row["type"]), row["name"]) for row in _read("holidays.csv")]


def street(random: Random, unit: Unit) -> str:
    """A house in a commune, as people write it."""
    kind = random.choice(("khu", "thôn", "xóm", "tổ dân phố số"))
    where = f"{unit.name}, {unit.district_name}, {unit.province_name}"
    return f"Số nhà {random.randrange(1, 200)}, {kind} {random.randrange(1, 15)}, {where}"


def _fits(agency: Agency, procedure: Procedure) -> bool:
    if agency.level == "district":
        return (agency.field == LAND) == (procedure.field == LAND)
    return agency.level == "commune" or procedure.field in _DEPARTMENTS[agency.field]


def _agencies(province: str, units: Sequence[Unit]) -> list[Agency]:
    """The province's committee, its departments, and for each district its committee, land office and communes."""
    suffix, name = PROVINCES[province]
    root = f"000.00.00.{suffix}"
    found = [Agency(root, f"UBND tỉnh {name}", "province", "", province)]
    for number, department in enumerate(_DEPARTMENTS, start=3):
        code = f"000.00.{number:02d}.{suffix}"
        found.append(Agency(code, f"{department} tỉnh {name}", "province", root, province, field=department))
    districts = dict.fromkeys((u.district_code, u.district_name) for u in units if u.province_code == province)
    for number, (district, district_name) in enumerate(districts, start=21):
        members = [unit for unit in units if unit.district_code == district]
        found += _district(f"{number:02d}.{suffix}", root, district, district_name, members)
    return found


def _district(tail: str, root: str, district: str, name: str, members: Sequence[Unit]) -> list[Agency]:
    province = members[0].province_code
    committee = "Ủy ban nhân dân" if province == "26" else "UBND"  # both spellings stand in real systems
    own = f"000.00.{tail}"
    office = f"Chi nhánh Văn phòng đăng ký đất đai {_lower_first(name)}"
    found = [
        Agency(own, f"{committee} {_lower_first(name)}", "district", root, province, district),
        Agency(f"000.50.{tail}", office, "district", own, province, district, LAND),
    ]
    for number, unit in enumerate(members, start=1):
        label = f"{committee} {_lower_first(unit.name)}"
        found.append(Agency(f"000.{number:02d}.{tail}", label, "commune", own, province, unit.code))
    return found


def _clerks(random: Random, agencies: Sequence[Agency]) -> dict[str, list[Clerk]]:
    found: dict[str, list[Clerk]] = {}
    user_id = 40_001
    for agency in agencies:
        for _ in range(2):
            name = person_name(random, is_male=random.random() < 0.5)
            found.setdefault(agency.code, []).append(Clerk(user_id, name, agency.code))
            user_id += 1
    return found


def _unit(row: Mapping[str, str]) -> Unit:
    return Unit(**{name: row[name] for name in Unit.__dataclass_fields__})


def _procedure(row: Mapping[str, str]) -> Procedure:
    unit = 1 if row["duration_unit"] == "hour" else 0
    head = (row["code"], row["name"], row["field"], row["level"])
    return Procedure(*head, int(row["duration"]), unit, int(row["fee"]), row["private_code"])


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _read(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
