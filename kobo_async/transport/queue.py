"""A limit on how many at the same time, in which whoever began first goes first.

A request that is sent again would otherwise stand at the end of the queue, while all the results
after it lie ready and wait for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heapify, heappop, heappush
from itertools import count

import anyio
import attrs


@attrs.frozen(order=True)
class Waiter:
    """One who waits for a place."""

    since: float
    number: int
    called: anyio.Event = attrs.field(factory=anyio.Event, order=False)


class Queue:
    """Places for so many at the same time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0
        self._waiting: list[Waiter] = []
        self._numbers = count()

    def allow(self, limit: int) -> None:
        """Change the number of places; those taken stay taken."""
        self._limit = limit
        self._call()

    @asynccontextmanager
    async def place(self, since: float) -> AsyncIterator[None]:
        """Wait for a place, and hold it. The smallest `since` is served first."""
        waiter = Waiter(since, next(self._numbers))
        heappush(self._waiting, waiter)
        self._call()
        try:
            if not waiter.called.is_set():  # a free place costs no turn of the event loop
                await waiter.called.wait()
            yield
        finally:
            if waiter.called.is_set():
                self._taken -= 1
                self._call()
            else:
                self._waiting.remove(waiter)
                heapify(self._waiting)

    def _call(self) -> None:
        while self._waiting and self._taken < self._limit:
            self._taken += 1
            heappop(self._waiting).called.set()
