"""Which stages a run goes through, and in which order. The command line and Prefect walk the same list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flows.figures import Status, read_status
from flows.ledger import Run
from flows.ledger_schema import DIFFERENT, QUARANTINED
from flows.stages import ExtractStage, MapStage, Stage, ValidateStage
from flows.stages_target import CompareStage, PushStage
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

    @property
    def chosen(self) -> tuple[str, ...]:
        """The stages to run, in the order of the conveyor."""
        wanted = self.stages or STAGES
        last = STAGES.index("validate") if self.is_dry else len(STAGES)
        return tuple(stage for n, stage in enumerate(STAGES) if stage in wanted and n <= last)


def plan_stages(work: Workplace, run: Run, sources: list[OpenSource], options: RunOptions) -> Iterator[Stage]:
    """The stages of a run, each built when its turn comes (push and compare connect to the target only then)."""
    for name in options.chosen:
        if name == "extract":
            yield from (ExtractStage(work, run, source, options.limit) for source in sources)
        elif name == "map":
            yield from (MapStage(work, run, source) for source in sources)
        elif name == "validate":
            yield ValidateStage(work, run, sources, SuiteRun(work.suite))
        elif name == "push":
            yield PushStage(work, run, sources, work.target(), options.only_open, work.site.settings.target.batch)
        else:
            yield CompareStage(work, run, sources, work.target(reading=True))


def site_status(work: Workplace) -> Status:
    """The equation of every source of the site."""
    return read_status(work.ledger, work.site.source_ids())


def exit_code(status: Status, options: RunOptions) -> int:
    """0 all matched; 1 differences or quarantine remain, or the figures do not add up."""
    total = status.total
    if total.states.get(QUARANTINED) or total.states.get(DIFFERENT):
        return 1
    if "compare" in options.chosen and not options.only_open and not total.is_done:
        return 1
    return 0
