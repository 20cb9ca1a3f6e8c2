"""One HTTP call: connection reuse, time limits, retries of what is worth retrying, errors by what to do next."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import IO, Any, Final, TypeVar

import aiohttp
import msgspec
from yarl import URL

from connectors._rest_words import Failed
from connectors._waiting import moment, retry_after
from connectors.base import Conflict, ConnectorError, Forbidden, Misconfigured, Refused, Unavailable

T = TypeVar("T")

RETRYABLE: Final = frozenset({429, 500, 502, 503, 504})
"""Statuses of an answer after which the same call may be answered."""

MAX_WAIT_S: Final = 30.0
PIECE: Final = 256 * 1024
SLOWEST: Final = 50_000  # bytes a second: a file on a slow line gets more time than a call


class Pace:
    """A rate limit: ``per_s`` units a second, in order of asking; None lets everything pass."""

    def __init__(self, per_s: float | None) -> None:
        self._per_s = per_s
        self._free_at = 0.0

    async def wait(self, units: int) -> None:
        """Wait for the turn of so many units."""
        if self._per_s is None:
            return
        now = time.monotonic()
        turn = max(now, self._free_at)
        self._free_at = turn + units / self._per_s
        await asyncio.sleep(turn - now)


class Unanswered(Unavailable):
    """A call without an answer that counts: it may have been done. ``status`` 0: nothing came back at all."""

    def __init__(self, message: str, status: int = 0, answer: bytes = b"", asked_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.answer = answer
        self.asked_s = asked_s


class Caller:
    """Calls to one server with one token. Everything but the constructor runs inside one event loop."""

    def __init__(
        self,
        url: str,
        token: str,
        concurrency: int,
        timeout_s: float,
        retries: int,
        backoff_s: float,
        headers: Mapping[str, str] | None = None,
        retryable: frozenset[int] = RETRYABLE,
    ) -> None:
        self._base = _base(url)
        self._retryable = retryable
        if not token.isascii() or not token.isprintable() or not token.strip():
            raise Misconfigured("Mã truy cập hệ thống mới trống hoặc có ký tự lạ. Kiểm tra token_env trong .env.")
        own = {name: text.replace("{token}", token) for name, text in (headers or {}).items()}
        self._headers = {**(own or {"Authorization": f"Bearer {token}"}), "User-Agent": "lienthong"}
        self._concurrency = concurrency
        self._timeout_s = timeout_s
        self._retries = retries
        self._backoff_s = backoff_s
        self._session: aiohttp.ClientSession | None = None
        self.answered_at: datetime | None = None  # by the server's clock, as its last answer said
        self.is_rehearsal = False  # whether its last answer called the server a stand-in

    async def ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        body: bytes | IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """The decoded answer. ``path`` is percent-encoded. Raises ConnectorError; sends again what may pass later."""
        return self._read(*await self.fetch(method, path, body, headers), kind)

    async def fetch(
        self,
        method: str,
        path: str,
        body: bytes | IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Status and body of the last answer, whatever it is; what may pass later was sent again."""
        for attempt in range(self._retries):
            try:
                return await self.send(method, path, body, headers)
            except Unanswered as error:
                await asyncio.sleep(self._wait(attempt, error.asked_s))
        try:
            return await self.send(method, path, body, headers)
        except Unanswered as error:
            if error.status:
                return error.status, error.answer
            raise

    async def send(
        self, method: str, path: str, body: bytes | IO[bytes] | None, headers: Mapping[str, str] | None
    ) -> tuple[int, bytes]:
        """Status and body of one call that is sent once. Raises Unanswered when it may or may not have been done."""
        try:
            status, answer, asked_s = await self._once(method, path, body, headers)
        except aiohttp.InvalidURL:
            raise Misconfigured(f"Địa chỉ hệ thống mới viết sai: {self._place}.") from None
        except aiohttp.ClientConnectorCertificateError:
            raise Misconfigured(f"Chứng thư TLS của {self._place} không được tin cậy.") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unanswered(
                f"Không kết nối được hệ thống mới tại {self._place} ({type(error).__name__}). "
                "Kiểm tra mạng và địa chỉ rồi chạy lại; không có gì bị mất."
            ) from None
        if status in self._retryable:
            raise Unanswered(self._busy(status), status, answer, asked_s)
        return status, answer

    async def until_answered(self, act: Callable[[], Awaitable[T]]) -> T:
        """``act``, which asks what its last attempt did before it does anything, until it gets its answers."""
        for attempt in range(self._retries):
            try:
                return await act()
            except Unanswered as error:
                await asyncio.sleep(self._wait(attempt, error.asked_s))
        return await act()

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    @property
    def _place(self) -> str:
        return f"{self._base.scheme}://{self._base.authority}" if self._base.host else "(trống)"

    async def _once(
        self, method: str, path: str, body: bytes | IO[bytes] | None, headers: Mapping[str, str] | None
    ) -> tuple[int, bytes, float | None]:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._concurrency * 2)
            self._session = aiohttp.ClientSession(connector=connector, headers=self._headers)
        url = URL(str(self._base).rstrip("/") + path, encoded=True)
        data: bytes | AsyncIterator[bytes] | None
        if body is None or isinstance(body, bytes):
            data, kind, limit_s = body, "application/json", self._timeout_s + len(body or b"") / SLOWEST
        else:
            size = _size(body)
            kind, limit_s = "application/octet-stream", self._timeout_s + size / SLOWEST
            data = _pieces(body) if size > PIECE else _whole(body)  # a small file is not worth a thread
        ways: dict[str, Any] = {
            "headers": {"Content-Type": kind, **(headers or {})},
            "timeout": aiohttp.ClientTimeout(total=limit_s, connect=min(self._timeout_s, 10)),
            "allow_redirects": False,  # a token is for the address it was given for
        }
        async with self._session.request(method, url, data=data, **ways) as answer:
            self.answered_at = moment(answer.headers.get("Date", ""))
            self.is_rehearsal = answer.headers.get("X-Rehearsal", "") == "1"
            return answer.status, await answer.read(), retry_after(answer.headers.get("Retry-After", ""))

    def _wait(self, attempt: int, asked_s: float | None) -> float:
        """Seconds until the next attempt; scattered, so that many clients do not come back together."""
        own: float = self._backoff_s * 2**attempt * random.uniform(0.5, 1.5)
        return min(max(own, asked_s or 0.0), MAX_WAIT_S)

    def _read(self, status: int, answer: bytes, kind: type[T]) -> T:
        if 200 <= status < 300 and status != 203:  # some one-stops say "not authenticated" with a 203
            try:
                return msgspec.json.decode(answer, type=kind)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise Misconfigured(
                    f"{self._place} không trả lời như hệ thống một cửa mới. Kiểm tra địa chỉ."
                ) from None
        raise self.error(status, answer)

    def _busy(self, status: int) -> str:
        return f"Hệ thống mới tại {self._place} đang lỗi hoặc quá tải (HTTP {status}). Chạy lại sau."

    def error(self, status: int, answer: bytes) -> ConnectorError:
        """What an answer that is no success means."""
        try:
            failed = msgspec.json.decode(answer, type=Failed)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            failed = Failed()
        if status in (203, 401):
            return Forbidden(f"Hệ thống mới tại {self._place} không nhận mã truy cập. Kiểm tra token_env trong .env.")
        if status == 403:
            return Forbidden(f"Mã truy cập không có quyền làm việc này tại {self._place}.")
        if status == 412:
            return Conflict("Hồ sơ có phiên bản khác trong hệ thống mới.")
        if status in (413, 422):
            reasons = tuple((fault.path, fault.code) for fault in failed.errors) or (("", failed.code),)
            return Refused("Hệ thống mới từ chối.", reasons)
        if status == 429 or status >= 500:
            return Unavailable(self._busy(status))
        return Misconfigured(f"{self._place} trả lời HTTP {status}: không phải địa chỉ của hệ thống một cửa mới.")


def _base(url: str) -> URL:
    try:
        base = URL(url)
    except ValueError:
        raise Misconfigured("Địa chỉ hệ thống mới viết sai. Mẫu: https://…") from None
    if base.scheme not in ("http", "https") or not base.host or base.user or base.query_string:
        raise Misconfigured("Địa chỉ hệ thống mới phải là http(s)://máy[:cổng][/đường dẫn], không kèm mật khẩu.")
    return base


def _size(file: IO[bytes]) -> int:
    return file.seek(0, os.SEEK_END)


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """The file from its start, read outside the loop."""
    file.seek(0)
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece
