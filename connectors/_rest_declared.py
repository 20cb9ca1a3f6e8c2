"""The calls of a declared target: one dossier a call, asked for before it is written and read back afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import IO, Any, Final
from urllib.parse import quote, urlencode

import msgspec

from connectors._rest_calls import Caller
from connectors._rest_fields import Words, uid_of
from connectors._rest_plan import TargetPlan
from connectors.base import Conflict, Forbidden, Misconfigured, Push, Receipt, Refused

Held = Mapping[str, Any]
PAGE: Final = 200


class Dialogue:
    """What is said to a declared target. Everything runs inside one event loop."""

    def __init__(self, plan: TargetPlan, caller: Caller) -> None:
        self.plan = plan
        self.words = Words(plan)
        self._caller = caller

    async def probe(self) -> None:
        """One call that changes nothing."""
        await self.call("list", offset=0, end=1, limit=1, page=1)

    async def push(self, push: Push) -> Receipt:
        """Ask for the dossier, write it when that is right, and believe only what is read back.

        A write that got no answer is not sent again before the target was asked whether it holds the dossier: without
        idempotency keys a second creation is a second dossier.
        """

        async def settle() -> Receipt:
            return await self._settle(push, await self.find(push.source_id, push.key))

        try:
            return await self._caller.until_answered(settle)
        except (Refused, Conflict) as error:
            return Receipt(push.key, version=error.version if isinstance(error, _Moved) else "", error=error)

    async def _settle(self, push: Push, held: Held | None) -> Receipt:
        wanted = self.words.write(push)
        if held is not None and not any(self.words.differing(wanted, held)):
            return self._receipt(push, held)  # written before: the answer may have been lost on its way
        version = self.words.version(held) if held is not None else ""
        if push.if_match != version:
            raise _Moved("Hồ sơ đã có trong hệ thống mới với nội dung khác.", version)
        if held is None:
            await self._refuse_taken(push, wanted)
            await self.call("create", wanted)
        elif "update" not in self.plan.calls:
            raise Refused("Hệ thống mới không cho sửa hồ sơ qua API.", (("", "update_not_offered"),))
        else:
            await self.call("update", wanted, id=self.words.id(held))
        return self._verified(push, wanted, await self.find(push.source_id, push.key))

    async def _refuse_taken(self, push: Push, wanted: Mapping[str, str]) -> None:
        """Refuse a number that another dossier has there: writing would overwrite it without a word."""
        number = wanted.get(self.plan.number_field, "")
        if not number or "find_number" not in self.plan.calls:
            return
        uid = uid_of(push.source_id, push.key)
        for held in await self.call("find_number", number=number):
            if str(held.get(self.plan.number_field)) == number and self.words.uid(held) != uid:
                raise Refused("Số hồ sơ đã thuộc về hồ sơ khác.", ((self.plan.number_field, "number_taken"),))

    def _verified(self, push: Push, wanted: Mapping[str, str], held: Held | None) -> Receipt:
        reasons = ("",) if held is None else tuple(self.words.differing(wanted, held))
        if held is None or reasons:
            raise Refused(
                "Hệ thống mới giữ khác với hồ sơ đã gửi.", tuple((name, "read_back_differs") for name in reasons)
            )
        return self._receipt(push, held)

    def _receipt(self, push: Push, held: Held) -> Receipt:
        return Receipt(push.key, self.words.id(held), self.words.version(held))

    async def find(self, source_id: str, key: str) -> Held | None:
        """The dossier with our key. Only a list without it proves that it is not there, no status does.

        Raises Refused when it is there more than once: a call that was delivered twice is nothing that we can undo.
        """
        found = await self.find_all(source_id, key)
        if len(found) > 1:
            raise Refused("Hệ thống mới giữ nhiều hồ sơ cùng một khóa cũ.", (("", "held_twice"),))
        return found[0] if found else None

    async def find_all(self, source_id: str, key: str) -> list[Held]:
        """Every dossier with our key, in the order of their ids; more than one is one too many."""
        uid = uid_of(source_id, key)
        found = [held for held in await self.call("find", uid=uid) if self.words.uid(held) == uid]
        return sorted(found, key=self.words.id)

    async def page(self, number: int) -> list[Any]:
        """One page of everything held, in the target's own order."""
        offset = number * PAGE
        listed: list[Any] = await self.call("list", offset=offset, end=offset + PAGE, limit=PAGE, page=number + 1)
        return listed

    async def files(self, held: Held) -> tuple[tuple[str, str, int], ...]:
        """(locator, sha256, size) of each file, by its bytes: what a list says of a file proves nothing."""
        if "files" not in self.plan.calls:
            return ()
        own, found = self.words.id(held), []
        for file in await self.call("files", id=own):
            content = await self.call("download", id=own, file=file["referenceUid"])
            found.append((file["referenceUid"], hashlib.sha256(content).hexdigest(), len(content)))
        return tuple(sorted(found))

    async def upload(self, own: str, framed: IO[bytes], edge: str) -> None:
        """Send one file of a dossier that is there, framed as a form, once. Raises Unanswered."""
        call = self.plan.calls["upload"]
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        self._unwrap(*await self._caller.send(call.method, _filled(call.path, {"id": own}), framed, kind))

    async def call(self, name: str, fields: Mapping[str, str] | None = None, **places: object) -> Any:
        """What a call answers, without its envelope. What only reads is asked again until it is answered.

        Raises ConnectorError; Unanswered for what writes.
        """
        call = self.plan.calls[name]
        sent = {**call.fixed, **(fields or {})}
        body: bytes | None = None
        headers: dict[str, str] = {}
        if call.send == "form":
            body, headers = urlencode(sent).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        elif call.send == "json":
            body = msgspec.json.encode(sent)
        ask = self._caller.fetch if call.method == "GET" else self._caller.send
        answer = await ask(call.method, _filled(call.path, places), body, headers)
        return answer[1] if name == "download" and answer[0] == 200 else self._unwrap(*answer)

    def _unwrap(self, status: int, body: bytes) -> Any:
        """The data of an answer that says yes; the status alone says nothing."""
        meaning = self.plan.meaning
        if status == 203 or status in meaning.forbidden:
            raise Forbidden(f"{self.plan.title} không nhận mã truy cập (HTTP {status}). Kiểm tra token_env trong .env.")
        if status in meaning.refused:
            raise Refused("Hệ thống mới từ chối.", (("", f"http_{status}"),))
        if not 200 <= status < 300:
            raise self._caller.error(status, body)
        try:
            said = msgspec.json.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise Misconfigured(f"Nơi nhận không trả lời như {self.plan.title}. Kiểm tra địa chỉ.") from None
        if meaning.ok and not (isinstance(said, dict) and said.get(meaning.ok) is True):
            raise Refused("Hệ thống mới từ chối.", (("", "envelope_failed"),))
        return said.get(meaning.data, said) if meaning.data and isinstance(said, dict) else said


class _Moved(Conflict):
    """A conflict that knows the version held."""

    def __init__(self, message: str, version: str) -> None:
        super().__init__(message)
        self.version = version


def _filled(path: str, places: Mapping[str, object]) -> str:
    return path.format(**{name: quote(str(value), safe="") for name, value in places.items()})


def frame(edge: str, fields: Mapping[str, str], name: str) -> tuple[bytes, bytes]:
    """What stands before and after the bytes of a file in a form."""
    parts = [_part(edge, f'name="{field}"', value) for field, value in fields.items()]
    parts.append(_part(edge, f'name="file"; filename="{quote(name)}"', "").removesuffix("\r\n"))
    return "".join(parts).encode(), f"\r\n--{edge}--\r\n".encode()


def _part(edge: str, name: str, value: str) -> str:
    return f"--{edge}\r\nContent-Disposition: form-data; {name}\r\n\r\n{value}\r\n"
