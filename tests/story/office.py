"""Commands in forked children of the test, which may be killed, and a site that is pushed to a running receiver."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from connectors.rehearsal.receiver.process import RunningReceiver
from flows.cli import run as command
from flows.failures import explain
from flows.faults import Faults
from flows.ledger import Run
from flows.ledger_open import open_ledger
from flows.pipeline import RunOptions, plan_stages
from flows.site import load_site
from flows.site_files import write_site
from flows.stages import drain
from flows.workplace import OpenSource, Workplace, open_connector, open_workplace, system_clock

SOURCE = "phutho_cu"
TO_PUSH = ("extract", "map", "validate", "push")
NOWHERE = Path(os.devnull)
TARGET = (
    "target: {{connector: rest, url_env: NEW_URL, token_env: NEW_TOKEN, "
    "batch: {batch}, concurrency: {calls}, timeout_seconds: {timeout}}}\n"
)


def fork(body: Callable[[], int], said: Path = NOWHERE, **environment: str) -> int:
    """Start a child that runs ``body`` and ends with its number; the child's id. What it says goes into ``said``."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    with suppress(BaseException):  # whatever happens, the child must not go on as the test
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.environ.update(environment)
            with said.open("a") as where:
                os.dup2(where.fileno(), 1)
                os.dup2(where.fileno(), 2)
            sys.stdout = sys.stderr = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
            code = body()
        except KeyboardInterrupt:
            code = 130
    os._exit(code)


def ended(pid: int) -> int:
    """The exit code of a child; negative: the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@dataclass(frozen=True)
class Loaded:
    """What a command reads of a site before its first batch, read once for many children."""

    work: Workplace
    sources: list[OpenSource]

    @classmethod
    def of(cls, site: Path) -> Loaded:
        with open_workplace(load_site(site)) as work:
            sources = work.open_sources()
            for source in sources:
                assert source.tables
        return cls(work, sources)


@dataclass(frozen=True)
class Desk:
    """A rehearsal site, the receiver it pushes to, and the databases behind both."""

    site: Path
    receiver: RunningReceiver
    database: str  # of the receiver
    ledger: str

    def settle(self, *, batch: int = 5, calls: int = 2, token: str = "", timeout: float = 60) -> None:
        """Batch size, calls at a time, token and seconds a call of the runs to come."""
        file = self.site / "site.yaml"
        kept = [line for line in file.read_text(encoding="utf-8").splitlines(True) if not line.startswith("target:")]
        file.write_text("".join(kept) + TARGET.format(batch=batch, calls=calls, timeout=timeout), encoding="utf-8")
        words = {"NEW_URL": self.receiver.url, "LEDGER_URL": self.ledger}
        words["NEW_TOKEN"] = token or self.receiver.push_token
        env = self.site / ".env"
        lines = [line for line in env.read_text(encoding="utf-8").splitlines() if line.split("=")[0] not in words]
        env.write_text("\n".join([*lines, *(f"{k}={v}" for k, v in words.items())]) + "\n", encoding="utf-8")

    def held(self) -> list[tuple[Any, ...]]:
        """What the receiver holds: dossiers with their content, then their files."""
        dossiers = "SELECT source, key, version, body_sha256 FROM receiver_dossier ORDER BY source, key"
        files = (
            "SELECT d.source, d.key, f.locator, f.sha256, f.size FROM receiver_dossier_file f "
            "JOIN receiver_dossier d ON d.id = f.dossier_id ORDER BY d.source, d.key, f.locator"
        )
        return [*ask(self.database, dossiers), *ask(self.database, files)]

    def writes(self) -> int:
        """How many versions of dossiers were ever written there."""
        ((n,),) = ask(self.database, "SELECT count(*) FROM receiver_change")
        return int(n)

    def states(self) -> dict[str, int]:
        """State → entries of the ledger."""
        return dict(ask(self.ledger, "SELECT state, count(*) FROM entry GROUP BY state"))

    def unsettled(self) -> int:
        """Open intents and leases that are left."""
        open_ones = "SELECT count(*) FROM intent WHERE settled_at IS NULL"
        leases = "SELECT count(*) FROM entry WHERE lease IS NOT NULL"
        return sum(int(n) for question in (open_ones, leases) for ((n,),) in [ask(self.ledger, question)])


@dataclass(frozen=True)
class Office(Desk):
    """A site whose stages run in children that need not read it again."""

    loaded: Loaded

    def run(self, *names: str, fault: str = "") -> int:
        """Stages in a child; its exit code."""
        return ended(self.start(*names, fault=fault))

    def start(self, *names: str, fault: str = "") -> int:
        """Stages in a child; its id."""
        return fork(lambda: self._explained(names, fault))

    def _explained(self, names: tuple[str, ...], fault: str) -> int:
        try:
            self._stages(names, fault)
        except Exception as error:
            return explain(error)[1]
        return 0

    def _stages(self, names: tuple[str, ...], fault: str) -> None:
        with self.opened(fault) as (work, run):
            for stage in plan_stages(work, run, self.loaded.sources, RunOptions(stages=names or TO_PUSH)):
                drain(stage, lambda *_: None)

    @contextmanager
    def opened(self, fault: str = "") -> Iterator[tuple[Workplace, Run]]:
        """The site at work with what was loaded, and a run of its ledger."""
        with ExitStack() as stack:
            site = load_site(self.site)
            ledger = open_ledger(self.ledger, system_clock)
            stack.callback(ledger.close)
            ledger.faults = Faults.of(fault)
            for source in self.loaded.sources:  # connections are nobody else's
                source.connector = open_connector(site, source.source, source.profile)
                stack.callback(source.connector.close)
                source.recall_references(ledger)
            run = stack.enter_context(ledger.run("push"))
            yield replace(self.loaded.work, site=site, ledger=ledger, stack=stack), run


def open_office(site: Path, dossiers: int, seed: int = 1) -> None:
    """A rehearsal site with a filled old system of its own."""
    write_site(site, name="phutho", source=SOURCE, is_rehearsal=True, old_url="", files="var/old_files")
    sample = ["--dossiers", str(dossiers), "--seed", str(seed), "--url", "sqlite:///var/old.sqlite"]
    with (site / ".env").open("a", encoding="utf-8") as env:
        env.write("OLD_URL=sqlite:///var/old.sqlite\nLEDGER_URL=sqlite:///var/ledger.sqlite\n")
    assert command(["sample", str(site), "--source", SOURCE, *sample]) == 0
    file = site / "site.yaml"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines(True) if not line.startswith("ledger:")]
    kept = "".join(lines).replace("    files:", "    page_rows: 10\n    files:", 1)
    file.write_text(kept + "ledger: {url_env: LEDGER_URL}\n", encoding="utf-8")


def ask(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a database."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]
    finally:
        engine.dispose()


def change(url: str, *statements: str) -> None:
    """Change a database as somebody else would."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for sql in statements:
                connection.execute(text(sql))
    finally:
        engine.dispose()
