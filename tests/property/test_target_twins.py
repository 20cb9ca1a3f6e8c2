"""Whatever a sender and a clerk do, the receiver over HTTP answers as the target in memory does."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Receipt, Removal
from connectors.memory import MemoryTarget
from connectors.rehearsal.receiver.process import RunningReceiver, start
from connectors.rest import RestTarget
from mappings.model import encode
from tests.contract.dossiers import dossier, new_source, push
from tests.contract.receivers import clerk_edits

KEYS = st.sampled_from(["1", "2", "3"])
STATUSES = st.sampled_from([4, 9, 10])
PUSHES = st.tuples(KEYS, STATUSES, st.sampled_from(["", "", "1", "2", "3"]), st.sampled_from("abcd"))
WORDS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
REMOVALS = st.tuples(KEYS, st.sampled_from(["1", "2"]), st.sampled_from(["xóa 1", "xóa 2"]))
ACTS = st.one_of(st.lists(PUSHES, min_size=1, max_size=4, unique_by=lambda p: p[0]), KEYS, REMOVALS)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReceiver]:
    with start(str(tmp_path_factory.mktemp("twins") / "r.sqlite")) as running:
        yield running


@pytest.fixture(scope="module")
def target(receiver: RunningReceiver) -> Iterator[RestTarget]:
    rest = RestTarget(receiver.url, receiver.push_token, batch=2)
    yield rest
    rest.close()


def seen(receipts: list[Receipt]) -> list[tuple[str, bool, str, str]]:
    """What must agree: ids are each target's own."""
    return [(r.key, bool(r.new_id), r.version, type(r.error).__name__) for r in receipts]


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=8))
def test_the_receiver_answers_as_the_oracle(receiver: RunningReceiver, target: RestTarget, acts: list[object]) -> None:
    source, oracle, clerks = new_source(), MemoryTarget(), 0
    for act in acts:
        if isinstance(act, str):
            for stored in oracle.read_back(source, [act]):
                clerks += 1
                body = json.loads(stored.body) | {"GhiChu": f"lần {clerks}"}
                oracle.edit(source, act, json.dumps(body).encode())
                clerk_edits(receiver, source, act, note=f"lần {clerks}")
            continue
        if isinstance(act, tuple):
            removal = [Removal(source, *act)]
            assert seen(target.remove(removal)) == seen(oracle.remove(removal))
            continue
        assert isinstance(act, list)
        batch = [push(source, k, token=t + k, if_match=v, status=s) for k, s, v, t in act]
        assert seen(target.push(batch)) == seen(oracle.push(batch))
    ours, theirs = target.read_back(source, ["1", "2", "3"]), oracle.read_back(source, ["1", "2", "3"])
    assert [(s.key, s.version, json.loads(s.body)) for s in ours] == [
        (s.key, s.version, json.loads(s.body)) for s in theirs
    ]
    assert list(target.list_keys(source)) == list(oracle.list_keys(source))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.dictionaries(st.text(WORDS, min_size=1, max_size=20), STATUSES, min_size=1, max_size=5),
    note=st.text(WORDS, max_size=200),
)
def test_pushed_twice_is_pushed_once_and_comes_back_unchanged(
    target: RestTarget, sent: dict[str, int], note: str
) -> None:
    source = new_source()
    batch = [push(source, key, status=status, note=note, code="M1") for key, status in sent.items()]
    assert target.push(batch) == target.push(batch)
    assert sorted(target.list_keys(source)) == sorted((key, "1") for key in sent)
    for stored in target.read_back(source, list(sent)):
        assert json.loads(stored.body) == json.loads(
            encode(dossier(source, stored.key, status=sent[stored.key], note=note, code="M1"))
        )
