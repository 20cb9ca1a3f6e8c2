"""A web server over a folder of files, with the habits of those that old systems stand behind."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from urllib.parse import unquote, urlsplit

PAGE = b"<!DOCTYPE html><form action=/login></form>"


@dataclass
class Habits:
    """What the server does otherwise than a good one; a test changes it while the server runs."""

    refuses_head: bool = False
    is_zero_by_head: bool = False  # as handlers do that write their body only for GET
    is_chunked: bool = False
    is_endless: bool = False  # neither length nor chunks
    says: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # the next answers, before any file
    always: tuple[int, dict[str, str]] | None = None
    page: bool = False  # 200 and a page to log in with
    cuts: list[int] = field(default_factory=list)  # the next bodies end after so many bytes of them
    takes_ranges: bool = True
    has_marks: bool = True  # ETag
    login: str = ""  # the Authorization it wants
    prefix: str = ""
    stalls_over: int = 0  # bytes: half of a body longer than this is sent, and the rest never


@dataclass
class FileWeb:
    """The running server; ``asked`` counts (method, path as it came)."""

    url: str
    habits: Habits
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    headers: list[dict[str, str]] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    is_over: threading.Event = field(default_factory=threading.Event)

    def total(self, method: str) -> int:
        return sum(count for (name, _), count in self.asked.items() if name == method)


@contextmanager
def file_web(folder: Path, tls: SSLContext | None = None) -> Iterator[FileWeb]:
    """Serve a folder on loopback."""
    habits = Habits()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._serve()

        def do_GET(self) -> None:
            self._serve()

        def log_message(self, *_: object) -> None:
            pass

        def _serve(self) -> None:
            web.asked[(self.command, self.path)] += 1
            web.headers.append(dict(self.headers))
            if habits.login and self.headers.get("Authorization") != habits.login:
                self._say(401, {})
            elif habits.says:
                self._say(*habits.says.pop(0))
            elif habits.always:
                self._say(*habits.always)
            elif habits.page:
                self._say(200, {"Content-Type": "text/html; charset=utf-8"}, PAGE)
            elif self.command == "HEAD" and habits.refuses_head:
                self._say(405, {})
            else:
                self._file(folder / unquote(urlsplit(self.path).path.removeprefix(habits.prefix)).lstrip("/"))

        def _say(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self._write(body)

        def _file(self, path: Path) -> None:
            if path.is_dir():
                self._say(200, {"Content-Type": "text/html"}, PAGE)
                return
            if not path.is_file():
                self._say(404, {"Content-Type": "text/html"}, PAGE)
                return
            content = path.read_bytes()
            marks = {"ETag": f'"{sha256(content).hexdigest()[:16]}"'} if habits.has_marks else {}
            if habits.is_chunked or habits.is_endless:
                self._without_length(content, marks)
                return
            start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if start and habits.takes_ranges and self.headers.get("If-Range") == marks.get("ETag"):
                at = int(start[1])
                span = {"Content-Range": f"bytes {at}-{len(content) - 1}/{len(content)}"}
                self._body(206, content[at:], {**marks, **span})
            else:
                self._body(200, content, marks)

        def _body(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            length = 0 if self.command == "HEAD" and habits.is_zero_by_head else len(content)
            for name, value in {"Content-Length": str(length), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET" and habits.cuts:
                self._write(content[: habits.cuts.pop(0)])
                self.close_connection = True
                return
            if self.command == "GET" and 0 < habits.stalls_over < len(content):
                self._write(content[: len(content) // 2])
                web.stalled.set()
                web.is_over.wait()
                self.close_connection = True
                return
            self._write(content)

        def _without_length(self, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header(*(("Transfer-Encoding", "chunked") if habits.is_chunked else ("Connection", "close")))
            self.end_headers()
            half = len(content) // 2
            for piece in (content[:half], content[half:]):
                self._write(b"%x\r\n%s\r\n" % (len(piece), piece) if habits.is_chunked and piece else piece)
            self._write(b"0\r\n\r\n" if habits.is_chunked else b"")

        def _write(self, body: bytes) -> None:
            if self.command == "GET":
                with suppress(ConnectionError):  # whoever measures goes after the headers
                    self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        host = "localhost" if tls else "127.0.0.1"
        web = FileWeb(f"http{'s' if tls else ''}://{host}:{server.server_port}", habits)
        server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield web
        finally:
            web.is_over.set()
            server.shutdown()
            thread.join()
