"""The generator of a rehearsal old system: CMON/OEP of the old Phú Thọ, Vĩnh Phúc and Hòa Bình.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.base import Misconfigured
from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.cmon_case import USUAL, Case
from connectors.rehearsal.cmon_catalogue import write_catalogues
from connectors.rehearsal.cmon_dirt import kinds
from connectors.rehearsal.cmon_life import Life
from connectors.rehearsal.cmon_schema import schema
from connectors.rehearsal.cmon_strays import Strays
from connectors.rehearsal.cmon_words import NEVER, OPEN_STATUSES
from connectors.rehearsal.kind import Kind, usable
from connectors.rehearsal.plan import Made, slot_of
from connectors.rehearsal.sample import Job, Progress, SampleRequest, run_sample
from connectors.rehearsal.tally import AFTER_CUTOFF, OVERDUE, Tally, Told, told_of

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
    if request.zone != ZONE:
        raise Misconfigured(f"CMON lưu giờ địa phương: nguồn này phải khai zone: {ZONE}.")
    if request.papers is not None:
        raise Misconfigured("Bộ sinh dữ liệu CMON không có dạng cố định số giấy tờ và số bước.")
    return run_sample(request, PROFILE, schema(), _fill, progress)


def _fill(job: Job) -> dict[str, Any]:
    rows = Rows(job.store.schema, USUAL)
    catalogue = write_catalogues(job.store, rows, job.scene.world)
    life, files = Life(job.random, job.scene, rows, catalogue), job.files
    chosen = () if job.plan.is_clean else usable(kinds(), job.store.dialect, with_files=files is not None)
    tally = _CmonTally(chosen, life.cutoff, is_clean=job.plan.is_clean)
    strays = Strays(life)

    def one(made: Made[Case]) -> None:
        made.case.write(job.store)
        for file, (name, size) in made.case.files.items() if files else ():
            if files and file not in made.case.gone_files:
                files.write(str(file), name, size)
        tally.add(made)
        strays.count(made.case)

    strays.write(job.store, job.request.dossiers, is_clean=job.plan.is_clean)
    slots = [slot_of(life, life.case, kind, _share_code) for kind in chosen]
    job.write(job.plan.make(life, life.case, slots), one)
    return tally.manifest() | {"exchange": strays.manifest()}


def _share_code(first: Case, other: Case) -> None:
    other.row["MASOHOSO"] = first.row["MASOHOSO"]


class _CmonTally:
    """Counts dossiers as they are made, and what ordinary life brings along."""

    def __init__(self, kinds: Sequence[Kind[Life, Case]], cutoff: datetime, *, is_clean: bool) -> None:
        self._cutoff = cutoff
        self._undecided = {kind.name for kind in kinds if kind.code == "status_undecided"}
        self._tally = Tally([*(() if is_clean else (AFTER_CUTOFF,)), *told_of(kinds), *_LIFE])
        self._statuses: Counter[str] = Counter()

    def add(self, made: Made[Case]) -> None:
        """Count one dossier."""
        found = list(made.kinds)
        if made.is_in_scope:
            self._statuses[str(made.case.row["TRANGTHAIHOSO"])] += 1
            found += self._of_life(made)
        self._tally.count(str(made.case.key), found, is_in_scope=made.is_in_scope, edge=made.edge)

    def _of_life(self, made: Made[Case]) -> list[str]:
        row, due = made.case.row, made.case.row["NGAYHENTRAKETQUA"]
        is_unreceived = row["NGAYNHANHOSO"] in (None, NEVER)
        is_open = row["TRANGTHAIHOSO"] in OPEN_STATUSES and self._undecided.isdisjoint(made.kinds)
        own_form = isinstance(row["MASOHOSO"], str) and len(row["MASOHOSO"]) == 13 and row["MASOHOSO"].isalnum()
        hanging = [each for rows in made.case.children.values() for each in rows]
        holds = {
            "split_commune_home": "split_commune_agency" in made.kinds,
            "code_of_cmon": own_form,
            "online_waiting": row["LOAIHOSO"] == 0 and is_unreceived,
            "placeholder_date": any(NEVER in each.values() for each in (row, *hanging)),
            "overdue_at_cutoff": is_open and isinstance(due, datetime) and due < self._cutoff,
        }
        return [name for name, is_there in holds.items() if is_there]

    def manifest(self) -> dict[str, Any]:
        """Totals, kinds with count, first keys, finder and outcome."""
        return self._tally.manifest() | {"statuses": dict(sorted(self._statuses.items()))}
