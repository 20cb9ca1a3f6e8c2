"""The columns of known systems with the field that each fills: those that the shipped profiles read. Pure."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings.column_words import concepts, fold, unread
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
    context: frozenset[str] = frozenset()  # of a catalogue: whose it is, as the column that points there says

    @functools.cached_property
    def letters(self) -> str:
        """The name without case and signs."""
        return fold(self.column).replace(" ", "")

    @property
    def is_read(self) -> bool:
        """Whether every word of the name is known: what is alike in the known half of two names only, is not alike."""
        return unread(self.column) == 0

    @functools.cached_property
    def says(self) -> frozenset[str]:
        """The concepts of the name; those of a catalogue's column with the context, without the catalogue's name."""
        said = concepts(self.column)
        return said - concepts(self.table.rpartition(".")[2]) | self.context if self.context else said


@functools.cache
def profile_columns() -> tuple[KnownColumn, ...]:
    """What every shipped profile reads straight from a table."""
    names = sorted(file.stem for file in (SHIPPED / "profiles").glob("*.yaml"))
    return tuple(column for name in names for column in columns_of(load_profile(name)))


def columns_of(profile: Profile) -> Iterator[KnownColumn]:
    """(field, column) of everything that a profile fills from a column; joined ones under their own table."""
    for field, frame, column in _filled(profile):
        table, name, context = _place(profile, frame, column)
        if table:
            yield KnownColumn(profile.name, table, name, field, context)


def _looked_up(path: str, said: Any) -> Iterator[tuple[str, str, str]]:
    """What a field takes from a row of a child or of a reference that it looks up."""
    if isinstance(said, Value):
        for lookup in (said.child, said.reference):
            if lookup is not None and not lookup.json_in:
                yield from ((path, lookup.name, column) for column in lookup.column)
        for part in said.first:
            yield from _looked_up(path, part)


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
        yield from _looked_up(word.path, word.said)


def _sources(said: Any) -> Iterator[str]:
    if isinstance(said, Value):
        yield from said.source
        if said.value is not None:  # a constant that holds under a test comes from the tested column
            yield from (test.column for test in said.when if test.column)
        for part in said.first:
            yield from _sources(part)


def _place(profile: Profile, frame: str, column: str) -> tuple[str, str, frozenset[str]]:
    """(table, column, context) that a name in a frame stands for; ("", "", …) for what a query makes.

    A query joins the dossier with one table more: a column that both have is that table's.
    """
    reading = profile.reading
    read: ReadTable | None = {"": reading.dossiers, **reading.references, **reading.children}.get(frame)
    if read is None:
        return "", "", frozenset()
    alias, dot, name = column.partition(".")
    if not dot:
        holders = [table for table, columns in read.reads.items() if column in columns]
        made = next((table for table in holders if table != profile.reading.dossiers.table), "".join(holders[:1]))
        return read.table or made, column, frozenset()
    join = next((join for join in read.join if join.alias == alias), None)
    if join is None:
        return "", name, frozenset()
    (*_, ours) = join.match
    return join.table, name, concepts(ours.rpartition(".")[2]) - {"id", "code", "number"}
