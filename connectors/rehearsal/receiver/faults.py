"""Fault modes of the rehearsal receiver: how real receiving systems fail, switched on for a rehearsal, never otherwise.

A fault strikes the first delivery of a call; the same call sent again is served. Calls are told apart by their
bytes, of which a digest is kept for as long as the receiver runs.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.base import Misconfigured
from connectors.rehearsal.receiver.http import MAX_BODY, reply

KINDS: Final[dict[str, tuple[int, str]]] = {
    "cut": (0, "ghi xong rồi cắt kết nối, không trả lời"),
    "limit": (1, "429 kèm Retry-After; CỠ: số giây"),
    "errors": (3, "từng đợt 500, lời gọi đầu đợt vẫn được ghi; CỠ: số lần mỗi đợt"),
    "stall": (30, "im lặng rồi mới ghi; CỠ: số giây"),
    "truncate": (0, "ghi xong, trả lời bị cụt giữa chừng"),
    "twice": (0, "một lời gọi tới hai lần"),
    "expire": (0, "mã truy cập hết hạn sau MỖI lời gọi; mã cấp lại: thêm ~1, ~2, … vào cuối"),
}
"""Kind → its usual size, what it does."""
_OPEN: Final = ("/v1/identity", "/v1/openapi.json")


@dataclass(frozen=True)
class Fault:
    """One kind of fault at every ``every``-th call."""

    kind: str
    every: int
    size: float


def parse(text: str) -> Fault:
    """The fault that KIND[:EVERY[:SIZE]] names. Raises Misconfigured."""
    kind, _, rest = text.partition(":")
    every, _, size = rest.partition(":")
    try:
        fault = Fault(kind, int(every or 1), float(size or KINDS[kind][0]))
    except (ValueError, KeyError):
        fault = Fault(kind, 0, 0)
    if fault.every < 1 or not 0 <= fault.size < 3600:
        raise Misconfigured(f"Không có sự cố diễn tập {text}. Mẫu: KIỂU:MỖI:CỠ, kiểu: {', '.join(KINDS)}.")
    return fault


class Faulty:
    """The service with faults. It stands outermost: what it does to an answer, nothing mends."""

    def __init__(self, app: ASGIApp, faults: Sequence[Fault]) -> None:
        self._app = app
        self._faults = faults
        self._seen: set[bytes] = set()
        self._burst = 0
        self._uses: Counter[bytes] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self._app(_renewed(scope) if scope["type"] == "http" else scope, receive, send)
            return
        messages = await _body(receive)
        number = self._number(scope, messages)
        call = Call(self._app, _renewed(scope), messages, receive, send)
        if self._burst:
            self._burst -= 1
            await call.answer(500)
            return
        for fault in self._faults:
            if fault.kind == "expire":
                call.expire(self._uses, fault.every)
            elif number and number % fault.every == 0:
                self._burst = int(fault.size) - 1 if fault.kind == "errors" else self._burst
                await call.suffer(fault)
                return
        await call.serve(send)

    def _number(self, scope: Scope, messages: Sequence[Message]) -> int:
        """How many different calls there were; 0 when this one was there before."""
        digest = hashlib.sha256(b"\0".join((scope["method"].encode(), scope["raw_path"], scope["query_string"])))
        digest.update(dict(scope["headers"]).get(b"x-locator", b""))
        for message in messages:
            digest.update(message.get("body", b""))
        if digest.digest() in self._seen:
            return 0
        self._seen.add(digest.digest())
        return len(self._seen)


@dataclass
class Call:
    """One call whose body has been read, so that it can be handled late, twice, or not at all."""

    app: ASGIApp
    scope: Scope
    messages: Sequence[Message]
    receive: Receive
    send: Send

    async def serve(self, send: Send) -> None:
        """Handle it."""
        waiting = list(self.messages)

        async def again() -> Message:
            return waiting.pop(0) if waiting else await self.receive()

        await self.app(self.scope, again, send)

    async def suffer(self, fault: Fault) -> None:
        """Let this fault happen to it."""
        if fault.kind == "limit":
            await self.answer(429, {"Retry-After": f"{fault.size:.0f}"})
        elif fault.kind == "errors":
            await self.serve(_nobody)
            await self.answer(500)
        elif fault.kind == "cut":
            await self.serve(_nobody)
            await self._cut()
        elif fault.kind == "truncate":
            await self._truncate()
        else:
            await (asyncio.sleep(fault.size) if fault.kind == "stall" else self.serve(_nobody))
            await self.serve(self.send)

    async def answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        """Say only this."""
        content = {"code": "rehearsed_fault", "message": "Sự cố diễn tập."}
        await reply(content, status, headers)(self.scope, self.receive, self.send)

    async def _cut(self) -> None:
        # no word of ASGI ends a connection without an answer: the server's own send is a method of what holds it
        server: Any = getattr(self.send, "__self__")  # noqa: B009
        server.transport.abort()
        await asyncio.sleep(0)  # the server learns that it is gone

    async def _truncate(self) -> None:
        """Half of the answer under the length of the whole: the server ends the connection of who stops there."""

        async def halve(message: Message) -> None:
            body = message.get("body", b"")
            if message["type"] == "http.response.start":
                await self.send(message)
            elif body and not halved:
                halved.append(True)
                await self.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})

        halved: list[bool] = []
        await self.serve(halve)

    def expire(self, uses: Counter[bytes], limit: int) -> None:
        """Count a use of its token; one that is used up is a wrong one from now on."""
        token = self.scope.get("lienthong_token", b"")
        uses[token] += 1
        if uses[token] > limit:
            kept = [(name, value) for name, value in self.scope["headers"] if name != b"authorization"]
            self.scope = {**self.scope, "headers": kept}


async def _nobody(_: Message) -> None:
    """Nobody hears the answer."""


async def _body(receive: Receive) -> list[Message]:
    """The messages of the body, as far as is bounded; what follows is left to be received."""
    messages: list[Message] = []
    size = 0
    while size <= MAX_BODY:
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        if not messages[-1].get("more_body", False):
            break
    return messages


def _renewed(scope: Scope) -> Scope:
    """The call with the token that its renewal ``TOKEN~n`` stands for, remembering which it was."""
    given = dict(scope["headers"]).get(b"authorization", b"")
    base = given.rpartition(b"~")[0] or given
    headers = [(name, base if name == b"authorization" else value) for name, value in scope["headers"]]
    return {**scope, "headers": headers, "lienthong_token": given}
