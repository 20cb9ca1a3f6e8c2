"""Field-by-field comparison of a dossier as expected with the dossier as the new system holds it. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec

from validations.canonical import canonical, decode_body, field_pattern, flatten, schema_leaves

__all__ = [
    "BY_DESIGN",
    "CODE_FIELDS",
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

Files = Mapping[str, tuple[str, int]]
"""Locator → (sha256, size in bytes)."""


@dataclass(frozen=True, order=True)
class Difference:
    """One difference. ``field`` is a path in the portal's words, "" for the whole dossier.

    ``kind``: missing | extra | value | time | code_list | truncation | encoding | attachment | WORKED_ON | BY_DESIGN.
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
    return tuple(sorted([*_compare_fields(*_flat_parts(wanted, held)), *files]))


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
    if len(new) < len(old) and old.startswith(new.removesuffix("...").removesuffix("…").rstrip()):
        return "truncation"
    return "value"


def _is_garbled(old: str, new: str) -> bool:
    """Whether ``new`` is ``old`` after a wrong character set: letters replaced, read as Latin, or stripped of marks."""
    if old.isascii():
        return False
    if len(old) == len(new) and all(a == b or b in "?\ufffd" for a, b in zip(old, new, strict=True)):
        return True
    if new.isascii() and new == _without_marks(old):
        return True
    for charset in ("cp1252", "latin-1"):
        try:
            if new.encode(charset).decode("utf-8") == old:
                return True
        except UnicodeError:
            continue
    return False


def _without_marks(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


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
