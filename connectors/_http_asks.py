"""Requests to a server of stored files: patience, pace, redirects, and what a refusal means.

A file is never asked for elsewhere than at the declared server: neither files nor logins leave it by a redirect.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
import time
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

import httpx

from connectors._file_stores import FileServer
from connectors._waiting import retry_after
from connectors.base import ConnectorError, Forbidden, Misconfigured, Unavailable, Unreadable

MAX_WAIT_S: Final = 30.0
TIMEOUT_S: Final = 60.0
CONNECT_S: Final = 10.0
REDIRECTS: Final = 3
GONE: Final = frozenset({404, 410})
_BUSY: Final = frozenset({408, 429, *range(500, 600)})
_PAGES: Final = (".html", ".htm", ".xhtml", ".shtml", ".mht")
_PACKED: Final = (".gz", ".tgz", ".svgz", ".z", ".bz2", ".br")


class Busy(Unavailable):
    """No answer that counts. ``wait_s``: how long the server asks to wait."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Asker:
    """Asks one server for files, from any number of threads."""

    def __init__(
        self, server: FileServer, *, tries: int = 5, backoff_s: float = 0.5, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._server = server
        self._base = _base(server)
        self.place = f"{self._base.scheme}://{self._base.netloc.decode('ascii')}"
        self._tries, self._backoff_s = tries, backoff_s
        self._pace = _Pace(server.per_second)
        for name in ("httpx", "httpcore"):  # they log addresses, and names of files may hold names of persons
            logging.getLogger(name).setLevel(logging.WARNING)
        headers = {"User-Agent": "lienthong", "Accept-Encoding": "identity", "Cache-Control": "no-transform"}
        self._client = httpx.Client(
            headers={**headers, **_bearer(server)},
            auth=httpx.BasicAuth(server.user, server.password) if server.user else None,
            timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s), pool=None),
            limits=httpx.Limits(max_connections=server.at_once, max_keepalive_connections=server.at_once),
            verify=_trusted(server),
            trust_env=False,  # no proxy and no .netrc that nobody declared
        )

    @property
    def base(self) -> httpx.URL:
        return self._base

    def url(self, locator: str) -> httpx.URL:
        """The address of a file: its name below the base, segment by segment."""
        segments = (quote(part, safe="", errors="surrogatepass") for part in PurePosixPath(locator).parts)
        return httpx.URL(f"{str(self._base).rstrip('/')}/{'/'.join(segments)}")

    def ask(
        self, method: str, url: httpx.URL, headers: Mapping[str, str] | None = None, *, tries: int = 0
    ) -> httpx.Response:
        """The answer behind its redirects, its body still to be read or closed. Raises Busy when patience ends."""
        tries = tries or self._tries
        for attempt in range(1, tries + 1):
            try:
                return self._answered(method, url, headers or {})
            except Busy as busy:
                if attempt == tries:
                    raise
                own = self._backoff_s * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
                self.rest(max(own, busy.wait_s or 0.0))
        raise AssertionError("unreachable")

    def rest(self, seconds: float) -> None:
        """Wait as long as the server asks to, within reason."""
        time.sleep(min(seconds, MAX_WAIT_S))

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    # ------------------------------------------------------------ one request

    def _answered(self, method: str, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        for _ in range(REDIRECTS + 1):
            answer = self._sent(method, url, headers)
            if not answer.has_redirect_location:
                break
            answer.close()
            url = self._further(answer, url)
        else:
            raise Misconfigured(
                f"Kho tệp {self.place} chuyển hướng vòng quanh: thường là do chưa đăng nhập. {self._login()}"
            )
        if answer.status_code in _BUSY:
            wait_s = retry_after(answer.headers.get("Retry-After", ""))
            answer.close()
            raise Busy(
                f"Kho tệp {self.place} đang lỗi hoặc quá tải (HTTP {answer.status_code}). Chạy lại sau ít phút; "
                "không có gì bị mất.",
                wait_s,
            )
        return answer

    def _sent(self, method: str, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        self._pace.wait()
        try:
            return self._client.send(self._client.build_request(method, url, headers=headers), stream=True)
        except httpx.TransportError as error:
            raise self.unreached(error) from None

    def _further(self, answer: httpx.Response, url: httpx.URL) -> httpx.URL:
        try:
            there = url.join(answer.headers["Location"])
        except httpx.InvalidURL:
            there = httpx.URL("")
        if (there.scheme, there.host, _port(there)) != (url.scheme, url.host, _port(url)):
            shown = f"{there.scheme}://{there.host}" if there.host else "một địa chỉ lạ"
            raise Misconfigured(
                f"Kho tệp {self.place} chuyển yêu cầu sang {shown}: không đi theo sang máy hay giao thức khác. "
                f"Nếu kho đã dời, sửa {self._server.url_env} trong .env; nếu đó là trang đăng nhập: {self._login()}"
            )
        return there

    # ------------------------------------------------------------ what it means

    def unreached(self, error: httpx.TransportError) -> ConnectorError:
        """What it means that no whole answer came."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLError):
                return Misconfigured(
                    f"Chứng thư TLS của kho tệp {self.place} không được tin cậy. Khai files_ca (tệp chứng thư của đơn "
                    "vị cấp, dạng PEM) trong site.yaml, và ghi tên máy đúng như trong chứng thư."
                )
            cause = cause.__cause__ or cause.__context__
        return Busy(
            f"Không kết nối được kho tệp {self.place} ({type(error).__name__}). Kiểm tra máy chủ, mạng và "
            f"{self._server.url_env} trong .env rồi chạy lại; không có gì bị mất."
        )

    def admit(self, answer: httpx.Response) -> None:
        """Raise Forbidden when the server does not know us. 203: some portals say "not logged in" with it."""
        if answer.status_code in (203, 401, 407):
            raise Forbidden(f"Kho tệp {self.place}: chưa đăng nhập (HTTP {answer.status_code}). {self._login()}")

    def accept(self, answer: httpx.Response, locator: str, *, status: int = 200) -> None:
        """Raise unless the answer is the file: with this status, as it is stored, and no page instead of it."""
        self.admit(answer)
        code = answer.status_code
        if code == 403:
            raise Forbidden(f"Kho tệp {self.place} không cho đọc tệp (HTTP 403). {self._login()}")
        if code in GONE:
            raise FileNotFoundError(f"Tệp {locator} không còn.")
        if code != status:
            raise Unreadable(f"Kho tệp {self.place} không đưa tệp {locator} (HTTP {code}). Mở thử tệp ở phần mềm cũ.")
        if is_page(answer) and not locator.lower().endswith(_PAGES):
            raise Forbidden(
                f"Kho tệp {self.place} trả về một trang HTML thay cho tệp: chưa đăng nhập, hoặc trang báo lỗi. "
                f"{self._login()}"
            )
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity") and not locator.lower().endswith(_PACKED):
            raise Unreadable(
                f"Kho tệp {self.place} nén tệp {locator} dù được yêu cầu để nguyên ({encoding}). Tắt nén ở máy chủ đó."
            )

    def _login(self) -> str:
        named = self._server.login_env
        if named:
            return f"Kiểm tra {named} và quyền đọc của tài khoản ấy."
        return "Khai files_token_env, hoặc files_user và files_password_env, cho nguồn này trong site.yaml."


def is_page(answer: httpx.Response) -> bool:
    """Whether the body is a page for people."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml")


def length_of(answer: httpx.Response) -> int | None:
    """What the server says of the length of the body; None when it does not."""
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdecimal() else None


class _Pace:
    """So many requests a second in all threads together; None lets everything pass."""

    def __init__(self, per_second: float | None) -> None:
        self._per_second = per_second
        self._lock = threading.Lock()
        self._free_at = 0.0

    def wait(self) -> None:
        if self._per_second is None:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._free_at)
            self._free_at = turn + 1 / self._per_second
        time.sleep(turn - now)


def _base(server: FileServer) -> httpx.URL:
    try:
        base = httpx.URL(server.url)
    except httpx.InvalidURL:
        base = httpx.URL("")
    if base.scheme not in ("http", "https") or not base.host or base.userinfo or base.query or base.fragment:
        raise Misconfigured(
            f"{server.url_env} trong .env phải là http(s)://máy[:cổng]/đường_dẫn, không kèm tài khoản, dấu ? hay #. "
            "Tài khoản khai riêng ở files_user và files_password_env."
        )
    return base


def _bearer(server: FileServer) -> dict[str, str]:
    if not server.token:
        return {}
    if not server.token.isascii() or not server.token.isprintable():
        raise Misconfigured(f"Mã truy cập kho tệp có ký tự lạ. Kiểm tra {server.login_env} trong .env.")
    return {"Authorization": f"Bearer {server.token}"}


def _trusted(server: FileServer) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca)
    except (OSError, ssl.SSLError):
        raise Misconfigured(f"Không đọc được chứng thư {server.ca} (PEM). Sửa files_ca trong site.yaml.") from None


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)
