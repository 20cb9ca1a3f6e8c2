"""A clean row of a register of an invented person, and a mapper for it."""

from __future__ import annotations

from typing import Any

from mappings.agencies import AgencyRow
from mappings.case_states import CaseRow
from mappings.cells import Cell, Row
from mappings.mapper import Mapper
from tests.profiles import opencps

CASES = tuple(CaseRow(target_status=status, action="migrate", new_step=step) for status, step in {
    "2": "PHAN_CONG", "4": "THAM_DINH", "5": "CHO_BO_SUNG", "9": "CHO_TRA",
}.items())  # fmt: skip
"""Where open dossiers go on."""

REFERENCES: dict[str, list[Row]] = {
    "co_quan": [{"ten": "UBND thị trấn Lâm Thao", "cha": None}],
    "thu_tuc": [{"ten": "Thủ tục đăng ký khai sinh", "ma": "1.001193"}],
}
AGENCIES = (
    AgencyRow("UBND thị trấn Lâm Thao", "UBND thị trấn Lâm Thao", "commune", "25", "237", "08494", status="approved"),
)


def row(**cells: Cell) -> dict[str, Cell]:
    """A dossier received at a commune on 2 June 2025; nothing more is written yet."""
    return {
        "source_key": "000.01.21.H44-250602-0001", "stt": "1", "maHoSo": "000.01.21.H44-250602-0001",
        "tenThuTuc": "Thủ tục đăng ký khai sinh", "soBo": "1", "ten": "Nguyễn Thị Mẫu", "soGiayTo": "025190000001",
        "diaChi": "Khu 3, thị trấn Lâm Thao; 0912345678", "coQuan": "UBND thị trấn Lâm Thao",
        "ngayNhan": "2025-06-02 00:00:00", "ngayHen": "2025-06-03 00:00:00", "source_key_trouble": "",
        "source_cell_errors": "",
    } | cells  # fmt: skip


def make_mapper(**options: Any) -> Mapper:
    """The shipped profile on a small site."""
    usual = {
        "profile": "so_theo_doi", "zone": "Asia/Ho_Chi_Minh", "references": REFERENCES, "cases": CASES,
        "agencies": AGENCIES,
    }  # fmt: skip
    return opencps.make_mapper(**{**usual, **options})
