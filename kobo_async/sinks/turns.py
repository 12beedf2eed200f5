"""Blocking work in threads, one piece at a time, in tasks that may be cancelled.

A task may wait for a piece of work, or leave it to its thread: that is how a page is written while
the next one is made. At most one piece is left at a time.

anyio keeps cancellation away from threads that run, but `asyncio.timeout` and `asyncio.wait_for`
respect no shield: a task leaves, and its thread works on. What comes after it, such as undoing it,
begins when that work has really ended; what had not begun yet never does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.lowlevel
import anyio.to_thread

T = TypeVar("T")
A = TypeVarTuple("A")


class Turns:
    """Runs pieces of work that share something.

    Args:
        hurry: makes a running piece end soon whose outcome nobody waits for; called in a thread.
    """

    def __init__(self, hurry: Callable[[], object] = lambda: None) -> None:
        self._busy = threading.Lock()
        self._hurry = hurry
        self._thread: ThreadPoolExecutor | None = None
        self._left: Future[object] | None = None

    async def leave(
        self, work: Callable[[Unpack[A]], object], *args: *A, leaving_it: bool = False
    ) -> None:
        """Begin a piece of work once the one before has ended, and let the task go on meanwhile.

        What it raises is raised where the next piece would begin.
        """
        await self.catch_up(leaving_it=leaving_it)
        self._thread = self._thread or ThreadPoolExecutor(1)
        self._left = self._thread.submit(work, *args)

    async def catch_up(self, *, leaving_it: bool = False) -> None:
        """Wait for the piece of work that was left, and raise what it raised."""
        await anyio.lowlevel.checkpoint()
        if self._left is not None:
            if not self._left.done():
                await anyio.to_thread.run_sync(wait, [self._left], abandon_on_cancel=leaving_it)
            left, self._left = self._left, None
            left.result()

    def _give_up(self) -> None:
        """Wait for what was left, whatever comes of it, and let its thread go."""
        if self._left is not None and not self._left.done():
            self._hurry()
        if self._thread is not None:
            self._thread.shutdown()
        self._thread = self._left = None

    async def run(self, work: Callable[[Unpack[A]], T], *args: *A, leaving_it: bool = False) -> T:
        """Do a piece of work; a task that is cancelled waits for it, unless it is left behind."""
        await self.catch_up(leaving_it=leaving_it)
        dropped = threading.Event()

        def alone() -> T:
            with self._busy:
                if dropped.is_set():
                    raise InterruptedError
                return work(*args)

        try:
            return await anyio.to_thread.run_sync(alone, abandon_on_cancel=leaving_it)
        except anyio.get_cancelled_exc_class():
            dropped.set()
            raise

    async def finish(self, work: Callable[[Unpack[A]], object], *args: *A) -> None:
        """Do a piece of work once and to its end, whether the task is cancelled or not."""
        done = threading.Event()

        def once() -> None:
            with self._busy:
                self._give_up()
                if not done.is_set():
                    work(*args)
                    done.set()

        with anyio.CancelScope(shield=True):
            try:
                await anyio.to_thread.run_sync(once)
            except anyio.get_cancelled_exc_class():
                await anyio.to_thread.run_sync(once)  # it may not have begun
                raise
