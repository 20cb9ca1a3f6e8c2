"""Every field of the new schema: what it means, where a profile takes it from, by which steps and tables."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from mappings.glossary import FIELDS
from mappings.model import AgencyRef, Attachment, Dossier, UnitRef
from mappings.profile import Profile
from mappings.profile_words import Word, words
from mappings.spec import UnitColumns, Value, struct_type
from mappings.steps import STEPS

WHOLE: Final = (UnitRef, AgencyRef, Attachment)
"""Structs that count as one field."""
_TYPES: Final[Mapping[Any, str]] = {
    str: "chữ",
    int: "số nguyên",
    bool: "có/không",
    date: "ngày",
    datetime: "thời điểm",
    UnitRef: "đơn vị hành chính",
    AgencyRef: "cơ quan",
    Attachment: "tệp",
}
_RULES: Final[Mapping[str, tuple[str, ...]]] = {
    "receiving_agency": ("crosswalks/agencies.csv",),
    "handling_agency": ("crosswalks/agencies.csv", "crosswalks/departments.csv", "rules/competence.yaml"),
    "handling_rule": ("rules/competence.yaml",),
}
"""Tables that the engine looks into by itself."""


@dataclass(frozen=True)
class FieldLine:
    """One field. ``path``: dotted Python names, as in issues; ``name``: the same in the portal's words."""

    path: str
    name: str
    meaning: str
    kind: str
    sources: tuple[str, ...]
    steps: tuple[str, ...]
    tables: tuple[str, ...]


def described(profile: Profile) -> list[FieldLine]:
    """Every field in the order of the model."""
    told: dict[str, list[Word]] = {}
    for word in words(profile):
        told.setdefault(word.path, []).append(word)
    return [
        FieldLine(
            path,
            name,
            meaning,
            kind,
            _unique(column for word in told.get(path, ()) for column in _sources(profile, word)),
            _unique(step for word in told.get(path, ()) for step in _steps(word)),
            _unique([*(table for word in told.get(path, ()) for table in _tables(word)), *_RULES.get(path, ())]),
        )
        for path, name, meaning, kind in _fields(Dossier, "", "")
    ]


def _fields(struct: type[Struct], path: str, name: str) -> Iterator[tuple[str, str, str, str]]:
    """(path, name, meaning, type) of everything below a struct."""
    for item in msgspec.structs.fields(struct):
        own, own_name = (f"{path}.{item.name}", f"{name}.{item.encode_name}") if path else (item.name, item.encode_name)
        kind = struct_type(item.type)
        inner = inner_struct(kind)
        if inner is not None and inner not in WHOLE:
            yield from _fields(inner, own, own_name)
        else:
            yield own, own_name, FIELDS[struct.__name__].get(item.name, ""), _type_name(kind)


def inner_struct(kind: Any) -> type[Struct] | None:
    """The struct that a field holds, or that the items of its list are."""
    if typing.get_origin(kind) is tuple:
        kind = typing.get_args(kind)[0]
    return kind if isinstance(kind, type) and issubclass(kind, Struct) else None


def _type_name(kind: Any) -> str:
    if typing.get_origin(kind) is tuple:
        return f"danh sách {_TYPES.get(typing.get_args(kind)[0], 'chữ')}"
    if typing.get_origin(kind) is dict:
        return "bảng tên: chữ"
    return _TYPES.get(struct_type(kind), "chữ")


def _unique(found: typing.Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, found)))


def _sources(profile: Profile, word: Word) -> Iterator[str]:
    for value in word.values():
        if value.value is not None:
            yield f"hằng {value.value!r}"
    for frame, column in word.uses():
        yield column_name(profile, frame, column)


def column_name(profile: Profile, frame: str, column: str) -> str:
    """A column with its table, as the old database names them."""
    reading = profile.reading
    read = {"": reading.dossiers, **reading.children, **reading.references}[frame]
    alias, dot, below = column.partition(".")
    joined = next((join.table for join in read.join if dot and join.alias == alias), "")
    return f"{joined}.{below}" if joined else f"{read.table or frame}.{column}"


def _steps(word: Word) -> Iterator[str]:
    for value in word.values():
        for name in value.steps:
            yield f"{name}: {STEPS[name].meaning}"
    for name in getattr(word.said, "steps", ()) if not isinstance(word.said, Value) else ():
        yield f"{name}: {STEPS[name].meaning}"


def _tables(word: Word) -> Iterator[str]:
    for value in word.values():
        if value.table is not None:
            yield f"bảng trong profile ({len(value.table)} mã)"
        if value.crosswalk:
            yield f"crosswalks/{value.crosswalk}.csv"
    crosswalk = getattr(word.said, "crosswalk", "") if not isinstance(word.said, Value) else ""
    if crosswalk:
        yield f"crosswalks/{crosswalk}.csv"
    if isinstance(word.said, UnitColumns) and word.path.endswith(".new_commune"):
        yield "crosswalks/communes.csv.gz"
