"""The columns of known systems with the field that each fills: those that the shipped profiles read. Pure."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings.column_words import concepts, fold
from mappings.declared import SHIPPED
from mappings.profile import Profile, ReadTable, load_profile
from mappings.profile_words import Word, field_words
from mappings.spec import FileColumns, UnitColumns, Value

_DERIVED: Final = ("name_original", "phone_original", "note_original", "new_commune")
_SPANS: Final = ("supplements", "pauses")
"""Paths that follow from others, and lists that are stretches of a history: nothing is guessed for them."""


@dataclass(frozen=True)
class KnownColumn:
    """``system`` fills ``field`` (as crosswalks/field_words.csv names fields) from this column."""

    system: str
    table: str
    column: str
    field: str

    @functools.cached_property
    def letters(self) -> str:
        """The name without case and signs."""
        return fold(self.column).replace(" ", "")

    @functools.cached_property
    def says(self) -> frozenset[str]:
        """The concepts of the name."""
        return concepts(self.column)


@functools.cache
def profile_columns() -> tuple[KnownColumn, ...]:
    """What every shipped profile reads straight from a table."""
    names = sorted(file.stem for file in (SHIPPED / "profiles").glob("*.yaml"))
    return tuple(column for name in names for column in columns_of(load_profile(name)))


def columns_of(profile: Profile) -> Iterator[KnownColumn]:
    """(field, column) of everything that a profile fills from a column; joined ones under their own table."""
    for field, frame, column in _filled(profile):
        table, name = _place(profile, frame, column)
        if table:
            yield KnownColumn(profile.name, table, name, field)


def _filled(profile: Profile) -> Iterator[tuple[str, str, str]]:
    if profile.filed.order[0].column != profile.filed.received:  # a system with one date does not tell the two apart
        yield "filed", "", profile.filed.order[0].column
    yield "received", "", profile.filed.received
    yield "status.code", "", profile.status.code
    yield "procedure.code", "", profile.procedure.code
    yield "agency.code", "", profile.agency.code
    for column in _sources(profile.agency.name):
        yield "agency.name", "", column
    for word in field_words(profile):
        if not word.path.endswith(_DERIVED) and word.path.partition(".")[0] not in _SPANS:
            yield from _word(word)


def _word(word: Word) -> Iterator[tuple[str, str, str]]:
    if isinstance(word.said, FileColumns):
        yield f"{word.path}.entry", word.frame, word.said.entry
        for name in ("name", "media_type", "version"):
            for column in _sources(getattr(word.said, name)):
                yield f"{word.path}.{name}", word.frame, column
    elif isinstance(word.said, UnitColumns):
        yield f"{word.path}.code", word.frame, word.said.code
        if word.said.name:
            yield f"{word.path}.name", word.frame, word.said.name
    else:
        for column in _sources(word.said):
            yield word.path, word.frame, column


def _sources(said: Any) -> Iterator[str]:
    if isinstance(said, Value):
        yield from said.source
        if said.value is not None:  # a constant that holds under a test comes from the tested column
            yield from (test.column for test in said.when if test.column)
        for part in said.first:
            yield from _sources(part)


def _place(profile: Profile, frame: str, column: str) -> tuple[str, str]:
    """(table, column) that a name in a frame stands for; ("", "") for what a query makes."""
    read: ReadTable | None = profile.reading.children.get(frame) if frame else profile.reading.dossiers
    if read is None:
        return "", ""
    alias, dot, name = column.partition(".")
    if not dot:
        made = next((t for t, columns in read.reads.items() if column in columns), "")
        return read.table or made, column
    return next((join.table for join in read.join if join.alias == alias), ""), name
