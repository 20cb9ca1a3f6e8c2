"""Whether two records are one dossier: what agrees between them, in words, never in values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from mappings.agency_names import fold_name
from mappings.model import Dossier, OtherCode

Word = Literal["yes", "no", "unknown", "second", "some"]
MERGED: Final = "merged"
NEAR: Final = timedelta(days=1)


@dataclass(frozen=True)
class Evidence:
    """What agrees. ``unknown``: one of the two says nothing; ``second``: by a second code; ``some``: of the papers."""

    uid: Word
    code: Word
    person: Word  # the owner's identity number
    name: Word
    procedure: Word
    filed: Word  # within a day
    received: Word  # to the second
    papers: Word  # by name

    @property
    def is_certain(self) -> bool:
        """One referenceUid, one code, and nothing in the content against it: no official need be asked."""
        content = (self.person, self.name, self.procedure, self.filed, self.received)
        return (
            self.uid == self.code == "yes"
            and "no" not in content
            and self.procedure == self.filed == "yes"
            and "yes" in (self.person, self.name)
        )

    def __str__(self) -> str:
        return " ".join(f"{item.name}={getattr(self, item.name)}" for item in fields(self))


def read_evidence(text: str) -> dict[str, str]:
    """The words of :class:`Evidence` as they are stored."""
    return dict(word.split("=", 1) for word in text.split() if "=" in word)


def compare_matters(one: Dossier, other: Dossier) -> Evidence:
    """What agrees between two dossiers."""
    return Evidence(
        uid=_same(uid_of(one), uid_of(other)),
        code=_code(one, other),
        person=_same(_identity(one), _identity(other)),
        name=_same(fold_name(one.applicant.name), fold_name(other.applicant.name)),
        procedure=_same(one.procedure_code, other.procedure_code),
        filed=_near(one.filed_at, other.filed_at),
        received=_same(one.received_at, other.received_at),
        papers=_papers(one, other),
    )


def uid_of(dossier: Dossier) -> str:
    """The UUID that all copies of a dossier share on all OpenCPS instances; "" without one."""
    return next((link.value for link in dossier.links if link.kind == "reference_uid"), "")


def lacking(kept: Dossier, merged: Dossier) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys of papers and of fees that the merged record has and the kept one has not."""
    names = {_paper_name(paper.code, paper.name) for paper in kept.papers}
    papers = [p.key for p in merged.papers if not p.is_removed and _paper_name(p.code, p.name) not in names]
    sums = {(fold_name(fee.name), fee.total) for fee in kept.fees}
    fees = [fee.key for fee in merged.fees if (fold_name(fee.name), fee.total) not in sums]
    return tuple(papers), tuple(fees)


def codes_of_merged(merged: Dossier) -> tuple[OtherCode, ...]:
    """What the kept dossier must be found by once this one is merged into it."""
    own = OtherCode(merged.code, MERGED, merged.source_id, merged.key)
    more = (
        other if other.kind == MERGED else OtherCode(other.code, MERGED, merged.source_id, merged.key)
        for other in merged.other_codes
    )
    return (own, *more)


def with_merged(dossier: Dossier, codes: Sequence[OtherCode]) -> Dossier:
    """The dossier with its own second codes and these of merged records; its own code stays."""
    own = tuple(other for other in dossier.other_codes if other.kind != MERGED)
    wanted = (*own, *dict.fromkeys(codes))
    return dossier if wanted == dossier.other_codes else msgspec.structs.replace(dossier, other_codes=wanted)


# ---------------------------------------------------------------- one word


def _same(one: object, other: object) -> Word:
    if not one or not other:
        return "unknown"
    return "yes" if one == other else "no"


def _near(one: datetime | None, other: datetime | None) -> Word:
    if one is None or other is None:
        return "unknown"
    return "yes" if abs(one - other) <= NEAR else "no"


def _code(one: Dossier, other: Dossier) -> Word:
    found = _same(one.code, other.code)
    if found == "yes":
        return found
    shared = _codes(one) & _codes(other)
    return "second" if shared else found


def _codes(dossier: Dossier) -> set[str]:
    return {dossier.code, *(other.code for other in dossier.other_codes)} - {""}


def _identity(dossier: Dossier) -> str:
    identity = dossier.applicant.identity
    return "".join(identity.number.split()).upper() if identity else ""


def _papers(one: Dossier, other: Dossier) -> Word:
    mine, theirs = _paper_names(one), _paper_names(other)
    if not mine or not theirs:
        return "unknown"
    if mine == theirs:
        return "yes"
    return "some" if mine & theirs else "no"


def _paper_names(dossier: Dossier) -> set[tuple[str, str]]:
    return set(_named((p.code, p.name) for p in dossier.papers if not p.is_removed))


def _named(papers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return (_paper_name(code, name) for code, name in papers)


def _paper_name(code: str, name: str) -> tuple[str, str]:
    return code, fold_name(name)
