"""Seeded changes of single values: texts, instants, codes, numbers. Pure; each says which field it damaged."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from validations.canonical import flatten
from validations.mutation_places import (
    FREE,
    Pair,
    Place,
    Shadow,
    elements,
    instants,
    moment,
    named,
    pick,
    places,
    texts,
)


@dataclass(frozen=True)
class Damage:
    """Where a side was damaged: the field that must be named, and below what else may be named beside it."""

    field: str
    within: tuple[str, ...] = ()


Change = Callable[[Shadow, Shadow, Pair, Random], Damage | None]
"""Damage the first side (the second one only to make room on both); None where this dossier has no place for it.

The pair is another dossier, for what two of them are needed for.
"""


# ---------------------------------------------------------------- text


def text(damage: Callable[[str, Random], str | None], is_fit: Callable[[str], object] = bool) -> Change:
    """A change of one free text."""

    def change(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
        place = pick(rng, texts(side.body, is_fit))
        new = None if place is None else damage(nfc(place.value), rng)
        if place is None or new is None or new == nfc(place.value):
            return None
        place.put(new)
        return Damage(place.path)

    return change


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def one_letter(text: str, rng: Random) -> str | None:
    at = pick(rng, [n for n, letter in enumerate(text) if letter.isalnum()])
    if at is None:
        return None
    letter = text[at]
    other = str((int(letter) + 1) % 10) if letter.isascii() and letter.isdigit() else "x" if letter not in "xX" else "q"
    return text[:at] + other + text[at + 1 :]


def lookalike(text: str, _: Random) -> str:
    return text.translate(_TWINS)


_TWINS: Final = str.maketrans({"Đ": "Ð", "a": "а", "o": "о", "c": "с"})  # Icelandic and Cyrillic letters
_LONG: Final = 8


def cut(text: str, rng: Random) -> str:
    return text[: rng.randrange(_LONG // 2, len(text.rstrip()) - 1)].rstrip() + (pick(rng, ("", "...", "…")) or "")


def cut_bytes(text: str, rng: Random) -> str | None:
    """The text as a column of so many bytes keeps it, letters composed or not."""
    encoded = unicodedata.normalize(pick(rng, ("NFC", "NFD")) or "NFC", text).encode()
    cuts = [at for at in range(4, len(encoded) - 6) if encoded[at] & 0xC0 == 0x80]
    at = pick(rng, cuts)
    return None if at is None else encoded[:at].decode("utf-8", "replace")


def is_long(text: str) -> bool:
    return len(text.rstrip()) >= _LONG and not text[: _LONG // 2].isspace()


def has_marks(text: str) -> bool:
    return not text.isascii()


def question_marks(text: str, _: Random) -> str:
    return "".join(letter if letter.isascii() else "?" for letter in text)


def read_as_latin(text: str, rng: Random) -> str:
    return text.encode().decode("latin-1") if rng.random() < 0.5 else _windows(text.encode())


def _windows(text: bytes) -> str:
    return "".join(chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([b]).decode("cp1252") for b in text)


def without_marks(text: str, _: Random) -> str | None:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return plain if plain.isascii() else None


# ---------------------------------------------------------------- values


def value(find: Callable[[dict[str, Any]], list[Place]], damage: Callable[[Any, Random], Any]) -> Change:
    """A change of one value at a place that ``find`` finds."""

    def change(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
        place = pick(rng, find(side.body))
        if place is None:
            return None
        place.put(damage(place.value, rng))
        return Damage(place.path)

    return change


def later(step: timedelta) -> Callable[[Any, Random], str]:
    def moved(value: Any, rng: Random) -> str:
        found = moment(value)
        assert found is not None, "places of instants hold instants"
        return (found + step if rng.random() < 0.5 else found - step).isoformat()

    return moved


def zone_lost(value: Any, _: Random) -> str:
    found = moment(value)
    assert found is not None, "places of instants hold instants"
    return (found.replace(tzinfo=None) + timedelta(hours=0 if found.utcoffset() else 7)).isoformat() + "Z"


def next_day(value: Any, rng: Random) -> str:
    return str(date.fromisoformat(value[:10]) + timedelta(days=1 if rng.random() < 0.5 else -1))


def flag(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage:
    place = pick(rng, [p for p in places(side.body) if p.type is bool and isinstance(p.value, bool)])
    if place is None:
        side.body["LaHoSoChuyenDoi"] = False
        return Damage("LaHoSoChuyenDoi")
    place.put(not place.value)
    return Damage(place.path)


def numbers(body: dict[str, Any]) -> list[Place]:
    return [p for p in places(body) if p.type is int and type(p.value) is int and p.last != "TrangThaiHoSo"]


def codes_of_communes(body: dict[str, Any]) -> list[Place]:
    return [p for p in named(body, "Ma") if isinstance(p.value, str) and p.value]


def other_commune(code: Any, _: Random) -> str:
    text = str(code)
    return text[:-1] + ("2" if text.endswith("1") else "1")


def emptied(value: Any) -> Change:
    """A text that says nothing any more: "" or null."""

    def change(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
        place = pick(rng, texts(side.body))
        if place is None:
            return None
        place.put(value)
        return Damage(place.path)

    return change


def dropped(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
    place = pick(rng, [p for p in texts(side.body) + instants(side.body) if isinstance(p.holder, dict)])
    if place is None:
        return None
    del place.holder[place.name]
    return Damage(place.path)


def default_emptied(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage:
    """ "" where nothing written means the counter, an input paper, a migrated dossier."""
    found = [("HinhThuc", side.body), ("LaHoSoChuyenDoi", side.body)]
    papers = [one for one in elements(side.body) if one[0].startswith("TaiLieuNop[")]
    found += [(f"{path}.LoaiThanhPhan", items[at]) for path, items, at in papers]
    path, holder = found[rng.randrange(len(found))]
    holder[path.rpartition(".")[2]] = ""
    return Damage(path)


def object_lost(side: Shadow, _: Shadow, __: Pair, rng: Random) -> Damage | None:
    """A part that is no list, with all that it says."""
    owner = side.body.get("ThongTinChuHoSo")
    found = [(side.body, name, name) for name, value in side.body.items() if isinstance(value, dict) and value]
    if isinstance(owner, dict):
        found += [(owner, k, f"ThongTinChuHoSo.{k}") for k, value in owner.items() if isinstance(value, dict) and value]
    one = pick(rng, [x for x in found if x[2] != "ThongTinChuHoSo" and flatten(x[0][x[1]])])
    if one is None:
        return None
    holder, name, path = one
    first = min(flatten(holder[name]))
    holder[name] = None
    return Damage(f"{path}.{first}", (path,))


def both(old: Any, new: Any) -> Change:
    """A pair of free data, put on both sides and damaged on one."""

    def change(side: Shadow, other: Shadow, _: Pair, rng: Random) -> Damage:
        for one in (side, other):
            one.body[FREE] = {**(one.body.get(FREE) or {}), "thu": old}
        side.body[FREE]["thu"] = new
        return Damage(f"{FREE}.thu")

    return change


def own_field(side: Shadow, _: Shadow, __: Pair, ___: Random) -> Damage:
    side.body["SoBienNhanThu"] = "BN-1"
    return Damage("SoBienNhanThu")
