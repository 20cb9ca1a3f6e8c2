"""Which stages a run goes through, and in which order. The command line and Prefect walk the same list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import ColumnElement

from flows.acceptance import settle_accepted
from flows.figures import Status, read_status
from flows.ledger import Run
from flows.ledger_schema import QUARANTINED
from flows.proof import is_believable
from flows.stage_compare import CompareStage
from flows.stages import ExtractStage, MapStage, Stage, ValidateStage
from flows.stages_target import PushStage
from flows.waves import may_be_pushed
from flows.workplace import OpenSource, Workplace
from validations.expectations import SuiteRun

STAGES: Final = ("extract", "map", "validate", "push", "compare")


@dataclass(frozen=True)
class RunOptions:
    """What a run is asked to do: names and numbers only."""

    sources: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    is_dry: bool = False
    only_open: bool = False
    limit: int = 0
    only: ColumnElement[bool] | None = None  # of the dossiers to push
    compared: ColumnElement[bool] | None = None  # of the dossiers to compare

    @property
    def chosen(self) -> tuple[str, ...]:
        """The stages to run, in the order of the conveyor."""
        wanted = self.stages or STAGES
        last = STAGES.index("validate") if self.is_dry else len(STAGES)
        return tuple(stage for n, stage in enumerate(STAGES) if stage in wanted and n <= last)


@dataclass(frozen=True)
class Planned:
    """A stage of a run before its turn. ``source`` is "" for a stage over all sources."""

    name: str
    source: str
    build: Callable[[], Stage]


def plan(work: Workplace, run: Run, sources: list[OpenSource], options: RunOptions) -> Iterator[Planned]:
    """The stages of a run; push and compare connect to the target when they are built, not before."""
    for name in options.chosen:
        if name == "extract":
            yield from (Planned(name, s.name, partial(ExtractStage, work, run, s, options.limit)) for s in sources)
        elif name == "map":
            yield from (Planned(name, s.name, partial(MapStage, work, run, s)) for s in sources)
        else:
            yield Planned(name, "", partial(_over_all_sources, name, work, run, sources, options))


def _over_all_sources(
    name: str, work: Workplace, run: Run, sources: list[OpenSource], options: RunOptions
) -> ValidateStage | PushStage | CompareStage:
    if name == "validate":
        return ValidateStage(work, run, sources, SuiteRun(work.suite))
    if name == "push":
        batch = work.site.settings.target.batch
        only = may_be_pushed(work) if options.only is None else options.only
        return PushStage(work, run, sources, work.target(), options.only_open, batch, only, options.limit)
    return CompareStage(work, run, sources, work.target(reading=True), only=options.compared)


def plan_stages(work: Workplace, run: Run, sources: list[OpenSource], options: RunOptions) -> Iterator[Stage]:
    """The stages of a run, each built when its turn comes."""
    return (planned.build() for planned in plan(work, run, sources, options))


def site_status(work: Workplace) -> Status:
    """The equation of every source of the site, as accepted.csv and the calendar have it today."""
    settle_accepted(work)
    return read_status(work.ledger, work.site.source_ids())


def exit_code(status: Status, options: RunOptions) -> int:
    """0 all matched or accepted; 1 differences or quarantine remain, or the figures do not add up."""
    total = status.total
    if total.states.get(QUARANTINED) or total.unsettled:
        return 1
    if "compare" in options.chosen and not options.only_open and not total.is_done:
        return 1
    return 0


def final_code(work: Workplace, status: Status, options: RunOptions) -> int:
    """The exit code of a run that may have compared: 1 also when the comparison itself is not proven."""
    is_proven = "compare" not in options.chosen or is_believable(work, status)
    return exit_code(status, options) or int(not is_proven)
