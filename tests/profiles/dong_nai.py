"""A clean record of a MotCua as of Đồng Nai, of an invented person, and a mapper for it."""

from __future__ import annotations

from typing import Any

from mappings.agencies import AgencyRow
from mappings.case_states import CaseRow
from mappings.cells import Cell, Row
from mappings.mapper import Mapper
from tests.profiles import opencps

AGENCIES = (AgencyRow("KCB", "Sở Y tế tỉnh Phú Thọ", "province", "25"),)
CASES = tuple(CaseRow(old_status=old, action="migrate", new_step=step) for old, step in {
    "1": "PHAN_CONG", "3": "THAM_DINH", "4": "CHO_BO_SUNG", "9": "THAM_DINH", "11": "CHO_TRA",
}.items())  # fmt: skip
"""Where open dossiers go on."""

REFERENCES: dict[str, list[Row]] = {
    "fields": [{"LinhVucID": 1, "MaLinhVuc": "KCB", "MoTa": "Sở Y tế tỉnh Phú Thọ"}],
    "statuses": [
        {"TrangThaiHoSoID": 1, "TenTrangThaiHoSo": "Tiếp nhận"},
        {"TrangThaiHoSoID": 4, "TenTrangThaiHoSo": "Yêu cầu bổ sung"},
    ],
}


def row(**cells: Cell) -> dict[str, Cell]:
    """A dossier received at the counter on 2 June 2025 at 09:05 (stored in local time)."""
    return {
        "HoSoID": 101, "SoBienNhan": "SYT.250602.0001", "NgayNhan": "2025-06-02 09:05:00",
        "CreatedDate": "2025-06-02 09:00:00", "NgayHenTra": "2025-07-02 09:05:00", "lv.MaLinhVuc": "KCB",
        "lv.TenLinhVuc": "Khám bệnh, chữa bệnh", "lv.MoTa": "Sở Y tế tỉnh Phú Thọ",
        "TenLinhVuc": "Khám bệnh, chữa bệnh", "tt.MaThuTuc": "YT-CCHN", "tt.TenThuTuc": "Cấp chứng chỉ hành nghề",
        "TenThuTuc": "Cấp chứng chỉ hành nghề",
        "TrangThaiHoSoID": 1, "ts.TenTrangThaiHoSo": "Tiếp nhận", "HoTenNguoiNop": "Nguyễn Thị Mẫu",
        "NgaySinh": "1990", "SoGiayTo": "025190000001", "Phone": "0912345678", "SoNha": "Khu 3", "TinhThanhID": 25,
        "TenTinhThanh": "Tỉnh Phú Thọ", "QuanHuyenID": 237, "TenQuanHuyen": "Huyện Lâm Thao", "PhuongXaID": 8494,
        "TenPhuongXa": "Thị trấn Lâm Thao", "tt.SoNgayGiaiQuyet": 30, "tt.LePhi": 360000.0,
    } | cells  # fmt: skip


def make_mapper(**options: Any) -> Mapper:
    """The shipped profile on a small site."""
    usual = {"profile": "dong_nai", "zone": "Asia/Ho_Chi_Minh", "references": REFERENCES, "cases": CASES,
             "agencies": AGENCIES}  # fmt: skip
    return opencps.make_mapper(**{**usual, **options})
