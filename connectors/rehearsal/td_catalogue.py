"""The tables of TD.DichVuCong that stand still: units with their counters, procedures, areas."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.rehearsal.store import Cell, Store
from connectors.rehearsal.td_case import MADE_ON, TdRows
from connectors.rehearsal.world import PROVINCES, Agency, Procedure, Unit, World

GROUPS, PROCEDURES, AREAS = "Catalog.Groups", "Catalog.ThuTucs", "Catalog.DiaBans"
UNPLACED = tuple(f"000.99.{number}.H44" for number in (77, 78, 79))
"""Agencies that belong to no commune, district or province by their name."""
GONE_GROUP = "G-DA-XOA"
"""A unit that dossiers name and the catalogue no longer has."""


def group_code(agency_code: str) -> str:
    """What DonViId holds: a code of the software's own, not the one by which other systems know the agency."""
    return f"G-{agency_code.replace('.', '-')}"


def write_catalogues(store: Store, rows: TdRows, world: World) -> None:
    """Fill every reference table."""
    for agency in world.agencies:
        store.add(GROUPS, _group(rows, agency.code, agency.name, agency))
    for code in UNPLACED:
        store.add(GROUPS, _group(rows, code, "Ban chỉ đạo dồn điền đổi thửa", None))
    for code, name in _procedures(world):
        store.add(PROCEDURES, _procedure(rows, code, name))
    for unit in (*world.communes, *world.split_communes, *world.gone_communes):
        store.add(AREAS, _area(rows, unit))


def service_code(procedure: Procedure, province_code: str) -> str:
    """The national code; one province writes its own suffix behind it."""
    return f"{procedure.code}.000.00.00.H28" if province_code == "17" else procedure.code


def joined_codes(unit: Unit) -> tuple[str, str, str]:
    """Province, district and commune as the software writes them: each behind those above it."""
    district = f"{unit.province_code}.{unit.district_code}"
    return unit.province_code, district, f"{district}.{unit.code}"


def _group(rows: TdRows, code: str, name: str, agency: Agency | None) -> dict[str, Cell]:
    parent = group_code(agency.parent_code) if agency and agency.parent_code else None
    counter: dict[str, Cell] = {"SoHienTai": 1, "NgayHienTai": MADE_ON}
    place: dict[str, Cell] = {"Type": "don-vi", "OfGroupCode": parent, "MaDinhDanh": code, "Active": 1}
    return rows.row(GROUPS, GroupCode=group_code(code), GroupName=name, **counter, **place)


def _procedures(world: World) -> Iterable[tuple[str, str]]:
    found = dict((*world.local_services, *world.succeeded_services, *world.gone_services))
    for procedure in world.procedures:
        found.update((service_code(procedure, province), procedure.name) for province in PROVINCES)
    return sorted(found.items())


def _procedure(rows: TdRows, code: str, name: str) -> dict[str, Cell]:
    texts: dict[str, Cell] = dict.fromkeys(
        ("CoQuanThucHienChinh", "GoiTinThuTucQG", "IDQG", "LinhVucChinh", "MaKetQuaChinh", "MaLinhVucChinh",
         "TenKetQuaChinh", "ThoiGianGiaiQuyet"), "",
    )  # fmt: skip
    words: dict[str, Cell] = {"LoaiTTHC": "TTHC", "TrangThai": "1", "QuyetDinhCongBo": "1234/QĐ-UBND", "SuDung": 1}
    return rows.row(PROCEDURES, MaTTHC=code, TenTTHC=name, **texts, **words)


def _area(rows: TdRows, unit: Unit) -> dict[str, Cell]:
    province, district, commune = joined_codes(unit)
    codes: dict[str, Cell] = {"MaTinh": province, "MaHuyen": district, "MaXa": commune, "MaDiaBan": commune}
    return rows.row(AREAS, TenDiaBan=unit.name, Active=1, ThuTu=0, **codes)
