"""What officials decided about dossiers that wait: files in SITE/decisions, each with author, date and note.

A decision settles every waiting dossier that it describes: by cause, procedure, old agency, village, words of the
address, or one by one. It names who goes on, or the procedure of today, after which the rules choose. It never
overrules what the competence rules are certain of, and a village counts only inside the commune that was split: the
same name stands in many communes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self

from pydantic import Field, ValidationError, model_validator

from mappings.agency_names import fold_name
from mappings.declared import Declared, ProfileError, explain, read_yaml
from mappings.fingerprint import digest
from mappings.model import AgencyRef
from mappings.pairs import Different, Same
from mappings.spec import Names, Strict

MARK: Final = "decision:"
"""How ``handling_rule`` of a decided dossier begins; the decision's id follows."""
THEN: Final = " + "
"""Between the parts of a ``handling_rule``: a decision about the procedure, then what chose the agency."""


class Verdict(Strict):
    """One decision. What is left empty is not asked.

    ``to`` is a new commune or a new agency, ``procedure_to`` a procedure of today, by code: one of the two.
    """

    cause: str = Field("", pattern=r"^(handling_[a-z_]{1,40})?$")
    procedure: Names = ()
    agency: Names = ()
    village: Names = ()
    address: Names = ()
    dossiers: Names = ()
    to: str = ""
    procedure_to: str = ""

    @model_validator(mode="after")
    def _describes(self) -> Self:
        if not (self.cause or self.procedure or self.dossiers):
            raise ValueError("cần cause, procedure hoặc dossiers")
        if bool(self.to) == bool(self.procedure_to):
            raise ValueError("cần đúng một trong to và procedure_to")
        if any(not fold_name(word) for word in (*self.village, *self.address)):
            raise ValueError("village và address không được trống")
        return self


class VerdictFile(Strict):
    """A file of decisions: who decided, when, on what ground."""

    author: str = Field(min_length=3)
    date: date
    note: str = Field(min_length=10)
    decide: tuple[Verdict, ...] = ()
    same: tuple[Same, ...] = ()
    different: tuple[Different, ...] = ()

    @model_validator(mode="after")
    def _decides(self) -> Self:
        if not (self.decide or self.same or self.different):
            raise ValueError("cần ít nhất một trong decide, same, different")
        return self


@dataclass(frozen=True)
class Waiting:
    """A dossier that no rule settles, as a decision sees it. ``where``: folded address, with a space at both ends."""

    cause: str
    key: str
    code: str
    procedures: frozenset[str]  # its code as filed and as a plain national code
    agency: str
    where: str
    is_there: bool  # the address lies in the very commune that was split


@dataclass(frozen=True)
class Decided:
    """A decision at work: its id (file and number), its hash, and whom it names."""

    id: str
    hash: str
    verdict: Verdict
    to: AgencyRef | None  # None: the verdict names a procedure
    villages: tuple[str, ...]
    words: tuple[str, ...]
    author: str = ""
    on: date | None = None
    note: str = ""

    def settles(self, waiting: Waiting) -> bool:
        """Whether the decision is about this dossier."""
        said = self.verdict
        names = {waiting.key, waiting.code} - {""}
        return (
            (not said.cause or said.cause == waiting.cause)
            and (not said.procedure or not waiting.procedures.isdisjoint(said.procedure))
            and (not said.agency or waiting.agency in said.agency)
            and (not said.dossiers or not names.isdisjoint(said.dossiers))
            and (not self.villages or (waiting.is_there and any(name in waiting.where for name in self.villages)))
            and (not self.words or any(word in waiting.where for word in self.words))
        )


@dataclass(frozen=True)
class Known:
    """What a decision may name, by code: new communes and new agencies, procedures of today."""

    agencies: Mapping[str, AgencyRef]
    procedures: Collection[str]


def read_decisions(site_dir: Path | None, known: Known) -> tuple[Decided, ...]:
    """Every decision of the site, in the order of files and lines. Raises ProfileError with file and line."""
    folder = site_dir / "decisions" if site_dir else None
    files = sorted(folder.glob("*.yaml")) if folder and folder.is_dir() else []
    return tuple(found for file in files for found in _read(read_yaml(file), known))


def _read(declared: Declared, known: Known) -> Iterator[Decided]:
    try:
        whole = VerdictFile.model_validate(declared.data)
    except ValidationError as error:
        raise explain(error, declared) from None
    for number, verdict in enumerate(whole.decide):
        if verdict.to and verdict.to not in known.agencies:
            message = f"decide.{number}.to: danh mục từ 01/7/2025 không có xã hoặc cơ quan mã {verdict.to}"
            raise ProfileError(message, declared.file, declared.line(["decide", number, "to"]))
        if verdict.procedure_to and verdict.procedure_to not in known.procedures:
            message = f"decide.{number}.procedure_to: danh mục TTHC quốc gia không có mã {verdict.procedure_to}"
            raise ProfileError(message, declared.file, declared.line(["decide", number, "procedure_to"]))
        mark = digest((whole.author, whole.date.isoformat(), whole.note, verdict.model_dump(mode="json"))).hex()
        yield Decided(
            f"{declared.file.stem}#{number + 1}",
            mark,
            verdict,
            known.agencies.get(verdict.to),
            tuple(f" {fold_name(name)} " for name in verdict.village),
            tuple(f" {fold_name(word)} " for word in verdict.address),
            whole.author,
            whole.date,
            whole.note,
        )


def decide(decisions: Sequence[Decided], waiting: Waiting) -> tuple[Decided | None, bool]:
    """The decision about a waiting dossier; (None, True) when two of them name different things."""
    found = [decided for decided in decisions if decided.settles(waiting)]
    if len({(decided.verdict.to, decided.verdict.procedure_to) for decided in found}) > 1:
        return None, True
    return (found[0] if found else None), False
