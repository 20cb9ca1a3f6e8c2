"""Field-by-field comparison of a dossier as expected with the dossier as the new system holds it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from validations.canonical import canonical, decode_body, field_pattern, flatten, schema_leaves
from validations.whole import STEPS, exchanged_steps, is_other_dossier

__all__ = [
    "BY_DESIGN",
    "CODE_FIELDS",
    "ORDER",
    "OTHER_DOSSIER",
    "WORKED_ON",
    "Difference",
    "Files",
    "canonical",
    "compare",
    "field_pattern",
    "kind_of",
]

WORKED_ON: Final = "worked_on_in_new_system"
"""Kind of difference when the target's version is not the one the ledger wrote: somebody worked there."""

BY_DESIGN: Final = "by_design"
"""Kind of difference that the target's profile declares: it cannot hold this, and everybody knew before the run."""

OTHER_DOSSIER: Final = "other_dossier"
"""Kind of difference when what stands there is another dossier: keys or contents of two were exchanged."""

ORDER: Final = "order"
"""Kind of difference when steps of one and the same second stand in another order: nothing else tells theirs."""

Files = Mapping[str, tuple[str, int]]
"""Locator → (sha256, size in bytes)."""


@dataclass(frozen=True, order=True)
class Difference:
    """One difference. ``field`` is a path in the portal's words, "" for the whole dossier.

    ``kind``: missing | extra | value | type | time | code_list | truncation | encoding | attachment | order |
    other_dossier | WORKED_ON | BY_DESIGN.
    ``old`` and ``new`` are values of the dossier (personal!): they stay in the ledger and in unmasked exports.
    """

    field: str
    kind: str
    old: str
    new: str


def compare(
    expected: bytes, stored: bytes, expected_files: Files | None = None, stored_files: Files | None = None
) -> tuple[Difference, ...]:
    """Every difference between two encoded dossiers and their files, in order of field; empty when they are equal."""
    files = _compare_files(expected_files or {}, stored_files or {})
    if expected == stored:
        return tuple(sorted(files))
    try:
        held = decode_body(stored)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return (Difference("", "encoding", "", ""), *sorted(files))
    wanted = decode_body(expected)
    if wanted == held:
        return tuple(sorted(files))
    if isinstance(wanted, dict) and wanted and not (isinstance(held, dict) and held):
        return (Difference("", "missing", "", ""), *sorted(files))  # an answer, but no dossier
    return tuple(sorted([*_compare_bodies(wanted, held), *files]))


def _compare_bodies(wanted: Any, held: Any) -> Iterator[Difference]:
    if is_other_dossier(wanted, held):
        yield Difference("", OTHER_DOSSIER, str(wanted.get("KhoaCu") or ""), str(held.get("KhoaCu") or ""))
        return
    yield from _compare_fields(*_flat_parts(wanted, held))
    if exchanged := exchanged_steps(wanted, held):
        yield Difference(STEPS, ORDER, *exchanged)


def _flat_parts(wanted: Any, held: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Both bodies flat, without the top-level parts that are equal as they stand."""
    if isinstance(wanted, dict) and isinstance(held, dict):
        same = {name for name, value in wanted.items() if name in held and held[name] == value}
        wanted = {name: value for name, value in wanted.items() if name not in same}
        held = {name: value for name, value in held.items() if name not in same}
    return flatten(wanted), flatten(held)


# ---------------------------------------------------------------- differences and their kinds


def _compare_fields(wanted: Mapping[str, str], held: Mapping[str, str]) -> Iterator[Difference]:
    if wanted == held:
        return
    lost = _whole_elements(wanted, held)
    added = _whole_elements(held, wanted)
    for element in sorted(lost):
        yield Difference(element, "missing", _elements_text(wanted, element), "")
    for element in sorted(added):
        yield Difference(element, "extra", "", _elements_text(held, element))
    for path in wanted.keys() | held.keys():
        if _element(path) in lost or _element(path) in added:
            continue
        leaf = schema_leaves().get(field_pattern(path))
        default = (leaf.default if leaf else None) or ""
        old, new = wanted.get(path, default), held.get(path, default)
        if old != new and not (path in NAME_FIELDS and _is_same_in_capitals(old, new)):
            yield Difference(path, kind_of(path, old, new), old, new)


def _element(path: str) -> str:
    """``TaiLieuNop[12]`` of ``TaiLieuNop[12].TenGiayTo``; "" for a path outside of lists."""
    return path[: path.find("]") + 1]


def _whole_elements(here: Mapping[str, str], there: Mapping[str, str]) -> set[str]:
    return {_element(path) for path in here} - {_element(path) for path in there} - {""}


def _elements_text(flat: Mapping[str, str], element: str) -> str:
    return "; ".join(
        f"{path[len(element) :].lstrip('.')}={flat[path]}" for path in sorted(flat) if _element(path) == element
    )


def _is_same_in_capitals(old: str, new: str) -> bool:
    """Whether one side writes in capitals only what the other writes in small letters too: case says nothing there."""
    return (old.isupper() or new.isupper()) and old.casefold() == new.casefold()


def kind_of(path: str, old: str, new: str) -> str:
    """The class of a difference between two texts at a path ("" = nothing there)."""
    pattern = field_pattern(path)
    leaf = schema_leaves().get(pattern)
    if not new:
        return "missing"
    if not old:
        return "extra"
    if leaf and leaf.type in (datetime, date):
        return "time"
    if pattern.rpartition(".")[2] in CODE_FIELDS:
        return "code_list"
    if _is_garbled(old, new):
        return "encoding"
    if _is_cut(old, new):
        return "truncation"
    return "type" if _is_read_as_number(old, new) else "value"


def _is_cut(old: str, new: str) -> bool:
    """Whether ``new`` is the beginning of ``old``; the last letter may have lost its marks, or bytes of its own."""
    kept = new.removesuffix("...").removesuffix("…").rstrip("\ufffd").rstrip()
    if len(kept) >= len(old):
        return False
    return old.startswith(kept) or unicodedata.normalize("NFD", old).startswith(unicodedata.normalize("NFD", kept))


def _is_read_as_number(old: str, new: str) -> bool:
    """Whether a text of digits became a number on the way: leading zeros gone, or in powers of ten."""
    if not _DIGITS.fullmatch(old) or not _NUMERAL.fullmatch(new):
        return False
    if _DIGITS.fullmatch(new):
        return old.lstrip("0") == new.lstrip("0")
    rounded = Decimal(new)
    last_digit = Decimal(1).scaleb(rounded.adjusted() - len(rounded.as_tuple().digits) + 1)
    return abs(int(old) - rounded) * 2 <= last_digit


def _is_garbled(old: str, new: str) -> bool:
    """Whether ``new`` is ``old`` after a wrong character set: letters replaced, read as Latin, or stripped of marks."""
    if old.isascii():
        return False
    if len(old) == len(new) and all(a == b or b in "?\ufffd" for a, b in zip(old, new, strict=True)):
        return True
    if new.isascii() and new == _without_marks(old):
        return True
    return new == _composed(old.encode().decode("latin-1")) or new == _composed(_as_windows(old.encode()))


def _as_windows(text: bytes) -> str:
    """Bytes read as Windows-1252, whose five empty places most programs leave as they are."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _without_marks(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_DIGITS: Final = re.compile(r"[0-9]{2,60}")
_NUMERAL: Final = re.compile(r"[0-9]{1,60}|[0-9](\.[0-9]{1,30})?[eE]\+?[0-9]{1,2}")
NAME_FIELDS: Final = frozenset({"ThongTinChuHoSo.ChuHoSo", "ThongTinChuHoSo.NguoiLienHe", "NguoiDuocUyQuyen.NguoiNop"})
"""Names of persons. Many are stored in capitals, whose case nobody can restore."""
CODE_FIELDS: Final = frozenset(
    {
        "TrangThaiHoSo", "LoaiDoiTuong", "KenhThucHien", "HinhThuc", "LoaiDinhDanh", "LoaiThanhPhan", "NguonKetQua",
        "DonViThoiHan", "LoaiLienKet", "DanhMuc", "Ma", "MaDonVi", "CapDonVi", "TrangThaiThanhToan", "BuocXuLyMoi",
        "VaiTroXuLy", "QuyTacTrangThai",
    }
)  # fmt: skip


def _compare_files(expected: Files, stored: Files) -> Iterator[Difference]:
    for locator in expected.keys() | stored.keys():
        old, new = expected.get(locator), stored.get(locator)
        if old != new:
            yield Difference(f"TepDinhKem[{locator}]", "attachment", _file_text(old), _file_text(new))


def _file_text(file: tuple[str, int] | None) -> str:
    return f"sha256 {file[0]}, {file[1]} byte" if file else ""
