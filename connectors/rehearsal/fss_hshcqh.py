"""The generator of a rehearsal old system: the FSS HSHCQH of one district and its communes.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.fss_case import FILES, Case
from connectors.rehearsal.fss_catalogue import write_catalogues
from connectors.rehearsal.fss_dirt import kinds
from connectors.rehearsal.fss_life import Life
from connectors.rehearsal.fss_schema import schema
from connectors.rehearsal.fss_words import NEVER, OPEN_STATUSES
from connectors.rehearsal.plan import Made, slot_of
from connectors.rehearsal.sample import Job, Progress, SampleRequest, chosen, refuse_foreign, run_sample
from connectors.rehearsal.store import Row
from connectors.rehearsal.tally import OVERDUE, LifeTally, Told, is_before

PROFILE = "fss_hshcqh"
ZONE = "Asia/Ho_Chi_Minh"
ORPHANS = 5
_LIFE: tuple[Told, ...] = (
    ("code_of_fss", "code", "code_form_old", "normalised"),
    ("eth_in_catalogue", "code", "text_lookalike", "normalised"),
    ("date_1900", "code", "date_placeholder", "normalised"),
    ("unmapped_at_district", "code", "procedure_unmapped", "warned"),  # beside who is competent
    OVERDUE,
)
"""What ordinary dossiers bear: FSS's own receipt number, Ð for Đ in its catalogues, 1900 for an empty date."""


def generate(request: SampleRequest, progress: Progress = lambda done: None) -> dict[str, Any]:
    """Fill the old database, its files and the manifest; the manifest. See :func:`run_sample` for what it raises."""
    refuse_foreign(request, "FSS", ZONE)
    return run_sample(request, PROFILE, schema(), _fill, progress)


def _fill(job: Job) -> dict[str, Any]:
    rows = Rows(job.store.schema)
    life = Life(job.random, job.scene, rows, write_catalogues(job.store, rows, job.scene.world))
    seeded = chosen(job, kinds())
    bears = partial(_bears, cutoff=life.cutoff)
    tally = LifeTally(seeded, _LIFE, bears, is_clean=job.plan.is_clean)

    def one(made: Made[Case]) -> None:
        made.case.write(job.store)
        for path, (name, size) in made.case.files.items() if job.files else ():
            if job.files and path not in made.case.gone_files:
                job.files.write(path, name, size)
        tally.add(made)

    for number in range(0 if job.plan.is_clean else ORPHANS):  # of dossiers that nobody saved
        cells: Row = {"AttachFileID": 900_000 + number, "HoSoTiepNhanID_Temp": f"TAM{number}"}
        job.store.add(FILES, rows.row(FILES, FileName="bo-quen.pdf", **cells))
    slots = [slot_of(life, life.case, kind, _share_code) for kind in seeded]
    job.write(job.plan.make(life, life.case, slots), one)
    return tally.manifest()


def _share_code(first: Case, other: Case) -> None:
    other.row["SoBienNhan"] = first.row["SoBienNhan"]


def _bears(made: Made[Case], *, cutoff: datetime) -> dict[str, bool]:
    """What of ordinary life a dossier brings along."""
    row, due, code = made.case.row, made.case.row["NgayHenTra"], made.case.row["SoBienNhan"]
    is_open = row["MaTinhTrang"] in OPEN_STATUSES
    return {
        "code_of_fss": isinstance(code, str) and len(code) == 15 and code[4:8].isalpha(),
        "eth_in_catalogue": "eth_name" not in made.kinds and any("Ð" in name for name in made.case.shown.values()),
        "date_1900": NEVER in row.values(),
        "unmapped_at_district": "procedure_of_field_district" in made.kinds,
        "overdue_at_cutoff": is_open and is_before(due, cutoff),
    }
