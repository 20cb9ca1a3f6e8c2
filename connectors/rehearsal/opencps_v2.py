"""The generator of a rehearsal old system: OpenCPS v2 of the old Phú Thọ, Vĩnh Phúc and Hòa Bình.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import Any

from connectors.rehearsal.kind import usable
from connectors.rehearsal.opencps_case import Case
from connectors.rehearsal.opencps_catalogue import write_catalogues
from connectors.rehearsal.opencps_dirt import kinds
from connectors.rehearsal.opencps_lending import Lending
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.opencps_manifest import OpencpsTally
from connectors.rehearsal.opencps_plan import slots
from connectors.rehearsal.opencps_schema import schema
from connectors.rehearsal.plan import Made
from connectors.rehearsal.sample import Job, Progress, SampleRequest, run_sample

PROFILE = "opencps_v2"


def generate(
    request: SampleRequest,
    progress: Progress = lambda done: None,
    *,
    lend: Lending | None = None,
    borrow: Lending | None = None,
) -> dict[str, Any]:
    """Fill the old database, its files and the manifest; the manifest. See :func:`run_sample` for what it raises.

    ``lend`` takes note of dossiers, ``borrow`` writes them once more, into this database: as two systems hold one
    dossier.
    """
    return run_sample(request, PROFILE, schema(), partial(_fill, lend=lend, borrow=borrow), progress)


def _fill(job: Job, *, lend: Lending | None, borrow: Lending | None) -> dict[str, Any]:
    life, store, files = Life(job.random, job.scene), job.store, job.files
    life.processes.update(write_catalogues(store, life.world, job.days_off, job.random))
    chosen = () if job.plan.is_clean else usable(kinds(), store.dialect, with_files=files is not None)
    tally = OpencpsTally(chosen, life.cutoff, life.world.papers.keys(), is_clean=job.plan.is_clean)

    def one(made: Made[Case]) -> None:
        if lend:
            lend.note(made)
        made.case.write(store)
        for entry in made.case.children["DLFileEntry"] if files else ():
            if files and entry["fileEntryId"] not in made.case.gone_files:
                place = "/".join(str(entry[part]) for part in ("companyId", "folderId", "name", "version"))
                files.write(place, str(entry["name"]), int(str(entry["size_"])), str(entry["extension"]))
        tally.add(made)

    made = job.plan.make(life, life.case, slots(life, chosen))
    job.write(chain(made, borrow.copies(life) if borrow else ()), one)
    return tally.manifest()
