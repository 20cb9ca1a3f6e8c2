"""The REST target against servers that fail: what it sends again, what it gives up, what it calls the trouble."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from connectors.base import Conflict, Forbidden, Misconfigured, Refused, Unavailable
from connectors.rehearsal.receiver.process import RunningReceiver
from connectors.rest import RestTarget
from tests.contract.dossiers import ID_NUMBER, OWNER, new_source, push
from tests.servers import free_port

IDENTITY = {"name": "một cửa", "version": "2", "rehearsal": False, "role": "push"}
TOKEN = "ma-truy-cap-bi-mat"


@dataclass(frozen=True)
class Answer:
    """What the server says next; a status of 0 breaks the connection."""

    status: int = 200
    content: Any = field(default_factory=lambda: IDENTITY)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Scripted:
    """A server that says what it is told, the last answer for ever."""

    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    answer: Callable[[str, bytes], Answer] | None = None
    url: str = ""

    def next(self, method: str, path: str, body: bytes) -> Answer:
        self.asked.append((method, path, body))
        if self.answer is not None:
            return self.answer(path, body)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def server() -> Iterator[Scripted]:
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = script.next(self.command, self.path, body)
            if said.status == 0:
                self.close_connection = True
                return
            data = said.content if isinstance(said.content, bytes) else json.dumps(said.content).encode()
            self.send_response(said.status)
            for name, value in {**said.headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self) -> None:
            if self.headers.get("Transfer-Encoding") == "chunked":
                while size := int(self.rfile.readline(), 16):
                    self.rfile.read(size + 2)
                self.rfile.readline()
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Listener(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that went away is what these tests are about."""

    listener = Listener(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    yield script
    listener.shutdown()
    thread.join()
    listener.server_close()


@pytest.fixture
def connect() -> Iterator[Callable[..., RestTarget]]:
    opened: list[RestTarget] = []

    def make(url: str, **ways: Any) -> RestTarget:
        target = RestTarget(url, TOKEN, **{"backoff_s": 0.001, "retries": 3, **ways})
        opened.append(target)
        return target

    yield make
    for target in opened:
        target.close()


Connect = Callable[..., RestTarget]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 0])
def test_what_may_pass_later_is_sent_again(server: Scripted, connect: Connect, status: int) -> None:
    server.answers = [Answer(status), Answer(status), Answer()]
    assert connect(server.url).probe() == "một cửa 2"
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 0])
def test_after_the_last_attempt_it_is_unavailable(server: Scripted, connect: Connect, status: int) -> None:
    server.answers = [Answer(status)]
    with pytest.raises(Unavailable):
        connect(server.url).probe()
    assert len(server.asked) == (4 if status else len(server.asked))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (203, Forbidden),
        (401, Forbidden),
        (403, Forbidden),
        (404, Misconfigured),
        (302, Misconfigured),
    ],
)
def test_what_cannot_pass_later_is_sent_once(
    server: Scripted, connect: Connect, status: int, kind: type[Exception]
) -> None:
    server.answers = [Answer(status, headers={"Location": "http://127.0.0.1:1/"})]
    with pytest.raises(kind):
        connect(server.url).probe()
    assert len(server.asked) == 1


@pytest.mark.parametrize("after", ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"])
def test_the_server_may_say_when_to_come_back(server: Scripted, connect: Connect, after: str) -> None:
    server.answers = [Answer(429, headers={"Retry-After": after}), Answer()]
    assert connect(server.url).probe()


def test_a_server_that_does_not_answer_in_time_is_unavailable(server: Scripted, connect: Connect) -> None:
    release = threading.Event()

    def late(path: str, body: bytes) -> Answer:
        release.wait(60)
        return Answer()

    server.answer = late
    with pytest.raises(Unavailable):
        connect(server.url, timeout_s=0.2, retries=1).probe()
    release.set()
    assert len(server.asked) == 2


def test_nobody_there_is_unavailable(connect: Connect) -> None:
    with pytest.raises(Unavailable, match="Không kết nối được"):
        connect(f"http://127.0.0.1:{free_port()}").probe()


@pytest.mark.parametrize("content", [b"<html>portal</html>", b"", {"items": []}, b"\xff"])
def test_an_answer_in_other_words_is_a_wrong_address(server: Scripted, connect: Connect, content: Any) -> None:
    server.answers = [Answer(content=content)]
    with pytest.raises(Misconfigured):
        connect(server.url).probe()


@pytest.mark.parametrize("url", ["", "ftp://a/b", "khong phai url", "http://", "http://ai:matkhau@may/", "http://[::1"])
def test_a_wrong_url_is_said_before_any_call(connect: Connect, url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        connect(url)
    assert "matkhau" not in str(caught.value)


@pytest.mark.parametrize("token", ["", " ", "a\nb", "mã"])
def test_a_token_that_cannot_be_sent_is_said_before_any_call(token: str) -> None:
    with pytest.raises(Misconfigured):
        RestTarget("http://127.0.0.1:1", token)


def test_no_secret_and_no_value_stands_in_an_error(server: Scripted, connect: Connect) -> None:
    sent = push("s", "1")
    for status in (401, 403, 404, 422, 500, 503, 0):
        server.answers = [Answer(status, {"message": f"{OWNER} {ID_NUMBER} {TOKEN}", "code": "x"})]
        target = connect(server.url, retries=0)
        try:
            (receipt,) = target.push([sent])
            text = str(receipt.error)
        except (Forbidden, Misconfigured, Unavailable) as error:
            text = f"{error} {error.__cause__} {error.__context__ if not error.__suppress_context__ else ''}"
        assert all(value not in text for value in (OWNER, ID_NUMBER, TOKEN))


def written(**changes: Any) -> dict[str, Any]:
    """The head that an honest server would read back of ``push(\"s\", \"1\")``."""
    counts = {"TaiLieuNop": 4, "TienTrinh": 5, "DanhSachLePhi": 1, "DanhSachGiayToKetQua": 1}
    return {
        "new_id": "N1",
        "source": "s",
        "key": "1",
        "version": 1,
        "code": "000.17.22.H44-250505-0001",
        "status": 4,
        "received_at": "2025-05-05T02:30:15Z",  # another offset, the same instant
        "due_at": "2025-05-12T08:30:15+07:00",
        "counts": counts,
        "files": [],
        **changes,
    }


def held(**changes: Any) -> Callable[[str, bytes], Answer]:
    """A server that takes everything and holds something else."""

    def answer(path: str, body: bytes) -> Answer:
        if path.endswith(":batch"):
            keys = [item["key"] for item in json.loads(body)["items"]]
            return Answer(content={"answers": [{"key": k, "status": 201, "new_id": "N1", "version": 1} for k in keys]})
        return Answer(content={"dossiers": [written(**changes)] if changes != {"key": ""} else []})

    return answer


def test_what_is_held_as_sent_is_a_receipt(server: Scripted, connect: Connect) -> None:
    server.answer = held()
    (receipt,) = connect(server.url).push([push("s", "1")])
    assert (receipt.new_id, receipt.version, receipt.error) == ("N1", "1", None)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"code": "khac"}, "MaHoSo"),
        ({"status": 10}, "TrangThaiHoSo"),
        ({"received_at": "2025-05-05T09:30:16+07:00"}, "NgayTiepNhan"),
        ({"received_at": "2025-05-05T09:30:15"}, "NgayTiepNhan"),
        ({"due_at": None}, "NgayHenTra"),
        ({"counts": {"TaiLieuNop": 3, "TienTrinh": 5, "DanhSachLePhi": 1, "DanhSachGiayToKetQua": 1}}, "TaiLieuNop"),
        ({"key": ""}, ""),
    ],
)
def test_what_is_held_otherwise_is_refused(
    server: Scripted, connect: Connect, changes: dict[str, Any], path: str
) -> None:
    server.answer = held(**changes)
    (receipt,) = connect(server.url).push([push("s", "1")])
    assert isinstance(receipt.error, Refused)
    assert receipt.error.reasons == ((path, "read_back_differs"),)
    assert receipt.new_id == ""


def test_a_version_that_moved_on_at_once_is_a_conflict(server: Scripted, connect: Connect) -> None:
    server.answer = held(version=2)
    (receipt,) = connect(server.url).push([push("s", "1")])
    assert isinstance(receipt.error, Conflict)
    assert receipt.version == "2"


def test_a_batch_too_large_for_the_server_goes_in_halves(server: Scripted, connect: Connect) -> None:
    def answer(path: str, body: bytes) -> Answer:
        asked = json.loads(body)
        if path.endswith(":read"):
            heads = [written(key=k, code=f"000.17.22.H44-250505-{k:0>4}") for k in asked["keys"]]
            return Answer(content={"dossiers": heads})
        if len(asked["items"]) > 1 or asked["items"][0]["key"] == "3":
            return Answer(413, {"code": "body_too_large", "message": ""})
        return held()(path, body)

    server.answer = answer
    receipts = connect(server.url).push([push("s", key) for key in "12345"])
    assert [r.key for r in receipts] == list("12345")
    assert [r.key for r in receipts if r.error] == ["3"]


def test_an_answer_lost_on_its_way_is_settled_by_sending_again(sqlite_receiver: RunningReceiver) -> None:
    source = new_source()
    sent = [push(source, str(n)) for n in range(5)]
    first = RestTarget(sqlite_receiver.url, sqlite_receiver.push_token)
    receipts = first.push(sent)
    first.close()
    again = RestTarget(sqlite_receiver.url, sqlite_receiver.push_token, batch=2, concurrency=3)
    assert again.push(sent) == receipts
    assert list(again.list_keys(source)) == [(str(n), "1") for n in range(5)]
    again.close()


def test_batches_on_their_way_together_come_back_in_order(sqlite_receiver: RunningReceiver) -> None:
    source = new_source()
    target = RestTarget(sqlite_receiver.url, sqlite_receiver.push_token, concurrency=3)
    batches = [[push(source, f"{a}{b}") for b in range(3)] for a in range(7)]
    waiting = [target.begin(batch) for batch in batches]
    receipts = [[r.key for r in wait()] for wait in waiting]
    assert receipts == [[p.key for p in batch] for batch in batches]
    target.close()


def test_the_reading_token_reads_and_may_not_push(sqlite_receiver: RunningReceiver) -> None:
    source = new_source()
    reader = RestTarget(sqlite_receiver.url, sqlite_receiver.read_token)
    assert reader.is_rehearsal
    assert reader.read_back(source, ["1"]) == []
    with pytest.raises(Forbidden):
        reader.push([push(source, "1")])
    with pytest.raises(Forbidden):
        reader.upload(source, "1", "a", "a", io.BytesIO(b"x"))
    reader.close()


def test_a_real_one_stop_is_no_rehearsal(server: Scripted, connect: Connect) -> None:
    assert connect(server.url).is_rehearsal is False


def test_an_upload_is_sent_again_whole(server: Scripted, connect: Connect) -> None:
    server.answers = [Answer(503), Answer(0), Answer(content={"sha256": "ab", "size": 3})]
    once = io.BytesIO(b"abc")
    once.seekable = lambda: False  # type: ignore[method-assign]
    assert connect(server.url).upload("s", "a/b", "t p.pdf", "Tệp.pdf", once) == ("ab", 3)
    assert [path for _, path, _ in server.asked] == ["/v1/attachments/s/a%2Fb"] * 3


def test_a_closed_target_may_be_closed_again(server: Scripted, connect: Connect) -> None:
    target = connect(server.url)
    target.probe()
    target.close()
    target.close()
