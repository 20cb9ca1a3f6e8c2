"""The benchmark: our whole run beside dlt's copy and a bare COPY, interleaved on the same data."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from tests.benchmark.copied import TABLES
from tests.benchmark.data import PAPERS, STEPS, OldData, fill
from tests.benchmark.mapping import Mapping, measure_mapping
from tests.benchmark.meter import RunFailed, find_servers
from tests.benchmark.runs import Bench, measure_ours, run
from tests.benchmark.table import DLT, FLOOR, MARIADB, NAMES, OURS, POSTGRES, Round, Size, markdown, others_share
from tests.servers import ServerMissing, mariadb_server, postgres_server

RESULT = Path("var/bench/latest.md")
QUIET = 0.05


def main() -> int:
    """Measure, print the table, keep it. Exit code 0, or 1 when a run failed."""
    options = _options()
    try:
        sizes, profile, mapping = _measure(options)
    except (RunFailed, ServerMissing) as error:
        print(error, file=sys.stderr)
        return 1
    legend = f"{_legend(options, sizes)}- The mapping alone: {mapping}.\n"
    text = f"# Đo tốc độ lienthong\n\n{markdown(sizes)}\n{legend}{profile}"
    print(text)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text, encoding="utf-8")
    _say(f"Đã ghi: {RESULT}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--dossiers", type=int, default=30_000, help="the larger size; the smaller is a third of it")
    parser.add_argument("--rounds", type=int, default=3, help="rounds A B C over each size")
    parser.add_argument("--dlt-format", choices=("csv", "insert_values"), default="csv", help="file format of dlt")
    parser.add_argument("--profile", action="store_true", help="one more run of ours: what was dear in each stage")
    options = parser.parse_args()
    if options.dossiers < 3 or options.rounds < 1:
        parser.error("--dossiers: 3 or more; --rounds: 1 or more")
    return options


def _measure(options: argparse.Namespace) -> tuple[list[Size], str, Mapping]:
    with ExitStack() as stack:
        make_old = stack.enter_context(mariadb_server())
        make_target = stack.enter_context(postgres_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lt-bench-")))
        servers = find_servers({"mariadbd": MARIADB, "postgres": POSTGRES})
        bench = Bench(make_target, servers, folder, options.dlt_format)
        sizes = []
        for dossiers in (options.dossiers // 3, options.dossiers):
            _say(f"Sinh {dossiers} hồ sơ sạch vào MariaDB …")
            old = fill(make_old(), dossiers, folder)
            run(bench, FLOOR, old)  # not counted: it brings the old database into memory
            rounds = [
                _round(bench, old, f"{dossiers} hồ sơ, vòng {n + 1}/{options.rounds}") for n in range(options.rounds)
            ]
            sizes.append(Size(dossiers, tuple(rounds)))
        _say("Chỉ bước chuyển đổi, trên một nhân …")
        mapping = measure_mapping(folder / "mapping", min(options.dossiers, 10_000))
        return sizes, _profile(bench, old) if options.profile else "", mapping


def _round(bench: Bench, old: OldData, title: str) -> Round:
    """A, B and C next to each other."""
    found = {}
    for key in (OURS, DLT, FLOOR):
        found[key] = run(bench, key, old)
        _say(f"{title}: {NAMES[key]} {found[key].whole.wall_s:.1f} s")
    return found


def _legend(options: argparse.Namespace, sizes: Sequence[Size]) -> str:
    """What the columns mean and where they were measured."""
    cpus = os.cpu_count() or 1
    others = others_share(sizes, cpus)
    versions = ", ".join(f"{name} {version(name)}" for name in ("dlt", "pyarrow", "psycopg", "PyMySQL", "SQLAlchemy"))
    lines = (
        f"Rounds: {options.rounds} (A B C A B C …), each run a process of its own on fresh target databases. Clean "
        f"dossiers, {PAPERS} papers and {STEPS} steps each, no file bytes.",
        "A: extract, map, validate, push, compare and report, without Prefect, with a site's default settings; ledger "
        "and rehearsal receiver on PostgreSQL. It reads every table that hangs on a dossier; B and C copy three: "
        + ", ".join(TABLES)
        + ".",
        f"B: dlt sql_database, pyarrow backend, file format {options.dlt_format}. "
        "C: PyMySQL server-side cursor into COPY, nothing converted.",
        "Wall: minimum – median – maximum; dossiers/s from the median. Other columns are medians. Ratios are medians "
        "of the ratios within each round. CPU s: user and system of the run's own processes, the receiver among them; "
        "the servers stand beside it; all CPU = CPU s + both servers. Peak MB: resident memory of the run's processes "
        "together, pages they share counted in each; the servers' is not in it.",
        "Both servers on the same machine, fast instead of durable (no fsync, 64 MB of buffers each).",
        f"Measured {datetime.now().astimezone():%Y-%m-%d %H:%M %z}: {cpus} CPUs, Python "
        f"{platform.python_version()}, {versions}.",
        f"Other programs took {others:.1%} of the machine during the runs."
        + (" IT WAS NOT QUIET: trust CPU seconds and ratios, not wall times." if others > QUIET else ""),
    )
    return "".join(f"- {line}\n" for line in lines)


def _profile(bench: Bench, old: OldData) -> str:
    """What was dear: for each stage the functions that stood on top, and the functions of ours they stood in."""
    parts = [f"\n## What was dear ({old.dossiers} dossiers, one run under the sampler)\n"]
    for lap in measure_ours(bench, old, is_profiled=True).answer["laps"]:
        cpu = ", ".join(f"{who} {seconds:.1f}" for who, seconds in lap["cpu"].items())
        parts.append(f"\n### {lap['name']}: {lap['end'] - lap['start']:.1f} s (CPU s: {cpu})\n")
        for title, top in (("On top of the stack", "leaves"), ("Ours, with all they call", "ours")):
            parts.append(f"\n{title}:\n\n")
            parts += [f"- {share:5.1%} `{name}`\n" for name, share in lap["profile"][top]]
    return "".join(parts)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
