"""One run: an old system with files, a push that is killed and taken up again, and the proof by the bytes held."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.site_files import write_site
from tests.soak_files.files import make_over
from tests.story.stage import ROOT, command, environment, lienthong

OLD = "sqlite:///var/old.sqlite"
EVERY_S = 0.1
FILES_A_DOSSIER = 2.5


@dataclass(frozen=True)
class Pushed:
    """One push: how it ended, seconds, and (files recorded, resident MB) of its process as it went."""

    code: int
    seconds: float
    memory: Sequence[tuple[int, float]]

    @property
    def peak_mb(self) -> float:
        return max((mb for _, mb in self.memory), default=0.0)

    def peak_between(self, low: float, high: float) -> float:
        """Highest memory between two shares of its samples."""
        part = self.memory[int(low * len(self.memory)) : int(high * len(self.memory)) + 1]
        return max((mb for _, mb in part), default=0.0)


@dataclass(frozen=True)
class Figures:
    """What came of it. ``equal``: files whose bytes in the receiver hash as those in the old system's folder do."""

    files: int
    bytes: int
    contents: int  # different ones
    held_contents: int
    equal: int
    differing: int
    part_rests: int  # rows of unfinished uploads that are left in the receiver
    pushes: Sequence[Pushed]


def soak(site: Path, files: int, total: int, kills: int, seed: int = 1) -> Figures:
    """Make the site below ``site``, push with so many kills, compare, and look at every byte."""
    dossiers = str(max(10, round(files / FILES_A_DOSSIER)))
    write_site(site, name="tep", source="cu", is_rehearsal=True, old_url=OLD, files="var/old_files")
    lienthong("sample", site, "--url", OLD, "--dossiers", dossiers, "--seed", str(seed))
    store = site / "var" / "old_files"
    count, size = make_over(store, files, total, seed)
    for stage in ("extract", "map", "validate"):
        lienthong(stage, site, expect=(0, 1))
    pushes = []
    for kill in range(kills):
        pushes.append(push(site, kill_at=round(count * (kill + 1) / (kills + 1))))
    pushes.append(push(site))
    lienthong("compare", site, expect=(0, 1))
    return _figures(site, store, count, size, pushes)


def push(site: Path, kill_at: int | None = None) -> Pushed:
    """Push in a process of its own; kill -9 it when the ledger knows of ``kill_at`` files."""
    memory: list[tuple[int, float]] = []
    started = time.monotonic()
    with subprocess.Popen(
        command("push", site), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), cwd=ROOT
    ) as child:
        while child.poll() is None:
            recorded = _recorded(site)
            memory.append((recorded, _resident_mb(child.pid)))
            if kill_at is not None and recorded >= kill_at:
                child.kill()
                break
            time.sleep(EVERY_S)
        code = child.wait()
    return Pushed(code, time.monotonic() - started, memory)


def _recorded(site: Path) -> int:
    with closing(sqlite3.connect(f"file:{site / 'var' / 'ledger.sqlite'}?mode=ro", uri=True, timeout=30)) as ledger:
        return int(ledger.execute("SELECT count(*) FROM attachment").fetchone()[0])


def _resident_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def _figures(site: Path, store: Path, count: int, size: int, pushes: Sequence[Pushed]) -> Figures:
    equal = differing = 0
    contents = set()
    with _receiver(site) as held:
        for locator, sha256 in held.execute("SELECT locator, sha256 FROM receiver_dossier_file"):
            there = _hash(store / locator)
            contents.add(there)
            is_same = there == sha256 == _hash_held(held, sha256)
            equal, differing = equal + is_same, differing + (not is_same)
        (held_contents,) = held.execute("SELECT count(DISTINCT sha256) FROM receiver_blob").fetchone()
        (rests,) = held.execute("SELECT count(*) FROM receiver_part_upload").fetchone()
    return Figures(count, size, len(contents), held_contents, equal, differing, rests, pushes)


@contextmanager
def _receiver(site: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(site / "var" / "receiver.sqlite")) as held:
        yield held


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash_held(held: sqlite3.Connection, sha256: str) -> str:
    """The hash of the bytes that are there, whatever they are called."""
    digest = hashlib.sha256()
    for (data,) in held.execute("SELECT data FROM receiver_blob WHERE sha256 = ? ORDER BY pos", (sha256,)):
        digest.update(data)
    return digest.hexdigest()
