"""The comparison report as frozen data: what comes out. No personal value stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from validations.control_totals import TotalFigure
from validations.mutations import Score
from validations.report_charts import AgeBand, DayMoves, StatusChart
from validations.report_inputs import Attachments, BoardLine, CounterFloor, Derived, OpenWork, Papers, Told, WayBack
from validations.signoff import Standing


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
    open_work: OpenWork = field(default_factory=OpenWork)
    accepted: tuple[AcceptedFigure, ...] = ()
    dossiers_accepted: int = 0
    compared_since: int = 0
    derived: Derived = field(default_factory=Derived)
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
    way_back: WayBack = field(default_factory=WayBack)
    statuses: StatusChart = field(default_factory=StatusChart)
    signoff: Standing | None = None  # the newest sign-off of an earlier report, as it stands now
    self_test: Score | None = None
    levels: tuple[LevelFigure, ...] = ()
    run: RunInfo = field(default_factory=lambda: RunInfo("", "", "", "", {}, {}))
