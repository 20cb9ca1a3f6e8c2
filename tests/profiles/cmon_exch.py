"""A mapper for the exch_* tables of CMON."""

from __future__ import annotations

from typing import Any

from mappings.case_states import CaseRow
from mappings.mapper import Mapper
from tests.profiles import opencps

CASES = tuple(
    CaseRow(old_status=code, action="migrate", target_status=status, new_step=step)
    for code in ("0", "1", "2")
    for status, step in {"2": "PHAN_CONG", "4": "THAM_DINH", "5": "CHO_BO_SUNG", "9": "CHO_TRA"}.items()
)


def make_mapper(**options: Any) -> Mapper:
    """The shipped profile on a small site."""
    references: dict[str, list[opencps.Row]] = {
        "agencies": [{"ID": 7.0, "MA": "H44.01", "TEN": "UBND thị trấn Lâm Thao"}],
        "procedures": [{"ID": 9.0, "MA": "1.001193", "TEN": "Đăng ký khai sinh"}],
        "code_map": [],
    }
    usual = {"profile": "cmon_exch", "zone": "Asia/Ho_Chi_Minh", "references": references, "cases": CASES}
    return opencps.make_mapper(**{**usual, **options})
