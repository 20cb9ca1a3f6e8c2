"""The stored files of an old system behind HTTP: a plain web folder, Liferay's /documents/, WebDAV.

Sizes are asked for by HEAD; what HEAD does not tell is asked by a GET that ends with its headers. A body is believed
when it is as long as its server said; one that breaks off is gone on with from there, if it is still the same file.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, Final, cast

import httpx

from connectors._file_stores import FileServer
from connectors._http_asks import TIMEOUT_S, Asker, Busy, is_page, length_of
from connectors._sql_files import hang_files, is_inside
from connectors.base import FileSpec, Misconfigured, Record, Unavailable, Unreadable

PIECE: Final = 1 << 16
CUTS: Final = 3
"""So often may a body break off at the same byte before the file is called unreadable."""


class HttpFiles:
    """The files below one address."""

    def __init__(
        self, server: FileServer, *, tries: int = 5, backoff_s: float = 0.5, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._asker = Asker(server, tries=tries, backoff_s=backoff_s, timeout_s=timeout_s)
        self._server = server
        self._tells_by_head = True
        self.at_once = server.at_once

    def check(self) -> None:
        """Ask for the address itself: whether the server is there and knows us. What it shows there does not matter."""
        answer = self._asker.ask("GET", self._asker.base, tries=2)
        answer.close()
        self._asker.admit(answer)

    def wait_for(self) -> None:
        """Nothing: every question is one whether the server is there."""

    def stat(self, locator: str) -> int | None:
        """Size in bytes; None when the file is gone, which only a GET is believed."""
        url = self._url(locator)
        size = self._told_by_head(url, locator) if self._tells_by_head else None
        if size is not None:
            return size
        answer = self._asker.ask("GET", url)
        try:
            self._asker.accept(answer, locator)
            size = length_of(answer)
            return self._count(answer, locator) if size is None else size
        except FileNotFoundError:
            return None
        finally:
            answer.close()

    def open(self, locator: str) -> BinaryIO:
        """The bytes as a stream of constant memory."""
        url = self._url(locator)

        def ask(headers: Mapping[str, str]) -> httpx.Response:
            return self._asker.ask("GET", url, headers)

        answer = ask({})
        try:
            self._asker.accept(answer, locator)
            self._refuse_endless(answer, locator)
        except BaseException:
            answer.close()
            raise
        return cast(BinaryIO, io.BufferedReader(_Body(self._asker, ask, answer, locator), PIECE))

    def close(self) -> None:
        """Close every connection."""
        self._asker.close()

    def hang(self, specs: Sequence[FileSpec], records: Sequence[Record]) -> None:
        """Add ``_locator`` and ``_size`` to the rows that name a file."""
        hang_files(specs, records, self._size, self.at_once)

    def _size(self, locator: str) -> int | None:
        return self.stat(locator) if is_inside(locator) else None

    def _url(self, locator: str) -> httpx.URL:
        if not is_inside(locator):
            raise Misconfigured("Đường dẫn một tệp đính kèm chỉ ra ngoài kho tệp. Sửa `files` trong profile.")
        return self._asker.url(locator)

    def _told_by_head(self, url: httpx.URL, locator: str) -> int | None:
        """What HEAD says, when that can be believed: many a handler knows GET only, or answers 0 bytes."""
        try:
            answer = self._asker.ask("HEAD", url, tries=1)
        except Busy as busy:
            self._asker.rest(busy.wait_s or 0.0)
            return None
        answer.close()
        size = length_of(answer)
        if answer.status_code in (405, 501) or (answer.status_code == 200 and size is None):
            self._tells_by_head = False
        if answer.status_code != 200 or not size or is_page(answer) or "Content-Encoding" in answer.headers:
            return None
        return size

    def _count(self, answer: httpx.Response, locator: str) -> int:
        self._refuse_endless(answer, locator)
        try:
            return sum(map(len, answer.iter_raw()))
        except httpx.RemoteProtocolError:
            raise Unreadable(f"Tệp {locator} ở kho {self._asker.place} đứt giữa chừng.") from None
        except httpx.TransportError as error:
            raise self._asker.unreached(error) from None

    def _refuse_endless(self, answer: httpx.Response, locator: str) -> None:
        """Without length and without chunks nobody can tell the end of a file from a broken connection."""
        if length_of(answer) is None and "chunked" not in answer.headers.get("Transfer-Encoding", "").lower():
            raise Unreadable(f"Kho tệp {self._asker.place} không báo độ dài của tệp {locator}: không biết đã đủ chưa.")


class _Body(io.RawIOBase):
    """The body of a file, taken up again where it broke off."""

    def __init__(
        self,
        asker: Asker,
        ask: Callable[[Mapping[str, str]], httpx.Response],
        answer: httpx.Response,
        locator: str,
    ) -> None:
        self._asker, self._ask, self._locator = asker, ask, locator
        self._size, self._mark = length_of(answer), _mark(answer)
        self._at = self._skip = 0  # delivered; still to pass over of an answer that began anew
        self._cuts, self._cut_at = 0, -1
        self._held = memoryview(b"")
        self._take(answer)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._held:
            piece = self._next()
            if piece is None:
                return 0
            passed = min(self._skip, len(piece))
            self._skip -= passed
            self._held = memoryview(piece)[passed:]
        size = min(len(buffer), len(self._held))
        buffer[:size], self._held = self._held[:size], self._held[size:]
        self._at += size
        return size

    def close(self) -> None:
        if not self.closed:
            self._answer.close()
        super().close()

    def _take(self, answer: httpx.Response) -> None:
        self._answer, self._pieces = answer, answer.iter_raw()

    def _next(self) -> bytes | None:
        """The next piece of the body; None at its end."""
        while True:
            try:
                return next(self._pieces)
            except StopIteration:
                if self._size in (None, self._at):
                    return None
            except httpx.TransportError:
                pass
            self._go_on()

    def _go_on(self) -> None:
        """Ask for the rest. Raises Unreadable when it breaks off at the same byte again and again."""
        self._answer.close()
        self._cuts = self._cuts + 1 if self._cut_at == self._at else 1
        self._cut_at = self._at
        if self._cuts > CUTS or self._size is None or not self._mark:
            raise Unreadable(f"Tệp {self._locator} ở kho {self._asker.place} đứt giữa chừng, ở byte {self._at}.")
        answer = self._ask({"Range": f"bytes={self._at}-", "If-Range": self._mark})
        self._take(answer)
        rest = f"bytes {self._at}-{self._size - 1}/{self._size}"
        if answer.status_code == 206 and answer.headers.get("Content-Range", "") == rest:
            self._accept(answer, 206)
            return
        self._accept(answer, 200)
        if (length_of(answer), _mark(answer)) != (self._size, self._mark):
            # no name of a file: what stops a run is told to Prefect, too
            raise Unavailable(f"Một tệp ở kho {self._asker.place} vừa bị sửa trong lúc đọc. Chạy lại lệnh.")
        self._skip = self._at

    def _accept(self, answer: httpx.Response, status: int) -> None:
        try:
            self._asker.accept(answer, self._locator, status=status)
        except FileNotFoundError as error:
            raise Unreadable(str(error)) from None


def _mark(answer: httpx.Response) -> str:
    """What tells one content of a file from the next: a strong tag, or the moment it was written."""
    tag: str = answer.headers.get("ETag", "")
    return tag if tag.startswith('"') else answer.headers.get("Last-Modified", "")
