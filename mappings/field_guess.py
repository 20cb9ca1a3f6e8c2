"""Which field of the new schema might a column fill? By its name, by what stands in it, by what known systems do.

Words: crosswalks/field_words.csv (a field said in concepts), crosswalks/known_columns.csv (columns of public one-stop
systems) and the shipped profiles. A guess is a suggestion with a score and a reason, never more. Pure.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mappings.column_facts import Facts
from mappings.column_words import fold, likeness
from mappings.declared import SHIPPED, read_csv
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
_DATES: Final = frozenset({"filed", "received", "at"})
_TWICE: Final = (frozenset({"papers.name", "papers.attachment.name"}), frozenset({"fees.fee", "fees.total"}),
                 frozenset({"results.name", "results.attachment.name"}), frozenset({"steps.step", "steps.status"}),
                 frozenset({"documents.name", "documents.attachment.name"}))  # fmt: skip


_Test = Callable[[Facts], tuple[float, str]]


@dataclass(frozen=True)
class Candidate:
    """A column that may fill a field: of the table itself, or of one that it points to (``via``: the join's alias)."""

    facts: Facts
    says: frozenset[str]
    via: str = ""
    is_pointer: bool = False  # it points to a catalogue, whose codes and names are candidates in its stead

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
    content, told = _content(field, candidate.facts)
    is_entry = field.endswith(".entry")
    if (
        content < 0
        or (candidate.via and is_entry)
        or (candidate.is_pointer and not is_entry)
        or "password" in candidate.says
    ):
        return None
    name, reason = _name(dictionary, field, candidate)
    score = round(100 * (_NAME_SHARE * name + (1 - _NAME_SHARE) * content)) - (_DETOUR if candidate.via else 0)
    if score < LEAST or name < 0.5:
        return None
    return Guess(field, candidate, score, "; ".join(filter(None, (reason, told))))


def _name(dictionary: Dictionary, field: str, candidate: Candidate) -> tuple[float, str]:
    wanted = fold(candidate.facts.name).replace(" ", "")
    best, reason = 0.0, ""
    for known in dictionary.columns.get(field, ()):
        if not candidate.via and known.letters == wanted:
            return 1.0, f"{known.system} đặt đúng tên này ({known.table}.{known.column})"
        alike = 0.95 * likeness(candidate.says, known.says)
        if alike > best:
            best, reason = alike, f"tên gần với {known.table}.{known.column} của {known.system}"
    for way in dictionary.words.get(field, ()):
        alike = likeness(candidate.says, way)
        if alike > best:
            best, reason = alike, "tên cột nói đúng ý này" if alike > 0.95 else "tên cột gần với ý này"
    return best, reason


def _content(field: str, facts: Facts) -> tuple[float, str]:
    """0 to 1 and what it says; below 0: it cannot be."""
    tail = field.rpartition(".")[2]
    is_date = tail in _DATES or tail.endswith(("_at", "_on"))
    if is_date != facts.is_date and tail != "born":
        return -1.0, ""
    if not facts.filled:
        return 0.4, "cột trống trong mẫu"
    if is_date:
        return 1.0, f"ngày từ {facts.first_month} đến {facts.last_month}" if facts.first_month else "kiểu ngày"
    wanted = _WANTED.get(field) or _WANTED.get(tail)
    if wanted is None:
        return 0.7, ""
    share, words = wanted(facts)
    return share, f"{words} ({share:.0%} giá trị)" if share >= 0.5 else ""


def _form(name: str, words: str) -> _Test:
    return lambda facts: (facts.form(name), words)


def _few(facts: Facts) -> tuple[float, str]:
    return (1.0 if facts.distinct <= 40 else 0.0), "ít mã khác nhau"


def _flag(facts: Facts) -> tuple[float, str]:
    return (1.0 if facts.distinct <= 3 else 0.0), "chỉ vài giá trị"


def _number(facts: Facts) -> tuple[float, str]:
    return facts.form("number"), "toàn số"


def _words(facts: Facts) -> tuple[float, str]:
    return 1 - facts.form("number"), "là chữ"


def _own(facts: Facts) -> tuple[float, str]:
    unlike = facts.distinct / facts.filled
    return max(unlike, facts.form("dossier_code")) if unlike > 0.5 else 0.0, "gần như mỗi dòng một mã"


_WANTED: Final[Mapping[str, _Test]] = {
    "code": _own, "status.code": _few, "applicant.kind": _few, "channel": _few, "return_by": _few,
    "phone": _form("phone", "dạng số điện thoại"), "email": _form("email", "dạng thư điện tử"),
    "applicant.name": _form("name", "dạng họ tên"), "delegate.name": _form("name", "dạng họ tên"),
    "applicant.contact_name": _form("name", "dạng họ tên"), "number": _number, "procedure_name": _words,
    "is_removed": _flag, "is_original": _flag, "fee": _number, "total": _number, "advance": _number,
    "service": _number, "shipping": _number, "actor": _form("name", "dạng họ tên"), "sex": _flag,
    "procedure.code": _form("procedure_code", "dạng mã thủ tục quốc gia"), "action": _words, "step_name": _words,
}  # fmt: skip


# ---------------------------------------------------------------- one table


def assign(
    dictionary: Dictionary, prefix: str, candidates: Sequence[Candidate], only: Collection[str] = ()
) -> list[Guess]:
    """The best guesses of one list ("papers.") or of the dossier (""): a field once, a column once in each role."""
    found = [
        made
        for field in only or dictionary.fields(prefix)
        for candidate in candidates
        if (made := guess(dictionary, field, candidate)) is not None
    ]
    found.sort(key=lambda g: (-g.score, -g.candidate.facts.fill, bool(g.candidate.via), g.field, g.candidate.column))
    taken: dict[str, Guess] = {}
    for made in found:
        if made.field not in taken and not any(_clash(made, other) for other in taken.values()):
            taken[made.field] = made
    return sorted(taken.values(), key=lambda g: g.field)


def _clash(one: Guess, other: Guess) -> bool:
    if one.candidate.column != other.candidate.column:
        return False
    return _role(one.field) == _role(other.field) and frozenset({one.field, other.field}) not in _TWICE


def _role(field: str) -> str:
    head = field.partition(".")[0]
    return head if head in _ROLES else ""
