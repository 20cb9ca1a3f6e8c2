"""Seeded changes of what is more than a value: elements, order, files, whole dossiers. Pure."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from validations.canonical import decode_body, flatten, list_ids, named_elements
from validations.mutation_places import STEPS, Pair, Shadow, elements, moment, pick, steps
from validations.mutation_values import Change, Damage, nfc


def element_lost(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
    return _lose(pick(rng, elements(side.body)))


def step_lost(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
    return _lose(pick(rng, [one for one in elements(side.body) if one[0].startswith(f"{STEPS}[")]))


def _lose(one: tuple[str, list[Any], int] | None) -> Damage | None:
    """Take an element out; a repeated id would be another change: the later one takes its name."""
    if one is None:
        return None
    path, items, at = one
    names = {name for name, _ in named_elements(path.partition("[")[0], items)}
    if "#" in path or f"{path.partition('[')[2][:-1]}#2" in names:
        return None
    del items[at]
    return Damage(path)


def element_added(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
    found = [one for one in elements(side.body) if one[0].partition("[")[0] not in ("LienKet", "MaHoSoKhac")]
    one = pick(rng, found)
    if one is None:
        return None
    path, items, at = one
    name = path.partition("[")[0]
    items.insert(rng.randrange(len(items) + 1), {**items[at], list_ids(name)[0]: "thu-them"})
    return Damage(f"{name}[thu-them]")


def element_twice(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
    one = pick(rng, [one for one in elements(side.body) if "#" not in one[0]])
    if one is None or any(f"{one[0][:-1]}#2]" == path for path, _, _ in elements(side.body)):
        return None
    path, items, at = one
    items.append(dict(items[at]))
    return Damage(f"{path[:-1]}#2]")


def moments_exchanged(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
    found = steps(side.body)
    first = pick(rng, found)
    second = pick(rng, [s for s in found if first and moment(s["ThoiDiemXuLy"]) != moment(first["ThoiDiemXuLy"])])
    if first is None or second is None:
        return None
    first["ThoiDiemXuLy"], second["ThoiDiemXuLy"] = second["ThoiDiemXuLy"], first["ThoiDiemXuLy"]
    paths = [f"{STEPS}[{nfc(str(step['BuocId']))}]" for step in (first, second)]
    return Damage(f"{paths[0]}.ThoiDiemXuLy", tuple(paths))


def order_lost(side: Shadow, other: Shadow, _: Pair, rng: Random) -> Damage | None:
    """Two steps of one and the same second change places."""
    ours, theirs = steps(side.body), {str(step["BuocId"]): step for step in steps(other.body)}
    if len(ours) < 2 or [str(step["BuocId"]) for step in side.body[STEPS]] != list(theirs):
        return None
    at = rng.randrange(len(ours) - 1)
    for step in ours[at : at + 2]:
        step["ThoiDiemXuLy"] = theirs[str(step["BuocId"])]["ThoiDiemXuLy"] = ours[at]["ThoiDiemXuLy"]
    items = side.body[STEPS]
    items[at], items[at + 1] = items[at + 1], items[at]
    return Damage(STEPS)


def dossier_exchanged(side: Shadow, _: Shadow, pair: Pair, __: Random) -> Damage | None:
    theirs = decode_body(pair.expected)
    if theirs.get("KhoaCu") == side.body.get("KhoaCu"):
        return None
    side.body = theirs
    return Damage("")


def content_exchanged(side: Shadow, _: Shadow, pair: Pair, __: Random) -> Damage | None:
    """Another dossier under the right key."""
    theirs = decode_body(pair.expected)
    ours, there = flatten(side.body), flatten(theirs)
    told = ("MaHoSo", "ThongTinChuHoSo.ChuHoSo", "NgayNopHoSo")
    if any(ours.get(name, "").casefold() in ("", there.get(name, "").casefold()) or name not in there for name in told):
        return None
    side.body = theirs | {name: side.body[name] for name in ("KhoaCu", "NguonHeThong") if name in side.body}
    return Damage("")


def raw(body: bytes) -> Change:
    def change(side: Shadow, _: Shadow, __: Pair, ___: Random) -> Damage:
        side.raw = body
        return Damage("")

    return change


# ---------------------------------------------------------------- files


def file(damage: Callable[[tuple[str, int]], tuple[str, int] | None]) -> Change:
    def change(side: Shadow, other: Shadow, _: Pair, rng: Random) -> Damage:
        if not side.files:
            for one in (side, other):
                one.files["thu/tep.pdf"] = ("5" * 64, 1200)
        locator = pick(rng, sorted(side.files)) or ""
        new = damage(side.files[locator])
        if new is None:
            del side.files[locator]
        else:
            side.files[locator] = new
        return Damage(f"TepDinhKem[{locator}]")

    return change


def file_added(side: Shadow, _: Shadow, __: Pair, ___: Random) -> Damage:
    side.files["thu/them.pdf"] = ("7" * 64, 900)
    return Damage("TepDinhKem[thu/them.pdf]")


def other_byte(file: tuple[str, int]) -> tuple[str, int]:
    """One byte of the content, and with it the whole hash."""
    return (file[0][::-1] if file[0] != file[0][::-1] else "a" * 64, file[1])
