"""A new one-stop that speaks as a target profile declares: one dossier a call, no versions and no tokens of its own."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import IO, Final
from uuid import uuid4

from connectors._rest_calls import Caller, Pace
from connectors._rest_declared import PAGE, Dialogue, Held, frame
from connectors._rest_fields import uid_of
from connectors._rest_loop import Loop
from connectors._rest_plan import Files, TargetPlan
from connectors._twice import one_after_the_other
from connectors.base import Misconfigured, Push, Readable, Receipt, Refused, Removal, Stored, TargetStep

PIECE: Final = 256 * 1024
IN_MEMORY: Final = 1024 * 1024


class DeclaredTarget:
    """See :class:`connectors.rest.RestTarget` for the numbers. The version of a dossier is a hash of what is held."""

    def __init__(
        self,
        plan: TargetPlan,
        url: str,
        token: str,
        *,
        concurrency: int = 4,
        timeout_s: float = 60,
        retries: int = 5,
        rate_per_s: float | None = None,
        backoff_s: float = 0.25,
    ) -> None:
        self._pace = Pace(rate_per_s)
        retryable = plan.meaning.retryable
        self._caller = Caller(url, token, concurrency, timeout_s, retries, backoff_s, plan.headers, retryable)
        self._dialogue = Dialogue(plan, self._caller)
        self._loop = Loop(max(1, concurrency))
        self.takes_files: Files = plan.files

    def probe(self) -> str:
        """The profile's title, once a call that changes nothing was answered. Raises Unavailable, Forbidden."""
        self._loop.run(self._dialogue.probe())
        return self._dialogue.plan.title

    @property
    def is_rehearsal(self) -> bool:
        """Whether the server calls itself a stand-in for rehearsals."""
        if self._caller.answered_at is None:
            self.probe()
        return self._caller.is_rehearsal

    @property
    def answered_at(self) -> datetime | None:
        """When the server gave its last answer, by its own clock; None when it did not say."""
        return self._caller.answered_at

    def push(self, batch: Sequence[Push]) -> list[Receipt]:
        """Write dossiers and read each back; one receipt a dossier, in order. Raises Unavailable, Forbidden."""
        return one_after_the_other(batch, lambda some: self._loop.run(self._loop.all([self._push(p) for p in some])))

    def upload(
        self,
        source_id: str,
        key: str,
        locator: str,
        name: str,
        stream: Readable,
        around_part: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> tuple[str, int]:
        """Send one file of a dossier that is there; (sha256, size) as read back. Raises Refused."""
        edge, digest, size = uuid4().hex, hashlib.sha256(), 0
        before, after = frame(edge, {**self._upload_fields, "referenceUid": locator, "displayName": name}, name)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            spool.write(before)
            while piece := stream.read(PIECE):
                digest.update(piece)
                size += len(piece)
                spool.write(piece)
            spool.write(after)
            held = self._loop.run(self._dialogue.find(source_id, key))
            if held is None:
                raise Refused("Hệ thống mới chưa có hồ sơ của tệp này.", (("files", "dossier_missing"),))
            return self._loop.run(self._deliver(held, (locator, digest.hexdigest(), size), spool, edge))

    def read_back(self, source_id: str, keys: Sequence[str]) -> list[Stored]:
        """The dossiers with these old keys, whole, in the order of the keys; what is not held is left out."""
        found = self._loop.run(self._loop.all([self._read(source_id, key) for key in keys]))
        return [stored for stored in found if stored is not None]

    def remove(self, batch: Sequence[Removal]) -> list[Receipt]:
        """Refuse to promise what no declared call does. Raises Misconfigured."""
        if not batch:
            return []
        title = self._dialogue.plan.title
        raise Misconfigured(f"{title} không có lệnh rút hồ sơ qua API. Nhờ đơn vị vận hành rút các hồ sơ này bằng tay.")

    def told(self, source_id: str) -> None:
        """Nothing: no declared target counts its messages."""
        return

    def list_keys(self, source_id: str) -> Iterator[tuple[str, str]]:
        """(old key, version) of every dossier held of this source, page by page."""
        start, number = uid_of(source_id, ""), 0
        while listed := self._loop.run(self._dialogue.page(number)):
            for held in listed:
                uid = self._dialogue.words.uid(held)
                if uid.startswith(start):
                    key = uid.removeprefix(start).replace("%5B", "[").replace("%5D", "]")
                    yield key, self._dialogue.words.version(held)
            if len(listed) < PAGE:
                return
            number += 1

    def process(self) -> dict[str, TargetStep]:
        """Nothing: no declared target tells its steps."""
        return {}

    def close(self) -> None:
        """Give every connection back. A second close does nothing."""
        self._loop.close(self._caller.close())

    @property
    def _upload_fields(self) -> dict[str, str]:
        call = self._dialogue.plan.calls.get("upload")
        return dict(call.fixed) if call else {}

    async def _deliver(self, held: Held, file: tuple[str, str, int], framed: IO[bytes], edge: str) -> tuple[str, int]:
        """Send a file unless it is there; what is read back of it."""

        async def deliver() -> tuple[tuple[str, str, int], ...]:
            if file not in (files := await self._dialogue.files(held)):
                await self._dialogue.upload(self._dialogue.words.id(held), framed, edge)
                files = await self._dialogue.files(held)
            return files

        files = await self._caller.until_answered(deliver)
        return next(((sha256, size) for locator, sha256, size in files if locator == file[0]), ("", 0))

    async def _push(self, push: Push) -> Receipt:
        await self._pace.wait(1)
        return await self._dialogue.push(push)

    async def _read(self, source_id: str, key: str) -> Stored | None:
        found = await self._dialogue.find_all(source_id, key)
        if not found:
            return None
        return self._dialogue.words.stored(source_id, key, found[0], await self._dialogue.files(found[0]))
