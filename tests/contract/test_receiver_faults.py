"""The fault modes of the receiver: each strikes the first delivery of a call, and its repetition is served."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import Misconfigured
from connectors.rehearsal.receiver.faults import KINDS, parse
from connectors.rehearsal.receiver.process import RunningReceiver, start
from mappings.model import encode
from tests.contract.dossiers import dossier, new_source
from tests.contract.receivers import Reply, call

MODES = ("limit:2:0", "errors:3:2", "truncate:5", "twice:7", "cut:11", "stall:13:0.1", "expire:40")


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[RunningReceiver]:
    with start(str(tmp_path / "receiver.sqlite"), faults=MODES) as receiver:
        yield receiver


def test_every_fault_strikes_its_calls_once_and_loses_or_doubles_nothing(failing: RunningReceiver) -> None:
    source = new_source()

    def put(number: int, token: str | None = None) -> Reply:
        headers = {"If-None-Match": "*", "Idempotency-Key": f"khoa-{number}"}
        body = encode(dossier(source, str(number)))
        return call(failing, "PUT", f"/v1/dossiers/{source}/{number}", body, token=token, headers=headers)

    assert put(1).status == 201
    limited = put(2)
    assert (limited.status, limited.headers["retry-after"]) == (429, "0")
    assert [put(number).status for number in (2, 3, 3, 3)] == [201, 500, 500, 201]
    assert [put(4).status, put(4).status] == [429, 201]
    with pytest.raises(http.client.IncompleteRead):
        put(5)
    assert put(5).status == 201
    assert [put(6).status, put(6).status, put(7).status, put(8).status, put(8).status] == [429, 201, 201, 429, 201]
    assert [put(number).status for number in (9, 9, 9, 10, 10)] == [500, 500, 201, 429, 201]
    with pytest.raises(ConnectionError):
        put(11)
    assert [put(number).status for number in (11, 12, 12, 13)] == [201, 429, 201, 201]
    while (status := put(1).status) == 201:
        pass
    assert status == 401
    renewed = f"{failing.push_token}~1"
    assert put(1, renewed).status == 201
    assert call(failing, "GET", "/v1/identity", token=renewed).status == 200
    listing = f"/v1/dossiers/keys?source={source}&limit=99"
    assert call(failing, "GET", listing, token=renewed).status == 429  # the fourteenth different call
    keys = call(failing, "GET", listing, token=renewed).json["keys"]
    assert dict(keys) == {str(number): 1 for number in range(1, 14)}


def test_a_fault_that_nobody_knows_is_refused() -> None:
    assert {parse(kind).kind for kind in KINDS} == set(KINDS)
    for text in ("burn", "cut:0", "cut:x", "stall:1:-1", "stall:1:9999"):
        with pytest.raises(Misconfigured, match="cut"):
            parse(text)
