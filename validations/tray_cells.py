"""Which old cells a finding is about: heard from the engine while it mapped, never guessed from names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mappings.cells import Row, code_of
from mappings.model import Issue
from mappings.profile import Profile
from mappings.spec import AddressColumns, FileColumns, Value
from mappings.tracing import Told, Trace


class OldPlace(NamedTuple):
    """Where a cell of a dossier stands. ``child`` and ``row`` (its key): on a row that hangs on it; empty: its own."""

    child: str
    row: str
    column: str


def places_of(issue: Issue, trace: Trace, profile: Profile, row: Row) -> tuple[OldPlace, ...]:
    """The cells behind a finding, each once; none when it is about something else than a cell.

    ``trace`` heard the dossier being mapped from ``row``.
    """
    told = [each for each in trace.walk() if each.path == issue.field]
    named = [each for each in told if each.about and each.about in issue.about.split()]
    found = [place for each in named or told for place in _read(each, profile)]
    own = [*_engine_columns(issue.field, profile), issue.field]
    found += [OldPlace("", "", column) for column in own if column in row]
    return tuple(dict.fromkeys(found))


def _read(told: Told, profile: Profile) -> Iterator[OldPlace]:
    child = profile.reading.children.get(told.frame)
    if told.frame and child is None:
        return  # a catalogue: what stands there is no dossier's own
    key = code_of(told.row.get(child.key)) if child else ""
    for column in _columns(told.spec):
        if column in told.row:
            yield OldPlace(told.frame, key, column)


def _columns(spec: object) -> Sequence[str]:
    if isinstance(spec, Value):
        return spec.source
    if isinstance(spec, FileColumns):
        return (spec.entry,)
    if isinstance(spec, AddressColumns):
        return tuple(column for _, column in spec.uses())
    return ()


def _engine_columns(field: str, profile: Profile) -> Sequence[str]:
    """The columns of what the engine fills by rules of its own."""
    if field == "filed_at":
        return [candidate.column for candidate in profile.filed.order]
    if field == "status":
        return [column for column in (profile.status.code, profile.status.sub) if column]
    if field == "procedure_code":
        return [profile.procedure.code]
    if field in ("receiving_agency", "handling_agency"):
        return [column for _, column in profile.agency.uses()]
    return ()
