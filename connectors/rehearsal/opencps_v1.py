"""The generator of a rehearsal old system: OpenCPS v1 of the old Phú Thọ, Vĩnh Phúc and Hòa Bình.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.rehearsal.kind import Kind
from connectors.rehearsal.opencps_life import Life
from connectors.rehearsal.opencps_v1_case import MAIN, Case, Tables, matter_of
from connectors.rehearsal.opencps_v1_catalogue import write_catalogues
from connectors.rehearsal.opencps_v1_dirt import kinds
from connectors.rehearsal.opencps_v1_rows import Shaper
from connectors.rehearsal.opencps_v1_words import OPEN, OPEN_NUMBERS
from connectors.rehearsal.plan import Made, slot_of
from connectors.rehearsal.sample import Job, Progress, SampleRequest, chosen, refuse_fixed_papers, run_sample
from connectors.rehearsal.store import Row
from connectors.rehearsal.story import Wish
from connectors.rehearsal.tables import Schema, read_schema
from connectors.rehearsal.tally import AFTER_CUTOFF, OVERDUE, Tally, Told, told_of

PROFILE = "opencps_v1"
_BY_DOSSIER = ("opencps_dossier_file", "opencps_processorder", "opencps_payment_file", "opencps_postalorder")
_INDEXES = (
    *((table, "dossierId") for table in _BY_DOSSIER),
    ("opencps_actionhistory", "processOrderId"), ("opencps_dossier", "receptionNo"),
    ("opencps_acc_citizen", "mappingUserId"), ("opencps_acc_business", "mappingUserId"),
)  # fmt: skip
_LIFE: tuple[Told, ...] = (
    ("split_commune_home", "code", "address_unit_split", "warned"),  # beside what is wrong with the agency
    OVERDUE,
)


def schema() -> Schema:
    """Every table that the generator makes, without the marker."""
    return read_schema("opencps_v1_tables.csv", _INDEXES)


def generate(request: SampleRequest, progress: Progress = lambda done: None) -> dict[str, Any]:
    """Fill the old database, its files and the manifest; the manifest. See :func:`run_sample` for what it raises."""
    refuse_fixed_papers(request, "OpenCPS v1")
    return run_sample(request, PROFILE, schema(), _fill, progress)


def _fill(job: Job) -> dict[str, Any]:
    life, store = Life(job.random, job.scene), job.store
    ids = write_catalogues(store, life.world, job.days_off, job.random)
    life.processes.update(ids.processes)
    shaper = Shaper(life, ids)
    seeded = chosen(job, kinds())
    tally = _V1Tally(seeded, life.cutoff, is_clean=job.plan.is_clean)

    def case(wish: Wish) -> Case:
        return Case(matter_of(life.case(wish)))

    def one(made: Made[Case]) -> None:
        tables = made.case.rows(shaper.shape)
        made.case.write(store, tables)
        _write_files(job, made.case, tables)
        tally.add(made, tables[MAIN][0])

    slots = [slot_of(life, case, kind, _share_code) for kind in seeded]
    job.write(job.plan.make(life, case, slots), one)
    return tally.manifest()


def _share_code(first: Case, other: Case) -> None:
    other.matter.row["dossierNo"] = first.matter.row["dossierNo"]


def _write_files(job: Job, case: Case, tables: Tables) -> None:
    for entry in tables["DLFileEntry"] if job.files else ():
        if job.files and entry["fileEntryId"] not in case.matter.gone_files:
            place = "/".join(str(entry[part]) for part in ("companyId", "folderId", "name", "version"))
            job.files.write(place, str(entry["name"]), int(str(entry["size_"])), str(entry["extension"]))


class _V1Tally:
    """Counts dossiers as they are made, and what ordinary life brings along."""

    def __init__(self, kinds: Sequence[Kind[Life, Case]], cutoff: datetime, *, is_clean: bool) -> None:
        self._cutoff = cutoff
        self._tally = Tally([*(() if is_clean else (AFTER_CUTOFF,)), *told_of(kinds), *_LIFE])
        self._statuses: Counter[str] = Counter()

    def add(self, made: Made[Case], row: Row) -> None:
        """Count one dossier."""
        found = list(made.kinds)
        if made.is_in_scope:
            self._statuses[str(row["dossierStatus"])] += 1
            due = row["estimateDatetime"]
            if "split_commune_agency" in made.kinds:
                found.append("split_commune_home")
            if row["dossierStatus"] in OPEN | OPEN_NUMBERS and isinstance(due, datetime) and due < self._cutoff:
                found.append("overdue_at_cutoff")
        self._tally.count(str(made.case.key), found, is_in_scope=made.is_in_scope, edge=made.edge)

    def manifest(self) -> dict[str, Any]:
        """Totals, kinds with count, first keys, finder and outcome."""
        return self._tally.manifest() | {"statuses": dict(sorted(self._statuses.items()))}
