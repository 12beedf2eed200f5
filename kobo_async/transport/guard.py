"""What every request passes, gate and breaker, and what they learn from what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import attrs

from kobo_async.call import Call
from kobo_async.clock import Clock
from kobo_async.errors import (
    ApiError,
    KoboError,
    RateLimited,
    RequestTimeout,
    ServerBusy,
    TransportError,
    asked_to_wait,
)
from kobo_async.events import Observer, Replied
from kobo_async.transport.breaker import Breaker, Passage
from kobo_async.transport.gate import Gate, Ticket


@attrs.frozen
class Guard:
    """Gate and breaker of one server.

    The breaker is asked last, when the request has its place: a queue that was let in before the
    server failed does not go on knocking.
    """

    _gate: Gate
    _breaker: Breaker
    _clock: Clock
    _longest_pause: float

    @asynccontextmanager
    async def admitted(
        self, call: Call[Any], since: float, notify: Observer
    ) -> AsyncIterator[Attempt]:
        """Wait until a request of a call that began at `since` may be sent.

        Raises:
            ServerUnavailable: while the breaker is open.
        """
        async with self._gate.admitted(since) as ticket:
            with self._breaker.passage() as passage:
                attempt = Attempt(self, call, notify, ticket, passage, self._clock.monotonic())
                try:
                    yield attempt
                except TransportError as error:
                    attempt.learn(error)
                    raise

    def learn(
        self, ticket: Ticket, passage: Passage, seconds: float, verdict: Any, size: int | None
    ) -> None:
        """Tell gate and breaker what came back, and after how long."""
        if isinstance(verdict, TransportError | ServerBusy):
            passage.failed()
        else:
            passage.succeeded()
        if _too_much(verdict):
            self._gate.refused(ticket)
        elif size is not None and not isinstance(verdict, KoboError):
            self._gate.succeeded(seconds, size)
        wait = asked_to_wait(verdict) if isinstance(verdict, ApiError) else None
        if wait and wait <= self._longest_pause:
            self._gate.pause(wait)

    def seconds_since(self, started: float) -> float:
        """Return how long ago something was."""
        return self._clock.monotonic() - started


@attrs.define
class Attempt:
    """One request under way."""

    _guard: Guard
    _call: Call[Any]
    _notify: Observer
    _ticket: Ticket
    _passage: Passage
    _started: float
    _learned: bool = False

    def learn(self, verdict: Any, status: int | None = None, size: int | None = None) -> None:
        """Learn from what came back, once. `size` is that of a body whose time tells something."""
        if self._learned:
            return
        self._learned = True
        seconds = self._guard.seconds_since(self._started)
        self._guard.learn(self._ticket, self._passage, seconds, verdict, size)
        call = self._call
        self._notify(Replied(call.label, status, seconds, call.operation))


def _too_much(verdict: Any) -> bool:
    """Tell whether fewer requests might have helped; a 502 speaks of a server that restarts."""
    if isinstance(verdict, ServerBusy):
        return verdict.status != 502
    return isinstance(verdict, RateLimited | RequestTimeout)
