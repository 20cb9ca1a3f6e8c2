"""The generator of a rehearsal old system: TD.DichVuCong of the old Phú Thọ, Vĩnh Phúc and Hòa Bình.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.base import Misconfigured
from connectors.rehearsal.kind import Kind, usable
from connectors.rehearsal.plan import Made, slot_of
from connectors.rehearsal.sample import Job, Progress, SampleRequest, run_sample
from connectors.rehearsal.tally import AFTER_CUTOFF, OVERDUE, Tally, Told, told_of
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
    if request.zone != ZONE:
        raise Misconfigured(f"TD.DichVuCong lưu giờ địa phương: nguồn này phải khai zone: {ZONE}.")
    if request.papers is not None:
        raise Misconfigured("Bộ sinh dữ liệu TD.DichVuCong không có dạng cố định số giấy tờ và số bước.")
    return run_sample(request, PROFILE, schema(), _fill, progress)


def _fill(job: Job) -> dict[str, Any]:
    rows = TdRows(job.store.schema, job.random)
    write_catalogues(job.store, rows, job.scene.world)
    life, files = Life(job.random, job.scene, rows), job.files
    chosen = () if job.plan.is_clean else usable(kinds(), job.store.dialect, with_files=files is not None)
    tally = _TdTally(chosen, life.cutoff, is_clean=job.plan.is_clean)

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

    slots = [slot_of(life, life.case, kind, share_code) for kind in chosen]
    job.write(job.plan.make(life, life.case, slots), one)
    return tally.manifest()


class _TdTally:
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
            self._statuses[str(made.case.row["TrangThaiHoSoId"])] += 1
            found += self._of_life(made)
        self._tally.count(made.case.key, found, is_in_scope=made.is_in_scope, edge=made.edge)

    def _of_life(self, made: Made[Case]) -> list[str]:
        row, due = made.case.row, made.case.row["NgayHenTra"]
        is_open = row["TrangThaiHoSoId"] in OPEN_STATUSES and self._undecided.isdisjoint(made.kinds)
        holds = {
            "children_shared": "code_at_two_units" in made.kinds,
            "split_commune_home": "split_commune_agency" in made.kinds,
            "online_waiting": row["KenhThucHien"] == ONLINE and row["NgayTiepNhan"] is None,
            "placeholder_date": NEVER in row.values(),
            "overdue_at_cutoff": is_open and isinstance(due, datetime) and due < self._cutoff,
        }
        return [name for name, is_there in holds.items() if is_there]

    def manifest(self) -> dict[str, Any]:
        """Totals, kinds with count, first keys, finder and outcome."""
        return self._tally.manifest() | {"statuses": dict(sorted(self._statuses.items()))}
