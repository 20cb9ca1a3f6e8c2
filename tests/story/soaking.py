"""Stage verbs killed at random moments and resumed, against a new system that fails, until they come to their end."""

from __future__ import annotations

import math
import os
import random
import resource
import select
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from flows.failures import FORBIDDEN, MATCHED, REMAINS, UNAVAILABLE
from tests.story.office import Desk, ask, ended, fork
from tests.story.soak_town import STARTS, Case, Town, type_in
from tests.story.soaked import Outcome, outcome_of

BATCHES = (1, 2, 3, 5, 8, 13, 40)
CALLS = (1, 2, 4, 8)
WORKERS = (1, 2, 3)
KILLS = (2, 5)
"""At least, at most."""
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)
INTERRUPTED = 130
PATIENCE_SECONDS = 300
"""A command that is still at work so long after its kill, or after it was left alone, hangs."""
PATIENCE_COMMANDS = 200
GIVES_UP = {"stall": 1.0}
"""Seconds a call where they are not the usual: whoever is stalled gives up, and what he sent is carried out later."""


@dataclass
class Told:
    """What happened in a run."""

    case: Case
    kills: Counter[tuple[str, str]] = field(default_factory=Counter)  # signal, verb that it met → how often
    commands: int = 0
    stopped: int = 0  # by the new system: unavailable, or the token is used up
    opened: int = 0  # intents that were open after a kill
    cpu: float = 0.0
    seconds: float = 0.0
    outcome: Outcome = field(default_factory=Outcome)


def soak(town: Town, case: Case) -> Told:
    """Kill and resume, go on to the end, and look at what is there. At least one kill meets its run."""
    dice, told, haste = random.Random(f"soak {case.number}"), Told(case), 1.0
    begun, used = time.monotonic(), _cpu()
    while not told.kills:
        with town.desk(case.start, case.faults) as desk:
            soaked = Soaked(desk, dice, told, list(STARTS[case.start]))
            for _ in range(dice.randint(*KILLS)):
                left = sum(town.seconds[name] for name in soaked.verbs)
                soaked.go_on(time.monotonic() + dice.uniform(0.0, left) / haste)
            soaked.go_on()
            told.outcome = outcome_of(desk)
        haste *= 2  # it may have been done before the first moment came
    told.cpu, told.seconds = _cpu() - used, time.monotonic() - begun
    return told


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in both)


@dataclass
class Soaked:
    """A site whose commands are killed. ``verbs``: what is still to be done."""

    desk: Desk
    dice: random.Random
    told: Told
    verbs: list[str]
    renewed: int = 0  # tokens

    def go_on(self, until: float = math.inf) -> None:
        """Give one command after the other, again where the new system stopped it; kill what is at work then."""
        while self.verbs:
            workers = self._start(self.verbs[0])
            rest = until - time.monotonic()
            working = _still_at_work(workers, min(rest, PATIENCE_SECONDS))  # no wait: the moment of the kill
            if working and rest < PATIENCE_SECONDS:
                self._strike(workers, sorted(working))
                return
            codes = self._end(workers, {})
            if {*codes} <= {MATCHED, REMAINS}:
                del self.verbs[0]

    def _strike(self, workers: list[int], working: list[int]) -> None:
        """Kill all that are at work, or one of them while the others go on."""
        struck = working if self.dice.random() < 0.5 else working[:1]
        how = self.dice.choice(SIGNALS)
        for pid in struck:
            os.kill(pid, how)
        self._end(workers, dict.fromkeys(struck, how))
        self.told.kills[how.name, self.verbs[0]] += len(struck)
        with suppress(DatabaseError):  # there was no ledger yet
            ((n,),) = ask(self.desk.ledger, "SELECT count(*) FROM intent WHERE settled_at IS NULL")
            self.told.opened += n

    def _start(self, name: str) -> list[int]:
        """Workers of a batch size and a number that were not drawn for those before them."""
        many = self.dice.choice(WORKERS) if self.told.case.start == "workers" else 1
        timeout = min(GIVES_UP.get(fault, 60.0) for fault in self.told.case.faults)
        token = f"{self.desk.receiver.push_token}~{self.renewed}" if self.renewed else ""
        self.desk.settle(batch=self.dice.choice(BATCHES), calls=self.dice.choice(CALLS), token=token, timeout=timeout)
        self.told.commands += many
        assert self.told.commands < PATIENCE_COMMANDS, f"Không đi tới cuối: {self._said()}"
        return [fork(partial(type_in, name, self.desk.site), self._said_file) for _ in range(many)]

    def _end(self, workers: list[int], struck: dict[int, signal.Signals]) -> list[int]:
        """Exit codes of the workers; what is no way to end fails."""
        hung = _still_at_work(workers, PATIENCE_SECONDS)
        for pid in hung:
            os.kill(pid, signal.SIGKILL)
        codes = {pid: ended(pid) for pid in workers}
        assert not hung, f"Lệnh không dừng: {self._said()}"
        for pid, code in codes.items():
            how = struck.get(pid)
            killed = {INTERRUPTED} if how is signal.SIGINT else {-how} if how else set()
            assert code in {MATCHED, REMAINS, UNAVAILABLE, FORBIDDEN, *killed}, f"{code}, {how}: {self._said()}"
        found = list(codes.values())
        self.told.stopped += sum(code in (UNAVAILABLE, FORBIDDEN) for code in found)
        self.renewed += FORBIDDEN in found
        return found

    @property
    def _said_file(self) -> Path:
        return self.desk.site.parent / "said"

    def _said(self) -> str:
        return self._said_file.read_text(encoding="utf-8")[-3000:]


def _still_at_work(workers: Sequence[int], seconds: float) -> set[int]:
    """The workers that have not ended when so many seconds have passed."""
    until = time.monotonic() + seconds
    watched = {os.pidfd_open(pid): pid for pid in workers}
    left = dict(watched)
    while left and (rest := until - time.monotonic()) > 0:
        for done in select.select(list(left), [], [], rest)[0]:
            del left[done]
    for number in watched:
        os.close(number)
    return set(left.values())
