"""The comparison report as frozen data: what the flows put in, and what comes out. No personal value stands in it.

Keys of the old system and dossier codes may stand; names, identity numbers, phones, addresses and contents may not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date

from validations.control_totals import TotalFigure
from validations.expectations import RuleOutcome
from validations.mutations import Score
from validations.report_charts import AgeBand, DayMoves, StatusChart
from validations.signoff import Standing
from validations.suite import Suite

# ---------------------------------------------------------------- what the flows put in


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
class Attachments:
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
class Papers:
    """Papers of the dossiers compared: components of their procedure by name, and the others."""

    of_components: int = 0
    others: int = 0


@dataclass(frozen=True)
class Derived:
    """What dossiers were compared with: ``anew`` read again in the old system and mapped again.

    Of the others what was pushed, since the dossier ``changed`` or is ``gone`` in the old system since the sweep, the
    ``mapping`` is another by now, or the site ``spared`` the old system.
    """

    anew: int = 0
    changed: int = 0
    gone: int = 0
    mapping: int = 0
    spared: int = 0

    def __add__(self, other: Derived) -> Derived:
        mine, theirs = astuple(self), astuple(other)
        return Derived(*(a + b for a, b in zip(mine, theirs, strict=True)))

    @property
    def late(self) -> int:
        """Dossiers that moved on in the old system while nobody swept it."""
        return self.changed + self.gone


@dataclass(frozen=True)
class OpenWork:
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

    def __add__(self, other: OpenWork) -> OpenWork:
        mine, theirs = astuple(self), astuple(other)
        return OpenWork(*(a + b for a, b in zip(mine, theirs, strict=True)))


@dataclass(frozen=True)
class Told:
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


# ---------------------------------------------------------------- what comes out


@dataclass(frozen=True)
class RunInfo:
    """What changes from run to run though nothing else does."""

    id: str
    started_at: str
    written_at: str
    target_read_at: str
    swept_at: Mapping[str, str]  # by source name
    recounted_at: Mapping[str, str]
    days: tuple[DayMoves, ...] = ()
    ages: tuple[AgeBand, ...] = ()


@dataclass(frozen=True)
class Count:
    """A figure with its code and its Vietnamese name."""

    code: str
    title: str
    dossiers: int


@dataclass(frozen=True)
class Equation:
    """``left`` must be the sum of ``right``."""

    left: Count
    right: tuple[Count, ...]
    is_balanced: bool


@dataclass(frozen=True)
class Breakdown:
    """One handling unit, or one status, by state."""

    code: str
    title: str
    dossiers: int
    states: Mapping[str, int]

    def in_state(self, *states: str) -> int:
        """How many of its dossiers are in one of these states."""
        return sum(self.states.get(state, 0) for state in states)


@dataclass(frozen=True)
class IssueFigure:
    code: str
    title: str
    severity: str
    dossiers: int
    remedy: str
    who: str


@dataclass(frozen=True)
class CauseFigure:
    code: str
    title: str
    dossiers: int
    keys: tuple[str, ...]
    remedy: str
    who: str


@dataclass(frozen=True)
class DifferenceFigure:
    kind: str
    title: str
    field: str
    dossiers: int
    keys: tuple[str, ...]
    remedy: str
    who: str


@dataclass(frozen=True)
class AcceptedFigure:
    """Differences that a named person accepted. ``until`` "" has no end."""

    kind: str
    title: str
    field: str
    author: str
    reason: str
    until: str
    dossiers: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Owed:
    """One kind of obligation, on both sides."""

    code: str
    title: str
    short: str
    old: int
    new: int


@dataclass(frozen=True)
class UnitOwed:
    """What is owed at one handling unit, kinds in the order of the whole."""

    code: str
    title: str
    owed: tuple[Owed, ...]


@dataclass(frozen=True)
class DeadlineFigures:
    """The promises of open dossiers: in the old system, and of those read back, in the new one.

    ``worked_on``: officials went on with them there; they are not compared any more.
    ``due`` sums up to ``compared``, ``left`` to ``open``; each of ``kept`` and ``history`` is a part of its own.
    """

    open: int
    compared: int
    worked_on: int
    due: tuple[Count, ...]
    kept: tuple[Count, ...]
    left: tuple[Count, ...]
    history: tuple[Count, ...]
    beyond_calendar: int
    owed: tuple[Owed, ...]
    owed_by_unit: tuple[UnitOwed, ...]
    owed_differing: int
    sentence: str
    is_kept: bool


@dataclass(frozen=True)
class Figures:
    """All figures of one source, or of the whole site."""

    name: str
    profile: str
    mapping_version: str
    found: int
    in_scope: int
    excluded: tuple[Count, ...]
    states: tuple[Count, ...]
    equations: tuple[Equation, ...]
    is_balanced: bool
    by_unit: tuple[Breakdown, ...]
    by_status: tuple[Breakdown, ...]
    issues: tuple[IssueFigure, ...]
    quarantine: tuple[CauseFigure, ...]
    differences: tuple[DifferenceFigure, ...]
    attachments: Attachments
    papers: Papers
    read_back: int
    held_by_target: int
    unknown_in_target: int
    told: Told | None
    deadlines: DeadlineFigures
    decided: tuple[Count, ...] = ()
    totals: tuple[TotalFigure, ...] = ()
    open_work: OpenWork = OpenWork()
    accepted: tuple[AcceptedFigure, ...] = ()
    dossiers_accepted: int = 0
    compared_since: int = 0
    derived: Derived = Derived()
    by_procedure: tuple[Breakdown, ...] = ()

    @property
    def unsettled(self) -> int:
        """Dossiers with a difference that nobody has dealt with."""
        return self.in_state("DIFFERENT") - self.dossiers_accepted

    @property
    def left_out(self) -> int:
        """How many dossiers in scope a decision leaves in the old system."""
        return sum(count.dossiers for count in self.decided)

    def in_state(self, *states: str) -> int:
        """How many dossiers in scope are in one of these states."""
        return sum(count.dossiers for count in self.states if count.code in states)


@dataclass(frozen=True)
class LevelFigure:
    """One of the nine levels. ``status``: a key of ``levels.STATUSES``; ``rows`` are dossiers, at level 6 files.

    ``fields``: how many fields of a dossier, or lines, were compared; 0 where the level has none.
    """

    number: int
    name: str
    status: str
    why: str
    rows_checked: int = 0
    rows: int = 0
    failing: int = 0
    fields: int = 0


@dataclass(frozen=True)
class RuleFigure:
    """One rule of the validation suite, with why it exists."""

    code: str
    title: str
    entity: str
    severity: str
    checked: int
    failed: int
    why: str
    remedy: str


@dataclass(frozen=True)
class NotChecked:
    """``is_critical``: nobody can sign without knowing it."""

    what: str
    why: str
    is_critical: bool = False


@dataclass(frozen=True)
class NextStep:
    """What is left to do, and how. ``is_blocking``: as long as it is open, the migration is not finished."""

    what: str
    how: str
    dossiers: int
    who: str
    command: str
    is_blocking: bool


@dataclass(frozen=True)
class Verdict:
    """Sentences for somebody who reads no table. ``kind``: matched | accepted | remains | in_progress | unproven |
    unbalanced | empty.
    """

    kind: str
    sentence: str
    explanation: str


@dataclass(frozen=True)
class Report:
    """The whole report. Two runs over the same data differ in ``run`` only."""

    site: str
    is_rehearsal: bool
    cutoff: str
    target: str
    verdict: Verdict
    total: Figures
    sources: tuple[Figures, ...]
    rules: tuple[RuleFigure, ...]
    suite_title: str
    suite_version: str
    not_checked: tuple[NotChecked, ...]
    next_steps: tuple[NextStep, ...]
    counter_floors: tuple[CounterFloor, ...] = ()
    board: tuple[BoardLine, ...] = ()
    way_back: WayBack = WayBack()
    statuses: StatusChart = field(default_factory=StatusChart)
    signoff: Standing | None = None  # the newest sign-off of an earlier report, as it stands now
    self_test: Score | None = None
    levels: tuple[LevelFigure, ...] = ()
    run: RunInfo = field(default_factory=lambda: RunInfo("", "", "", "", {}, {}))
