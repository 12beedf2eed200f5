"""Stop asking a server that does not answer.

Closed: requests pass, failures in a row are counted. Open: after too many, nothing passes for
the cooldown. Half open: then one request passes as a probe; its success closes the breaker, its
failure opens it again. A failure is an attempt without a usable reply, or 502, 503, 504; any other
reply shows that the server is there, also when it was asked before the breaker opened. A failure
of such an old request says nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kobo_async.clock import Clock
from kobo_async.config import BreakerPolicy
from kobo_async.errors import ServerUnavailable
from kobo_async.events import BreakerChanged, Observer

SHORTEST_WAIT = 1.0
"""Seconds to wait at least for what a probe finds out."""


class Passage:
    """One request that was let through, and what it tells about the server."""

    def __init__(self, breaker: Breaker, *, probe: bool) -> None:
        self._breaker = breaker
        self._probe = probe

    def succeeded(self) -> None:
        """Note that the server answered."""
        self._probe = False
        self._breaker.close()

    def failed(self) -> None:
        """Note that the server did not answer."""
        probe, self._probe = self._probe, False
        self._breaker.count_failure(probe=probe)

    def end(self) -> None:
        """Note that the request is over; a probe that told nothing makes room for another."""
        if self._probe:
            self._breaker.make_room()


class Breaker:
    """Circuit breaker of one server."""

    def __init__(self, policy: BreakerPolicy, clock: Clock, notify: Observer) -> None:
        self._policy = policy
        self._clock = clock
        self._notify = notify
        self._failures = 0
        self._until: float | None = None
        self._probing = False

    @contextmanager
    def passage(self) -> Iterator[Passage]:
        """Let a request pass, or refuse it.

        Raises:
            ServerUnavailable: while the breaker is open.
        """
        if self._until is not None:
            self._begin_probe(self._until)
        passage = Passage(self, probe=self._until is not None)
        try:
            yield passage
        finally:
            passage.end()

    def close(self) -> None:
        """Let everything pass."""
        self._failures = 0
        self._probing = False
        if self._until is not None:
            self._until = None
            self._notify(BreakerChanged(open=False))

    def count_failure(self, *, probe: bool) -> None:
        """Count a failure; open when there are too many, or when it was the probe's."""
        self._failures += 1
        if probe:
            self._probing = False
        if self._until is None and self._failures >= self._policy.failures:
            self._notify(BreakerChanged(open=True))
        elif self._until is None or not probe:
            return
        self._until = self._clock.monotonic() + self._policy.cooldown

    def make_room(self) -> None:
        """Let another request be the probe."""
        self._probing = False

    def _begin_probe(self, until: float) -> None:
        left = until - self._clock.monotonic()
        if left > 0 or self._probing:
            wait = max(left, SHORTEST_WAIT)
            raise ServerUnavailable(
                f"the server failed {self._failures} times in a row; "
                f"nothing is sent to it for another {wait:.0f} s",
                wait,
            )
        self._probing = True
