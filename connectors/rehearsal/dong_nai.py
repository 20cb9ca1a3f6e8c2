"""The generator of a rehearsal old system: MotCua as of Đồng Nai's Department of Health, at that of the old Phú Thọ.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.base import Misconfigured
from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.dong_nai_case import Case
from connectors.rehearsal.dong_nai_catalogue import usual_offers, write_catalogues
from connectors.rehearsal.dong_nai_dirt import kinds
from connectors.rehearsal.dong_nai_life import Life
from connectors.rehearsal.dong_nai_schema import schema
from connectors.rehearsal.dong_nai_words import EMPTY_DATE, OPEN_STATUSES
from connectors.rehearsal.kind import Kind, usable
from connectors.rehearsal.office_time import Office
from connectors.rehearsal.plan import Made, slot_of
from connectors.rehearsal.sample import Job, Progress, SampleRequest, run_sample
from connectors.rehearsal.tally import AFTER_CUTOFF, OVERDUE, Tally, Told, told_of

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
    if request.zone != ZONE:
        raise Misconfigured(f"MotCua lưu giờ địa phương: nguồn này phải khai zone: {ZONE}.")
    if request.papers is not None:
        raise Misconfigured("Bộ sinh dữ liệu MotCua không có dạng cố định số giấy tờ và số bước.")
    return run_sample(request, PROFILE, schema(), _fill, progress)


def _fill(job: Job) -> dict[str, Any]:
    rows = Rows(job.store.schema)
    write_catalogues(job.store, rows, job.scene.world)
    life, files = Life(job.random, job.scene, rows), job.files
    chosen = () if job.plan.is_clean else usable(kinds(), job.store.dialect, with_files=files is not None)
    tally = _DongNaiTally(chosen, life.cutoff, life.office, is_clean=job.plan.is_clean)

    def one(made: Made[Case]) -> None:
        made.case.write(job.store)
        for path, size in made.case.files.items() if files else ():
            if files and path not in made.case.gone_files:
                files.write(path, path.rpartition("/")[2], size)
        tally.add(made)

    slots = [slot_of(life, life.case, kind, _share_code) for kind in chosen]
    job.write(job.plan.make(life, life.case, slots), one)
    return tally.manifest()


def _share_code(first: Case, other: Case) -> None:
    other.row["SoBienNhan"] = first.row["SoBienNhan"]


class _DongNaiTally:
    """Counts dossiers as they are made, and what ordinary life brings along."""

    def __init__(self, kinds: Sequence[Kind[Life, Case]], cutoff: datetime, office: Office, *, is_clean: bool) -> None:
        self._cutoff, self._days = cutoff, frozenset(office.days)
        self._undecided = {kind.name for kind in kinds if kind.code == "status_undecided"}
        self._own_procedures = {offer.id for offer in usual_offers()}
        self._tally = Tally([*(() if is_clean else (AFTER_CUTOFF,)), *told_of(kinds), *_LIFE])
        self._statuses: Counter[str] = Counter()

    def add(self, made: Made[Case]) -> None:
        """Count one dossier."""
        found = list(made.kinds)
        if made.is_in_scope:
            self._statuses[str(made.case.row["TrangThaiHoSoID"])] += 1
            found += self._of_life(made)
        self._tally.count(made.case.key, found, is_in_scope=made.is_in_scope, edge=made.edge)

    def _of_life(self, made: Made[Case]) -> list[str]:
        row, due = made.case.row, made.case.row["NgayHenTra"]
        is_open = row["TrangThaiHoSoID"] in OPEN_STATUSES and self._undecided.isdisjoint(made.kinds)
        holds = {
            "code_of_office": str(row["SoBienNhan"]).startswith("SYT."),
            "procedure_of_office": row["ThuTucID"] in self._own_procedures or "procedure_not_listed" in made.kinds,
            "placeholder_date": EMPTY_DATE in row.values(),
            "due_by_calendar": is_open and isinstance(due, datetime) and due.date() not in self._days,
            "overdue_at_cutoff": is_open and isinstance(due, datetime) and due < self._cutoff,
        }
        return [name for name, is_there in holds.items() if is_there]

    def manifest(self) -> dict[str, Any]:
        """Totals, kinds with count, first keys, finder and outcome."""
        return self._tally.manifest() | {"statuses": dict(sorted(self._statuses.items()))}
