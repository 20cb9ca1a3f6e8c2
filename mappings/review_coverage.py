"""How often each field of the new schema is filled, empty, or not as it was in the old system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Struct

from mappings.model import Dossier, Mapped
from mappings.review_fields import WHOLE, inner_struct
from mappings.spec import struct_type
from mappings.steps import STEPS


@dataclass
class FieldCount:
    """How often a field was filled and empty, and how often its value was changed (the original is kept)."""

    filled: int = 0
    empty: int = 0
    changed: int = 0


Node = tuple[str, str, "Plan | None", bool]  # field, path, what lies below, whether it is a list
Plan = tuple[Node, ...]


def _plan(struct: type[Struct], path: str) -> Plan:
    nodes: list[Node] = []
    for item in msgspec.structs.fields(struct):
        own = f"{path}.{item.name}" if path else item.name
        kind = struct_type(item.type)
        inner = inner_struct(kind)
        below = _plan(inner, own) if inner is not None and inner not in WHOLE else None
        nodes.append((item.name, own, below, inner is not None and inner is not kind))
    return tuple(nodes)


_PLAN: Final = _plan(Dossier, "")


def _count_struct(plan: Plan, struct: Struct | None, counts: dict[str, FieldCount]) -> None:
    for name, path, below, is_list in plan:
        value = None if struct is None else getattr(struct, name)
        if below is None:
            count = counts.get(path) or counts.setdefault(path, FieldCount())
            if value:
                count.filled += 1
            else:
                count.empty += 1
        elif is_list:
            for one in value or ():
                _count_struct(below, one, counts)
        else:
            _count_struct(below, value, counts)


def count_fields(dossier: Dossier, mapped: Mapped, counts: dict[str, FieldCount]) -> None:
    """Add every field of a mapped dossier to the counts, by path."""
    _count_struct(_PLAN, dossier, counts)
    for path in _changed(dossier, mapped):
        if path in counts:
            counts[path].changed += 1


_KEPT: Final = re.compile(r"^([\w.]+?)\.original(?:\.|$)")
_NOTICED: Final = frozenset(step.issue for step in STEPS.values() if step.issue and not step.is_look)


def _changed(dossier: Dossier, mapped: Mapped) -> Iterator[str]:
    """Paths whose value is not the old one letter by letter, once for each place where that is so."""
    found = {(path, "") for path in _with_original(_ORIGINALS, dossier)}
    for name in dossier.extra:
        kept = _KEPT.match(name)
        if kept:
            found.add((kept[1], name[kept.end() :]))
    found |= {(issue.field, issue.about) for issue in mapped.issues if issue.code in _NOTICED}
    return (path for path, _ in sorted(found))


def _with_original(plan: Plan, struct: Struct) -> Iterator[str]:
    for name, path, below, _ in plan:
        value = getattr(struct, name)
        if below is None:
            if value:
                yield path.removesuffix("_original")
        elif value is not None:
            yield from _with_original(below, value)


def _only_originals(plan: Plan) -> Plan:
    kept: list[Node] = []
    for name, path, below, is_list in plan:
        inner = _only_originals(below) if below and not is_list else None
        if inner or (below is None and name.endswith("_original")):
            kept.append((name, path, inner, is_list))
    return tuple(kept)


_ORIGINALS: Final = _only_originals(_PLAN)
