"""Time for tests: nothing here ever waits.

`VIRTUAL` lists both event loops with a clock that jumps to the next moment at which something is
due, as soon as nothing is left to do. Whatever sleeps or has a deadline on such a loop, also
inside libraries, takes no time, and concurrency stays what it is.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Mapping
from selectors import SelectorKey
from typing import Any

import anyio
from trio.testing import MockClock

EPOCH = 1_795_219_200.0
"""2026-11-21T00:00:00Z"""


class _Jumping(selectors.DefaultSelector):
    """A selector that does not wait: it moves the clock instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self.now += max(timeout, 0.0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose time is virtual."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def backends() -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Both event loops on virtual time, fresh, as anyio's pytest plugin takes them."""
    return {
        "asyncio": ("asyncio", {"loop_factory": VirtualLoop}),
        "trio": ("trio", {"clock": MockClock(autojump_threshold=0)}),
    }


class LoopClock:
    """The time of the running event loop; notes how long it was asked to sleep."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return anyio.current_time()

    def wall(self) -> float:
        return EPOCH + anyio.current_time()

    async def sleep(self, seconds: float, /) -> None:
        self.slept.append(seconds)
        await anyio.sleep(seconds)


class ManualClock:
    """Time that stands still until it is moved: for what needs no event loop."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return EPOCH + self.now

    async def sleep(self, seconds: float, /) -> None:
        self.now += seconds
        await anyio.lowlevel.checkpoint()
