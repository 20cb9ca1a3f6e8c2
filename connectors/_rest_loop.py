"""An event loop in a thread of its own: calls are asynchronous inside and plain outside."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Loop:
    """The loop of one target, and how many calls it makes at a time."""

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rest-target", daemon=True)
        self._thread.start()

    def start(self, call: Coroutine[Any, Any, T]) -> Future[T]:
        """Set a call going."""
        return asyncio.run_coroutine_threadsafe(call, self._loop)

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        """The result of a call; it ends with whoever waits for it."""
        future = self.start(call)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    async def all(self, calls: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
        """Every result in order; all calls end before the first error is raised, none is left dangling."""
        gate = asyncio.Semaphore(self._concurrency)

        async def one(call: Coroutine[Any, Any, T]) -> T:
            async with gate:
                return await call

        results = await asyncio.gather(*map(one, calls), return_exceptions=True)
        done: list[T] = []
        for result in results:
            if isinstance(result, BaseException):
                raise result
            done.append(result)
        return done

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """Make a last call and end. A second close does nothing."""
        if self._loop.is_closed():
            last.close()
            return
        self.run(last)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
