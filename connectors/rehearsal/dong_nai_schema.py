"""The tables of a MotCua and two of NganhY, its second database.

The columns of NganhY but for HoSoID are assumed by the way in which MotCua names its own.
"""

from __future__ import annotations

from connectors.rehearsal.tables import Schema, read_schema

MAIN, PAPERS, MOVES = "HoSoTiepNhan", "ChungTuKemTheo", "QuaTrinhXuLy"
ROUNDS, HALTS, UNRESOLVED, NOT_APPROVED = "YeuCauBoSung", "TamNgungThamDinh", "KhongGiaiQuyet", "KhongPheDuyet"
CERTIFICATES, LICENCES = "NganhY.ChungChiHanhNgheY", "NganhY.GiayPhepHoatDongKCB_CapLai"
_INDEXES = (
    *((table, "HoSoID") for table in (PAPERS, MOVES, CERTIFICATES, LICENCES)),
    *((table, "QuaTrinhXuLyID") for table in (ROUNDS, HALTS, UNRESOLVED, NOT_APPROVED)),
)


def schema() -> Schema:
    """Every table that the generator makes, without the marker."""
    return read_schema("dong_nai_tables.csv", _INDEXES)
