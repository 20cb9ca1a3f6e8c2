"""How many dossiers carry each old code of the reviewed lists and of the tables in a profile, record by record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mappings.agencies import AgencyRow
from mappings.catalogues import bare_name
from mappings.cells import Children, Row, Run, code_of
from mappings.fields import Compiler
from mappings.model import Mapped
from mappings.procedures import national_code
from mappings.profile import Profile
from mappings.profile_words import Coded, coded_values
from mappings.review_tables import Cells, Key, Table

MOST_CODES: Final = 5000
"""Distinct codes kept of one list; a column that holds more is no code list, and the rest is summed."""
LONGEST: Final = 80
"""Characters of the longest code kept."""


@dataclass
class CodeCount:
    """Dossiers that carry each code; ``more``: those whose codes are too many or too long to list."""

    dossiers: Counter[Key] = field(default_factory=Counter)
    more: int = 0

    def add(self, code: Key) -> None:
        """One more dossier."""
        if code in self.dossiers or (len(self.dossiers) < MOST_CODES and max(map(len, code)) <= LONGEST):
            self.dossiers[code] += 1
        else:
            self.more += 1


KeysOf = Callable[[Row, Children, Mapped], Iterator[Key]]
"""The rows of a list that a dossier rests on, or the codes that have no row yet."""


def list_counter(
    table: Table, profile: Profile, compiler: Compiler, rows: Mapping[Key, Cells], agencies: Sequence[AgencyRow]
) -> KeysOf:
    """Counts the dossiers of one source by the rows of a reviewed table."""
    if table.name == profile.status.crosswalk:
        return _statuses(profile, compiler, rows)
    if table.catalogue == "old_units":
        return lambda row, children, mapped: iter(_known(code_of(row.get(profile.agency.code))))
    if table.catalogue == "departments":
        return _departments(profile, rows, agencies)
    if table.catalogue == "procedures":
        return _procedures(profile, compiler, rows)
    counters = [code_counter(c, compiler) for c in coded_values(profile) if c.value.crosswalk == table.name]

    def keys(row: Row, children: Children, mapped: Mapped) -> Iterator[Key]:
        found = {code for codes in counters for (code,) in codes(row, children, mapped)}
        return iter([(code, "") for code in sorted(found)])

    return keys


def _known(code: str) -> list[Key]:
    return [(code,)] if code else []


def _statuses(profile: Profile, compiler: Compiler, rows: Mapping[Key, Cells]) -> KeysOf:
    words = profile.status
    qualifier = compiler.value(str, words.qualifier, "status") if words.qualifier else None

    def keys(row: Row, children: Children, mapped: Mapped) -> Iterator[Key]:
        code = code_of(row.get(words.code))
        sub = code_of(row.get(words.sub)) if words.sub else ""
        word = qualifier(row, Run(row, children)) if qualifier else ""
        found = next(((code, q) for q in (sub, word, "") if (code, q) in rows), None)
        if found is not None:
            yield found
        elif mapped.dossier is None and code:  # else the source's own mapping or a decision of the site settles it
            yield code, ""

    return keys


def _departments(profile: Profile, rows: Mapping[Key, Cells], agencies: Sequence[AgencyRow]) -> KeysOf:
    by_name = {bare_name(old): (old,) for (old,) in rows}
    names = {agency.code: agency.name for agency in agencies if agency.level == "province"}

    def keys(row: Row, children: Children, mapped: Mapped) -> Iterator[Key]:
        name = names.get(code_of(row.get(profile.agency.code)), "")
        if not name:
            return
        found = by_name.get(bare_name(name))
        if found is not None:
            yield found
        elif any(issue.code == "handling_department_unknown" for issue in mapped.issues):
            yield (name,)

    return keys


def _procedures(profile: Profile, compiler: Compiler, rows: Mapping[Key, Cells]) -> KeysOf:
    words = profile.procedure
    own = compiler.reference(words.mapping) if words.mapping else None
    by_code: dict[str, list[Key]] = {}
    for key in rows:
        by_code.setdefault(key[0], []).append(key)

    def keys(row: Row, children: Children, mapped: Mapped) -> Iterator[Key]:
        told = (own(row, Run(row, children)) if own else "") or code_of(row.get(words.code))
        code = national_code(told)
        if code in by_code:
            yield from by_code[code]
        elif code and any(issue.code in _GONE for issue in mapped.issues):
            yield code, "", ""

    return keys


_GONE: Final = frozenset({"handling_procedure_gone", "procedure_gone_closed"})


def code_counter(coded: Coded, compiler: Compiler) -> KeysOf:
    """The distinct codes that a dossier gives to a word with a table; "" stands for an empty column."""
    plain = coded.value.model_copy(update={"table": None, "crosswalk": ""})
    code = compiler.value(str, plain, coded.path)

    def keys(row: Row, children: Children, mapped: Mapped) -> Iterator[Key]:
        frames: Sequence[Row] = children.get(coded.frame, ()) if coded.frame else (row,)
        run = Run(row, children)
        found: set[Any] = {code(one, run).strip() for one in frames}
        return iter([(text,) for text in sorted(found)])

    return keys
