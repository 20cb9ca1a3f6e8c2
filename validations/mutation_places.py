"""Where a dossier can be damaged: its leaves, elements and files, on a shadow copy in memory. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any, Final, TypeVar

import msgspec

from validations.canonical import decode_body, field_pattern, list_ids, named_elements, schema_leaves
from validations.compare import CODE_FIELDS, Files

STEPS: Final = "TienTrinh"
FREE: Final = "ThongTinKhac"
"""Free pairs of any dossier: where it has no place for a change, one is made there, on both sides."""

T = TypeVar("T")


@dataclass(frozen=True)
class Pair:
    """A dossier that is equal on both sides: as expected, and as the new system holds it."""

    expected: bytes
    stored: bytes
    files: Files = field(default_factory=dict)


@dataclass
class Shadow:
    """One side of a pair, free to be changed. ``raw`` stands for the body when it is no dossier any more."""

    body: dict[str, Any]
    files: dict[str, tuple[str, int]]
    raw: bytes | None = None

    def encoded(self) -> bytes:
        """The side as the comparer gets it."""
        return _ENCODER.encode(self.body) if self.raw is None else self.raw


@dataclass(frozen=True)
class Place:
    """A value of a body. ``type`` is the new schema's, None where it knows no such field."""

    path: str
    holder: Any  # the dict or list it stands in
    name: Any  # its key or position there
    value: Any
    type: Any

    def put(self, value: Any) -> None:
        self.holder[self.name] = value

    @property
    def last(self) -> str:
        return field_pattern(self.path).rpartition(".")[2]


def shadow(body: bytes, files: Files) -> Shadow:
    """A copy of one side."""
    return Shadow(decode_body(body), dict(files))


def places(body: dict[str, Any]) -> list[Place]:
    """Every value that can be damaged by itself: not the ids, by which a dossier and its elements are found."""
    return list(_places("", body))


def _places(path: str, holder: dict[str, Any]) -> Iterator[Place]:
    for name, value in holder.items():
        below = f"{path}.{name}" if path else name
        if below in ("KhoaCu", "NguonHeThong") or any(letter in name for letter in ".[]"):
            continue
        if isinstance(value, dict):
            yield from _places(below, value)
        elif isinstance(value, list):
            yield from _in_list(below, value)
        elif value is not None and value != "":
            yield Place(below, holder, name, value, _type(below))


def _in_list(path: str, items: list[Any]) -> Iterator[Place]:
    ids = list_ids(path)
    for at, (name, item) in enumerate(named_elements(path, items)):
        where = f"{path}[{name}]"
        if isinstance(item, dict):
            yield from (place for place in _places(where, item) if place.holder is not item or place.name not in ids)
        elif item:
            yield Place(where, items, at, item, _type(where))


def _type(path: str) -> Any:
    leaf = schema_leaves().get(field_pattern(path))
    return leaf.type if leaf else None


# ---------------------------------------------------------------- one place by what stands there


def pick(rng: Random, found: Sequence[T]) -> T | None:
    """One of them, None when there is none."""
    return found[rng.randrange(len(found))] if found else None


def texts(body: dict[str, Any], is_fit: Callable[[str], object] = bool) -> list[Place]:
    """Places of free text that fits: no code of a code list, no instant."""
    return [
        place
        for place in places(body)
        if isinstance(place.value, str)
        and (place.type is str or place.path.startswith(f"{FREE}."))
        and place.last not in CODE_FIELDS
        and is_fit(place.value)
    ]


def instants(body: dict[str, Any]) -> list[Place]:
    """Places of instants that can be read."""
    return [place for place in places(body) if place.type is datetime and moment(place.value) is not None]


def days(body: dict[str, Any]) -> list[Place]:
    """Places of dates."""
    return [place for place in places(body) if place.type is date and moment(place.value) is not None]


def named(body: dict[str, Any], *names: str) -> list[Place]:
    """Places whose field has one of these names."""
    return [place for place in places(body) if place.last in names]


def moment(value: Any) -> datetime | None:
    """An instant of which a day may be taken or added."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if 2 < found.year < 9998 else None


def elements(body: dict[str, Any]) -> list[tuple[str, list[Any], int]]:
    """(path, list, position) of every element that has an id of its own."""
    return [
        (f"{path}[{name}]", items, at)
        for path, items in body.items()
        if isinstance(items, list) and list_ids(path)
        for at, (name, item) in enumerate(named_elements(path, items))
        if isinstance(item, dict) and not name.startswith("#")
    ]


def steps(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that have an id and a moment, each id once."""
    found = {
        str(step["BuocId"]): step
        for step in body.get(STEPS) or ()
        if step.get("BuocId") is not None and moment(step.get("ThoiDiemXuLy"))
    }
    return list(found.values())


_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
