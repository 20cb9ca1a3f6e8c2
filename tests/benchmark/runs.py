"""The three runs: each in a child process of its own, on fresh target databases, its result checked afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from tests.benchmark.data import CUTOFF, ZONE, OldData
from tests.benchmark.meter import Measured, RunFailed, measure
from tests.benchmark.table import DLT, END, FLOOR, MARIADB, OURS, POSTGRES, RECEIVER, START, Cost, Run
from tests.servers import MakeDatabase

_SITE = f"""\
name: bench
cutoff: {CUTOFF}
rehearsal: true
sources:
  old: {{connector: sql, url_env: OLD_URL, profile: opencps_v2, zone: {ZONE}}}
target: {{connector: rest, rehearsal_env: RECEIVER_URL}}
ledger: {{url_env: LEDGER_URL}}
"""


@dataclass(frozen=True)
class Bench:
    """Where the runs happen: the server for the targets, the servers to bill, a folder, dlt's file format."""

    make_target: MakeDatabase
    servers: Mapping[str, int]
    folder: Path
    dlt_format: str


def run(bench: Bench, key: str, old: OldData) -> Run:
    """One of OURS, DLT, FLOOR; raises RunFailed when it ends badly or did not bring everything over."""
    return {OURS: run_ours, DLT: _run_dlt, FLOOR: _run_floor}[key](bench, old)


def run_ours(bench: Bench, old: OldData) -> Run:
    """Our whole conveyor into a ledger and a receiver on PostgreSQL."""
    measured = measure_ours(bench, old, is_profiled=False)
    whole = _cost(measured, {RECEIVER: sum(lap["cpu"][RECEIVER] for lap in measured.answer["laps"])})
    return Run(whole, _laps(measured), measured.others_cpu_s)


def measure_ours(bench: Bench, old: OldData, *, is_profiled: bool) -> Measured:
    """The same, as measured; with a profile of each stage when asked for."""
    with _databases(bench, 2) as (ledger, receiver), _scratch(bench) as site:
        (site / "site.yaml").write_text(_SITE, encoding="utf-8")
        addresses = {"OLD_URL": old.url, "LEDGER_URL": ledger, "RECEIVER_URL": receiver}
        job = {"site": str(site), "profile": is_profiled}
        measured = measure("tests.benchmark.ours", job, bench.servers, addresses)
    answer = measured.answer
    if not (answer["balanced"] and answer["matched"] == answer["found"] == old.dossiers):
        raise RunFailed(f"Lượt của lienthong không khớp hết: {answer['matched']}/{old.dossiers} hồ sơ khớp.")
    return measured


def _run_dlt(bench: Bench, old: OldData) -> Run:
    with _databases(bench, 1) as (new,), _scratch(bench) as home:
        job = {"old_url": old.url, "new_url": _plain(new), "folder": str(home), "dlt_format": bench.dlt_format}
        quiet = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(home), "RUNTIME__LOG_LEVEL": "ERROR"}
        measured = measure("tests.benchmark.dlt_copy", job, bench.servers, quiet)
        _check_copied(new, "copied.", old)
    steps = {name: Cost(measured.answer["steps"][name]) for name in ("extract", "normalize", "load")}
    rest = measured.wall_s - sum(cost.wall_s for cost in steps.values())
    return Run(_cost(measured, {}), {START: Cost(rest), **steps}, measured.others_cpu_s)


def _run_floor(bench: Bench, old: OldData) -> Run:
    with _databases(bench, 1) as (new,):
        job = {"old_url": old.url, "new_url": _plain(new)}
        measured = measure("tests.benchmark.floor_copy", job, bench.servers, {})
        _check_copied(new, "", old)
    return Run(_cost(measured, {}), {}, measured.others_cpu_s)


def _cost(measured: Measured, more: Mapping[str, float]) -> Cost:
    return Cost(measured.wall_s, measured.cpu_s, {**measured.servers_cpu_s, **more}, measured.peak_mb())


def _laps(measured: Measured) -> dict[str, Cost]:
    """What each stage cost, with what came before the first and after the last."""
    laps = measured.answer["laps"]
    stages = {START: Cost(laps[0]["start"] - measured.start)}
    stages |= {lap["name"]: _lap(measured, lap) for lap in laps}
    return {**stages, END: Cost(measured.start + measured.wall_s - laps[-1]["end"])}


def _lap(measured: Measured, lap: Mapping[str, Any]) -> Cost:
    cpu = lap["cpu"]
    parts = {name: cpu[name] for name in (RECEIVER, MARIADB, POSTGRES)}
    return Cost(lap["end"] - lap["start"], cpu["us"] + cpu[RECEIVER], parts, measured.peak_mb(lap["start"], lap["end"]))


@contextmanager
def _databases(bench: Bench, number: int) -> Iterator[list[str]]:
    """Fresh target databases, dropped afterwards; the server starts with nothing left to write."""
    urls = [bench.make_target() for _ in range(number)]
    _administer(urls[0], "CHECKPOINT")
    try:
        yield urls
    finally:
        for url in urls:
            _administer(url, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@contextmanager
def _scratch(bench: Bench) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=bench.folder))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _administer(url: str, statement: str) -> None:
    with psycopg.connect(_plain(url), dbname="postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def _plain(url: str) -> str:
    """The address without SQLAlchemy's driver name."""
    return url.replace("+psycopg", "")


def _check_copied(url: str, schema: str, old: OldData) -> None:
    with psycopg.connect(_plain(url)) as connection:
        for table, rows in old.rows.items():
            found = connection.execute(f"SELECT count(*) FROM {schema}{table}".encode()).fetchone()
            if not found or found[0] != rows:
                raise RunFailed(f"{table}: {rows} dòng ở nguồn, {found and found[0]} dòng ở đích.")
