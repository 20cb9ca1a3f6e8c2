"""A clean CMON record of an invented person, and a mapper for it."""

from __future__ import annotations

from typing import Any

from mappings.case_states import CaseRow
from mappings.cells import Cell, Row
from mappings.mapper import Mapper
from tests.profiles import opencps

CASES = tuple(CaseRow(old_status=old, action="migrate", new_step=step) for old, step in {
    "0": "TIEP_NHAN", "1": "PHAN_CONG", "19": "PHAN_CONG", "17": "TIEP_NHAN", "15": "THAM_DINH", "12": "LIEN_THONG",
    "3": "CHO_BO_SUNG", "6": "CHO_TRA",
}.items())  # fmt: skip
"""Where open dossiers go on."""

REFERENCES: dict[str, list[Row]] = {
    "agencies": [],
    "statuses": [{"ID": 15.0, "TRANGTHAI": "Đang xử lý"}],
    "code_map": [{"TENBANG": "cmon_thutuchanhchinh", "MADNG": "DNG-07", "MAKHAC": "1.001193"}],
}


def row(**cells: Cell) -> dict[str, Cell]:
    """A counter dossier that its owner filed at a commune on 2 June 2025 at 09:00 (stored in local time)."""
    return {
        "ID": 101.0, "MASOHOSO": "LTH2506020001", "MASOBIENNHAN": "BN-2025-0001", "LOAIHOSO": 1.0, "DAXOA": 0.0,
        "TRANGTHAIHOSO": 15.0, "NGAYNOPHOSO": "2025-06-02 09:00:00", "NGAYNHANHOSO": "2025-06-02 09:05:00",
        "NGAYTAO": "2025-06-02 08:55:00", "NGAYHENTRAKETQUA": "2025-06-16 09:00:00", "SONGAYXULY": 10.0,
        "TENCOQUANTIEPNHAN": "UBND thị trấn Lâm Thao", "cq.MA": "H44.01", "cq.TEN": "UBND thị trấn Lâm Thao",
        "TENTHUTUCHANHCHINH": "Đăng ký khai sinh", "tt.MA": "HT-07", "tt.MADNG": "DNG-07",
        "tt.TEN": "Đăng ký khai sinh",
        "CHUSOHUU": "Nguyễn Thị Mẫu", "HOTENNGUOINOPHOSO": "Nguyễn Thị Mẫu", "DIACHITHUONGTRUNGUOINOP": "Khu 3",
        "SODIENTHOAIDIDONGNGUOINOP": "0912345678", "cd.SOCMND": "025190000001", "cd.NGAYSINH": "1990-03-05 00:00:00",
        "cd.GIOITINHID": 1.0, "xa.MA": "08494", "xa.TEN": "Thị trấn Lâm Thao", "huyen.MA": "237",
        "huyen.TEN": "Huyện Lâm Thao", "tinh.MA": "25", "tinh.TEN": "Tỉnh Phú Thọ",
        "DADANGKYCHUYENPHATNHANH": 0.0,
    } | cells  # fmt: skip


def make_mapper(**options: Any) -> Mapper:
    """The shipped profile on a small site."""
    usual = {"profile": "cmon", "zone": "Asia/Ho_Chi_Minh", "references": REFERENCES, "cases": CASES}
    return opencps.make_mapper(**{**usual, **options})
