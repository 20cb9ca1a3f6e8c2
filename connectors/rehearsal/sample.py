"""What every generator of a rehearsal old system is asked for, and the frame in which it works."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from connectors.base import Misconfigured, Unavailable
from connectors.rehearsal.kind import Kind, usable
from connectors.rehearsal.office_time import ZONES, office
from connectors.rehearsal.plan import Plan
from connectors.rehearsal.store import Store, open_store
from connectors.rehearsal.stored_files import FileStore
from connectors.rehearsal.story import Bench, Scene, last_filing_day, limit_of
from connectors.rehearsal.tables import Schema
from connectors.rehearsal.world import holidays, world

_VIETNAM = timedelta(hours=7)
_REPORT_EVERY = 200
_COMMIT_EVERY = 5000
_T = TypeVar("_T")


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


Progress = Callable[[int], None]
"""Is told how many dossiers are made so far."""


@dataclass(frozen=True)
class Job:
    """A database to fill, opened and emptied, with its world and its plan."""

    request: SampleRequest
    random: Random
    store: Store
    files: FileStore | None
    scene: Scene
    plan: Plan
    days_off: list[tuple[date, int, str]]
    progress: Progress

    def write(self, made: Iterable[_T], one: Callable[[_T], None]) -> None:
        """Hand every dossier to ``one``; commit and tell the progress on the way."""
        done = 0
        for done, each in enumerate(made, start=1):
            one(each)
            if done % _COMMIT_EVERY == 0:
                self.store.commit()
            if done % _REPORT_EVERY == 0:
                self.progress(done)
        self.store.finish()
        self.progress(done)


def refuse_foreign(request: SampleRequest, software: str, zone: str) -> None:
    """Refuse what a generator of this software cannot do: another zone, a fixed number of papers."""
    if request.zone != zone:
        raise Misconfigured(f"{software} lưu giờ địa phương: nguồn này phải khai zone: {zone}.")
    refuse_fixed_papers(request, software)


def refuse_fixed_papers(request: SampleRequest, software: str) -> None:
    """Refuse a fixed number of papers and steps."""
    if request.papers is not None:
        raise Misconfigured(f"Bộ sinh dữ liệu {software} không có dạng cố định số giấy tờ và số bước.")


def chosen(job: Job, kinds: tuple[Kind[Any, Any], ...]) -> tuple[Kind[Any, Any], ...]:
    """The kinds of dirt that this sample seeds."""
    return () if job.plan.is_clean else usable(kinds, job.store.dialect, with_files=job.files is not None)


def run_sample(
    request: SampleRequest, profile: str, schema: Schema, fill: Callable[[Job], dict[str, Any]], progress: Progress
) -> dict[str, Any]:
    """Open the old database, its files and the manifest, let ``fill`` fill them; the manifest.

    ``profile``: the name of the profile that reads such a database. Raises Misconfigured when the database or the
    folder holds anything that the generator did not make, Unavailable and Forbidden as every connector.
    """
    now, bench = checked(request)
    request.manifest_path.unlink(missing_ok=True)  # of an earlier filling: it would mark the wrong answers
    files = FileStore(request.files_dir, request.seed) if request.files_dir and request.with_files else None
    with open_store(request.url, ZONES[request.zone], request.seed, request.dossiers, schema) as store:
        if files:
            files.prepare()
        made = fill(_job(request, store, files, now, bench, progress))
    return write_manifest(request, profile, made, has_files=files is not None)


def _job(
    request: SampleRequest,
    store: Store,
    files: FileStore | None,
    now: datetime,
    bench: Bench | None,
    progress: Progress,
) -> Job:
    random = Random(request.seed)
    scene, days_off = make_scene(request, random, now, store.dialect, bench)
    plan = Plan(request.dossiers, request.is_clean, last_filing_day(request.cutoff, now))
    return Job(request, random, store, files, scene, plan, days_off, progress)


def checked(request: SampleRequest) -> tuple[datetime, Bench | None]:
    """The present in local time and the fixed shape, if any. Raises Misconfigured for a request that cannot be."""
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


def make_scene(
    request: SampleRequest, random: Random, now: datetime, dialect: str, bench: Bench | None = None
) -> tuple[Scene, list[tuple[date, int, str]]]:
    """Where and when the dossiers live, and the days off."""
    days_off, year = holidays(), request.cutoff.year
    calendar = office([(day, kind) for day, kind, _ in days_off], year - 4, year + 2)
    people, limit = world(random), limit_of(calendar, request.cutoff, now)
    return Scene(people, calendar, request.cutoff, limit, dialect, bench, request.first_serial), days_off


def write_manifest(
    request: SampleRequest, profile: str, made: dict[str, Any], *, has_files: bool = False
) -> dict[str, Any]:
    """Write down what was asked for and what was seeded; the same."""
    manifest = _head(request, profile, has_files=has_files) | made
    _write_private(request.manifest_path, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    return manifest


def _head(request: SampleRequest, profile: str, *, has_files: bool) -> dict[str, Any]:
    return {
        "profile": profile,
        "seed": request.seed,
        "dossiers": request.dossiers,
        "cutoff": request.cutoff.isoformat(),
        "zone": request.zone,
        "has_files": has_files,
    }


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
