"""How fast and in how much memory each driver reads one table of 20 columns through our SQL source.

``python -m tests.benchmark.drivers`` fills MariaDB, PostgreSQL and the TDS endpoint and prints a table; ``--rows`` says
how many rows the smaller table holds, the larger one holds four times as many. Every figure is of a process of its own.
The TDS endpoint is Python over DuckDB: wall time behind it is its own, only the reader's CPU and memory say something.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import psycopg
import pymysql
from sqlalchemy import make_url

from connectors.base import ReadPlan, TableRead
from connectors.sql import SqlSource
from tests.servers import mariadb_server, odbc_url, postgres_server
from tests.tds.server import tds_server

NAMES: Final = tuple(f"c{number}" for number in range(20))
KINDS: Final = {
    "mariadb": ("bigint", "varchar(80)", "datetime(6)", "decimal(14,2)", "int"),
    "postgres": ("bigint", "varchar(80)", "timestamp", "numeric(14,2)", "int"),
    "mssql": ("bigint", "nvarchar(80)", "datetime2(6)", "decimal(14,2)", "int"),
}
PLAN: Final = ReadPlan(TableRead("dossier", "t", NAMES, "c0", "c0"))
Row = tuple[int | str, ...]


def made(rows: int) -> Iterator[Row]:
    """Rows of a key, eleven texts, three moments, two amounts, three numbers."""
    for key in range(rows):
        texts = (f"Giá trị thứ {key % 9973} của cột số {column}" for column in range(11))
        moments = (f"2025-0{key % 6 + 1}-{key % 28 + 1:02} 0{key % 9}:{key % 60:02}:59" for _ in range(3))
        yield (key + 1, *texts, *moments, f"{key}.50", f"{key % 1000}.25", key % 7, key % 11, key % 13)


def declared(kind: str) -> str:
    key, text, moment, amount, number = KINDS[kind]
    kinds = (f"{key} PRIMARY KEY", *[text] * 11, *[moment] * 3, *[amount] * 2, *[number] * 3)
    return ", ".join(f"{name} {one}" for name, one in zip(NAMES, kinds, strict=True))


def fill_mariadb(url: str, rows: int) -> None:
    address = make_url(url)
    login = {"host": address.host, "port": address.port, "user": address.username, "password": address.password}
    with pymysql.connect(**login, database=address.database) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE t ({declared('mariadb')})")
        cursor.executemany(f"INSERT INTO t VALUES ({', '.join(['%s'] * len(NAMES))})", list(made(rows)))
        connection.commit()


def fill_postgres(url: str, rows: int) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE t ({declared('postgres')})")
        with cursor.copy("COPY t FROM STDIN") as copy:
            for row in made(rows):
                copy.write_row(row)


def measure(url: str) -> dict[str, Any]:
    """Sweep the table behind an address in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmark.drivers", "--read", url]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _read(url: str) -> dict[str, Any]:
    source = SqlSource(url)
    source.probe()
    wall, cpu, rows = time.perf_counter(), time.process_time(), 0
    for page in source.sweep(PLAN):
        rows += len(page)
    found = {"rows": rows, "wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "peak_mb": _peak()}
    source.close()
    return found


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _table(rows: int) -> Iterator[str]:
    yield "| database | driver | rows/s | rows per CPU s of the reader | peak MB | peak MB, four times the rows |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    with ExitStack() as stack:
        make_mariadb, make_postgres = stack.enter_context(mariadb_server()), stack.enter_context(postgres_server())
        double = stack.enter_context(tds_server())
        doors: dict[tuple[str, str], list[str]] = {}
        for size in (rows, 4 * rows):
            mariadb, postgres, mssql = make_mariadb(), make_postgres(), double.make_database()
            fill_mariadb(mariadb, size)
            fill_postgres(postgres, size)
            database = str(make_url(mssql).database)
            double.run(database, f"CREATE TABLE t ({declared('mssql')})")
            double.instance.load(database, "t", list(made(size)))
            doors.setdefault(("MariaDB", "PyMySQL"), []).append(mariadb)
            doors.setdefault(("MariaDB", "pyodbc, odbc-mariadb"), []).append(odbc_url(mariadb))
            doors.setdefault(("PostgreSQL", "psycopg"), []).append(postgres)
            doors.setdefault(("PostgreSQL", "pyodbc, odbc-postgresql"), []).append(odbc_url(postgres))
            doors.setdefault(("TDS endpoint", "pyodbc, Microsoft ODBC 18"), []).append(mssql)
            doors.setdefault(("TDS endpoint", "pyodbc, FreeTDS"), []).append(f"{mssql}&odbc_driver=FreeTDS")
        for (database, driver), (small, large) in doors.items():
            one, four = measure(small), measure(large)
            assert (one["rows"], four["rows"]) == (rows, 4 * rows)
            yield (
                f"| {database} | {driver} | {four['rows'] / four['wall_s']:.0f} | {four['rows'] / four['cpu_s']:.0f} | "
                f"{one['peak_mb']:.0f} | {four['peak_mb']:.0f} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark.drivers", description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000, help="rows of the smaller table")
    parser.add_argument("--read", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(_read(options.read)))
        return
    for line in _table(options.rows):
        print(line, flush=True)


if __name__ == "__main__":
    main()
