"""Fault points: the boundaries at which a test lets a run die or fail. Off unless LIENTHONG_FAULT names one."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from connectors.base import Misconfigured, Unavailable

VARIABLE: Final = "LIENTHONG_FAULT"

BOUNDARIES: Final[dict[str, str]] = {
    "read": "a page of the old system is read",
    "page": "the page is entered in the ledger",
    "mark": "the sweep is closed: from here on what is missing has vanished",
    "write": "a stage writes its batch back",
    "ask": "the new system is asked what became of an open intent",
    "intent": "what is about to be sent is recorded",
    "attachment": "a file is sent",
    "attachment_part": "a part of a large file is sent",
    "attachment_record": "sent files are recorded",
    "call": "a batch is pushed and read back",
    "record": "the answers are recorded and the intents closed",
    "rollback": "a batch is taken back out of the new system",
}
"""Boundary → what happens between its two points."""
POINTS: Final = tuple(f"{boundary}.{moment}" for boundary in BOUNDARIES for moment in ("before", "after"))
WAYS: Final = ("kill", "raise", "stop")
"""kill: as kill -9; raise: as an outage; stop: sleeps until somebody sends SIGCONT, as a machine that hangs."""


class Faults:
    """What a run is to suffer: nothing, or one thing at the nth passing of one point."""

    def __init__(self, point: str = "", nth: int = 1, way: str = "kill") -> None:
        self._point = point
        self._nth = nth
        self._way = way
        self._passed = itertools.count(1)
        self._none: AbstractContextManager[None] = nullcontext()

    @classmethod
    def of(cls, text: str) -> Faults:
        """The fault that POINT[:NTH[:WAY]] names; none for ""."""
        if not text:
            return cls()
        point, _, rest = text.partition(":")
        nth, _, way = rest.partition(":")
        if point not in POINTS or not (nth or "1").isdecimal() or int(nth or 1) < 1 or (way or "kill") not in WAYS:
            raise Misconfigured(
                f"Biến {VARIABLE} viết sai; chỉ dùng khi thử công cụ, bỏ biến này đi. Mẫu: ĐIỂM:LẦN:CÁCH, "
                f"điểm: {', '.join(POINTS)}; cách: {', '.join(WAYS)}."
            )
        return cls(point, int(nth or 1), way or "kill")

    def around(self, boundary: str) -> AbstractContextManager[None]:
        """Suffer what is due before and after what happens inside."""
        return self._both(boundary) if self._point else self._none

    @contextmanager
    def _both(self, boundary: str) -> Iterator[None]:
        assert boundary in BOUNDARIES
        self.reach(f"{boundary}.before")
        yield
        self.reach(f"{boundary}.after")

    def reach(self, point: str) -> None:
        """Suffer what is due at a point of a boundary that opens in one place and closes in another."""
        if point != self._point or next(self._passed) != self._nth:
            return
        if self._way == "raise":
            raise Unavailable(f"Sự cố dựng sẵn tại điểm {point} (biến {VARIABLE}).")
        os.kill(os.getpid(), signal.SIGKILL if self._way == "kill" else signal.SIGSTOP)


def faults_of(environment: Mapping[str, str], *, is_rehearsal: bool) -> Faults:
    """What the environment asks for; a real site suffers nothing. Raises Misconfigured."""
    text = environment.get(VARIABLE, "")
    if text and not is_rehearsal:
        raise Misconfigured(f"Biến {VARIABLE} chỉ để thử công cụ, không dùng cho site thật. Bỏ biến này rồi chạy lại.")
    return Faults.of(text)
