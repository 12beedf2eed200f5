"""Blocking work in threads, one piece at a time, in tasks that may be cancelled.

anyio keeps cancellation away from threads that run, but `asyncio.timeout` and `asyncio.wait_for`
respect no shield: a task leaves, and its thread works on. What comes after it, such as undoing it,
begins when that work has really ended; what had not begun yet never does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread

T = TypeVar("T")
A = TypeVarTuple("A")


class Turns:
    """Runs pieces of work that share something."""

    def __init__(self) -> None:
        self._busy = threading.Lock()

    async def run(self, work: Callable[[Unpack[A]], T], *args: *A, leaving_it: bool = False) -> T:
        """Do a piece of work; a task that is cancelled waits for it, unless it is left behind."""
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
                if not done.is_set():
                    work(*args)
                    done.set()

        with anyio.CancelScope(shield=True):
            try:
                await anyio.to_thread.run_sync(once)
            except anyio.get_cancelled_exc_class():
                await anyio.to_thread.run_sync(once)  # it may not have begun
                raise
