"""One page of a real browser, steered over Chromium's own protocol: what it shows, what it asks, what a click does."""

from __future__ import annotations

import base64
import itertools
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import connect
from websockets.sync.connection import Connection

from tests.conftest import Chromium

WAIT_SECONDS = 60


class Page:
    """An open page. ``asked`` collects the URL of every request that the page makes."""

    def __init__(self, socket: Connection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self.asked: list[str] = []

    def start(self) -> None:
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Network", "Page", "Runtime"):
            self._call(f"{domain}.enable")
        # high enough that nothing lies below the fold: Prefect draws lists only as far as they can be seen
        size = {"width": 1400, "height": 1500, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)

    def open(self, url: str) -> None:
        """Go to a page."""
        self._call("Page.navigate", url=url)

    def text(self) -> str:
        """The words on the page."""
        return str(self._evaluate("document.body ? document.body.innerText : ''"))

    def wait_for(self, words: str, seconds: float = WAIT_SECONDS) -> str:
        """Wait until the page shows these words; all its words."""
        deadline = time.monotonic() + seconds
        while words not in (text := self.text()):
            assert time.monotonic() < deadline, f"trang không hiện {words!r}; đang hiện:\n{text[:3000]}"
            time.sleep(0.2)
        return text

    def click(self, words: str) -> None:
        """Click the innermost element with exactly these words, as soon as it is there."""
        find = (
            "[...document.body.querySelectorAll('*')].filter(e => e.getClientRects().length"
            f" && (e.innerText ?? '').trim() === {json.dumps(words)}).pop()"
        )
        deadline = time.monotonic() + WAIT_SECONDS
        while not self._evaluate(f"(() => {{ const e = {find}; if (e) e.click(); return !!e }})()"):
            assert time.monotonic() < deadline, f"không có nút {words!r}; đang hiện:\n{self.text()[:3000]}"
            time.sleep(0.2)

    def fill(self, selector: str, words: str) -> None:
        """Write into a field in place of what is there, as typing does."""
        script = (
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.value = {json.dumps(words)};"
            " e.dispatchEvent(new Event('input', {bubbles: true})) })()"
        )
        self._evaluate(script)

    def screenshot(self, file: Path) -> None:
        """Save what the page shows as PNG."""
        file.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def _evaluate(self, script: str) -> Any:
        result = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        return result["result"].get("value")

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv(timeout=WAIT_SECONDS))
            if answer.get("method") in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                asked = answer["params"]
                self.asked.append(asked.get("url") or asked["request"]["url"])
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                found: dict[str, Any] = answer["result"]
                return found


@contextmanager
def open_page(chromium: Chromium) -> Iterator[Page]:
    """A fresh browser with one page for as long as the context lasts."""
    profile = chromium.folder / f"profile-{next(chromium.numbers)}"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    command = [chromium.program, *flags, *quiet, "about:blank"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as browser:
        try:
            assert browser.stderr is not None
            found = (re.search(r"ws://\S+", line) for line in browser.stderr)
            address = next(match.group() for match in found if match)
            with connect(address, max_size=64 * 2**20, ping_interval=None) as socket:
                page = Page(socket)
                page.start()
                yield page
        finally:
            browser.terminate()
            browser.wait(30)
