"""A mapper for the sample shape of XML exports; its records are what the connector reads of an invented export."""

from __future__ import annotations

from typing import Any

from mappings.case_states import CaseRow
from mappings.mapper import Mapper
from tests.profiles import opencps

CASES = tuple(CaseRow(old_status=old, action="migrate", new_step=step) for old, step in {
    "1": "TIEP_NHAN", "2": "PHAN_CONG", "4": "THAM_DINH", "5": "CHO_BO_SUNG", "6": "CHO_THANH_TOAN", "9": "CHO_TRA",
}.items())  # fmt: skip
"""Where open dossiers go on."""


def make_mapper(**options: Any) -> Mapper:
    """The shipped profile on a small site."""
    usual = {"profile": "xml_mau", "zone": "Asia/Ho_Chi_Minh", "references": {"don_vi": []}, "cases": CASES}
    return opencps.make_mapper(**{**usual, **options})
