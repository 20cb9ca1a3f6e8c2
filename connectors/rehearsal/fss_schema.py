"""The tables of FSS HSHCQH as far as public code tells them; those of another database bear its name ("portal.")."""

from __future__ import annotations

from connectors.rehearsal.tables import Schema, read_schema

_BY_DOSSIER = (
    "TINHTRANGHOSO", "HOSOKEMTHEO", "HOSOBOSUNG", "HOSOHUY", "HOSOKHONGGIAIQUYET", "PHIEUTRAHOSO", "FileDinhKem",
)  # fmt: skip


def schema() -> Schema:
    """Every table that the generator makes, without the marker."""
    return read_schema("fss_hshcqh_tables.csv", tuple((table, "HoSoTiepNhanID") for table in _BY_DOSSIER))
