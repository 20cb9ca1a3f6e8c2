"""Dirt of letters: columns and cells in TCVN3 or VNI, look-alikes, hidden characters, and signs that are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from connectors.rehearsal.kind import Kind
from connectors.rehearsal.old_fonts import tcvn3, vni
from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_life import Life, Spoil

_REMARKS: Final = (
    "Đã đối chiếu bản gốc, hồ sơ đủ giấy tờ",
    "Người nhà nộp thay, đề nghị gọi điện khi có kết quả",
    "Đất có nguồn gốc ông cha để lại, đang sử dụng ổn định",
    "ĐƠN XIN CẤP LẠI DO BỊ MẤT, ĐÃ CÓ XÁC NHẬN",
)
_UNSURE: Final = ("Đã nhận, " + tcvn3("chờ bổ sung giấy tờ"), tcvn3("Lớp chỡ"))  # half and half; right either way
_SIGNS: Final = ("máy lọc bụi 5 µm", "thiết bị Panasonic®", "bản vẽ © 2019, khổ 2 m², ±3 °C", "§ 12, 3 × 4 m")
_HIDDEN: Final = ("\u200b", "\ufeff", "\x1f", "\u200d", "\u2060")


def text_kinds() -> tuple[Kind[Life, Case], ...]:
    """Kinds of dirt in the letters themselves. The columns that they fill are empty in every other dossier."""
    return (
        Kind("tcvn3_column", "text_converted", "normalised", 0.02, _remark("briefNote", tcvn3)),
        Kind("vni_column", "text_converted", "normalised", 0.015, _remark("applicantNote", vni)),
        Kind("mixed_column_sure", "text_converted", "normalised", 0.01, _sure, size=4),
        Kind("mixed_column_unsure", "text_encoding_mixed", "quarantined", 0.005, _unsure),
        Kind("mixed_column_unicode", "", "untouched", 0.01, _remark("dossierNote", str)),
        Kind("legacy_cell", "text_encoding_suspected", "quarantined", 0.003, _legacy_cell),
        Kind("lookalike_letter", "text_lookalike", "normalised", 0.01, _lookalike, {"is_citizen": True}),
        Kind("hidden_character", "text_invisible", "normalised", 0.01, _hidden),
        Kind("ordinary_signs", "", "untouched", 0.01, _signs),
    )


def _remark(column: str, write: Callable[[str], str]) -> Spoil:
    def spoil(life: Life, case: Case, number: int) -> None:
        case.row[column] = write(_REMARKS[number % len(_REMARKS)])

    return spoil


def _sure(life: Life, case: Case, number: int) -> None:
    """By turns TCVN3 and VNI."""
    case.row["dossierNote"] = (tcvn3, vni)[number % 2](_REMARKS[number // 2 % len(_REMARKS)])


def _unsure(life: Life, case: Case, number: int) -> None:
    case.row["dossierNote"] = _UNSURE[number % len(_UNSURE)]


def _legacy_cell(life: Life, case: Case, number: int) -> None:
    """One address pasted from an old file into a column of Unicode ones."""
    case.row["address"] = tcvn3(str(case.row["address"]))


def _lookalike(life: Life, case: Case, number: int) -> None:
    """Eth for Đ, as some keyboards gave it."""
    family = ("Ðặng", "Ðỗ", "Ðinh", "Ðào")[number % 4]
    case.row["applicantName"] = " ".join([family, *str(case.row["applicantName"]).split()[1:]])


def _hidden(life: Life, case: Case, number: int) -> None:
    hidden = _HIDDEN[number % len(_HIDDEN)]
    case.row["address"] = str(case.row["address"]).replace("nhà ", f"nhà{hidden} ")


def _signs(life: Life, case: Case, number: int) -> None:
    case.row["dossierName"] = f"{case.row['dossierName']} - {_SIGNS[number % len(_SIGNS)]}"
