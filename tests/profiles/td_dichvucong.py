"""A clean TD.DichVuCong record of an invented person, and a mapper for it."""

from __future__ import annotations

from typing import Any

from mappings.case_states import CaseRow
from mappings.cells import Cell, Row
from mappings.mapper import Mapper
from tests.profiles import opencps

CASES = tuple(CaseRow(old_status=old, action="migrate", new_step=step) for old, step in {
    "1": "TIEP_NHAN", "2": "PHAN_CONG", "4": "THAM_DINH", "5": "CHO_BO_SUNG", "6": "CHO_NOP_PHI", "9": "CHO_TRA",
}.items())  # fmt: skip
"""Where open dossiers go on."""

REFERENCES: dict[str, list[Row]] = {
    "agencies": [],
    "procedures": [{"MaTTHC": "1.001193", "TenTTHC": "Đăng ký khai sinh", "QuyetDinhCongBo": "1234/QĐ-UBND"}],
}


def row(**cells: Cell) -> dict[str, Cell]:
    """A counter dossier that its owner filed at a commune on 2 June 2025 at 09:00 (stored in local time)."""
    return {
        "Id": "0A5B3C1D-0000-4000-8000-000000000101", "MaHoSo": "H44.01-250602-0001", "DonViId": "G-H44-01",
        "dv.MaDinhDanh": "H44.01", "dv.GroupName": "UBND thị trấn Lâm Thao", "MaTTHC": "1.001193", "KenhThucHien": "1",
        "TrangThaiHoSoId": "4", "NgayNopHoSo": "2025-06-02 09:00:00", "NgayTiepNhan": "2025-06-02 09:05:00",
        "CreatedOn": "2025-06-02 08:55:00", "NgayHenTra": "2025-06-16 09:00:00", "ThoiGianThucHien": 10.0,
        "LoaiThoiGianThucHien": "Ngày làm việc", "LoaiDoiTuong": "Công dân", "ChuHoSo": "Nguyễn Thị Mẫu",
        "SoGiayToChuHoSo": "025190000001", "NgaySinhChuHoSo": "05/03/1990", "SoDienThoaiChuHoSo": "0912345678",
        "DiaChiChuHoSo": "Khu 3", "TinhThanhChuHoSo": "25", "QuanHuyenChuHoSo": "25.237",
        "XaPhuongChuHoSo": "25.237.08494", "HinhThucTra": "0", "UyQuyen": 0, "TrangThaiDongBoDVC": "1",
        "HoSoCoThanhPhanSoHo": "1", "TenBuocHienTai": "Thẩm định",
    } | cells  # fmt: skip


def make_mapper(**options: Any) -> Mapper:
    """The shipped profile on a small site."""
    usual = {"profile": "td_dichvucong", "zone": "Asia/Ho_Chi_Minh", "references": REFERENCES, "cases": CASES}
    return opencps.make_mapper(**{**usual, **options})
