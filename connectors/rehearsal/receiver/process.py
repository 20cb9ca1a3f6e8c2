"""The receiver as a process: started for the time of a command, gone with the one who started it."""

from __future__ import annotations

import gc
import json
import os
import secrets
import selectors
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, cast

from connectors.base import ConnectorError, Forbidden, Misconfigured, Unavailable

START_SECONDS: Final = 60
STOP_SECONDS: Final = 15
GRACE_SECONDS: Final = 5
WATCH_SECONDS: Final = 1.0

_KINDS: Final[dict[str, type[ConnectorError]]] = {
    kind.__name__: kind for kind in (Unavailable, Forbidden, Misconfigured)
}


@dataclass(frozen=True)
class RunningReceiver:
    """A receiver that takes requests."""

    url: str
    push_token: str = field(repr=False)
    read_token: str = field(repr=False)
    pid: int


@contextmanager
def start(
    database: str, *, port: int = 0, mode: str = "strict", faults: Sequence[str] = ()
) -> Iterator[RunningReceiver]:
    """A receiver on a loopback port for the time of the block; it ends with this process, kill -9 included.

    ``database``: path of a SQLite file or URL of a PostgreSQL database. ``faults``: see ``faults.py``.
    Raises Unavailable, Forbidden, Misconfigured.
    """
    push_token, read_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    how = {"mode": mode, "faults": list(faults)}
    orders = {"database": database, "port": port, "push_token": push_token, "read_token": read_token, **how}
    process = _spawn()
    try:
        url = _hand_over(process, orders)
        yield RunningReceiver(url, push_token, read_token, process.pid)
    finally:
        _stop(process)


def _spawn() -> subprocess.Popen[bytes]:
    room = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(filter(None, (room, os.environ.get("PYTHONPATH", ""))))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "connectors.rehearsal.receiver"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C is for the command; the receiver must outlive its clean-up
    )


def _hand_over(process: subprocess.Popen[bytes], orders: dict[str, Any]) -> str:
    """Give the child its orders by pipe (an argument list can be seen by everybody); its URL once it is ready."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):  # it died; the missing answer below says so
        process.stdin.write(json.dumps(orders).encode() + b"\n")
        process.stdin.flush()
    answer = _read_line(process.stdout)
    if "url" in answer:
        return str(answer["url"])
    kind = _KINDS.get(answer.get("error", ""), Unavailable)
    raise kind(answer.get("message") or "Hệ thống nhận diễn tập không khởi động được. Chạy lại `lienthong check`.")


def _read_line(pipe: IO[bytes]) -> dict[str, Any]:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        line = pipe.readline() if selector.select(START_SECONDS) else b""
    answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
    return answer


def _stop(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()  # the closed pipe is the order to end
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_child() -> int:
    """What the child does: take orders from stdin, serve, end when stdin ends. Exit code 0 or 1."""
    os.umask(0o077)
    parent = os.getppid()
    line = sys.stdin.buffer.readline()
    if not line:
        return 1
    orders = json.loads(line)

    def tell(answer: dict[str, str]) -> None:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()

    def ready(url: str, stop: Callable[[], None]) -> None:
        threading.Thread(target=_end_with, args=(parent, stop), daemon=True).start()
        tell({"url": url})

    try:
        place = (orders["database"], "127.0.0.1", orders["port"])
        _serve(*place, orders["push_token"], orders["read_token"], ready, orders["mode"], orders["faults"])
    except ConnectorError as error:
        tell({"error": type(error).__name__, "message": str(error)})
        return 1
    return 0


def _end_with(parent: int, stop: Callable[[], None]) -> None:
    """Wait until the pipe from the parent ends or the parent is gone, then stop the service, by force if it lingers."""
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.buffer, selectors.EVENT_READ)
        # a fork of the parent may hold the pipe open after its death: look at the parent too
        while not selector.select(WATCH_SECONDS) and os.getppid() == parent:
            pass
    stop()
    threading.Event().wait(GRACE_SECONDS)
    os._exit(0)


def serve(
    database: str,
    host: str,
    port: int,
    push_token: str,
    read_token: str,
    mode: str = "strict",
    faults: Sequence[str] = (),
) -> None:
    """Serve until interrupted, on this address. Raises Unavailable, Forbidden, Misconfigured."""
    os.umask(0o077)

    def ready(url: str, _stop: Callable[[], None]) -> None:
        said = f"Hệ thống nhận DIỄN TẬP (không phải hệ thống thật) chạy tại {url}; mô tả API: {url}/v1/openapi.json"
        print(said, flush=True)  # whoever waits for it may read a pipe

    _serve(database, host, port, push_token, read_token, ready, mode, faults)


def _serve(
    database: str,
    host: str,
    port: int,
    push_token: str,
    read_token: str,
    ready: Callable[[str, Callable[[], None]], None],
    mode: str,
    faults: Sequence[str],
) -> None:
    import uvicorn  # here: who only starts a receiver need not load the server

    from connectors.rehearsal.receiver.app import Mode, create_app
    from connectors.rehearsal.receiver.faults import Faulty, parse
    from connectors.rehearsal.receiver.store import open_store

    suffered = [parse(text) for text in faults]
    store = open_store(database)
    try:
        with _listen(host, port) as listener:
            url = "http://{}:{}".format(*listener.getsockname()[:2])

            def stop() -> None:
                server.should_exit = True

            app = create_app(store, push_token, read_token, mode=cast("Mode", mode), on_ready=lambda: ready(url, stop))
            config = uvicorn.Config(
                Faulty(app, suffered) if suffered else app,
                log_config=None,
                log_level="critical",
                access_log=False,
                timeout_graceful_shutdown=GRACE_SECONDS - 2,
            )
            server = uvicorn.Server(config)
            gc.freeze()  # what is loaded stays: do not search it for garbage during every batch
            try:
                server.run([listener])
            except KeyboardInterrupt:
                return
    finally:
        store.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=128, reuse_port=False)
        # asyncio leaves Nagle on for sockets of protocol 0: every answer would wait 40 ms for a delayed ACK
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise Misconfigured(
            f"Không mở được cổng {port} tại {host} cho hệ thống nhận: {os.strerror(error.errno or 0)}. "
            "Chọn cổng khác (--port) hoặc dừng chương trình đang dùng cổng này."
        ) from None
