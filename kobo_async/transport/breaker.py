"""Stop asking a server that does not answer.

Closed: requests pass, failures in a row are counted. Open: after too many, nothing passes for
the cooldown. Half open: then one request passes as a probe; its success closes the breaker, its
failure opens it again. A failure is an attempt without a usable reply, or 502, 503, 504; any other
reply shows that the server is there.
"""

from __future__ import annotations

from kobo_async.clock import Clock
from kobo_async.config import BreakerPolicy
from kobo_async.errors import ServerUnavailable
from kobo_async.events import BreakerChanged, Observer


class Breaker:
    """Circuit breaker of one server."""

    def __init__(self, policy: BreakerPolicy, clock: Clock, notify: Observer) -> None:
        self._policy = policy
        self._clock = clock
        self._notify = notify
        self._failures = 0
        self._until: float | None = None
        self._probing = False

    @property
    def open(self) -> bool:
        """Whether the server counts as down."""
        return self._until is not None

    def check(self) -> None:
        """Let a request pass, or refuse it.

        Raises:
            ServerUnavailable: while the breaker is open.
        """
        if self._until is None:
            return
        left = self._until - self._clock.monotonic()
        if left > 0 or self._probing:
            wait = max(left, 1.0)
            raise ServerUnavailable(
                f"the server failed {self._failures} times in a row; "
                f"nothing is sent to it for another {wait:.0f} s",
                wait,
            )
        self._probing = True

    def succeeded(self) -> None:
        """Note that the server answered."""
        self._failures = 0
        self._probing = False
        if self._until is not None:
            self._until = None
            self._notify(BreakerChanged(open=False))

    def failed(self) -> None:
        """Note that the server did not answer."""
        self._failures += 1
        if self._probing or (self._until is None and self._failures >= self._policy.failures):
            if self._until is None:
                self._notify(BreakerChanged(open=True))
            self._until = self._clock.monotonic() + self._policy.cooldown
        self._probing = False

    def abandoned(self) -> None:
        """Note that a request ended without telling anything, such as by cancellation."""
        self._probing = False
