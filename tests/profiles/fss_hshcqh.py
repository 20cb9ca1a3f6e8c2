"""A clean FSS record of an invented person, and a mapper for it."""

from __future__ import annotations

from typing import Any

from mappings.agencies import AgencyRow
from mappings.case_states import CaseRow
from mappings.cells import Cell, Row
from mappings.mapper import Mapper
from tests.profiles import opencps

CASES = tuple(CaseRow(old_status=old, action="migrate", new_step=step) for old, step in {
    "VTN": "PHAN_CONG", "LDK": "THAM_DINH", "YBS": "CHO_BO_SUNG", "NBS": "THAM_DINH", "DTN": "CHO_TRA",
}.items())  # fmt: skip
"""Where open dossiers go on."""

REFERENCES: dict[str, list[Row]] = {
    "agencies": [
        {"ma": "PB01", "ten": "UBND huyện Lâm Thao", "cha": ""},
        {"ma": "PB02", "ten": "UBND thị trấn Lâm Thao", "cha": ""},
    ],
}
AGENCIES = (
    AgencyRow("PB01", "UBND huyện Lâm Thao", "district", "25", "237"),
    AgencyRow("PB02", "UBND thị trấn Lâm Thao", "commune", "25", "237", "08494"),
)


def row(**cells: Cell) -> dict[str, Cell]:
    """A dossier that its owner handed in at a ward on 2 June 2025 at 09:05."""
    return {
        "HoSoTiepNhanID": "901", "SoBienNhan": "2025HSNV0000012", "MaLinhVuc": "HSNV", "MaLoaiHoSo": "1.001193",
        "MaTinhTrang": "LDK", "NgayNhan": "2025-06-02 09:05:00", "NgayHenTra": "2025-06-16 09:00:00",
        "SoNgayGiaiQuyet": 10, "HoTenNguoiNop": "Nguyễn Thị Mẫu", "SoCMND": "025190000001", "GioiTinh": "Nữ",
        "DiaChiThuongTru": "Khu 3", "ThongTinLienLac": "0912345678", "MaNguoiNhan": "lan.nt", "LienThong": "1",
        "MaPhuong": "08494", "MaQuan": "237", "lv.TenLinhVuc": "Hộ tịch", "loai.TenLoaiHoSo": "Đăng ký khai sinh",
        "tt.TenTinhTrang": "Đang giải quyết", "xa.TenDonVi": "Thị trấn Lâm Thao", "quan.TenDonVi": "Huyện Lâm Thao",
        "nguoi.MaPhongBan": "PB02", "phong.TenDonVi": "UBND thị trấn Lâm Thao",
    } | cells  # fmt: skip


def make_mapper(**options: Any) -> Mapper:
    """The shipped profile on a small site."""
    usual = {
        "profile": "fss_hshcqh", "zone": "Asia/Ho_Chi_Minh", "references": REFERENCES, "cases": CASES,
        "agencies": AGENCIES,
    }  # fmt: skip
    return opencps.make_mapper(**{**usual, **options})
