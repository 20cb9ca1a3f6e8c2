"""The passport of one dossier: why it is as it is. Frozen data first, then JSON and one page to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from mappings.cells import Row
from mappings.model import Exclusion, Issue, Mapped
from mappings.profile import Profile
from mappings.tracing import Trace
from validations import passport_words
from validations.compare import Difference
from validations.report import render
from validations.telling import OldCell

# ---------------------------------------------------------------- what the flows put in


@dataclass(frozen=True)
class Ground:
    """Who decided, when, on what ground. ``what``: the decision itself in words."""

    what: str
    author: str = ""
    on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Move:
    """One move between trays. ``at`` an ISO instant."""

    at: str
    came_from: str
    went_to: str
    reason: str
    run: str
    revision: int


@dataclass(frozen=True)
class PushAttempt:
    """One intent: told before the call, settled after it ("" while it is open)."""

    at: str
    settled_at: str
    outcome: str
    run: str
    revision: int


@dataclass(frozen=True)
class Facts:
    """Everything known of one dossier. ``trace`` heard ``mapped`` come about from ``row``.

    ``is_current``: what the engine makes now is what the ledger holds. ``files``: locator → (sha256, bytes) of what
    was uploaded. ``grounds``: id of a decision, rule or crosswalk row → on what it stands.
    """

    source: str
    profile: Profile
    zone: str
    key: str
    code: str
    state: str
    revision: int
    new_id: str
    twin: str
    row: Row
    exclusion: Exclusion | None
    mapped: Mapped | None
    trace: Trace
    is_current: bool
    grounds: Mapping[str, Ground]
    catalogue: frozenset[str]
    issues: Sequence[tuple[str, Issue]]  # (stage, issue)
    moves: Sequence[Move]
    pushes: Sequence[PushAttempt]
    files: Mapping[str, tuple[str, int]]
    differences: Sequence[Difference]
    acceptances: Sequence[str]  # who accepted some of them, why, until when
    compared_at: str
    written_at: str
    site: str
    is_rehearsal: bool


# ---------------------------------------------------------------- what comes out


@dataclass(frozen=True)
class Line:
    """One field: its new value, the old cells, and how the one became the other."""

    field: str
    label: str
    value: str
    old: tuple[OldCell, ...] = ()
    how: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One element of a list: a paper, a step, a fee. ``table``: the old table it stood in."""

    key: str
    table: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Topic:
    """Fields of one topic, or the elements of a list. ``ways``: where every element has a field from, said once."""

    title: str
    note: str = ""
    lines: tuple[Line, ...] = ()
    items: tuple[Item, ...] = ()
    ways: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Finding:
    code: str
    title: str
    severity: str
    where: str
    about: str
    remedy: str
    who: str


@dataclass(frozen=True)
class FileLine:
    """One attachment. ``sha256`` "" when it was not uploaded yet; ``state`` says where it stands."""

    name: str
    belongs_to: str
    locator: str
    size: int
    sha256: str
    state: str
    is_missing: bool


@dataclass(frozen=True)
class Changed:
    """One difference between what was pushed and what the new system holds."""

    title: str
    label: str
    field: str
    expected: str
    held: str
    remedy: str


@dataclass(frozen=True)
class Passport:
    """Why one dossier is as it is."""

    source: str
    key: str
    code: str
    state: str
    state_name: str
    revision: int
    new_id: str
    sentence: str
    kind: str  # matched | remains | unbalanced | empty: the colour of the sentence
    caveats: tuple[str, ...]
    topics: tuple[Topic, ...]
    decisions: tuple[Ground, ...]
    findings: tuple[Finding, ...]
    moves: tuple[Move, ...]
    pushes: tuple[PushAttempt, ...]
    files: tuple[FileLine, ...]
    comparison: str
    differences: tuple[Changed, ...]
    is_masked: bool
    is_rehearsal: bool
    site: str
    profile: str
    written_at: str


def to_builtins(passport: Passport) -> object:
    """Plain data, for JSON."""
    return msgspec.to_builtins(passport)


def to_html(passport: Passport) -> str:
    """One page: no script, no outside address, printable on A4."""
    return render("dossier.html.j2", passport=passport, words=passport_words)
