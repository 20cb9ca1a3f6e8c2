"""The tables of CMON/OEP (DTT): its own ones, and the exch_* ones by which counter software hands dossiers over."""

from __future__ import annotations

from connectors.rehearsal.tables import Schema, read_schema

_BY_DOSSIER = (
    "cmon_giaytodinhkemhoso", "cmon_noiluutrutailieu", "cmon_ykientraodoi", "cmon_thongtinthanhtoan",
    "cmon_hosoanhxa", "cmon_capnhatketqua",
)  # fmt: skip
_INDEXES = (
    *((table, "HOSOTTHCCONGID") for table in _BY_DOSSIER),
    ("cmon_hosoanhxa", "MAHOSO"), ("exch_hosomotcua", "masohoso"), ("exch_ketquahoso", "masohoso"),
    ("exch_trangthaihoso", "masohoso"), ("exch_trangthaihoso", "hosotthccongid"),
    ("exch_filedinhkem", "hosotthccongid"),
)  # fmt: skip


def schema() -> Schema:
    """Every table that the generator makes, without the marker."""
    return read_schema("cmon_tables.csv", _INDEXES)
