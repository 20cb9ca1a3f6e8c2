"""What goes wrong in exported XML, each with the finding that must tell of it."""

from __future__ import annotations

import unicodedata

from connectors.rehearsal.kind import Kind
from connectors.rehearsal.people import old_mobile
from connectors.rehearsal.usual_dirt import across, dates_order, due_on_sunday, nothing, put
from connectors.rehearsal.xml_life import Export, XmlLife

_FILED, _CAME, _DUE, _NAME = "NgayNop", "NgayTiepNhan", "NgayHenTra", "ChuHoSo/HoTen"
_RECEIVED: dict[str, object] = {"channel": "counter"}
_OPEN: dict[str, object] = {"channel": "counter", "status": "processing", "may_be_overdue": True}
_CLOSED: dict[str, object] = {"channel": "counter", "status": "done"}
_CITIZEN: dict[str, object] = {"is_citizen": True}
AKind = Kind[XmlLife, Export]


def kinds() -> tuple[AKind, ...]:
    """Every kind of dirt."""
    return (
        Kind("draft", "draft", "excluded", 0.01, put(TrangThai="0"), _RECEIVED, is_rule=True),
        Kind("code_missing", "code_missing", "quarantined", 0.005, put(MaHoSo=None), _RECEIVED),
        Kind("code_twice", "duplicate_code", "quarantined", 0.006, nothing, _RECEIVED, size=2, shares_code=True),
        Kind("status_unknown", "status_undecided", "quarantined", 0.005, put(TrangThai="77"), _OPEN),
        Kind("filed_missing", "filed_from_receipt", "warned", 0.01, put(NgayNop=None), _RECEIVED),
        Kind("filed_across_cutoff", "filed_across_cutoff", "quarantined", 0.005, nothing, wish_by=across),
        Kind("filed_no_date", "filed_unreadable", "quarantined", 0.005, put(NgayNop="25-01-02T08:00:00"), _CLOSED),
        Kind("due_no_date", "date_unreadable", "quarantined", 0.005, put(NgayHenTra="31/02/2025"), _OPEN),
        Kind("dates_order", "dates_order", "warned", 0.005, dates_order(_FILED, _CAME, _DUE), _CLOSED),
        Kind("due_on_day_off", "due_on_day_off", "warned", 0.005, due_on_sunday(_DUE), _OPEN | {"has_duration": True}),
        Kind("owner_kind_other", "code_undecided", "quarantined", 0.01, put(**{"ChuHoSo/@loai": "9"}), _CITIZEN),
        Kind("all_caps_name", "name_all_caps", "normalised", 0.02, _all_caps, _CITIZEN),
        Kind("decomposed_unicode", "unicode_composed", "normalised", 0.01, _decomposed, _CITIZEN),
        Kind("phone_11_digits", "phone_converted", "normalised", 0.02, _old_phone),
        Kind("result_gone", "attachment_missing", "warned", 0.005, _gone, _CLOSED),
    )  # fmt: skip


def share_code(first: Export, other: Export) -> None:
    """Give a dossier the code of another."""
    other.row["MaHoSo"] = first.row["MaHoSo"]


def _all_caps(life: XmlLife, export: Export, number: int) -> None:
    export.row[_NAME] = str(export.row[_NAME]).upper()


def _decomposed(life: XmlLife, export: Export, number: int) -> None:
    export.row[_NAME] = unicodedata.normalize("NFD", str(export.row[_NAME]))


def _old_phone(life: XmlLife, export: Export, number: int) -> None:
    export.row["ChuHoSo/DienThoai"] = old_mobile(life.random)


def _gone(life: XmlLife, export: Export, number: int) -> None:
    """The file of the result was not exported with it."""
    export.beside.clear()
