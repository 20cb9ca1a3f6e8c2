"""The tables of TD.DichVuCong by its Entity Framework model, and the columns by which rows hang on a dossier."""

from __future__ import annotations

from connectors.rehearsal.tables import Schema, read_schema

MAIN = "Business.HoSos"
PAPERS, MOVES, FEES = "Business.ThanhPhanHoSos", "Business.QuaTrinhXuLyHoSos", "Business.YeuCauThanhToans"
ROUNDS, SLIPS, WAYBILLS = "Business.HoSoBoSungs", "Business.GiayToHoSos", "Catalog.MaVanDonBuuDiens"
HANGING = {PAPERS: "HoSo", MOVES: "MaHoSo", FEES: "MaHoSo", ROUNDS: "MaHoSo", SLIPS: "MaHoSo", WAYBILLS: "HoSo"}
"""Table → the column that holds the dossier's code: rows hang on a text."""
_INDEXES = (
    (MAIN, "MaHoSo"), *HANGING.items(), ("Business.KetQuaLienQuans", "MaHoSo"), ("Business.GiayToSoHoas", "MaHoSo"),
    ("Business.HoSoChungThucs", "MaHoSo"), ("Business.GiaoDichThanhToans", "HoSo"), ("Catalog.Groups", "GroupCode"),
)  # fmt: skip


def schema() -> Schema:
    """Every table that the generator makes, without the marker."""
    return read_schema("td_dichvucong_tables.csv", _INDEXES, ("Auditing", "Business", "Catalog", "Identity"))
