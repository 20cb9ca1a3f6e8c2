"""From a batch of dossiers to pandas frames: one row a dossier, or one row a paper, step, fee, …

A frame holds only the columns that a suite names, as dotted paths in the new schema (``applicant.identity.number``).
Empty text is missing. Instants are seconds since 1970 in UTC, days are day numbers: plain floats compare fast and
hold any year. The index ``row_id`` is a surrogate: business keys may repeat, row ids never do.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from mappings.calendar import Calendar
from mappings.model import OPEN_STATUSES, Dossier
from validations.deadlines import apologies, due_drift_days

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "flag", "instant", "day"]

DOSSIER: Final = "dossier"
ROW_ID: Final = "row_id"


def _has_duration(dossier: Dossier) -> bool:
    try:
        return float(dossier.duration or 0) > 0
    except ValueError:
        return False


DERIVED: Final[Mapping[str, Callable[[Dossier], bool]]] = {
    "is_received": lambda dossier: dossier.received_at is not None,
    "is_open": lambda dossier: dossier.status in OPEN_STATUSES,
    "has_duration": _has_duration,
}
"""Flags of a dossier that a suite may name beside the fields of the schema."""


@dataclass(frozen=True)
class Counted:
    """A number that is worked out from a dossier, None when it says nothing; ``field`` is where an issue points."""

    field: str
    count: Callable[[Dossier, Calendar], float | None]


COUNTED: Final[Mapping[str, Counted]] = {
    "apologies": Counted("documents", lambda dossier, calendar: float(apologies(dossier))),
    "due_drift_days": Counted("due_at", due_drift_days),
}
"""Numbers of a dossier that a suite may name beside the fields of the schema."""


@dataclass(frozen=True)
class Frame:
    """One entity of a batch. ``owners[row_id]`` is the position of the row's dossier in the batch."""

    data: pd.DataFrame
    owners: Sequence[int]


def entities() -> dict[str, type[msgspec.Struct]]:
    """Entity name → its struct: the dossier and every list that belongs to it."""
    found: dict[str, type[msgspec.Struct]] = {DOSSIER: Dossier}
    for name, hint in typing.get_type_hints(Dossier).items():
        if typing.get_origin(hint) is tuple and issubclass(typing.get_args(hint)[0], msgspec.Struct):
            found[name] = typing.get_args(hint)[0]
    return found


def entity_type(entity: str) -> type[msgspec.Struct] | None:
    """The struct of an entity; None when there is no such entity."""
    return Dossier if entity == DOSSIER else entities().get(entity)  # a suite asks often, and types are dear to resolve


def column_kind(entity: str, path: str) -> Kind | None:
    """What a column holds; None when the new schema has no such field."""
    if entity == DOSSIER and path in DERIVED:
        return "flag"
    if entity == DOSSIER and path in COUNTED:
        return "number"
    current: Any = entity_type(entity)
    for name in path.split("."):
        if not (isinstance(current, type) and issubclass(current, msgspec.Struct)):
            return None
        current = _bare(typing.get_type_hints(current).get(name))
    return _KINDS.get(current)


def _bare(hint: Any) -> Any:
    """A type without its ``None``."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        inner = [part for part in typing.get_args(hint) if part is not type(None)]
        return inner[0] if len(inner) == 1 else None
    return hint


_KINDS: Final[Mapping[Any, Kind]] = {str: "text", int: "number", bool: "flag", datetime: "instant", date: "day"}


def build_frame(entity: str, columns: Iterable[str], dossiers: Sequence[Dossier], calendar: Calendar) -> Frame:
    """The frame of one entity over a batch, with these columns."""
    import pandas as pd

    objects, owners = _rows(entity, dossiers)
    reached: dict[str, list[Any]] = {"": objects}
    series = {path: _series(entity, path, reached, calendar) for path in sorted(columns)}
    index = pd.RangeIndex(len(objects), name=ROW_ID)
    return Frame(pd.DataFrame(series, index=index), owners)


def _rows(entity: str, dossiers: Sequence[Dossier]) -> tuple[list[Any], Sequence[int]]:
    if entity == DOSSIER:
        return list(dossiers), range(len(dossiers))
    objects: list[Any] = []
    owners: list[int] = []
    for position, dossier in enumerate(dossiers):
        children = getattr(dossier, entity)
        objects.extend(children)
        owners.extend([position] * len(children))
    return objects, owners


def _series(entity: str, path: str, reached: dict[str, list[Any]], calendar: Calendar) -> Any:
    import numpy as np
    import pandas as pd

    if entity == DOSSIER and path in DERIVED:
        return np.array([DERIVED[path](dossier) for dossier in reached[""]], dtype=bool)
    if entity == DOSSIER and path in COUNTED:
        count = COUNTED[path].count
        return np.array([_number(count(dossier, calendar)) for dossier in reached[""]], dtype=float)
    values = _reach(path, reached)
    kind = column_kind(entity, path)
    if kind == "text":
        return pd.array([value or None for value in values], dtype="str")
    if kind == "flag":
        return np.array([bool(value) for value in values], dtype=bool)
    return np.array([_number(value) for value in values], dtype=float)


def _reach(path: str, reached: dict[str, list[Any]]) -> list[Any]:
    """The values at a path; common beginnings of paths are walked once."""
    if path not in reached:
        parent, _, name = path.rpartition(".")
        holders = _reach(parent, reached)
        reached[path] = [None if holder is None else getattr(holder, name) for holder in holders]
    return reached[path]


def _number(value: datetime | date | float | None) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    return float(value)
