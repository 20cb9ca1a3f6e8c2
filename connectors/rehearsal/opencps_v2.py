"""The generator of a rehearsal old system: OpenCPS v2 of the old Phú Thọ, Vĩnh Phúc and Hòa Bình.

It knows the world of the old offices, not the rules that will read it: no profile, crosswalk or suite.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

from connectors.base import Misconfigured, Unavailable
from connectors.rehearsal.office_time import ZONES, office
from connectors.rehearsal.opencps_catalogue import write_catalogues
from connectors.rehearsal.opencps_files import FileStore
from connectors.rehearsal.opencps_lending import Lending
from connectors.rehearsal.opencps_life import Bench, Life, Scene
from connectors.rehearsal.opencps_manifest import Tally
from connectors.rehearsal.opencps_plan import Plan, last_filing_day, limit_of
from connectors.rehearsal.opencps_store import Store, open_store
from connectors.rehearsal.opencps_world import holidays, world

PROFILE = "opencps_v2"
_VIETNAM = timedelta(hours=7)
_REPORT_EVERY = 200
_COMMIT_EVERY = 5000


@dataclass(frozen=True)
class SampleRequest:
    """What to generate and where. The same request gives the same rows and the same bytes.

    ``zone``: how instants are stored, "UTC" or "Asia/Ho_Chi_Minh". ``now``: the present of the old system, at
    least a week after ``cutoff`` (naive = local time of Vietnam). ``files_dir``: None writes no file, only its
    row. ``papers`` and ``steps`` (5 or more) together fix their number for every dossier, for a benchmark.
    """

    url: str
    dossiers: int
    seed: int
    zone: str
    cutoff: date
    files_dir: Path | None
    manifest_path: Path
    now: datetime
    is_clean: bool = False
    with_files: bool = True
    papers: int | None = None
    steps: int | None = None
    first_serial: int = 1


def generate(
    request: SampleRequest,
    progress: Callable[[int], None] = lambda done: None,
    *,
    lend: Lending | None = None,
    borrow: Lending | None = None,
) -> dict[str, Any]:
    """Fill the old database, its files and the manifest; the manifest.

    ``progress`` is told how many dossiers are made so far. ``lend`` takes note of dossiers, ``borrow`` writes them
    once more, into this database: as two systems hold one dossier. Raises Misconfigured when the database or the folder
    holds anything that the generator did not make, Unavailable and Forbidden as every connector.
    """
    now, bench = _checked(request)
    request.manifest_path.unlink(missing_ok=True)  # of an earlier filling: it would mark the wrong answers
    files = FileStore(request.files_dir, request.seed) if request.files_dir and request.with_files else None
    with open_store(request.url, ZONES[request.zone], request.seed, request.dossiers) as store:
        if files:
            files.prepare()
        tally = _fill(request, store, files, now, bench, progress, lend, borrow)
    manifest = _manifest(request, tally, has_files=files is not None)
    _write_private(request.manifest_path, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    return manifest


def _checked(request: SampleRequest) -> tuple[datetime, Bench | None]:
    """The present in local time and the fixed shape, if any."""
    if request.zone not in ZONES:
        raise Misconfigured(f"Múi giờ của dữ liệu diễn tập phải là một trong: {', '.join(ZONES)}.")
    if request.dossiers < 1:
        raise Misconfigured("Số hồ sơ diễn tập phải từ 1 trở lên.")
    offset = request.now.utcoffset()
    now = request.now.replace(tzinfo=None) + (_VIETNAM - offset if offset is not None else timedelta())
    if now.date() < request.cutoff + timedelta(days=7):
        raise Misconfigured("Thời điểm sinh dữ liệu diễn tập phải sau ngày cắt ít nhất bảy ngày.")
    if (request.papers is None) != (request.steps is None) or (request.steps or 5) < 5:
        raise Misconfigured("Số giấy tờ và số bước cố định phải đi cùng nhau; số bước từ 5 trở lên.")
    bench = Bench(request.papers, request.steps) if request.papers is not None and request.steps is not None else None
    if bench and not request.is_clean:
        raise Misconfigured("Dữ liệu có số giấy tờ và số bước cố định phải là dữ liệu sạch.")
    return now, bench


def _fill(
    request: SampleRequest,
    store: Store,
    files: FileStore | None,
    now: datetime,
    bench: Bench | None,
    progress: Callable[[int], None],
    lend: Lending | None,
    borrow: Lending | None,
) -> Tally:
    random = Random(request.seed)
    days_off = holidays()
    year = request.cutoff.year
    calendar = office([(day, kind) for day, kind, _ in days_off], year - 4, year + 2)
    people = world(random)
    limit = limit_of(calendar, request.cutoff, now)
    life = Life(random, Scene(people, calendar, request.cutoff, limit, store.dialect, bench, request.first_serial))
    life.processes.update(write_catalogues(store, people, days_off, random))
    last_day = last_filing_day(request.cutoff, now)
    plan = Plan(request.dossiers, request.is_clean, files is not None, store.dialect, last_day)
    tally = Tally(plan.kinds(), life.cutoff, people.papers.keys(), is_clean=request.is_clean)
    for made in chain(plan.make(life), borrow.copies(life) if borrow else ()):
        if lend:
            lend.note(made)
        made.case.write(store)
        for entry in made.case.children["DLFileEntry"] if files else ():
            if files and entry["fileEntryId"] not in made.case.gone_files:
                files.write(entry)
        tally.add(made)
        if tally.found % _COMMIT_EVERY == 0:
            store.commit()
        if tally.found % _REPORT_EVERY == 0:
            progress(tally.found)
    store.finish()
    progress(tally.found)
    return tally


def _manifest(request: SampleRequest, tally: Tally, *, has_files: bool) -> dict[str, object]:
    head: dict[str, object] = {
        "profile": PROFILE,
        "seed": request.seed,
        "dossiers": request.dossiers,
        "cutoff": request.cutoff.isoformat(),
        "zone": request.zone,
        "has_files": has_files,
    }
    return head | tally.manifest()


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        part.replace(path)
    except OSError as error:
        raise Unavailable(f"Không ghi được tệp kê khai dữ liệu diễn tập ({error.strerror}).") from None
