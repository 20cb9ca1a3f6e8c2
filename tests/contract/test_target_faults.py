"""Vendors' targets know no idempotency keys: whatever becomes of an answer, every dossier is there once."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import TypeVar

import pytest

from connectors.base import Refused, Unavailable
from connectors.rehearsal.receiver.process import RunningReceiver, start
from connectors.rest import DeclaredTarget
from tests.contract.dossiers import new_source, push
from tests.contract.receivers import declared_target

T = TypeVar("T")
PROFILES = {"opencps": "opencps_v2", "td": "td_dichvucong"}
CREATIONS = [
    *((mode, fault) for mode in PROFILES for fault in ("cut:1", "errors:1:2", "truncate:1")),
    ("td", "limit:1:0"),
    ("td", "stall:1:0.02"),
]

Failing = Callable[..., tuple[DeclaredTarget, str]]


@pytest.fixture(scope="module")
def receivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], RunningReceiver]]:
    """``receivers(mode, fault)``: one whose every new call suffers the fault once."""
    with ExitStack() as stack:

        @functools.cache
        def started(mode: str, fault: str) -> RunningReceiver:
            database = tmp_path_factory.mktemp("receiver") / "receiver.sqlite"
            return stack.enter_context(start(str(database), mode=mode, faults=(fault,)))

        yield started


@pytest.fixture
def failing(receivers: Callable[[str, str], RunningReceiver]) -> Iterator[Failing]:
    """``failing(mode, fault)``: a target in such trouble, and a source of its own."""
    with ExitStack() as stack:

        def opened(mode: str, fault: str, retries: int = 5) -> tuple[DeclaredTarget, str]:
            source, receiver = new_source(), receivers(mode, fault)
            ways = {"concurrency": 2, "retries": retries, "backoff_s": 0.01}
            target = declared_target(receiver, PROFILES[mode], source, **ways)
            stack.callback(target.close)
            return target, source

        yield opened


def insist(act: Callable[[], T]) -> T:
    """Run it again until it gets its answers."""
    for _ in range(9):
        with suppress(Unavailable):
            return act()
    raise AssertionError("nine runs and no answer")


@pytest.mark.parametrize(("mode", "fault"), CREATIONS)
def test_a_creation_whose_answer_was_lost_is_asked_about_and_not_sent_again(
    failing: Failing, mode: str, fault: str
) -> None:
    target, source = failing(mode, fault)
    keys = ["1", "2", "3"]
    receipts = target.push([push(source, key) for key in keys])
    assert [receipt.error for receipt in receipts] == [None] * 3
    assert [key for key, _ in target.list_keys(source)] == keys


@pytest.mark.parametrize("mode", PROFILES)
def test_a_client_without_patience_that_comes_back_creates_nothing_twice(failing: Failing, mode: str) -> None:
    target, source = failing(mode, "cut:1", retries=0)
    (receipt,) = insist(lambda: target.push([push(source, "1")]))
    assert receipt.error is None
    assert insist(lambda: [key for key, _ in target.list_keys(source)]) == ["1"]


@pytest.mark.parametrize("fault", ["cut:1", "errors:1:2", "twice:1"])
def test_a_file_whose_answer_was_lost_is_held_once(failing: Failing, fault: str) -> None:
    target, source = failing("opencps", fault)
    target.push([push(source, "1")])
    content = b"abc" * 1000
    answer = target.upload(source, "1", "kho/1.pdf", "Tờ khai.pdf", io.BytesIO(content))
    assert answer == (hashlib.sha256(content).hexdigest(), len(content))
    (stored,) = target.read_back(source, ["1"])
    assert stored.files == (("kho/1.pdf", *answer),)


def test_a_creation_that_was_delivered_twice_is_refused_by_name_and_listed_twice(failing: Failing) -> None:
    target, source = failing("td", "twice:1")
    (receipt,) = target.push([push(source, "1")])
    assert isinstance(receipt.error, Refused)
    assert receipt.error.reasons == (("", "held_twice"),)
    assert [key for key, _ in target.list_keys(source)] == ["1", "1"]
    assert len(target.read_back(source, ["1"])) == 1


def test_a_number_that_names_its_own_dossier_is_overwritten_by_a_second_delivery_and_stays_one(
    failing: Failing,
) -> None:
    target, source = failing("opencps", "twice:1")
    (receipt,) = target.push([push(source, "1")])
    assert receipt.error is None
    assert [key for key, _ in target.list_keys(source)] == ["1"]
