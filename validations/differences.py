"""A difference as work: what it is about, why it is there, how it lives from comparison to comparison. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import blake2b
from typing import Final

from validations.canonical import field_pattern
from validations.compare import WORKED_ON, Difference

NEW: Final = "new"
ACCEPTED: Final = "accepted"
FIXED: Final = "fixed"
REOPENED: Final = "reopened"
STATES: Final = (NEW, REOPENED, ACCEPTED, FIXED)
OPEN: Final = (NEW, REOPENED)
"""States in which somebody has to do something."""
STATE_WORDS: Final = {
    NEW: "mới",
    REOPENED: "mở lại",
    ACCEPTED: "đã chấp nhận",
    FIXED: "đã hết",
}

FILES: Final = "TepDinhKem"
ENTITIES: Final = {
    "TaiLieuNop": "paper",
    "DanhSachGiayToKetQua": "result",
    "TienTrinh": "step",
    "DanhSachLePhi": "fee",
    "DanhSachHoSoBoSung": "supplement",
    "DanhSachTamDung": "pause",
    "DanhSachYeuCau": "request",
    "DanhSachVanBan": "document",
    "LienKet": "link",
    "MaHoSoKhac": "link",
    FILES: "attachment",
}
"""First part of a path → what it belongs to; everything else is of the dossier itself."""

ENTITY_WORDS: Final = {
    "dossier": "hồ sơ",
    "paper": "thành phần hồ sơ",
    "attachment": "tệp đính kèm",
    "result": "giấy tờ kết quả",
    "step": "bước xử lý",
    "fee": "phí, lệ phí",
    "supplement": "lần bổ sung",
    "pause": "lần tạm dừng",
    "request": "yêu cầu của công dân",
    "document": "phiếu",
    "link": "liên kết",
}

FIELD_SIGNS: Final = 200
"""As many signs of a path as the ledger keeps."""
_MARK_BYTES: Final = 6
_GROUP_BYTES: Final = 3


def entity_of(field: str) -> str:
    """What a path is about: dossier, paper, attachment, step, fee, supplement, result, link, …"""
    head = re.split(r"[.\[]", field, maxsplit=1)[0]
    if head != FILES and f".{FILES}" in field_pattern(field):
        head = FILES
    return ENTITIES.get(head, "dossier")


def pattern_of(field: str) -> str:
    """The path without the keys of list elements; whatever signs the name of a file holds."""
    return f"{FILES}[]" if field.startswith(f"{FILES}[") else field_pattern(field)


def stored_field(field: str) -> str:
    """The path as the ledger keeps it: one that is too long ends in a hash, so that two never become one."""
    if len(field) <= FIELD_SIGNS:
        return field
    end = blake2b(field.encode(), digest_size=8).hexdigest()
    return f"{field[: FIELD_SIGNS - len(end) - 1]}…{end}"


def mark_of(salt: str, place: tuple[str, str], found: Difference) -> str:
    """The very values of a difference of a dossier, without telling them: other values, another mark.

    ``salt`` is the ledger's own: whoever reads a mark cannot try out values. Work that officials do on a dossier
    stays the same difference, however often they save it. The letter in front keeps spreadsheets from reading a number.
    """
    new = "" if found.kind == WORKED_ON else found.new
    parts = (*place, entity_of(found.field), found.field, found.kind, found.old, new)
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return "k" + blake2b(text.encode(), digest_size=_MARK_BYTES, key=salt.encode()).hexdigest()


def next_state(state: str, was: str, mark: str | None) -> str:
    """State of a known difference after a comparison that found it with this mark, or not at all (None)."""
    if mark is None:
        return FIXED
    if state == FIXED or (state == ACCEPTED and mark != was):
        return REOPENED
    return state


def is_whole(kind: str, field: str) -> bool:
    """Whether the dossier itself is missing there, or is another one: nobody waves that through in a heap."""
    return not field and kind != WORKED_ON


# ---------------------------------------------------------------- causes


def group_of(kind: str, pattern: str, why: str) -> str:
    """The short name of a cause: the same in every list, whatever else is found."""
    return "n" + blake2b("\0".join((kind, pattern, why)).encode(), digest_size=_GROUP_BYTES).hexdigest()


def why_of(found: Difference) -> str:
    """The class of explanation within a kind, "" when there is none to give."""
    if found.kind in ("missing", "extra"):
        return "dossier" if not found.field else "element" if found.field.endswith("]") else ""
    if found.kind == "time":
        return _shift(found.old, found.new)
    if found.kind == "truncation":
        return f"kept:{len(found.new)}" if len(found.new) in _LIMITS else ""
    if found.kind == "attachment":
        return _of_file(found.old, found.new)
    if found.kind == "value":
        return _of_text(found.old, found.new)
    return ""


def why_words(why: str) -> str:
    """A class of explanation in Vietnamese; "" for none."""
    name, _, detail = why.partition(":")
    if name == "zone":
        return f"lệch đúng {detail} giờ: múi giờ"
    if name == "kept":
        return f"còn lại {detail} ký tự"
    return _WORDS.get(name, "")


_WORDS: Final = {
    "dossier": "cả hồ sơ",
    "element": "cả dòng",
    "day": "lệch ngày",
    "clock": "cùng ngày, lệch giờ",
    "seconds": "lệch dưới một phút",
    "gone": "không có tệp",
    "added": "tệp không gửi",
    "size": "khác cỡ",
    "content": "cùng cỡ, khác nội dung",
    "spaces": "chỉ khác khoảng trắng",
    "case": "chỉ khác chữ hoa, chữ thường",
}
_LIMITS: Final = frozenset({*range(50, 5001, 50), *(2**n for n in range(5, 17)), *(2**n - 1 for n in range(5, 17))})
"""Lengths that a column is likely to have."""
_QUARTER: Final = 900
_WIDEST: Final = 14 * 3600


def _shift(old: str, new: str) -> str:
    try:
        was, now = datetime.fromisoformat(old), datetime.fromisoformat(new)
        seconds = int((now - was).total_seconds())
    except (ValueError, TypeError):  # no instants, or only one with a zone
        return ""
    if seconds and seconds % _QUARTER == 0 and abs(seconds) <= _WIDEST:
        hours, rest = divmod(abs(seconds) // 60, 60)
        return f"zone:{'-' if seconds < 0 else '+'}{hours}{f',{rest * 100 // 60:02d}'.rstrip('0') if rest else ''}"
    if abs(seconds) < 60:
        return "seconds"
    return "clock" if was.date() == now.date() else "day"


def _of_file(old: str, new: str) -> str:
    if not old or not new:
        return "added" if new else "gone"
    return "content" if old.rpartition(", ")[2] == new.rpartition(", ")[2] else "size"


def _of_text(old: str, new: str) -> str:
    if "".join(old.split()) == "".join(new.split()):
        return "spaces"
    return "case" if old.casefold() == new.casefold() else ""
