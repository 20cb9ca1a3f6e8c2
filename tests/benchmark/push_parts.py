"""The runs of the push benchmark: making dossiers ready, our push, and a bare client of each kind; one a process."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import psycopg
from sqlalchemy import select

from connectors._tables_rows import Rows
from connectors.base import Push
from connectors.rehearsal.receiver.process import start
from connectors.rehearsal.tables import quoted
from flows import ledger_schema as t
from flows.payloads import plain
from flows.pipeline import RunOptions, plan_stages
from flows.site import load_site
from flows.stages import drain
from flows.target_tables import build_tables_plan
from flows.workplace import open_workplace
from mappings.targets import load_target
from tests.benchmark.meter import cpu_below, tree_cpu
from tests.benchmark.sampler import Sampler

CALLS = 4
READY = ("extract", "map", "validate")
PROFILE = "td_dichvucong_sql"
NOW = "2026-01-15 08:00:00.000000"


def main() -> None:
    """Do what the job on standard input names, and print what it took."""
    job = json.load(sys.stdin)
    parts: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "ready": _make_ready, "ours": _push, "bare_rest": _post, "bare_tables": _copy,
    }  # fmt: skip
    print(json.dumps(parts[job["part"]](job)))


class _Meter:
    """Wall time, and CPU seconds of everybody who takes part: this process, its receiver, the database servers."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._servers = job["servers"].values()
        self._begun, self._cpu = time.monotonic(), self._spent()

    def took(self) -> dict[str, float]:
        """What has been spent so far."""
        seconds, cpu = time.monotonic() - self._begun, self._spent()
        return {"seconds": seconds, "own_cpu": cpu[0] - self._cpu[0], "all_cpu": sum(cpu) - sum(self._cpu)}

    def _spent(self) -> tuple[float, float, float]:
        return time.process_time(), cpu_below(os.getpid()), sum(map(tree_cpu, self._servers))


def _make_ready(job: dict[str, Any]) -> dict[str, Any]:
    """Extract, map and validate; then write the same bodies, and the same rows, to files for the bare clients."""
    with open_workplace(load_site(Path(job["site"]))) as work:
        sources = work.open_sources()
        with work.ledger.run("ready") as run:
            for stage in plan_stages(work, run, sources, RunOptions(stages=READY)):
                drain(stage, lambda *_: None)
        e, p = t.entry.c, t.payload.c
        query = (
            select(e.source_id, e.key, p.mapped)
            .join(t.payload, (p.source_id == e.source_id) & (p.key == e.key))
            .where(e.state == t.VALID)
            .order_by(e.key)
            .execution_options(yield_per=1000)
        )
        rows = Rows(build_tables_plan(load_target(PROFILE)))
        ready, folder = 0, Path(job["folder"])
        with work.ledger.transaction() as c, closing(_Dump(folder, job["batch"], rows)) as dump:
            for row in c.execute(query):
                dump.add(Push(row.source_id, row.key, plain(row.mapped), f"{row.source_id}/{row.key}"))
                ready += 1
    return {"dossiers": ready}


class _Dump:
    """Bodies as calls of the REST contract, and as rows of the tables, batch by batch."""

    def __init__(self, folder: Path, batch: int, rows: Rows) -> None:
        self._calls, self._copies = (folder / "calls").open("wb"), (folder / "copies").open("wb")
        self._batch, self._rows = batch, rows
        self._waiting: list[Push] = []

    def add(self, push: Push) -> None:
        self._waiting.append(push)
        if len(self._waiting) == self._batch:
            self._write()

    def close(self) -> None:
        self._write()
        self._calls.close()
        self._copies.close()

    def _write(self) -> None:
        if not self._waiting:
            return
        items = [
            {"source": p.source_id, "key": p.key, "if_match": "", "idempotency_key": p.idempotency_key, "files": [],
             "silent": True, "body": msgspec.Raw(p.body)} for p in self._waiting
        ]  # fmt: skip
        pickle.dump(msgspec.json.encode({"items": items}), self._calls)
        wanted = [self._rows.write(push, str, NOW) for push in self._waiting]
        tables = range(len(wanted[0].lists))
        lists = [[row for one in wanted for row in one.lists[at]] for at in tables]
        pickle.dump([[one.main for one in wanted], *lists], self._copies)
        self._waiting = []


def _pickled(file: Path) -> Iterator[Any]:
    with file.open("rb") as stream:
        while True:
            try:
                yield pickle.load(stream)
            except EOFError:
                return


def _push(job: dict[str, Any]) -> dict[str, Any]:
    """Our push of everything that is VALID."""
    sampler = Sampler() if job["profile"] else None
    with open_workplace(load_site(Path(job["site"]))) as work, work.ledger.run("push") as run:
        sources = work.open_sources()
        (stage,) = plan_stages(work, run, sources, RunOptions(stages=("push",)))
        meter = _Meter(job)
        if sampler:
            sampler.start()
        drain(stage, lambda *_: None)
        profile = sampler.stop() if sampler else None
        return {**meter.took(), "profile": profile}


def _post(job: dict[str, Any]) -> dict[str, Any]:
    """A bare client: the same calls, four at a time, any 200 believed, nothing read back or recorded."""
    with start(job["database"]) as receiver:
        meter = _Meter(job)
        asyncio.run(_post_all(receiver.url, receiver.push_token, _pickled(Path(job["folder"]) / "calls")))
        return meter.took()


async def _post_all(url: str, token: str, calls: Iterator[bytes]) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def work() -> None:
            for body in calls:  # each worker takes the next call
                async with session.post(f"{url}/v1/dossiers:batch", data=body) as answer:
                    await answer.read()
                    assert answer.status == 200, answer.status

        await asyncio.gather(*(work() for _ in range(CALLS)))


def _copy(job: dict[str, Any]) -> dict[str, Any]:
    """A bare client: COPY of the same rows, a transaction a batch, nothing asked, read back or recorded."""
    plan = build_tables_plan(load_target(PROFILE))
    rows = Rows(plan)
    tables = (plan.main, *plan.lists)
    texts = [
        f"COPY {quoted(table.table, 'postgresql')} ({', '.join(quoted(c, 'postgresql') for c in rows.columns(table))}) "
        "FROM STDIN"
        for table in tables
    ]
    with psycopg.connect(job["database"].replace("+psycopg", "")) as connection:
        meter = _Meter(job)
        for batch in _pickled(Path(job["folder"]) / "copies"):
            _copy_batch(connection, texts, batch)
        return meter.took()


def _copy_batch(connection: psycopg.Connection[Any], texts: Sequence[str], batch: Sequence[Sequence[Any]]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        for text, rows in zip(texts, batch, strict=True):
            with cursor.copy(text.encode()) as copy:
                for row in rows:
                    copy.write_row(row)


if __name__ == "__main__":
    main()
