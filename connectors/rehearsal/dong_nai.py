"""The generator of a rehearsal old system: MotCua as of Đồng Nai's Department of Health, at that of the old Phú Thọ.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.dong_nai_case import Case
from connectors.rehearsal.dong_nai_catalogue import usual_offers, write_catalogues
from connectors.rehearsal.dong_nai_dirt import kinds
from connectors.rehearsal.dong_nai_life import Life
from connectors.rehearsal.dong_nai_schema import schema
from connectors.rehearsal.dong_nai_words import EMPTY_DATE, OPEN_STATUSES
from connectors.rehearsal.plan import Made, slot_of
from connectors.rehearsal.sample import Job, Progress, SampleRequest, chosen, refuse_foreign, run_sample
from connectors.rehearsal.tally import OVERDUE, LifeTally, Told, is_before, undecided

PROFILE = "dong_nai"
ZONE = "Asia/Ho_Chi_Minh"
_LIFE: tuple[Told, ...] = (
    ("code_of_office", "code", "code_form_old", "normalised"),
    ("procedure_of_office", "code", "procedure_unmapped", "warned"),
    ("placeholder_date", "code", "date_placeholder", "normalised"),
    ("due_by_calendar", "code", "due_on_day_off", "warned"),
    OVERDUE,
)
"""What ordinary dossiers bear: codes of the office's own, days of the calendar."""


def generate(request: SampleRequest, progress: Progress = lambda done: None) -> dict[str, Any]:
    """Fill the old database, its files and the manifest; the manifest. See :func:`run_sample` for what it raises."""
    refuse_foreign(request, "MotCua", ZONE)
    return run_sample(request, PROFILE, schema(), _fill, progress)


def _fill(job: Job) -> dict[str, Any]:
    rows = Rows(job.store.schema)
    write_catalogues(job.store, rows, job.scene.world)
    life, files = Life(job.random, job.scene, rows), job.files
    seeded = chosen(job, kinds())
    bears = partial(
        _bears,
        cutoff=life.cutoff,
        unclear=undecided(seeded),
        days=frozenset(life.office.days),
        own=frozenset(offer.id for offer in usual_offers()),
    )
    tally = LifeTally(seeded, _LIFE, bears, status="TrangThaiHoSoID", is_clean=job.plan.is_clean)

    def one(made: Made[Case]) -> None:
        made.case.write(job.store)
        for path, size in made.case.files.items() if files else ():
            if files and path not in made.case.gone_files:
                files.write(path, path.rpartition("/")[2], size)
        tally.add(made)

    slots = [slot_of(life, life.case, kind, _share_code) for kind in seeded]
    job.write(job.plan.make(life, life.case, slots), one)
    return tally.manifest()


def _share_code(first: Case, other: Case) -> None:
    other.row["SoBienNhan"] = first.row["SoBienNhan"]


def _bears(
    made: Made[Case], *, cutoff: datetime, unclear: frozenset[str], days: frozenset[date], own: frozenset[int]
) -> dict[str, bool]:
    """What of ordinary life a dossier brings along."""
    row, due = made.case.row, made.case.row["NgayHenTra"]
    is_open = row["TrangThaiHoSoID"] in OPEN_STATUSES and unclear.isdisjoint(made.kinds)
    return {
        "code_of_office": str(row["SoBienNhan"]).startswith("SYT."),
        "procedure_of_office": row["ThuTucID"] in own or "procedure_not_listed" in made.kinds,
        "placeholder_date": EMPTY_DATE in row.values(),
        "due_by_calendar": is_open and isinstance(due, datetime) and due.date() not in days,
        "overdue_at_cutoff": is_open and is_before(due, cutoff),
    }
