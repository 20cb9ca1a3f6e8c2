"""Where a process spends its wall time: every thread's stack is looked at every few milliseconds."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

EVERY_SECONDS = 0.003
# The interpreter's own 5 ms would let us look mostly where a C call gives the lock away, and seldom at plain Python.
_SWITCH_SECONDS = 0.0001
TOP = 10
_EVERYTHING = 0.95
_ROOMS = ("flows/", "connectors/", "mappings/", "validations/")
_IDLE = frozenset({"select", "_worker", "wait", "poll", "accept"})
_HOME = str(Path(__file__).resolve().parents[2]) + "/"


class Sampler:
    """Counts what the stacks show between ``start`` and ``stop``. The starting thread counts when it waits, too."""

    def __init__(self) -> None:
        self._leaves: Counter[CodeType] = Counter()
        self._rooms: Counter[CodeType] = Counter()
        self._samples = 0
        self._main = threading.get_ident()
        self._stop = threading.Event()
        self._switch = sys.getswitchinterval()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin to look."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._thread.start()

    def stop(self) -> dict[str, Any]:
        """End; shares of the samples by leaf function, and by function of ours anywhere in the stack."""
        self._stop.set()
        self._thread.join()
        sys.setswitchinterval(self._switch)
        return {"leaves": self._top(self._leaves), "ours": self._top(self._rooms), "samples": self._samples}

    def _top(self, counts: Counter[CodeType]) -> list[tuple[str, float]]:
        """The highest shares, without what merely encloses everything."""
        shares = [(_name(code), count / max(self._samples, 1)) for code, count in counts.most_common()]
        return [(name, share) for name, share in shares if share < _EVERYTHING][:TOP]

    def _run(self) -> None:
        me = threading.get_ident()
        while not self._stop.wait(EVERY_SECONDS):
            self._samples += 1
            for thread, frame in sys._current_frames().items():
                is_idle = thread != self._main and frame.f_code.co_name in _IDLE
                if thread != me and not is_idle:
                    self._look(frame)

    def _look(self, leaf: FrameType) -> None:
        self._leaves[leaf.f_code] += 1
        frame: FrameType | None = leaf
        seen = set()
        while frame is not None:
            seen.add(frame.f_code)
            frame = frame.f_back
        self._rooms.update(code for code in seen if _in_rooms(code))


def _in_rooms(code: CodeType) -> bool:
    return code.co_filename.removeprefix(_HOME).startswith(_ROOMS)


def _name(code: CodeType) -> str:
    file = code.co_filename.removeprefix(_HOME)
    file = file.rpartition("site-packages/")[2].rpartition(
        f"/python{sys.version_info.major}.{sys.version_info.minor}/"
    )[2]
    return f"{file}:{code.co_firstlineno} {code.co_qualname}"
