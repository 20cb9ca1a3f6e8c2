"""The mapping alone: raw dossiers in memory, each met for the first time, mapped on one core."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from connectors.rehearsal.opencps_v2 import generate
from connectors.rehearsal.sample import SampleRequest
from flows import ledger_schema as t
from flows.pipeline import RunOptions, plan_stages
from flows.questions import stored_records
from flows.site import load_site
from flows.stages import drain
from flows.workplace import open_workplace
from tests.benchmark.data import CUTOFF, NOW, PAPERS, SEED, STEPS, ZONE
from tests.benchmark.meter import measure

WARM_UP = 500
_SITE = f"""\
name: bench
cutoff: {CUTOFF}
rehearsal: true
sources:
  old: {{connector: sql, url_env: OLD_URL, profile: opencps_v2, zone: {ZONE}, files: files}}
target: {{connector: rest, rehearsal: var/receiver.sqlite}}
"""


@dataclass(frozen=True)
class Mapping:
    """``cpu_s`` of mapping ``dossiers``; megabytes that the process grew by in the second half of them."""

    dossiers: int
    cpu_s: float
    grown_mb: float

    def __str__(self) -> str:
        return (
            f"{self.dossiers / self.cpu_s:,.0f} dossiers a second and core ({self.dossiers} dossiers, {PAPERS} papers "
            f"with their files and {STEPS} steps each, none met before); memory grew by {self.grown_mb:.1f} MB in the "
            "second half"
        )


def measure_mapping(folder: Path, dossiers: int) -> Mapping:
    """Map ``dossiers`` clean dossiers of a rehearsal below ``folder``, in a process of its own."""
    folder.mkdir()
    old = f"sqlite:///{folder / 'old.sqlite'}"
    generate(
        SampleRequest(
            url=old,
            dossiers=dossiers + WARM_UP,
            seed=SEED,
            zone=ZONE,
            cutoff=CUTOFF,
            files_dir=folder / "files",
            manifest_path=folder / "manifest.json",
            now=NOW,
            is_clean=True,
            papers=PAPERS,
            steps=STEPS,
        )
    )
    (folder / "site.yaml").write_text(_SITE, encoding="utf-8")
    answer = measure("tests.benchmark.mapping", {"site": str(folder)}, {}, {"OLD_URL": old}).answer
    return Mapping(answer["dossiers"], answer["cpu_s"], answer["grown_mb"])


def main() -> None:
    """Extract the site that the job on standard input names, then map what was extracted."""
    site = load_site(Path(json.load(sys.stdin)["site"]))
    with open_workplace(site) as work:
        sources = work.open_sources()
        with work.ledger.run("extract") as run:
            for stage in plan_stages(work, run, sources, RunOptions(stages=("extract",))):
                drain(stage, lambda *_: None)
        (source,) = sources
        records = list(stored_records(work.ledger, source.id, t.entry.c.state == t.EXTRACTED))
    mapper = source.mapper
    for record, seen_at in records[:WARM_UP]:
        mapper.map(record.key, record.row, record.children, seen_at)
    gc.collect()
    gc.freeze()  # the records stand for the batches that a run would let go of
    rest = records[WARM_UP:]
    half, spent = 0, 0.0
    for part in (rest[: len(rest) // 2], rest[len(rest) // 2 :]):
        half = _peak()
        before = time.process_time()
        for record, seen_at in part:
            mapper.map(record.key, record.row, record.children, seen_at)
        spent += time.process_time() - before
    print(json.dumps({"dossiers": len(rest), "cpu_s": spent, "grown_mb": (_peak() - half) / 1024}))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
