"""How many requests at the same time, and when nobody may send at all.

The limit
    Nobody knows what a Kobo server takes; shared servers take less at noon than at night. The
    limit starts low and is raised by one with every clean reply, which doubles it in a round (slow
    start), but never beyond three times of what has really been under way: whoever waits for two
    replies to know what else to ask for should not wait a round longer. Once the limit has doubled,
    it is raised with every second reply: replies come in bursts, and a burst that doubles the
    requests is answered by a burst of refusals. A refusal (429, 503, 504, a timeout) names a level
    that was too much: the number of requests that were under way when the refused one was sent.
    From then on the limit stays just below this remembered ceiling, where throughput is best and
    refusals are few, and only probes it now and then, less often each time the ceiling holds.
    Further refusals among requests of the same moment may name a lower ceiling, and lower the limit
    by one each, but never below half of the highest level that was refused.

    Replies that take more than twice as long as they did at a low limit mean that more requests
    only queue up inside the server, or that it is slow for reasons of its own, such as rows to
    skip; nobody can tell. Then the limit is raised by one per round only. Times are compared among
    replies of similar size, since a count is quicker than a page. What was once quick is forgotten
    slowly, and at once when the limit is lowered.

The pause
    A `Retry-After` concerns everyone: all callers wait, not only the one that was refused. It
    makes probing dear, so the ceiling is left alone for many times as long as the pause was.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from kobo_async.clock import Clock
from kobo_async.config import Concurrency
from kobo_async.events import LimitChanged, Observer, Paused
from kobo_async.transport.queue import Queue

UNTRIED = 3
"""How many times of what has really been under way the limit may be."""
SLOWER = 2.0
FORGETTING = 300.0
"""Seconds after which a reply may take twice as long and still count as quick."""
FORGOTTEN = 64.0
"""How often that may double: a gate may rest for days."""
FIRST_PROBE = 32
LONGEST_PROBE = 1024
"""Clean replies between two probes of the ceiling."""
PRICE = 20.0
"""How many times as long as a pause the ceiling is left alone after it."""


@attrs.frozen
class Ticket:
    """Permission to send one request.

    `level` is the number of requests under way, this one included; `epoch` counts the
    ceilings met before it was sent.
    """

    level: int
    epoch: int


class Gate:
    """Admits requests to one server."""

    def __init__(self, policy: Concurrency, clock: Clock, notify: Observer) -> None:
        self._policy = policy
        self._clock = clock
        self._notify = notify
        self._queue = Queue(policy.start)
        self._limit = policy.start
        self._under_way = 0
        self._busiest = 0
        self._resume = 0.0
        self._no_probe_before = 0.0
        self._ceiling: int | None = None
        self._floor = 0
        self._epoch = 0
        self._clean = 0
        self._since = 0
        self._probe_after = FIRST_PROBE
        self._quickest: dict[int, tuple[float, float]] = {}

    @property
    def limit(self) -> int:
        """Requests allowed at the same time, now."""
        return self._limit

    @asynccontextmanager
    async def admitted(self, since: float = math.inf) -> AsyncIterator[Ticket]:
        """Wait for a place and for the end of a pause, then hold the place.

        `since` is when the call began, on the monotonic clock: the oldest goes first.
        """
        async with self._queue.place(since):
            await self._wait_for_pause()
            self._under_way += 1
            self._busiest = max(self._busiest, self._under_way)
            try:
                yield Ticket(self._under_way, self._epoch)
            finally:
                self._under_way -= 1

    def pause(self, seconds: float) -> None:
        """Make everyone wait."""
        resume = self._clock.monotonic() + seconds
        if resume > self._resume:
            self._resume = resume
            self._no_probe_before = resume + PRICE * seconds
            self._notify(Paused(seconds))

    def succeeded(self, seconds: float, size: int) -> None:
        """Learn from a clean reply of `size` bytes after `seconds`."""
        self._clean += 1
        self._since += 1
        if self._since < self._patience(seconds, size):
            return
        self._since = 0
        if self._ceiling is None or self._limit + 1 < self._ceiling:
            self._set(min(self._limit + 1, max(UNTRIED * self._busiest, self._limit)))
        elif self._clean >= self._probe_after and self._clock.monotonic() >= self._no_probe_before:
            self._probe()

    def refused(self, ticket: Ticket) -> None:
        """Learn from a reply that means too much."""
        self._clean = 0
        if ticket.epoch == self._epoch:
            held = self._ceiling is not None and ticket.level >= self._ceiling
            self._probe_after = min(self._probe_after * 2, LONGEST_PROBE) if held else FIRST_PROBE
            self._epoch += 1
            self._ceiling = ticket.level
            self._floor = ticket.level // 2
            self._quickest.clear()
            self._set(ticket.level - 1)
        elif ticket.epoch == self._epoch - 1 and self._ceiling is not None:
            self._floor = max(self._floor, ticket.level // 2)
            self._ceiling = max(min(self._ceiling, ticket.level), self._floor)
            self._set(max(min(self._limit, self._ceiling) - 1, self._floor))

    async def _wait_for_pause(self) -> None:
        while (left := self._resume - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)

    def _probe(self) -> None:
        """Try the ceiling; when it gives way, forget it."""
        self._clean = 0
        if self._ceiling is not None and self._limit >= self._ceiling:
            self._ceiling = None
            self._probe_after = FIRST_PROBE
        else:
            self._set(self._limit + 1)

    def _patience(self, seconds: float, size: int) -> int:
        """Return how many clean replies must have come before the limit may be raised."""
        if self._queueing(seconds, size):
            return self._limit
        return 1 if self._limit < 2 * self._policy.start else 2

    def _queueing(self, seconds: float, size: int) -> bool:
        """Tell whether a reply took much longer than the quickest of its kind."""
        now, kind = self._clock.monotonic(), size.bit_length() // 2
        quickest, seen = self._quickest.get(kind, (seconds, now))
        quickest *= 2 ** min((now - seen) / FORGETTING, FORGOTTEN)
        self._quickest[kind] = (min(seconds, quickest), now)
        return seconds > SLOWER * quickest

    def _set(self, limit: int) -> None:
        limit = max(1, min(limit, self._policy.cap))
        if limit != self._limit:
            self._limit = limit
            self._queue.allow(limit)
            self._notify(LimitChanged(limit))
