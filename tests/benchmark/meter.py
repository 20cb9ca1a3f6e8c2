"""Wall time, CPU and memory of a child process with everything that it starts, read from Linux's /proc."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLE_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


class RunFailed(Exception):
    """A run did not end well; the message holds the tail of what it said."""


@dataclass(frozen=True)
class Memory:
    """Resident memory of a process tree (MB, shared pages counted once a process) at an instant of the clock."""

    at: float
    mb: float


@dataclass(frozen=True)
class Measured:
    """One run of a child: its start on the monotonic clock, seconds, CPU seconds (user + system) of its own, of the
    servers and of everybody else on the machine, memory, and the object it printed last."""

    start: float
    wall_s: float
    cpu_s: float
    servers_cpu_s: Mapping[str, float]
    others_cpu_s: float
    memory: tuple[Memory, ...]
    answer: Mapping[str, Any]

    def peak_mb(self, start: float = 0.0, end: float = float("inf")) -> float:
        """Highest memory seen between two instants of the clock; 0 when none was taken there."""
        return max((sample.mb for sample in self.memory if start <= sample.at <= end), default=0.0)


def measure(
    module: str, job: Mapping[str, Any], servers: Mapping[str, int], environment: Mapping[str, str]
) -> Measured:
    """Run ``python -m module`` with the job as JSON on its standard input; raises RunFailed."""
    text = json.dumps({**job, "servers": dict(servers)}).encode()
    before, busy = {name: tree_cpu(pid) for name, pid in servers.items()}, _busy()
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        asked.write(text)
        asked.seek(0)
        start = time.monotonic()
        command = [sys.executable, "-m", module]
        child = subprocess.Popen(
            command, stdin=asked, stdout=said, stderr=complained, env={**os.environ, **environment}
        )
        try:
            memory, cpu = _watch(child)
        except BaseException:
            child.send_signal(signal.SIGTERM)
            child.wait()
            raise
        wall = time.monotonic() - start
        answer, trouble = _content(said), _content(complained)
    if child.returncode:
        raise RunFailed(f"{module} hỏng ({child.returncode}):\n{answer[-1000:]}\n{trouble[-3000:]}")
    after = {name: tree_cpu(pid) - before[name] for name, pid in servers.items()}
    others = max(_busy() - busy - cpu - sum(after.values()), 0.0)
    return Measured(start, wall, cpu, after, others, memory, json.loads(answer.strip().splitlines()[-1]))


def _content(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode(errors="replace"))


def _watch(child: subprocess.Popen[bytes]) -> tuple[tuple[Memory, ...], float]:
    """Sample the tree until the child ends. CPU is what the kernel bills to the child and to those it waited for,
    or, when a grandchild was never waited for, what was last seen of the tree."""
    memory: list[Memory] = []
    seen = previous = 0.0
    ended = os.pidfd_open(child.pid)
    try:
        while not select.select([ended], [], [], SAMPLE_SECONDS)[0]:
            pids = list(tree(child.pid))
            now = sum(_resident_mb(pid) for pid in pids)
            # between fork and exec a child shows its parent's memory as its own: believe what is seen twice
            memory.append(Memory(time.monotonic(), min(now, previous)))
            previous = now
            seen = max(seen, sum(_cpu(pid) for pid in pids))
    finally:
        os.close(ended)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return tuple(memory), max(seen, usage.ru_utime + usage.ru_stime)


def tree(root: int) -> Iterator[int]:
    """A process and everything below it; nothing when it is gone."""
    yield root
    for listing in Path(f"/proc/{root}/task").glob("*/children"):
        children = ""
        with suppress(OSError):
            children = listing.read_text()
        for child in children.split():
            yield from tree(int(child))


def tree_cpu(root: int) -> float:
    """CPU seconds of a process, of everything below it, and of what they have waited for."""
    return sum(_cpu(pid) for pid in tree(root))


def cpu_below(root: int) -> float:
    """CPU seconds of the living processes that a process started."""
    return sum(_cpu(pid) for pid in tree(root) if pid != root)


def find_servers(names: Mapping[str, str]) -> dict[str, int]:
    """Label → process id of the servers that this process started, by program name."""
    found: dict[str, int] = {}
    for pid in tree(os.getpid()):
        with suppress(OSError):
            program = Path(f"/proc/{pid}/comm").read_text().strip()
            if program in names:
                found.setdefault(names[program], pid)
    return found


def _busy() -> float:
    """CPU seconds of everything on the machine since it started, other guests of its host (steal) among them."""
    # proc(5): user, nice, system, idle, iowait, irq, softirq, steal
    times = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(times) - times[3] - times[4]) / _TICKS


def _cpu(pid: int) -> float:
    with suppress(OSError):
        # proc(5): after the program's name in parentheses, utime, stime, cutime and cstime are fields 14 to 17
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / _TICKS
    return 0.0


def _resident_mb(pid: int) -> float:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB
    return 0.0
