"""A new one-stop over HTTP (JSON, bearer token, versions): the target of the migration.

Calls are asynchronous inside and plain outside: an event loop of its own, in a thread of its own, for each target.
Every write carries an idempotency key and a version, so a call whose answer was lost may be sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Final
from urllib.parse import quote

import msgspec

from connectors._rest_calls import Caller, Pace
from connectors._rest_loop import Loop
from connectors._rest_plan import Files
from connectors._rest_target import DeclaredTarget
from connectors._rest_uploads import Content, Uploads
from connectors._rest_words import (
    Answers,
    Held,
    Identity,
    Item,
    KeyPage,
    Place,
    ProcessWords,
    ReadAnswer,
    Removed,
    Told,
    Wanted,
    differs,
    receipt,
)
from connectors.base import Conflict, Misconfigured, Push, Readable, Receipt, Refused, Removal, Stored, TargetStep

MAX_CALL_BYTES: Final = 16 * 1024 * 1024
__all__ = ["DeclaredTarget", "RestTarget"]

KEYS_A_PAGE: Final = 5_000


class RestTarget:
    """A new one-stop that speaks the REST contract; see ``lienthong receiver`` for its document.

    ``batch`` dossiers a call, ``concurrency`` calls at a time, ``rate_per_s`` dossiers and files a second (None: no
    limit), ``timeout_s`` a call, ``retries`` after the first attempt, waiting from ``backoff_s`` on, doubling.
    ``part_bytes``: larger files go in parts of this size; None: the server takes files whole only.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        batch: int = 200,
        concurrency: int = 4,
        timeout_s: float = 60,
        retries: int = 5,
        rate_per_s: float | None = None,
        backoff_s: float = 0.25,
        part_bytes: int | None = None,
    ) -> None:
        self._batch = max(1, batch)
        self._concurrency = max(1, concurrency)
        self._pace = Pace(rate_per_s)
        self._caller = Caller(url, token, self._concurrency, timeout_s, retries, backoff_s)
        self._identity: Identity | None = None
        self._loop = Loop(self._concurrency)
        self._uploads = Uploads(self._caller, self._loop, self._pace, part_bytes)

    takes_files: Files = "first"

    def probe(self) -> str:
        """Name and version of the server. Raises Unavailable, Forbidden, or Misconfigured when it is no one-stop."""
        self._identity = self._loop.run(self._caller.ask("GET", "/v1/identity", Identity))
        return f"{self._identity.name} {self._identity.version}"

    @property
    def is_rehearsal(self) -> bool:
        """Whether the server calls itself a stand-in for rehearsals."""
        if self._identity is None:
            self.probe()
        return self._identity is not None and self._identity.rehearsal

    @property
    def answered_at(self) -> datetime | None:
        """When the server gave its last answer, by its own clock; None when it did not say."""
        return self._caller.answered_at

    def push(self, batch: Sequence[Push]) -> list[Receipt]:
        """Upsert dossiers and read each back; one receipt a dossier, in order. Raises Unavailable, Forbidden."""
        return self._loop.run(self._push(batch))

    @property
    def batches_at_once(self) -> int:
        """Three: the server works on one, the answers to another are recorded. Fewer where fewer calls are allowed."""
        return min(3, self._concurrency)

    def begin(self, batch: Sequence[Push]) -> Callable[[], list[Receipt]]:
        """Set a push going; what is returned waits for its receipts. Raises Unavailable, Forbidden then."""
        return self._loop.start(self._push(batch)).result

    def upload(
        self,
        source_id: str,
        key: str,
        locator: str,
        name: str,
        stream: Readable,
        around_part: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> tuple[str, int]:
        """Send one file; (sha256, size) as the target computed them. Raises Refused, Unavailable, Forbidden."""
        answer = self._uploads.send(Content(source_id, key, locator, name, "", 0, 0), stream, around_part)
        return answer.sha256, answer.size

    def read_back(self, source_id: str, keys: Sequence[str]) -> list[Stored]:
        """The dossiers with these old keys, whole, in the order of the keys; what is not held is left out."""
        pages = [list(keys[at : at + self._batch]) for at in range(0, len(keys), self._batch)]
        found = self._loop.run(self._loop.all([self._read(source_id, page, "full") for page in pages]))
        return [item.stored() for page in found for item in page]

    def remove(self, batch: Sequence[Removal]) -> list[Receipt]:
        """Take dossiers out, a call each, and look that they are gone. Raises Unavailable, Forbidden, Misconfigured."""
        return self._loop.run(self._remove(batch))

    def list_keys(self, source_id: str) -> Iterator[tuple[str, str]]:
        """(old key, version) of every dossier held of this source, in key order, page by page."""
        after = ""
        while True:
            query = f"source={quote(source_id, safe='')}&after={quote(after, safe='')}&limit={KEYS_A_PAGE}"
            page = self._loop.run(self._caller.ask("GET", f"/v1/dossiers/keys?{query}", KeyPage)).keys
            yield from ((key, str(version)) for key, version in page)
            if len(page) < KEYS_A_PAGE:
                return
            after = page[-1][0]

    def told(self, source_id: str) -> dict[str, int]:
        """Whom the server told of what was pushed of this source: messages to citizens, and to the national portal."""
        path = f"/v1/notices?source={quote(source_id, safe='')}"
        return msgspec.structs.asdict(self._loop.run(self._caller.ask("GET", path, Told)))

    def process(self) -> dict[str, TargetStep]:
        """The steps of the server's own process, by code."""
        found = self._loop.run(self._caller.ask("GET", "/v1/process", ProcessWords))
        return {words.code: words.step() for words in found.steps}

    def place(self, new_id: str) -> Place:
        """Where a dossier stands there and what may be done next."""
        return self._loop.run(self._caller.ask("GET", f"/v1/dossiers/{quote(new_id, safe='')}/actions", Place))

    def try_action(self, new_id: str, action: str, version: int) -> Place:
        """Where the action would take the dossier; nothing is changed there. Raises Refused, Misconfigured."""
        path = f"/v1/dossiers/{quote(new_id, safe='')}/actions/{quote(action, safe='')}?dry_run=1"
        return self._loop.run(self._caller.ask("POST", path, Place, b"{}", {"If-Match": f'"{version}"'}))

    def close(self) -> None:
        """Give every connection back. A second close does nothing."""
        self._loop.close(self._caller.close())

    # ---- inside the loop

    async def _push(self, batch: Sequence[Push]) -> list[Receipt]:
        receipts = await self._loop.all([self._push_call(part) for part in _calls(batch, self._batch)])
        return [item for part in receipts for item in part]

    async def _push_call(self, part: Sequence[Push]) -> list[Receipt]:
        await self._pace.wait(len(part))
        body = msgspec.json.encode({"items": [Item.of(push) for push in part]})
        try:
            answers = (await self._caller.ask("POST", "/v1/dossiers:batch", Answers, body)).answers
        except Refused as error:  # the call as a whole: too large for this server
            if len(part) == 1:
                return [Receipt(part[0].key, error=error)]
            middle = len(part) // 2
            return [*await self._push_call(part[:middle]), *await self._push_call(part[middle:])]
        if [answer.key for answer in answers] != [push.key for push in part]:
            raise Misconfigured("Hệ thống mới trả lời lô hồ sơ không theo thứ tự đã gửi: không đúng đặc tả API.")
        return await self._verify(part, [receipt(answer) for answer in answers])

    async def _verify(self, part: Sequence[Push], receipts: Sequence[Receipt]) -> list[Receipt]:
        """The receipts, after reading back what was written."""
        written: dict[str, list[str]] = {}
        for push, given in zip(part, receipts, strict=True):
            if given.error is None:
                written.setdefault(push.source_id, []).append(push.key)
        held: dict[tuple[str, str], Held] = {}
        for source_id, keys in written.items():
            held |= {(source_id, item.key): item for item in await self._read(source_id, keys, "head")}
        return [
            _verified(push, given, held.get((push.source_id, push.key))) if given.error is None else given
            for push, given in zip(part, receipts, strict=True)
        ]

    async def _remove(self, batch: Sequence[Removal]) -> list[Receipt]:
        answers = await self._loop.all([self._remove_one(removal) for removal in batch])
        held: dict[tuple[str, str], Held] = {}
        for source_id in sorted({removal.source_id for removal in batch}):
            keys = [removal.key for removal in batch if removal.source_id == source_id]
            for part in (keys[at : at + self._batch] for at in range(0, len(keys), self._batch)):
                held |= {(source_id, item.key): item for item in await self._read(source_id, part, "head")}
        return [
            _removed(removal, answer, held.get((removal.source_id, removal.key)))
            for removal, answer in zip(batch, answers, strict=True)
        ]

    async def _remove_one(self, removal: Removal) -> Receipt:
        await self._pace.wait(1)
        path = f"/v1/dossiers/{quote(removal.source_id, safe='')}/{quote(removal.key, safe='')}"
        headers = {"If-Match": f'"{removal.if_match}"', "Idempotency-Key": removal.idempotency_key}
        try:
            return Receipt(removal.key, (await self._caller.ask("DELETE", path, Removed, headers=headers)).new_id)
        except (Refused, Conflict) as error:
            return Receipt(removal.key, error=error)

    async def _read(self, source_id: str, keys: list[str], fields: str) -> list[Held]:
        body = msgspec.json.encode(Wanted(source_id, keys, fields))
        return (await self._caller.ask("POST", "/v1/dossiers:read", ReadAnswer, body)).dossiers


def _calls(batch: Sequence[Push], limit: int) -> Iterator[list[Push]]:
    """Parts of a batch, bounded by number and by bytes."""
    part: list[Push] = []
    size = 0
    for push in batch:
        if part and (len(part) == limit or size + len(push.body) > MAX_CALL_BYTES):
            yield part
            part, size = [], 0
        part.append(push)
        size += len(push.body)
    if part:
        yield part


def _verified(push: Push, given: Receipt, held: Held | None) -> Receipt:
    """The receipt, unless what is read back is not what was sent."""
    if held is not None and str(held.version) != given.version:
        message = "Hồ sơ đã được sửa trong hệ thống mới ngay sau khi ghi."
        return Receipt(push.key, version=str(held.version), error=Conflict(message))
    reasons = (("", "read_back_differs"),) if held is None else differs(push, held)
    if not reasons:
        return given
    return Receipt(push.key, error=Refused("Hệ thống mới giữ khác với hồ sơ đã gửi.", reasons))


def _removed(removal: Removal, answer: Receipt, held: Held | None) -> Receipt:
    """What is read back decides, whatever the answer said."""
    if held is None:
        return Receipt(removal.key, answer.new_id)
    version, is_same = str(held.version), str(held.version) == removal.if_match
    if isinstance(answer.error, Refused) and is_same:
        return Receipt(removal.key, version=version, error=answer.error)
    if answer.error is None and is_same and answer.new_id in ("", held.new_id):
        error = Refused("Hệ thống mới vẫn giữ hồ sơ.", (("", "still_there"),))
        return Receipt(removal.key, version=version, error=error)
    return Receipt(removal.key, version=version, error=Conflict("Hồ sơ có phiên bản khác trong hệ thống mới."))
