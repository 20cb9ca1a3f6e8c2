"""The generator of a rehearsal old system: CMON/OEP of the old Phú Thọ, Vĩnh Phúc and Hòa Bình.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.cmon_case import USUAL, Case
from connectors.rehearsal.cmon_catalogue import write_catalogues
from connectors.rehearsal.cmon_dirt import kinds
from connectors.rehearsal.cmon_life import Life
from connectors.rehearsal.cmon_schema import schema
from connectors.rehearsal.cmon_strays import Strays
from connectors.rehearsal.cmon_words import NEVER, OPEN_STATUSES
from connectors.rehearsal.plan import Made, slot_of
from connectors.rehearsal.sample import Job, Progress, SampleRequest, chosen, refuse_foreign, run_sample
from connectors.rehearsal.tally import OVERDUE, LifeTally, Told, is_before, undecided

PROFILE = "cmon"
ZONE = "Asia/Ho_Chi_Minh"
_LIFE: tuple[Told, ...] = (
    ("split_commune_home", "code", "address_unit_split", "warned"),  # beside what is wrong with the agency
    ("code_of_cmon", "code", "code_form_old", "normalised"),
    ("online_waiting", "code", "online_not_received", "normalised"),
    ("placeholder_date", "code", "date_placeholder", "normalised"),
    OVERDUE,
)
"""What ordinary dossiers bear: CMON's own thirteen characters, 1753 for an unknown date."""


def generate(request: SampleRequest, progress: Progress = lambda done: None) -> dict[str, Any]:
    """Fill the old database, its files and the manifest; the manifest. See :func:`run_sample` for what it raises."""
    refuse_foreign(request, "CMON", ZONE)
    return run_sample(request, PROFILE, schema(), _fill, progress)


def _fill(job: Job) -> dict[str, Any]:
    rows = Rows(job.store.schema, USUAL)
    catalogue = write_catalogues(job.store, rows, job.scene.world)
    life, files = Life(job.random, job.scene, rows, catalogue), job.files
    seeded = chosen(job, kinds())
    bears = partial(_bears, cutoff=life.cutoff, unclear=undecided(seeded))
    tally = LifeTally(seeded, _LIFE, bears, status="TRANGTHAIHOSO", is_clean=job.plan.is_clean)
    strays = Strays(life)

    def one(made: Made[Case]) -> None:
        made.case.write(job.store)
        for file, (name, size) in made.case.files.items() if files else ():
            if files and file not in made.case.gone_files:
                files.write(str(file), name, size)
        tally.add(made)
        strays.count(made.case)

    strays.write(job.store, job.request.dossiers, is_clean=job.plan.is_clean)
    slots = [slot_of(life, life.case, kind, _share_code) for kind in seeded]
    job.write(job.plan.make(life, life.case, slots), one)
    return tally.manifest() | {"exchange": strays.manifest()}


def _share_code(first: Case, other: Case) -> None:
    other.row["MASOHOSO"] = first.row["MASOHOSO"]


def _bears(made: Made[Case], *, cutoff: datetime, unclear: frozenset[str]) -> dict[str, bool]:
    """What of ordinary life a dossier brings along."""
    row, due = made.case.row, made.case.row["NGAYHENTRAKETQUA"]
    is_unreceived = row["NGAYNHANHOSO"] in (None, NEVER)
    is_open = row["TRANGTHAIHOSO"] in OPEN_STATUSES and unclear.isdisjoint(made.kinds)
    own_form = isinstance(row["MASOHOSO"], str) and len(row["MASOHOSO"]) == 13 and row["MASOHOSO"].isalnum()
    hanging = [each for rows in made.case.children.values() for each in rows]
    return {
        "split_commune_home": "split_commune_agency" in made.kinds,
        "code_of_cmon": own_form,
        "online_waiting": row["LOAIHOSO"] == 0 and is_unreceived,
        "placeholder_date": any(NEVER in each.values() for each in (row, *hanging)),
        "overdue_at_cutoff": is_open and is_before(due, cutoff),
    }
