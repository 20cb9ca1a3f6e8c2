"""What no single field tells: whether a body is another dossier's, and whether steps stand in their order. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from validations.canonical import flatten

STEPS: Final = "TienTrinh"
KEYS: Final = ("KhoaCu", "NguonHeThong")
CODE: Final = "MaHoSo"
OWNER: Final = "ThongTinChuHoSo.ChuHoSo"
MARKS: Final = (OWNER, "ThongTinChuHoSo.DinhDanhCHS.SoDinhDanh", "NgayNopHoSo", "NgayTiepNhan", "MaTTHC")
"""What tells one dossier from another beside its code. Two of them changed with the code is no damage to a field."""
PARTS: Final = (*KEYS, CODE, "ThongTinChuHoSo", "NgayNopHoSo", "NgayTiepNhan", "MaTTHC")
LISTS: Final = (("TaiLieuNop", "GiayToId"), (STEPS, "BuocId"), ("DanhSachLePhi", "LePhiId"))


def is_other_dossier(wanted: Any, held: Any) -> bool:
    """Whether ``held`` is another dossier than ``wanted``: by its old key, or by its code and all around it."""
    if not isinstance(wanted, dict) or not isinstance(held, dict):
        return False
    if all(wanted.get(name) == held.get(name) for name in (*KEYS, CODE)):
        return False
    ours, theirs = _marks(wanted), _marks(held)
    if any(_differ(ours, theirs, key) for key in KEYS):
        return True
    if not _differ(ours, theirs, CODE):
        return False
    return sum(_differ(ours, theirs, mark) for mark in MARKS) >= 2 or _share_nothing(wanted, held)


def _marks(body: Mapping[str, Any]) -> dict[str, str]:
    flat = flatten({name: body[name] for name in PARTS if name in body})
    return {name: flat[name].lstrip("0").casefold() for name in (*KEYS, CODE, *MARKS) if flat.get(name)}


def _differ(ours: Mapping[str, str], theirs: Mapping[str, str], mark: str) -> bool:
    """Whether both sides say something else there; what one side lost says nothing of whose dossier it is."""
    return mark in ours and mark in theirs and ours[mark] != theirs[mark]


def _share_nothing(wanted: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    ours, theirs = _elements(wanted), _elements(held)
    return bool(ours and theirs) and not ours & theirs


def _elements(body: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {
        (name, str(element[key]))
        for name, key in LISTS
        for element in body.get(name) or ()
        if isinstance(element, dict) and key in element
    }


def exchanged_steps(wanted: Any, held: Any) -> tuple[str, str] | None:
    """Ids of the steps that happened in one and the same second (or at no time) and stand in another order.

    Where times differ, they tell the order, whatever that of the list.
    """
    if not isinstance(wanted, dict) or not isinstance(held, dict):
        return None
    ours, theirs = _by_moment(wanted), _by_moment(held)
    if ours == theirs:
        return None
    old, new = [], []
    for moment, keys in ours.items():
        there = theirs.get(moment, [])
        here = [key for key in keys if key in there]
        there = [key for key in there if key in keys]
        if here != there:
            old += here
            new += there
    return (" ".join(old), " ".join(new)) if old else None


def _by_moment(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """Moment → ids of the steps of that moment, as they stand; an id that comes twice tells no order."""
    found: dict[str, list[str]] = {}
    steps = body.get(STEPS)
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, dict) and step.get("BuocId") is not None:
            at = flatten({"NgayNopHoSo": step.get("ThoiDiemXuLy")}).get("NgayNopHoSo", "")
            found.setdefault(at, []).append(str(step["BuocId"]))
    return {moment: list(dict.fromkeys(keys)) for moment, keys in found.items()}
