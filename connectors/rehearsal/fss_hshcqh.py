"""The generator of a rehearsal old system: the FSS HSHCQH of one district and its communes.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.base import Misconfigured
from connectors.rehearsal.case_rows import Rows
from connectors.rehearsal.fss_case import FILES, Case
from connectors.rehearsal.fss_catalogue import write_catalogues
from connectors.rehearsal.fss_dirt import kinds
from connectors.rehearsal.fss_life import Life
from connectors.rehearsal.fss_schema import schema
from connectors.rehearsal.fss_words import NEVER, OPEN_STATUSES
from connectors.rehearsal.kind import Kind, usable
from connectors.rehearsal.plan import Made, slot_of
from connectors.rehearsal.sample import Job, Progress, SampleRequest, run_sample
from connectors.rehearsal.store import Row
from connectors.rehearsal.tally import AFTER_CUTOFF, OVERDUE, Tally, Told, told_of

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
    if request.zone != ZONE:
        raise Misconfigured(f"FSS lưu giờ địa phương: nguồn này phải khai zone: {ZONE}.")
    if request.papers is not None:
        raise Misconfigured("Bộ sinh dữ liệu FSS không có dạng cố định số giấy tờ và số bước.")
    return run_sample(request, PROFILE, schema(), _fill, progress)


def _fill(job: Job) -> dict[str, Any]:
    rows = Rows(job.store.schema)
    life = Life(job.random, job.scene, rows, write_catalogues(job.store, rows, job.scene.world))
    chosen = () if job.plan.is_clean else usable(kinds(), job.store.dialect, with_files=job.files is not None)
    tally = _FssTally(chosen, life.cutoff, is_clean=job.plan.is_clean)

    def one(made: Made[Case]) -> None:
        made.case.write(job.store)
        for path, (name, size) in made.case.files.items() if job.files else ():
            if job.files and path not in made.case.gone_files:
                job.files.write(path, name, size)
        tally.add(made)

    for number in range(0 if job.plan.is_clean else ORPHANS):  # of dossiers that nobody saved
        cells: Row = {"AttachFileID": 900_000 + number, "HoSoTiepNhanID_Temp": f"TAM{number}"}
        job.store.add(FILES, rows.row(FILES, FileName="bo-quen.pdf", **cells))
    slots = [slot_of(life, life.case, kind, _share_code) for kind in chosen]
    job.write(job.plan.make(life, life.case, slots), one)
    return tally.manifest()


def _share_code(first: Case, other: Case) -> None:
    other.row["SoBienNhan"] = first.row["SoBienNhan"]


class _FssTally:
    """Counts dossiers as they are made, and what ordinary life brings along."""

    def __init__(self, kinds: Sequence[Kind[Life, Case]], cutoff: datetime, *, is_clean: bool) -> None:
        self._cutoff = cutoff
        self._tally = Tally([*(() if is_clean else (AFTER_CUTOFF,)), *told_of(kinds), *_LIFE])

    def add(self, made: Made[Case]) -> None:
        """Count one dossier."""
        found = [*made.kinds, *(self._of_life(made) if made.is_in_scope else ())]
        self._tally.count(made.case.key, found, is_in_scope=made.is_in_scope, edge=made.edge)

    def _of_life(self, made: Made[Case]) -> list[str]:
        row, due, code = made.case.row, made.case.row["NgayHenTra"], made.case.row["SoBienNhan"]
        is_open = row["MaTinhTrang"] in OPEN_STATUSES
        holds = {
            "code_of_fss": isinstance(code, str) and len(code) == 15 and code[4:8].isalpha(),
            "eth_in_catalogue": "eth_name" not in made.kinds and any("Ð" in name for name in made.case.shown.values()),
            "date_1900": NEVER in row.values(),
            "unmapped_at_district": "procedure_of_field_district" in made.kinds,
            "overdue_at_cutoff": is_open and isinstance(due, datetime) and due < self._cutoff,
        }
        return [name for name, is_there in holds.items() if is_there]

    def manifest(self) -> dict[str, Any]:
        """Totals, kinds with count, first keys, finder and outcome."""
        return self._tally.manifest()
