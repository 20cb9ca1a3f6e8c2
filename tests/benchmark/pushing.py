"""The push alone: by REST batches and into tables of PostgreSQL, beside a bare client sending the same bodies.

``make pushbench ARGS="--dossiers 100000"``; dossiers of four papers and five steps, no file bytes.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import make_url

from connectors.rehearsal.td_target import lay_tables
from tests.benchmark.data import CUTOFF, PAPERS, STEPS, ZONE, fill
from tests.benchmark.meter import Measured, RunFailed, find_servers, measure
from tests.servers import MakeDatabase, ServerMissing, mariadb_server, postgres_server

RESULT = Path("var/bench/push.md")
_SITE = f"""\
name: bench
cutoff: {CUTOFF}
rehearsal: true
sources:
  old: {{connector: sql, url_env: OLD_URL, profile: opencps_v2, zone: {ZONE}}}
target: {{TARGET}}
ledger: {{url_env: LEDGER_URL}}
"""
_TARGETS = {
    "REST": "{connector: rest, rehearsal_env: NEW_URL, batch: BATCH}",
    "tables": "{connector: sql, profile: td_dichvucong_sql, url_env: NEW_URL, files: files, batch: BATCH}",
}
_BARE = {"REST": "bare_rest", "tables": "bare_tables"}
_COUNTS = {"REST": "SELECT count(*) FROM receiver_dossier", "tables": 'SELECT count(*) FROM "business.hosos"'}


@dataclass(frozen=True)
class Lap:
    """One push: its seconds, CPU seconds of the pushing process and of all, peak MB of it and its receiver."""

    seconds: float
    own_cpu_s: float
    all_cpu_s: float
    peak_mb: float
    profile: Any = None


@dataclass(frozen=True)
class Bench:
    """What every run shares: the server, a folder, the ledger in which all dossiers are ready, how many."""

    make: MakeDatabase
    servers: Mapping[str, int]
    folder: Path
    ledger: str
    old: str
    dossiers: int
    batch: int

    def ours(self, kind: str, *, is_profiled: bool = False) -> Lap:
        """Our push into a fresh target, from a copy of the ledger."""
        ledger, new, site = _copied(self.ledger), self._target(kind), self.folder / "site"
        _write_site(site, kind, self.batch)
        job = {"part": "ours", "site": str(site), "profile": is_profiled}
        addresses = {"OLD_URL": self.old, "LEDGER_URL": ledger, "NEW_URL": new}
        return self._measured(kind, measure("tests.benchmark.push_parts", job, self.servers, addresses), new, ledger)

    def bare(self, kind: str) -> Lap:
        """A client that only sends."""
        new = self._target(kind)
        job = {"part": _BARE[kind], "folder": str(self.folder), "database": new}
        return self._measured(kind, measure("tests.benchmark.push_parts", job, self.servers, {}), new)

    def _target(self, kind: str) -> str:
        new = self.make()
        if kind == "tables":
            lay_tables(new)
        _administer(new, "CHECKPOINT")
        return new

    def _measured(self, kind: str, measured: Measured, new: str, *others: str) -> Lap:
        with psycopg.connect(new.replace("+psycopg", "")) as connection:
            held = connection.execute(_COUNTS[kind].encode()).fetchone()
        if held != (self.dossiers,):
            raise RunFailed(f"{kind}: {held} hồ sơ ở đích, {self.dossiers} đã sẵn sàng.")
        for url in (new, *others):
            _administer(url, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")
        answer = measured.answer
        return Lap(answer["seconds"], answer["own_cpu"], answer["all_cpu"], measured.peak_mb(), answer.get("profile"))


def main() -> int:
    """Measure, print, keep. Exit code 0, or 1 when a run failed."""
    options = _options()
    try:
        text = _measure(options)
    except (RunFailed, ServerMissing) as error:
        print(error, file=sys.stderr)
        return 1
    print(text)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text, encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.pushing", description=__doc__)
    parser.add_argument("--dossiers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of bare client and ours, interleaved")
    parser.add_argument("--batch", type=int, default=200, help="dossiers a batch, of ours and of the bare client")
    parser.add_argument("--profile", action="store_true", help="one more push of each kind: what was dear in it")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> str:
    with ExitStack() as stack:
        make_old, make = stack.enter_context(mariadb_server()), stack.enter_context(postgres_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lt-push-")))
        servers = find_servers({"mariadbd": "MariaDB", "postgres": "PostgreSQL"})
        bench = _ready(make_old(), make, servers, folder, options)
        laps: dict[tuple[str, str], list[Lap]] = {}
        for at in range(options.rounds):
            for kind in _TARGETS:
                for who in ("bare", "ours"):
                    lap: Lap = getattr(bench, who)(kind)
                    laps.setdefault((kind, who), []).append(lap)
                    spent = f"{lap.seconds:.1f} s, CPU {lap.own_cpu_s:.1f} s, tất cả {lap.all_cpu_s:.1f} s"
                    _say(f"vòng {at + 1}: {kind} {who} {spent}")
        profiles = [_profile(kind, bench.ours(kind, is_profiled=True)) for kind in _TARGETS] if options.profile else []
        return "\n".join([_table(laps, bench), *profiles])


def _ready(
    old: str, make: MakeDatabase, servers: Mapping[str, int], folder: Path, options: argparse.Namespace
) -> Bench:
    """Dossiers that wait to be pushed, in a ledger on PostgreSQL."""
    _say(f"Sinh {options.dossiers} hồ sơ sạch, rồi extract, map, validate …")
    fill(old, options.dossiers, folder)
    ledger = make()
    _write_site(folder / "site", "REST", options.batch)
    job = {"part": "ready", "site": str(folder / "site"), "folder": str(folder), "batch": options.batch}
    addresses = {"OLD_URL": old, "LEDGER_URL": ledger, "NEW_URL": ledger}
    answer = measure("tests.benchmark.push_parts", job, servers, addresses).answer
    return Bench(make, servers, folder, ledger, old, answer["dossiers"], options.batch)


def _write_site(site: Path, kind: str, batch: int) -> None:
    shutil.rmtree(site, ignore_errors=True)
    (site / "files").mkdir(parents=True)
    target = _TARGETS[kind].replace("BATCH", str(batch))
    (site / "site.yaml").write_text(_SITE.replace("{TARGET}", target), encoding="utf-8")


def _copied(url: str) -> str:
    """A copy of a database under a new name."""
    parsed = make_url(url)
    _administer(url, "DROP DATABASE IF EXISTS ledger_copy WITH (FORCE)")
    _administer(url, f"CREATE DATABASE ledger_copy TEMPLATE {parsed.database}")
    return parsed.set(database="ledger_copy").render_as_string(hide_password=False)


def _administer(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), dbname="postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def _table(laps: Mapping[tuple[str, str], list[Lap]], bench: Bench) -> str:
    lines = [
        "| push | client | dossiers/s | wall s: min – median – max | CPU s | all CPU s | peak MB "
        "| rate ÷ bare | bare CPU ÷ CPU |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (kind, who), found in laps.items():
        seconds = [lap.seconds for lap in found]
        pairs = list(zip(laps[(kind, "bare")], found, strict=True))
        rates = f"{median(b.seconds / o.seconds for b, o in pairs):.2f}"
        cpus = f"{median(b.all_cpu_s / o.all_cpu_s for b, o in pairs):.2f}"
        ends = f"{min(seconds):.1f} – {median(seconds):.1f} – {max(seconds):.1f}"
        own, all_ = median(lap.own_cpu_s for lap in found), median(lap.all_cpu_s for lap in found)
        peak = max(lap.peak_mb for lap in found)
        rate = bench.dossiers / median(seconds)
        figures = f"{rate:.0f} | {ends} | {own:.1f} | {all_:.1f} | {peak:.0f} | {rates} | {cpus}"
        lines.append(f"| {kind} | {who} | {figures} |")
    legend = (
        f"{bench.dossiers} dossiers, {PAPERS} papers and {STEPS} steps each, no file bytes; batches of {bench.batch}. "
        "Ours: intent, call, read back, record, on a ledger on the same PostgreSQL. Bare: the same bodies, made ready "
        "before; REST: four calls at a time, any 200 believed; tables: COPY, a transaction a batch, nothing read back.",
        "CPU s: of the pushing process; all CPU s: with its receiver and both database servers. Peak MB: it and its "
        "receiver. Ratios: median within the rounds; where other work takes the machine, believe that of the CPU.",
        f"Measured {datetime.now().astimezone():%Y-%m-%d %H:%M %z}: {os.cpu_count()} CPUs, Python "
        f"{platform.python_version()}, load {os.getloadavg()[0]:.1f}.",
    )
    return "\n".join([*lines, "", *(f"- {line}" for line in legend), ""])


def _profile(kind: str, lap: Lap) -> str:
    lines = [f"\n### {kind}: {lap.seconds:.1f} s\n"]
    for title, top in (("On top of the stack", "leaves"), ("Ours, with all they call", "ours")):
        lines += [f"{title}:\n", *(f"- {share:5.1%} `{name}`" for name, share in lap.profile[top]), ""]
    return "\n".join(lines)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
