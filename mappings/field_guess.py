"""Which field of the new schema might a column fill? By its name, by what stands in it, by what known systems do.

Words: crosswalks/field_words.csv (a field said in concepts), crosswalks/known_columns.csv (columns of public one-stop
systems) and the shipped profiles. A guess is a suggestion with a score and a reason, never more. Pure.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mappings.column_facts import Facts
from mappings.column_fit import TELLING, fit, is_contact, lists_agencies, tell
from mappings.column_words import fold, likeness, unread
from mappings.declared import SHIPPED, read_csv
from mappings.field_words import may_not_say, must_say
from mappings.known_profiles import KnownColumn, profile_columns

LEAST: Final = 60
"""Below this score (0 to 100) a guess is not made."""
SURE: Final = 80
"""From this score a guess is a suggestion; below it, a question that a person must settle."""
LISTS: Final = ("papers", "results", "steps", "fees", "requests", "documents")
_ROLES: Final = ("applicant", "delegate", "postal")
_NAME_SHARE: Final = 0.8
"""Part of a score that the name makes; what stands in the column makes the rest."""
_DETOUR: Final = 3  # what a column of another table is behind one of the table itself
_MARK: Final = 15  # what a mark of the software is behind a column with a meaning of its own
_EMPTY: Final = 10  # what a column without a value is behind one that has some
_DECIDED: Final = frozenset({"status.code", "steps.status", "steps.action_code", "steps.step"})
"""Fields whose codes people decide one by one: the row's own code serves, and one that no catalogue has shows."""
_SAYS_ROLE: Final = {
    "delegate": frozenset({"delegate", "filer", "representative"}),
    "postal": frozenset({"postal", "recipient", "shipping"}),
}
"""What a column must say to tell of somebody else than the applicant."""
_UNREAD: Final = 0.4  # part of a likeness that a name loses of which nothing is understood


@dataclass(frozen=True)
class Candidate:
    """A column that may fill a field: of the table itself, or of one that it points to (``via``: the join's alias)."""

    facts: Facts
    says: frozenset[str]
    via: str = ""
    is_pointer: bool = False  # it points to a catalogue, whose codes and names are candidates in its stead
    depth: int = 0  # catalogues between the row and this column
    is_audit: bool = False  # a mark that the software leaves on every row: when it was written
    is_key: bool = False  # it is the primary key of its table
    code_column: str = ""  # of a catalogue's column: the column that points there by a code

    @property
    def column(self) -> str:
        """As a profile names it."""
        return f"{self.via}.{self.facts.name}" if self.via else self.facts.name


@dataclass(frozen=True)
class Guess:
    """``field`` might come from ``candidate``; ``score`` 0 to 100; ``reason`` in Vietnamese, without values."""

    field: str
    candidate: Candidate
    score: int
    reason: str

    @property
    def is_sure(self) -> bool:
        """Whether it may stand without a question."""
        return self.score >= SURE


@dataclass(frozen=True)
class Dictionary:
    """The words by which fields are known."""

    words: Mapping[str, tuple[frozenset[str], ...]]  # field → ways to say it
    columns: Mapping[str, tuple[KnownColumn, ...]]  # field → columns of known systems

    def fields(self, prefix: str) -> Iterator[str]:
        """Fields of one list ("papers."), or of the dossier itself ("")."""
        for name in self.words:
            head = name.partition(".")[0]
            if (head + "." == prefix) if prefix else (head not in (*LISTS, "table")):
                yield name


def read_dictionary(without: Iterable[str] = ()) -> Dictionary:
    """The dictionary of the shipped data. ``without``: systems whose columns are left out (the test of the scan)."""
    left_out = set(without)
    known: dict[str, list[KnownColumn]] = {}
    for column in (*_known_columns(), *profile_columns()):
        if column.system not in left_out:
            known.setdefault(column.field, []).append(column)
    return Dictionary(_field_words(), {field: tuple(columns) for field, columns in known.items()})


@functools.cache
def _field_words() -> Mapping[str, tuple[frozenset[str], ...]]:
    found: dict[str, list[frozenset[str]]] = {}
    for _, row in read_csv(SHIPPED / "crosswalks" / "field_words.csv", ("field", "words")):
        choices = [part.split("|") for part in row["words"].split()]
        ways = (frozenset(word for word in way if word != "-") for way in itertools.product(*choices))
        found.setdefault(row["field"], []).extend(ways)
    return {field: tuple(dict.fromkeys(ways)) for field, ways in found.items()}


@functools.cache
def _known_columns() -> tuple[KnownColumn, ...]:
    names = ("system", "table", "column", "field", "source")
    rows = read_csv(SHIPPED / "crosswalks" / "known_columns.csv", names)
    return tuple(KnownColumn(row["system"], row["table"], row["column"], row["field"]) for _, row in rows)


# ---------------------------------------------------------------- one field, one column


def guess(dictionary: Dictionary, field: str, candidate: Candidate) -> Guess | None:
    """How well a column fits a field; None when it does not."""
    content, told = fit(field, candidate.facts)
    if content < 0 or not _may_be(field, candidate):
        return None
    name, reason = _name(dictionary, field, candidate)
    score = round(100 * (_NAME_SHARE * name + (1 - _NAME_SHARE) * content)) - _DETOUR * candidate.depth
    if candidate.is_audit and not field.endswith("created_at"):
        score -= _MARK
    if ".address." in field and "present" in candidate.says:  # the permanent address is that of a dossier
        score -= _MARK
    if not candidate.facts.filled:
        score -= _EMPTY
    if field in ("process", "template") and "name" in candidate.says:
        score -= _DETOUR  # the code of a process rather than what it is called
    if score < LEAST or name < 0.5:
        return None
    if candidate.via and not candidate.facts.says & candidate.says - {"name", "code", "id"}:
        score -= 1  # of two names in a catalogue the one that says of what
    return Guess(field, candidate, score, "; ".join(filter(None, (reason, told))))


def _may_be(field: str, candidate: Candidate) -> bool:
    """Whether such a column may fill such a field at all."""
    if candidate.says & may_not_say(field):
        return False
    is_silent = any(not candidate.says & words for words in must_say(field)) and not lists_agencies(
        field, candidate.facts, candidate.says
    )
    if "password" in candidate.says or is_silent or (candidate.is_key and not field.endswith(".entry")):
        return False
    if field.endswith(".entry") or field in _DECIDED:
        return not candidate.via
    role = _SAYS_ROLE.get(role_of(field))
    return not candidate.is_pointer and (role is None or bool(candidate.says & role))


def _name(dictionary: Dictionary, field: str, candidate: Candidate) -> tuple[float, str]:
    wanted = fold(candidate.facts.name).replace(" ", "")
    best, reason = 0.0, ""
    sure = 1 - _UNREAD * unread(candidate.facts.name)
    for known in dictionary.columns.get(field, ()):
        if not candidate.via and not known.context and known.letters == wanted:
            return 1.0, f"{known.system} đặt đúng tên này ({known.table}.{known.column})"
        alike = 0.95 * sure * likeness(candidate.says, known.says) if known.is_read else 0.0
        if alike > best:
            best, reason = alike, f"tên gần với {known.table}.{known.column} của {known.system}"
    for way in dictionary.words.get(field, ()):
        alike = sure * likeness(candidate.says, way)
        if alike > best:
            best, reason = alike, "tên cột nói đúng ý này" if alike > 0.95 else "tên cột gần với ý này"
    if is_contact(field, candidate.facts, candidate.says):
        return 1.0, "số điện thoại nằm trong chữ"
    told = tell(field, candidate.facts, candidate.says) if best < TELLING else ""
    return (TELLING, told) if told else (best, reason)


def role_of(field: str) -> str:
    """The person a field is of: "applicant", "delegate", "postal"; "" for what is of none."""
    head = field.partition(".")[0]
    return head if head in _ROLES else ""
