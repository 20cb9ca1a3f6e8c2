"""Dossiers that two old systems hold: noted while one database is made, written once more into another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_catalogue import uid
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.opencps_plan import copy_of
from connectors.rehearsal.plan import Made

KINDS = ("borrowed_alike", "borrowed_alike", "borrowed_own_code", "borrowed_own_uid", "borrowed_code_only")
"""In turn: alike in everything; numbered anew by the portal; entered by hand; another matter with that code."""


@dataclass
class Lending:
    """The first ``number`` ordinary dossiers with a code that are made."""

    number: int
    cases: list[Case] = field(default_factory=list)

    def note(self, made: Made[Case]) -> None:
        """Keep a dossier that nothing is wrong with."""
        if len(self.cases) < self.number and not made.kinds and made.is_in_scope and made.case.row["dossierNo"]:
            self.cases.append(made.case)

    def copies(self, life: Life) -> Iterator[Made[Case]]:
        """These dossiers as the other system has them, under keys of its own, the stored files left out."""
        for number, case in enumerate(self.cases):
            kind = KINDS[number % len(KINDS)]
            copy = copy_of(life, case, life.numbers.dossier())
            copy.row["originality"] = case.row["originality"]
            copy.row["groupDossierId"] = ""
            for paper in copy.papers:
                paper["fileEntryId"] = 0
            if kind == "borrowed_own_code":
                copy.row["dossierNo"] = f"{copy.row['dossierNo']}"[:-4] + f"{7000 + number:04d}"
            elif kind != "borrowed_alike":
                copy.row["referenceUid"] = uid(life.random)
            if kind == "borrowed_code_only":
                copy.row.update(applicantName="Trần Thị Khác", applicantIdNo="025190009999", serviceCode="1.001193")
            yield Made(copy, (kind,), kind != "borrowed_alike")
