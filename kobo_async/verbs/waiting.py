"""Waiting for what the server does in the background.

Asked again after 2 seconds, then at intervals that double up to 30: the server's own pages ask
every 2 to 120 seconds (`environment.frontend_min_retry_time`). A reply that fails in passing does
not end the wait: the job goes on whether it is watched or not.
"""

# ruff: noqa: ASYNC109 - patience with a job goes by the clock of the client, and cancels nothing

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import attrs

from kobo_async.clock import Clock
from kobo_async.errors import (
    JobTimeout,
    KoboError,
    MalformedReply,
    RateLimited,
    ServerBusy,
    ServerUnavailable,
    TransportError,
    asked_to_wait,
)

T = TypeVar("T")

FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 30.0
PASSING = (TransportError, MalformedReply, RateLimited, ServerBusy, ServerUnavailable)
"""Errors that say nothing about the job."""


@attrs.define
class Patience:
    """Pauses that grow, within the seconds that somebody is willing to wait."""

    _clock: Clock
    _timeout: float
    _pause: float = attrs.field(default=FIRST_PAUSE, init=False)
    _end: float = attrs.field(init=False)

    @_end.default
    def _from_now(self) -> float:
        return self._clock.monotonic() + self._timeout

    async def rest(self, at_least: float = 0.0) -> bool:
        """Wait a while; tell whether there was time for it."""
        left = self._end - self._clock.monotonic()
        if left <= 0 or at_least > left:
            return False
        await self._clock.sleep(min(max(self._pause, at_least), left))
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return True


async def until(
    done: Callable[[T], bool],
    look: Callable[[], Awaitable[T]],
    *,
    clock: Clock,
    timeout: float,
    job: str,
    what: str,
) -> T:
    """Look again and again until what is found is done, and return it.

    Raises:
        JobTimeout: when that takes more than `timeout` seconds; `job` and `what` name the job.
    """
    patience = Patience(clock, timeout)
    while True:
        trouble: KoboError | None = None
        try:
            found = await look()
            if done(found):
                return found
        except PASSING as error:
            trouble = error
        if not await patience.rest(asked_to_wait(trouble) or 0.0):
            message = f"{what} {job} is not done after {timeout:g} seconds, and goes on"
            raise JobTimeout(message, job) from trouble
