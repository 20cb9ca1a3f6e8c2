"""What the flows put into the comparison report: plain figures of the ledger. No personal value stands in it.

Keys of the old system and dossier codes may stand; names, identity numbers, phones, addresses and contents may not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date
from typing import Self

from validations.expectations import RuleOutcome
from validations.mutations import Score
from validations.signoff import Standing
from validations.suite import Suite


@dataclass(frozen=True)
class Summed:
    """Whole numbers that add up field by field."""

    def __add__(self, other: Self) -> Self:
        return type(self)(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Tally:
    """How many dossiers share this handling unit, status and state (one row of GROUP BY unit, status, state).

    ``unit`` is the code of the handling agency ("" when none), ``status`` TrangThaiHoSo (None before mapping).
    """

    unit: str
    unit_name: str
    status: int | None
    state: str
    dossiers: int


@dataclass(frozen=True)
class ProcedureTally:
    """How many dossiers of this procedure ("" when none is known) are in this state."""

    procedure: str
    state: str
    dossiers: int


@dataclass(frozen=True)
class IssueTally:
    """How many dossiers of the source carry this issue code."""

    code: str
    severity: str
    dossiers: int


@dataclass(frozen=True)
class CauseTally:
    """Why dossiers are quarantined: dossiers under this error code, with a few old keys as examples."""

    code: str
    dossiers: int
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class DifferenceTally:
    """Differences of one kind at one field (a path, or what ``compare.field_pattern`` makes of it)."""

    kind: str
    field: str
    dossiers: int
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class AcceptedTally:
    """Differences of one kind at one field that one person accepted for one reason until one day ("" for ever)."""

    kind: str
    field: str
    author: str
    reason: str
    until: str
    dossiers: int
    keys: Sequence[str] = ()


@dataclass(frozen=True)
class Recount:
    """The source's own counts taken afresh by compare. ``at`` is an ISO instant. Same meaning as at the sweep."""

    at: str
    found: int
    in_scope: int


@dataclass(frozen=True)
class Attachments(Summed):
    """Files compared by sha256: read in the old system, equal in the new one, gone in the old system since the push."""

    checked: int = 0
    equal: int = 0
    gone: int = 0


@dataclass(frozen=True)
class ObligationTally:
    """What is owed of one kind (``deadlines.OBLIGATIONS``) at one handling unit, on both sides, and in how many
    dossiers the sides differ."""

    kind: str
    unit: str
    unit_name: str
    old: int
    new: int
    differing: int


@dataclass(frozen=True)
class DeadlineInputs:
    """The deadline ledger in numbers. ``counts``: what ``deadline_ledger.Promises`` counted → open dossiers."""

    counts: Mapping[str, int] = field(default_factory=dict)
    obligations: Sequence[ObligationTally] = ()


@dataclass(frozen=True)
class Papers(Summed):
    """Papers of the dossiers compared: components of their procedure by name, and the others."""

    of_components: int = 0
    others: int = 0


@dataclass(frozen=True)
class Derived(Summed):
    """What dossiers were compared with: ``anew`` read again in the old system and mapped again.

    Of the others what was pushed, since the dossier ``changed`` or is ``gone`` in the old system since the sweep, the
    ``mapping`` is another by now, or the site ``spared`` the old system.
    """

    anew: int = 0
    changed: int = 0
    gone: int = 0
    mapping: int = 0
    spared: int = 0

    @property
    def late(self) -> int:
        """Dossiers that moved on in the old system while nobody swept it."""
        return self.changed + self.gone


@dataclass(frozen=True)
class OpenWork(Summed):
    """Open dossiers after their migration: can officials go on as before?

    ``read_back`` open dossiers were read from the new system as the tool wrote them; at so many of them the next
    allowed actions are those of the mapped step. ``rounds`` and ``pauses`` are theirs, in all and found equal. The
    others did not go, each for its reason.
    """

    read_back: int = 0
    actions_equal: int = 0
    actions_different: int = 0
    rounds: int = 0
    rounds_equal: int = 0
    pauses: int = 0
    pauses_equal: int = 0
    drained: int = 0
    parked: int = 0
    refused: int = 0
    unmapped: int = 0
    contradicted: int = 0


@dataclass(frozen=True)
class Told(Summed):
    """Messages that the target sent because of the migration: to citizens, and to the national portal. Both ought
    to be 0.
    """

    citizens: int
    portal: int


@dataclass(frozen=True)
class SourceInputs:
    """One old system. ``found``, ``in_scope`` are counted there; ``excluded`` and ``states`` in the ledger.

    ``excluded``: scope rule → dossiers (``after_cutoff`` is counted in the source). ``decided``: rule → dossiers in
    scope that a decision leaves in the old system, counted in the ledger. ``states``: state → dossiers,
    without EXCLUDED. Both sides count what a complete sweep no longer met (VANISHED). ``swept_at`` is the start of
    the last finished sweep (ISO, "" when there is none); ``read_back`` how many dossiers compare read from the
    target, ``held_by_target`` how many it holds of this source, ``unknown_in_target`` those the ledger did not push.
    """

    name: str
    profile: str
    mapping_version: str
    swept_at: str
    is_complete: bool
    found: int
    in_scope: int
    excluded: Mapping[str, int]
    states: Mapping[str, int]
    tallies: Sequence[Tally] = ()
    procedures: Sequence[ProcedureTally] = ()
    issues: Sequence[IssueTally] = ()
    quarantine: Sequence[CauseTally] = ()
    differences: Sequence[DifferenceTally] = ()  # that nobody has accepted
    recount: Recount | None = None
    attachments: Attachments = Attachments()
    papers: Papers = Papers()
    derived: Derived = Derived()
    read_back: int = 0
    held_by_target: int = 0
    unknown_in_target: int = 0
    told: Told | None = None  # None: not asked yet, or the target does not say
    deadlines: DeadlineInputs = DeadlineInputs()
    decided: Mapping[str, int] = field(default_factory=dict)
    totals: tuple[Mapping[str, int], Mapping[str, int]] = ({}, {})  # control totals: as expected, as held
    totals_lost: tuple[str, ...] = ()  # of what the target cannot hold
    open_work: OpenWork = OpenWork()
    left_unread: Sequence[tuple[str, str, str]] = ()  # (place in a file, what is wrong with it, why it may be left out)
    accepted: Sequence[AcceptedTally] = ()
    dossiers_accepted: int = 0  # of those that differ: every difference of theirs is accepted
    compared_since: int = 0  # dossiers pushed and compared again after the comparison that the figures are of


@dataclass(frozen=True)
class BoardLine:
    """A commune, or what no commune handles, and how far its dossiers are. ``counts``: column → dossiers."""

    code: str
    name: str
    dossiers: int
    counts: Mapping[str, int]
    waves: tuple[str, ...]


@dataclass(frozen=True)
class HandFigures:
    """The human sample: drawn, of these ``by_chance`` alone; found right and wrong; changed in the ledger since."""

    drawn: int = 0
    by_chance: int = 0
    right: int = 0
    wrong: int = 0
    moved: int = 0

    @property
    def looked_at(self) -> int:
        return self.right + self.wrong


@dataclass(frozen=True)
class WayBack:
    """Can we go back? Dossiers that the target holds, of these known to have been worked on there, and taken back."""

    is_possible: bool = False
    held: int = 0
    worked_on: int = 0
    taken: int = 0


@dataclass(frozen=True)
class CounterFloor:
    """Serials of one agency's codes. ``by``: code (agency in the code) or unit (who goes on). Days are ISO texts."""

    by: str
    agency: str
    name: str
    last_day: str
    last_serial: int  # the highest of that day
    highest: int  # of all days
    since_cutoff: Mapping[str, int]  # day → highest serial
    dossiers: int


@dataclass(frozen=True)
class ReportInputs:
    """Everything a report is made of. Instants are ISO texts with offset; "" means never.

    ``site_path`` stands in the commands that the report recommends. ``rules``: for each rule of the suite, dossiers
    judged by it and dossiers that fail it (``Issue.about`` names the rule), as they stand now. ``not_checked``:
    (what, why) beside what the figures tell.
    """

    site: str
    site_path: str
    is_rehearsal: bool
    cutoff: date
    run_id: str
    started_at: str
    written_at: str
    target: str
    target_read_at: str
    sources: Sequence[SourceInputs]
    rules: Sequence[RuleOutcome] = ()
    suite: Suite | None = None
    not_checked: Sequence[tuple[str, str]] = ()
    counter_floors: Sequence[CounterFloor] = ()
    board: Sequence[BoardLine] = ()
    way_back: WayBack = WayBack()
    hand: HandFigures = HandFigures()
    moves: Mapping[tuple[str, str], int] = field(
        default_factory=dict
    )  # (local day, state) → dossiers that came into it
    dues: tuple[Mapping[str, int], Mapping[str, int]] = ({}, {})  # open dossiers by due day: as mapped, as read back
    signoff: Standing | None = None
    self_test: Score | None = None  # None: the comparison kept none
