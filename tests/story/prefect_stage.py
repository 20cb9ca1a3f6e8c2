"""What the Prefect stories share: ``serve`` as a technician starts it, Prefect's API, who is left of a process."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.ledger_trouble import process_identity
from tests.story.stage import ROOT, command, environment

WAIT_SECONDS = 180


def wait_until(condition: Callable[[], Any], what: str, seconds: float = WAIT_SECONDS) -> Any:
    """Ask until the answer is true; the answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"chờ mãi không thấy: {what}"
        time.sleep(0.1)
    return answer


@dataclass
class Running:
    """A ``lienthong`` command at work. ``said`` grows with what it says."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return "".join(self.said)

    def wait_for(self, words: str) -> str:
        """Wait until it has said this."""

        def is_said() -> bool:
            assert words in self.words or self.process.poll() is None, self.words[-3000:]
            return words in self.words

        wait_until(is_said, f"{words!r} trong:\n{self.words[-3000:]}")
        return self.words


@contextmanager
def running(*arguments: str | Path, **extra: str) -> Iterator[Running]:
    """A command in the background, for as long as the context lasts."""
    with subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(**extra),
        cwd=ROOT,
    ) as process:
        work = Running(process)
        assert process.stdout is not None
        reader = threading.Thread(target=lambda: work.said.extend(process.stdout or ()), daemon=True)
        reader.start()
        try:
            yield work
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
            reader.join(10)


@dataclass(frozen=True)
class Served:
    """A site that ``lienthong serve`` serves."""

    site: Path
    work: Running
    url: str
    page: str

    def api(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """One question to Prefect's API: GET, or POST of ``body``."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/{path}", data, {"Content-Type": "application/json"})
        for attempt in itertools.count(1):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 503 or attempt == 5:  # Prefect on SQLite: "busy, ask again"
                    raise
        return None

    def flow_runs(self) -> list[dict[str, Any]]:
        """Every flow run, oldest first."""
        found: list[dict[str, Any]] = self.api("flow_runs/filter", {"sort": "START_TIME_ASC"})
        return found

    def artifacts(self, flow_run_id: str) -> dict[str, dict[str, Any]]:
        """The artifacts of a run by key."""
        wanted = {"flow_run_id": {"any_": [flow_run_id]}}
        return {a["key"]: a for a in self.api("artifacts/filter", {"artifacts": wanted})}

    def wait_for_state(self, flow_run_id: str, *types: str) -> dict[str, Any]:
        """Wait until a run is in one of these types of state; the run."""

        def found() -> dict[str, Any] | None:
            run: dict[str, Any] = self.api(f"flow_runs/{flow_run_id}")
            return run if run["state_type"] in types else None

        run: dict[str, Any] = wait_until(found, f"lượt chạy {types}")
        return run


@contextmanager
def served(site: Path, ending: signal.Signals = signal.SIGTERM) -> Iterator[Served]:
    """Serve a site on a free port; told to end, it ends cleanly and leaves nobody behind."""
    with running("serve", site, "--port", "0") as work:
        said = work.wait_for("Dừng: Ctrl-C")
        match = re.search(r"(http://127\.0\.0\.1:\d+)(/deployments/deployment/\S+)", said)
        assert match, said
        yield Served(site, work, match[1], match[2])
        mine = family(work.process.pid)
        work.process.send_signal(ending)
        assert work.process.wait(60) == 0, work.words[-3000:]
        wait_until(lambda: is_gone(mine), "không còn tiến trình nào")
        assert "Traceback" not in work.words, work.words[-5000:]
        assert not (site / "var" / "prefect" / "serve.json").exists()


def slow_down(site: Path, rows_per_second: int = 1000) -> Callable[[], None]:
    """Make the site read its old system slowly, so that a run can be met half-way; undone by what is returned."""
    limits = rf"\g<0>\n\g<1>rows_per_second: {rows_per_second}\n\g<1>page_rows: 20"
    file, kept = site / "site.yaml", site / "site.yaml.kept"
    shutil.copy(file, kept)
    text = re.sub(r"^( +)zone:.*$", limits, file.read_text(), flags=re.M)
    file.write_text(text)

    def hurry() -> None:
        shutil.move(kept, file)

    return hurry


@contextmanager
def held_until_terminated(pid: int) -> Iterator[None]:
    """Hold a process where it is; let it go on once SIGTERM waits for it, so that no slow page lets it run away."""

    def is_told() -> bool:
        told = re.findall(r"^(?:Sig|Shd)Pnd:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.M)
        return any(int(mask, 16) & 1 << signal.SIGTERM - 1 for mask in told)

    os.kill(pid, signal.SIGSTOP)
    try:
        yield
        wait_until(is_told, f"SIGTERM cho tiến trình {pid}")
    finally:
        os.kill(pid, signal.SIGCONT)


def family(pid: int) -> dict[int, str]:
    """A process and everything it started: pid → identity."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it is gone already
            continue
    found, fresh = {pid}, {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return {p: process_identity(p) for p in found}


def is_gone(processes: dict[int, str]) -> bool:
    """Whether none of these processes is left."""
    return all(process_identity(pid) != identity for pid, identity in processes.items())
