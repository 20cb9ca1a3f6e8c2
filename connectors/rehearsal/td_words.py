"""What TD.DichVuCong calls things (HoSo.cs and the constants beside it)."""

from __future__ import annotations

NEVER = "0001-01-01 00:00:00"
"""DateTime.MinValue of .NET: what is written where a date was not given."""
SEPARATOR = "##"
CONVERTED = "Convert"
"""ViTriDeHoSo of a dossier that came from the software before."""

STATUSES = {
    "new": "2", "receiving": "1", "waiting": "5", "paying": "6", "processing": "4", "interoperating": "4",
    "releasing": "9", "done": "10", "denied": "3", "cancelled": "7", "unresolved": "8",
}  # fmt: skip
"""Outcome → TrangThaiHoSoId, the codes of the national portal as text."""
OPEN_STATUSES = frozenset({"1", "2", "4", "5", "6", "9"})
UNKNOWN_STATUSES = ("11", "0", "99")

CITIZEN, BUSINESS, OTHER = "Công dân", "Doanh nghiệp", "Khác"
AT_COUNTER, ONLINE = "1", "2"
WORKING_DAYS = "Ngày làm việc"
