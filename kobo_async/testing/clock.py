"""Clocks: the real one, and one that never waits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

import anyio
from anyio.lowlevel import checkpoint

PATIENCE = 3
"""Rounds of the event loop without another sleeper before time moves on."""


class Sleeper(Protocol):
    """What the fake server needs of a clock."""

    async def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


class RealClock:
    """Waits for as long as it is told."""

    async def sleep(self, seconds: float, /) -> None:
        """Wait."""
        await anyio.sleep(seconds)


def wall_time() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


class FakeClock:
    """Time that passes only while somebody sleeps, and then at once.

    Sleepers wake in the order of their times. Give it to the client and to the fake server, so
    that waiting and latency agree.
    """

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._start = start
        self._now = 0.0
        self._wakes: list[float] = []
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self._now

    def wall(self) -> float:
        """Return seconds since the epoch."""
        return self._start + self._now

    def now(self) -> datetime:
        """Return the time of day: `FakeKobo(clock=clock, now=clock.now)`."""
        return datetime.fromtimestamp(self.wall(), UTC)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds

    async def sleep(self, seconds: float, /) -> None:
        """Let the others run until everybody sleeps, then let time pass."""
        self.slept.append(seconds)
        wake = self._now + max(seconds, 0.0)
        self._wakes.append(wake)
        try:
            await self._until(wake)
        finally:
            self._wakes.remove(wake)

    async def _until(self, wake: float) -> None:
        quiet, seen = 0, -1
        while self._now < wake:
            await checkpoint()
            quiet = quiet + 1 if len(self.slept) == seen else 0
            seen = len(self.slept)
            if quiet >= PATIENCE and wake <= min(self._wakes):
                self._now = wake
        await checkpoint()
