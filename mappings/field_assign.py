"""Which column fills which field of one table, a column once in each role. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from mappings.field_guess import Candidate, Dictionary, Guess, guess, role_of

_APPLICANTS: Final = ("owner", "applicant", "filer")
_FEW_ALIKE: Final = 4
_OTHER_ROLE: Final = 7  # what a column is behind that does not call the applicant as its neighbours do
_TWICE: Final = (
    frozenset({"applicant.phone", "applicant.email"}), frozenset({"papers.name", "papers.attachment.name"}),
    frozenset({"fees.fee", "fees.total"}), frozenset({"results.name", "results.attachment.name"}),
    frozenset({"steps.step", "steps.status"}), frozenset({"documents.name", "documents.attachment.name"}),
)  # fmt: skip
"""Fields that one column may fill together."""


def assign(
    dictionary: Dictionary,
    prefix: str,
    candidates: Sequence[Candidate],
    only: Collection[str] = (),
    known: Iterable[Guess] = (),
) -> list[Guess]:
    """The best guesses of one list ("papers.") or of the dossier (""): a field once, a column once in each role.

    ``known``: what stands already, and is given back with the rest.
    """
    found = [
        made
        for field in only or dictionary.fields(prefix)
        for candidate in candidates
        if (made := guess(dictionary, field, candidate)) is not None
    ]
    found = _of_one_role(found)
    found.sort(key=lambda g: (-g.score, -g.candidate.facts.fill, bool(g.candidate.via), g.field, g.candidate.column))
    taken = {made.field: made for made in known}
    for made in found:
        if made.field not in taken and not any(_clash(made, other) for other in taken.values()):
            taken[made.field] = made
    return sorted(taken.values(), key=lambda g: g.field)


def _of_one_role(found: Sequence[Guess]) -> list[Guess]:
    """What tells of the applicant comes from columns that call him as his name's column does, where there are such."""
    mine = [made for made in found if made.field.startswith("applicant.") and not made.candidate.via]
    names = [made.candidate.says for made in mine if made.field == "applicant.name"]
    said = next((word for word in _APPLICANTS if any(word in says for says in names)), "")
    if len({made.candidate.column for made in mine if said in made.candidate.says}) < _FEW_ALIKE:
        return list(found)
    return [
        replace(made, score=made.score - _OTHER_ROLE)
        if made.field.startswith("applicant.") and (made.candidate.via or said not in made.candidate.says)
        else made
        for made in found
    ]


def pair_up(guesses: Sequence[Guess], offered: Sequence[Candidate]) -> list[Guess]:
    """Code and name of one thing come from one place; who files is the delegate only where an owner is named, too."""
    found = {made.field: made for made in guesses}
    name, code = found.get("agency.name"), found.get("agency.code")
    if name is not None and (code is None or (code.candidate.via != name.candidate.via and code.score < name.score)):
        beside = _code_beside(name, offered)
        if beside is not None:
            found["agency.code"] = beside
    applicant, delegate = found.get("applicant.name"), found.get("delegate.name")
    if delegate is None or (applicant is not None and delegate.candidate.column == applicant.candidate.column):
        found = {field: made for field, made in found.items() if not field.startswith("delegate.")}
    return sorted(found.values(), key=lambda g: g.field)


def _code_beside(name: Guess, offered: Sequence[Candidate]) -> Guess | None:
    """The code that stands beside a name in its catalogue."""
    if not name.candidate.via:
        return None
    if name.candidate.code_column:
        pointer = next((c for c in offered if c.column == name.candidate.code_column), None)
        return Guess("agency.code", pointer, name.score, "mã trỏ tới tên cơ quan") if pointer else None
    codes = [c for c in offered if c.via == name.candidate.via and "code" in c.facts.says and "parent" not in c.says]
    codes.sort(key=lambda c: (-c.facts.distinct, len(c.facts.name)))
    return next((Guess("agency.code", c, name.score, "mã đứng cạnh tên cơ quan") for c in codes), None)


def _clash(one: Guess, other: Guess) -> bool:
    if one.candidate.column != other.candidate.column:
        return False
    return role_of(one.field) == role_of(other.field) and frozenset({one.field, other.field}) not in _TWICE
