"""The generator of a rehearsal old system: TD.DichVuCong of the old Phú Thọ, Vĩnh Phúc and Hòa Bình.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from connectors.rehearsal.plan import Made, slot_of
from connectors.rehearsal.sample import Job, Progress, SampleRequest, chosen, refuse_foreign, run_sample
from connectors.rehearsal.tally import OVERDUE, LifeTally, Told, is_before, undecided
from connectors.rehearsal.td_case import Case, TdRows
from connectors.rehearsal.td_catalogue import group_code, write_catalogues
from connectors.rehearsal.td_dirt import kinds
from connectors.rehearsal.td_life import Life
from connectors.rehearsal.td_schema import schema
from connectors.rehearsal.td_words import NEVER, ONLINE, OPEN_STATUSES

PROFILE = "td_dichvucong"
ZONE = "Asia/Ho_Chi_Minh"
_LIFE: tuple[Told, ...] = (
    ("children_shared", "code", "children_shared", "quarantined"),  # beside the code that two units gave
    ("split_commune_home", "code", "address_unit_split", "warned"),  # beside what is wrong with the agency
    ("online_waiting", "code", "online_not_received", "normalised"),
    ("placeholder_date", "code", "date_placeholder", "normalised"),
    OVERDUE,
)
"""What dossiers bear beside the dirt of their kind."""


def generate(request: SampleRequest, progress: Progress = lambda done: None) -> dict[str, Any]:
    """Fill the old database, its files and the manifest; the manifest. See :func:`run_sample` for what it raises."""
    refuse_foreign(request, "TD.DichVuCong", ZONE)
    return run_sample(request, PROFILE, schema(), _fill, progress)


def _fill(job: Job) -> dict[str, Any]:
    rows = TdRows(job.store.schema, job.random)
    write_catalogues(job.store, rows, job.scene.world)
    life, files = Life(job.random, job.scene, rows), job.files
    seeded = chosen(job, kinds())
    bears = partial(_bears, cutoff=life.cutoff, unclear=undecided(seeded))
    tally = LifeTally(seeded, _LIFE, bears, status="TrangThaiHoSoId", is_clean=job.plan.is_clean)

    def one(made: Made[Case]) -> None:
        made.case.write(job.store)
        for path, size in made.case.files.items() if files else ():
            if files and path not in made.case.gone_files:
                files.write(path, path.rpartition("/")[2], size)
        tally.add(made)

    def share_code(first: Case, other: Case) -> None:
        """At another unit: within one the database keeps codes apart."""
        units = life.world.handling["commune"]
        beside = next(unit for unit in units if unit.province_code == first.setting.agency.province_code
                      and unit.code != first.setting.agency.code)  # fmt: skip
        other.row["DonViId"] = group_code(beside.code)
        other.recode(first.row["MaHoSo"])

    slots = [slot_of(life, life.case, kind, share_code) for kind in seeded]
    job.write(job.plan.make(life, life.case, slots), one)
    return tally.manifest()


def _bears(made: Made[Case], *, cutoff: datetime, unclear: frozenset[str]) -> dict[str, bool]:
    """What of ordinary life a dossier brings along."""
    row, due = made.case.row, made.case.row["NgayHenTra"]
    is_open = row["TrangThaiHoSoId"] in OPEN_STATUSES and unclear.isdisjoint(made.kinds)
    return {
        "children_shared": "code_at_two_units" in made.kinds,
        "split_commune_home": "split_commune_agency" in made.kinds,
        "online_waiting": row["KenhThucHien"] == ONLINE and row["NgayTiepNhan"] is None,
        "placeholder_date": NEVER in row.values(),
        "overdue_at_cutoff": is_open and is_before(due, cutoff),
    }
