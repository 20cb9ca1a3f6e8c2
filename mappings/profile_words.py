"""The words of a profile, each with the field that it fills: what a review lists and what the cases must cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mappings.profile import Profile
from mappings.spec import AddressColumns, FileColumns, Group, Spans, Strict, Value

LISTS = ("papers", "results", "steps", "fees", "requests", "documents")


@dataclass(frozen=True)
class Word:
    """``said`` fills the field ``path`` from rows of ``frame`` ("": the dossier's own row)."""

    path: str
    frame: str
    said: Strict

    def values(self) -> Iterator[Value]:
        """The word itself, or the alternatives that it lists."""
        if isinstance(self.said, Value):
            yield from _alternatives(self.said)

    def uses(self) -> Iterator[tuple[str, str]]:
        """(frame, column) of everything that it reads."""
        for frame, column in self.said.uses():
            yield frame or self.frame, column


def _alternatives(value: Value) -> Iterator[Value]:
    if not value.first:
        yield value
    for one in value.first:
        yield from _alternatives(one)


@dataclass(frozen=True)
class Coded:
    """A value that goes through a table or a crosswalk."""

    path: str
    frame: str
    value: Value


def coded_values(profile: Profile) -> Iterator[Coded]:
    """Every such value, in the order of the profile."""
    for word in words(profile):
        for value in word.values():
            if value.table is not None or value.crosswalk:
                yield Coded(word.path, word.frame, value)


def words(profile: Profile) -> Iterator[Word]:
    """Every word that fills a field, then those that the engine reads by rules of its own."""
    yield from field_words(profile)
    for link in profile.links:
        yield Word("links.kind", "", link)
        yield Word("links.value", "", link)
    yield from _engine(profile)


def field_words(profile: Profile) -> Iterator[Word]:
    """Every word that fills a field of the dossier or of one of its lists."""
    yield from _group(profile.dossier, "", "")
    for name in LISTS:
        for items in getattr(profile, name):
            yield from _group(items.fields, name, items.child)
    for name, spans in (("supplements", profile.supplements), ("pauses", profile.pauses)):
        yield from _spans(spans, name) if spans else ()


def _group(group: Group, path: str, frame: str) -> Iterator[Word]:
    for name, part in group.parts():
        own = f"{path}.{name}" if path else name
        yield from _part(part, own, frame)
        if isinstance(part, Value) and part.original:
            yield Word(f"{path}.{part.original}" if path else part.original, frame, part)


def _part(part: Any, path: str, frame: str) -> Iterator[Word]:
    if isinstance(part, AddressColumns):
        for name in ("text", "province", "district", "commune"):
            below = getattr(part, name)
            if below is not None:
                yield Word(f"{path}.{name}", frame, below)
        if part.commune is not None:
            yield Word(f"{path}.new_commune", frame, part.commune)
    elif isinstance(part, Group):
        yield from _group(part, path, frame)
    elif isinstance(part, Value | FileColumns):
        yield Word(path, frame, part)


def _spans(spans: Spans, name: str) -> Iterator[Word]:
    for field, value in (*spans.first.items(), *spans.last.items()):
        yield Word(f"{name}.{field}", spans.child, value)
    if spans.ended:
        yield Word(f"{name}.{spans.ended}", spans.child, spans.state)


def _engine(profile: Profile) -> Iterator[Word]:
    for candidate in profile.filed.order:
        column = Value.model_validate({"from": candidate.column})
        yield Word("filed_at", "", column)
        yield Word("filed_from", "", column)
    for name in ("status", "old_status"):
        yield Word(name, "", profile.status)
    for name in ("procedure_code", "old_procedure_code"):
        yield Word(name, "", profile.procedure)
    yield Word("receiving_agency", "", profile.agency)
    for name in ("handling_agency", "handling_rule"):
        yield Word(name, "", profile.agency)
        for place in profile.places.values():
            yield Word(name, "", place)
    for kept in profile.extra:
        yield Word("extra", "", kept)
