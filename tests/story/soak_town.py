"""A small town to soak: sites to copy for each run, what comes of them undisturbed, and a receiver that fails."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from sqlalchemy import create_engine, select
from sqlalchemy.engine import make_url

from connectors.rehearsal.receiver.process import RunningReceiver, serve
from flows import ledger_schema as t
from flows.cli import run as command
from flows.failures import MATCHED, REMAINS
from flows.ledger_open import open_ledger
from flows.pipeline import STAGES
from flows.workplace import system_clock
from tests.servers import MakeDatabase, free_port
from tests.story.forked import import_once
from tests.story.office import Desk, ended, fork, open_office
from tests.story.soaked import Outcome, outcome_of

DOSSIERS = 50
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
FAULTS = {
    "cut": "cut:3",
    "limit": "limit:30:1",
    "errors": "errors:12:3",
    "stall": "stall:20:2",
    "truncate": "truncate:4",
    "twice": "twice:2",
    "expire": "expire:50",
}
"""How the receiver fails: at every how many-th call, how much."""
STARTS: dict[str, tuple[str, ...]] = {"push": ("push",), "workers": ("push",), "whole": STAGES}
"""Start → verbs. push: all is valid; workers: so, several at a time on PostgreSQL; whole: from the first sweep on."""
LATE = ("flows.target_door", "connectors.rehearsal.receiver.app", "uvicorn")


@dataclass(frozen=True)
class Case:
    """A run to be soaked."""

    number: int
    start: str
    faults: tuple[str, ...]


def cases(many: int) -> list[Case]:
    """So many runs: starts and faults in turn, several faults a run where there are more faults than runs."""
    names = list(FAULTS)
    dealt = [names[n::many] if many < len(names) else [names[n % len(names)]] for n in range(many)]
    return [Case(n, list(STARTS)[n % len(STARTS)], tuple(faults)) for n, faults in enumerate(dealt)]


@dataclass(frozen=True)
class Town:
    """Sites to copy for each run, and what comes of them when nothing disturbs."""

    folder: Path
    shared: str  # ledger on PostgreSQL with everything valid: a template
    outcomes: dict[str, Outcome]  # start → what it comes to
    seconds: dict[str, float]  # verb → what it takes undisturbed

    @contextmanager
    def desk(self, start: str, faults: Sequence[str] = ()) -> Iterator[Desk]:
        """A copy to work at, with an empty receiver that fails so."""
        place = self.folder / "run"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.folder / ("new" if start == "whole" else "valid"), place / "site")
        ledger = f"sqlite:///{place / 'site' / 'var' / 'ledger.sqlite'}"
        with _served(place / "receiver.sqlite", [FAULTS[name] for name in faults]) as receiver:
            here = partial(Desk, place / "site", receiver, f"sqlite:///{place / 'receiver.sqlite'}")
            if start != "workers":
                yield here(ledger)
                return
            with _copied(self.shared) as copy:
                yield here(copy)


def open_town(folder: Path, make_postgres: MakeDatabase, drawn: Sequence[Case]) -> Town:
    """A site of a small town, new and with everything ready to be pushed, and what these runs must come to."""
    import_once(*LATE)  # the children begin with it
    open_office(folder / "new", DOSSIERS)
    town = Town(folder, make_postgres(), {}, {})
    with town.desk("whole") as desk:
        desk.settle(batch=3)
        for name in STAGES if any(case.start == "whole" for case in drawn) else STAGES[:4]:
            if name == "push":
                shutil.copytree(desk.site, folder / "valid")
                _carry(desk.ledger, town.shared)
            begun = time.monotonic()
            assert ended(fork(partial(type_in, name, desk.site))) in (MATCHED, REMAINS)
            town.seconds[name] = time.monotonic() - begun
            if name == "push":
                town.outcomes["push"] = town.outcomes["workers"] = outcome_of(desk)
        if name == "compare":
            town.outcomes["whole"] = outcome_of(desk)
    return town


def _carry(ledger: str, there: str) -> None:
    """Bring what a ledger on SQLite holds into a new one on PostgreSQL."""
    open_ledger(there, system_clock).close()
    source, target = create_engine(ledger), create_engine(there)
    with source.connect() as old, target.begin() as new:
        for table in t.metadata.sorted_tables:
            new.execute(table.delete())
            columns = [column for column in table.c if column.name != "id" or column.autoincrement is not True]
            if rows := [dict(row._mapping) for row in old.execute(select(*columns))]:
                new.execute(table.insert(), rows)
    source.dispose()
    target.dispose()


def type_in(name: str, site: Path) -> int:
    """One command, as a technician types it."""
    warnings.simplefilter("ignore")  # the tests take warnings for errors; a technician's command does not
    return command([name, str(site)])


@contextmanager
def _served(database: Path, faults: Sequence[str]) -> Iterator[RunningReceiver]:
    """The receiver in a fork of this process, which has what it imports."""
    port, token = free_port(), "ma-truy-cap-dien-tap"

    def body() -> int:
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        serve(str(database), "127.0.0.1", port, token, token, faults=faults)
        return 0

    pid = fork(body)
    while not _listens(port):
        assert os.waitpid(pid, os.WNOHANG) == (0, 0), "the receiver did not start"
    try:
        yield RunningReceiver(f"http://127.0.0.1:{port}", token, token, pid)
    finally:
        os.kill(pid, signal.SIGKILL)
        ended(pid)


def _listens(port: int) -> bool:
    with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    time.sleep(0.01)
    return False


@contextmanager
def _copied(ledger: str) -> Iterator[str]:
    """A copy of a database for the time of the block."""
    url = make_url(ledger)
    place = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE soak TEMPLATE {url.database}")
        try:
            yield url.set(database="soak").render_as_string(hide_password=False)
        finally:
            connection.execute("DROP DATABASE soak WITH (FORCE)")
