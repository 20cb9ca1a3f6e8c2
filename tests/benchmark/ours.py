"""Run A: the whole conveyor of a site, stage after stage, without Prefect; each stage timed where it happens."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.figures import Status
from flows.ledger import Run
from flows.pipeline import STAGES, RunOptions, plan_stages, site_status
from flows.reporting import write_report
from flows.site import load_site
from flows.stages import drain
from flows.workplace import OpenSource, Workplace, open_workplace
from tests.benchmark.meter import cpu_below, tree_cpu
from tests.benchmark.sampler import Sampler


@dataclass
class Clock:
    """What each stage took: instants of the monotonic clock, CPU seconds of us, the receiver and the servers."""

    servers: Mapping[str, int]
    is_profiled: bool
    laps: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        """Time a block."""
        sampler = Sampler() if self.is_profiled else None
        before, start = self._cpu(), time.monotonic()
        if sampler:
            sampler.start()
        yield
        profile = sampler.stop() if sampler else None
        end, after = time.monotonic(), self._cpu()
        cpu = {who: after[who] - before[who] for who in after}
        self.laps.append({"name": name, "start": start, "end": end, "cpu": cpu, "profile": profile})

    def _cpu(self) -> dict[str, float]:
        servers = {name: tree_cpu(pid) for name, pid in self.servers.items()}
        return {"us": time.process_time(), "receiver": cpu_below(os.getpid()), **servers}


def main() -> None:
    """Run the site that the job on standard input names."""
    job = json.load(sys.stdin)
    clock = Clock(job["servers"], job["profile"])
    with open_workplace(load_site(Path(job["site"]))) as work, work.ledger.run("migrate") as run:
        sources = work.open_sources()
        for name in STAGES:
            with clock.lap(name):
                _run_stage(work, run, sources, name)
        with clock.lap("report"):
            write_report(work, sources, run)
        status = site_status(work)
    print(json.dumps({"laps": clock.laps, **_figures(status)}))


def _run_stage(work: Workplace, run: Run, sources: list[OpenSource], name: str) -> None:
    for stage in plan_stages(work, run, sources, RunOptions(stages=(name,))):
        drain(stage, lambda *_: None)


def _figures(status: Status) -> dict[str, Any]:
    total = status.total
    return {"matched": total.states.get("MATCHED", 0), "found": total.found, "balanced": total.balanced}


if __name__ == "__main__":
    main()
