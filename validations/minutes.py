"""The handover minutes (biên bản bàn giao, đối soát) as frozen data: the figures put in, and the document made of them.

No personal value of a citizen stands in it: counts, codes, and the people of the offices that the site names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

PLACE: Final = "{place}"
"""Stands in a party's organisation for the commune or agency that the minutes are about."""
COMMUNE, AGENCY, UNKNOWN, WAVE = "commune", "agency", "unknown", "wave"

# ---------------------------------------------------------------- what the flows put in


@dataclass(frozen=True)
class Party:
    """One side of the table. ``organisation`` may hold PLACE; what is "" is filled in by hand."""

    role: str
    organisation: str = ""
    representative: str = ""
    title: str = ""


@dataclass(frozen=True)
class Form:
    """What the site says about the document itself; "" is left to the pen. ``rollback_until`` is an ISO date."""

    parent_agency: str = ""
    agency: str = ""
    place: str = ""
    number_suffix: str = ""
    legal_basis: tuple[str, ...] = ()
    parties: tuple[Party, ...] = ()
    copies: int | None = None
    rollback_until: str = ""


@dataclass(frozen=True)
class Split:
    """Dossiers that share a status, a procedure or a unit. ``states``: state → dossiers, EXCLUDED by a decision too."""

    code: str
    name: str
    states: Mapping[str, int]

    @property
    def dossiers(self) -> int:
        """All of them."""
        return sum(self.states.values())


@dataclass(frozen=True)
class Trouble:
    """Dossiers that wait for one cause. ``examples``: dossier codes, old keys where there is no code."""

    code: str
    dossiers: int
    examples: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """A wave as far as it came: name and stage in words, when it last changed (ISO)."""

    name: str
    stage: str
    at: str = ""


@dataclass(frozen=True)
class Numbers:
    """One commune, agency or wave in the ledger's figures.

    ``found`` is counted by a query of its own; ``states`` (state → dossiers) and ``decided`` (rule → dossiers left in
    the old system by a decision) by others. ``settled``: of those that differ, with every difference accepted by
    name. ``changed_since``: moved after the comparison; ``compared_since``: moved, and compared by themselves.
    """

    found: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    decided: Mapping[str, int] = field(default_factory=dict)
    by_status: Sequence[Split] = ()
    by_procedure: Sequence[Split] = ()
    other_procedures: int = 0  # how many more there are than by_procedure names
    others: Split = Split("", "", {})
    by_unit: Sequence[Split] = ()  # of a wave
    quarantine: Sequence[Trouble] = ()
    differences: Sequence[Trouble] = ()
    accepted: Sequence[Trouble] = ()  # owners: who accepted them
    settled: int = 0
    is_open: int = 0
    held: int = 0
    worked_on: int = 0
    changed_since: int = 0
    compared_since: int = 0


@dataclass(frozen=True)
class Subject:
    """Whom the minutes are about. ``kind``: commune | agency | unknown | wave."""

    kind: Literal["commune", "agency", "unknown", "wave"]
    code: str
    name: str
    waves: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class WholeSite:
    """What is true of the site as a whole. Instants are ISO texts; ``swept_at`` by source.

    ``can_take_back``: the new system has a call for it. ``losses``: what it cannot hold, declared before the run.
    """

    site_path: str
    is_rehearsal: bool
    cutoff: str
    compared_at: str
    run_id: str
    swept_at: Mapping[str, str]
    found: int
    in_scope: int
    excluded: int
    is_balanced: bool
    can_take_back: bool
    losses: tuple[str, ...] = ()
    left_unread: int = 0


# ---------------------------------------------------------------- what comes out


@dataclass(frozen=True)
class Five:
    """The five figures. ``rest`` sums its parts; no figure is derived from another."""

    found: int
    matched: int
    different: int
    quarantined: int
    rest: int

    @property
    def is_balanced(self) -> bool:
        """Whether what was found is all somewhere."""
        return self.found == self.matched + self.different + self.quarantined + self.rest


@dataclass(frozen=True)
class Text:
    """A paragraph. ``item`` is one of a list, ``strong`` is bold, ``blank`` has dots to write on."""

    text: str
    style: Literal["body", "item", "strong", "blank"] = "body"


@dataclass(frozen=True)
class Table:
    """Columns by head and share of the width; ``numbers``: columns of figures; ``strong``: bold rows.

    ``is_whole``: short enough to stand on one page.
    """

    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    strong: tuple[int, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True)
class Section:
    title: str
    blocks: tuple[Text | Table, ...]


@dataclass(frozen=True)
class Signature:
    """Where a party signs."""

    role: str
    title: str
    name: str


@dataclass(frozen=True)
class Minutes:
    """The document: what every writer prints, in this order."""

    parent_agency: str
    agency: str
    number: str
    dateline: str
    subject: str
    notice: str
    basis: tuple[str, ...]
    opening: str
    parties: tuple[tuple[str, str], ...]  # role and organisation; who represents it
    agreed: str
    sections: tuple[Section, ...]
    closing: tuple[str, ...]
    signatures: tuple[Signature, ...]
    receivers: tuple[str, ...]
    five: Five
