"""Files in parts: an interrupted upload goes on, a content that is there is not sent again, a wrong part is refused."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

import pytest

from connectors.base import Removal
from connectors.rehearsal.receiver.process import RunningReceiver
from connectors.rest import RestTarget
from tests.contract.dossiers import new_source
from tests.contract.receivers import Reply, call

PART = 64 * 1024
CONTENT = random.Random(1).randbytes(5 * PART + 17)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Torn(Exception):
    """The line is cut."""


class Parts:
    """Counts the parts that are sent, and cuts the line before the one of this number."""

    def __init__(self, cut_before: int = 0) -> None:
        self.sent = 0
        self._cut_before = cut_before

    @contextmanager
    def __call__(self) -> Iterator[None]:
        if self.sent + 1 == self._cut_before:
            raise Torn
        yield
        self.sent += 1


def send(receiver: RunningReceiver, source: str, key: str, parts: Callable[[], Any], content: bytes = CONTENT) -> Any:
    with closing(RestTarget(receiver.url, receiver.push_token, part_bytes=PART)) as target:
        return target.upload(source, key, "kho/tệp 1.pdf", "Tệp 1.pdf", io.BytesIO(content), parts)


def held(receiver: RunningReceiver, source: str, key: str) -> Reply:
    return call(receiver, "GET", f"/v1/attachments/{source}/{key}?locator={quote('kho/tệp 1.pdf')}")


def test_an_interrupted_upload_goes_on_after_the_parts_that_are_there(receiver: RunningReceiver) -> None:
    source = new_source()
    first, second = Parts(cut_before=4), Parts()
    content = random.Random(source).randbytes(len(CONTENT))
    with pytest.raises(Torn):
        send(receiver, source, "1", first, content)
    assert held(receiver, source, "1").status == 404
    assert send(receiver, source, "1", second, content) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (first.sent, second.sent) == (3, 3)
    assert held(receiver, source, "1").body == content


def test_a_content_that_is_there_is_linked_and_not_sent_again(receiver: RunningReceiver) -> None:
    source, parts = new_source(), Parts()
    send(receiver, source, "1", Parts())
    assert send(receiver, source, "2", parts) == (SHA256, len(CONTENT))
    assert parts.sent == 0
    assert held(receiver, source, "2").body == CONTENT
    with closing(RestTarget(receiver.url, receiver.push_token)) as target:
        target.remove([Removal(source, "1", "0", "rút")])
    assert held(receiver, source, "1").status == 404
    assert held(receiver, source, "2").body == CONTENT, "the other dossier's file stays"


def test_a_removal_takes_the_parts_of_an_unfinished_upload_too(receiver: RunningReceiver) -> None:
    source, content = new_source(), random.Random(2).randbytes(3 * PART)
    with pytest.raises(Torn):
        send(receiver, source, "1", Parts(cut_before=3), content)
    with closing(RestTarget(receiver.url, receiver.push_token)) as target:
        target.remove([Removal(source, "1", "0", "rút")])
    parts = Parts()
    send(receiver, source, "1", parts, content)
    assert parts.sent == 3


def wanted(source: str, content: bytes, **other: Any) -> dict[str, Any]:
    return {
        "source": source, "key": "1", "locator": "a.pdf", "name": "a.pdf", "size": len(content), "part_size": 1024,
        "sha256": hashlib.sha256(content).hexdigest(), **other,
    }  # fmt: skip


def put(receiver: RunningReceiver, upload_id: str, number: int, data: bytes, sha256: str = "") -> Reply:
    headers = {"X-SHA256": sha256 or hashlib.sha256(data).hexdigest()}
    return call(receiver, "PUT", f"/v1/uploads/{upload_id}/{number}", data, headers=headers)


def codes(answer: Reply) -> list[str]:
    return [error["code"] for error in answer.json["errors"]]


def test_a_part_that_does_not_belong_there_is_refused(receiver: RunningReceiver) -> None:
    source = new_source()
    content = source.encode().ljust(1500, b"x")
    said = wanted(source, content)
    begun = call(receiver, "POST", "/v1/uploads:begin", said).json
    assert (begun["is_there"], begun["parts"]) == (False, [])
    upload_id = begun["id"]
    assert codes(put(receiver, upload_id, 0, content[:1024], SHA256)) == ["sha256_differs"]
    assert codes(put(receiver, upload_id, 0, content[:1000])) == ["part_size"]
    assert codes(put(receiver, upload_id, 2, b"x")) == ["part_size"]
    assert put(receiver, "0" * 64, 0, content[:1024]).status == 404
    assert put(receiver, upload_id, 1, content[1024:]).status == 200
    assert codes(call(receiver, "POST", "/v1/uploads:finish", said)) == ["part_missing"]
    assert put(receiver, upload_id, 0, b"y" * 1024).status == 200
    assert codes(call(receiver, "POST", "/v1/uploads:finish", said)) == ["sha256_differs"]
    assert call(receiver, "POST", "/v1/uploads:begin", said).json["parts"] == [], "all must come again"
    for number in (0, 1):
        put(receiver, upload_id, number, content[number * 1024 :][:1024])
    done = {"sha256": said["sha256"], "size": 1500}
    assert [call(receiver, "POST", "/v1/uploads:finish", said).json for _ in range(2)] == [done, done]


def test_an_upload_that_cannot_be_is_refused(receiver: RunningReceiver) -> None:
    source = new_source()
    for wrong in ({"key": ""}, {"sha256": "x"}, {"part_size": 10}, {"locator": "a\0"}):
        assert call(receiver, "POST", "/v1/uploads:begin", wanted(source, b"x", **wrong)).status == 400
    assert call(receiver, "POST", "/v1/uploads:begin", wanted(source, b"x", size=1 << 40)).status == 413
