"""Paths and values as a case writes them: ``applicant.phone``, ``papers.0.name``, ``2025-06-02 09:00:00``, ``có``."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from mappings.cells import VIETNAM
from mappings.model import Dossier
from mappings.spec import struct_type


def is_field(path: str) -> bool:
    """Whether the new schema has a field at a path; elements of lists by number, keys of ``extra`` by name."""
    kind: Any = Dossier
    for step in _steps(path):
        if typing.get_origin(kind) is tuple:
            if not step.isdigit():
                return False
            kind = typing.get_args(kind)[0]
        elif typing.get_origin(kind) is dict:
            return bool(step)
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            hints = typing.get_type_hints(kind)
            if step not in hints:
                return False
            kind = struct_type(hints[step])
        else:
            return False
    return True


def _steps(path: str) -> list[str]:
    head, dot, rest = path.partition(".")
    return [head, rest] if head == "extra" and dot else path.split(".")


def at_path(dossier: Dossier, path: str) -> Any:
    """The value at a path; None where a part on the way is missing."""
    value: Any = dossier
    for step in _steps(path):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, tuple):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        else:
            value = getattr(value, step, None)
        if value is None:
            return None
    return value


def said_of(value: Any, expected: Any) -> str:
    """A value as the case would write it; a list of structs by its length when a number is expected."""
    if value is None or value == "" or value == () or value == {}:
        return "" if expected != "0" else "0"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return str(len(value)) if isinstance(value[0], msgspec.Struct) else ", ".join(map(str, value))
    if isinstance(value, msgspec.Struct):
        return "có"
    return str(value)


def wanted(expected: Any) -> str:
    """An expected value as text: null and "" say that the field is empty."""
    if expected is None:
        return ""
    if isinstance(expected, bool):
        return "true" if expected else "false"
    if isinstance(expected, list):
        return ", ".join(map(str, expected))
    return str(expected)


def filled(value: Any, path: str = "") -> Iterator[str]:
    """Paths of everything in a dossier that holds something; list numbers left out."""
    if isinstance(value, msgspec.Struct):
        for item in msgspec.structs.fields(type(value)):
            found = getattr(value, item.name)
            if found:
                own = f"{path}.{item.name}" if path else item.name
                yield own
                yield from filled(found, own)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for element in value:
            yield from filled(element, path)
