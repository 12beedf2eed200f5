"""Blocking work in threads, one piece at a time, that a cancelled task does not wait for.

A task that is cancelled leaves at once and interrupts its work. What comes after it, such as the
rollback, begins when that work has really ended; what had not begun yet never does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread

T = TypeVar("T")
A = TypeVarTuple("A")


class Worker:
    """Runs the work on one connection.

    Args:
        interrupt: makes the running piece fail soon; called in another thread.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._busy = threading.Lock()

    async def run(self, work: Callable[[Unpack[A]], T], *args: *A) -> T:
        """Do a piece of work; interrupt it when the task is cancelled."""
        dropped = threading.Event()

        def alone() -> T:
            with self._busy:
                if dropped.is_set():
                    raise InterruptedError
                return work(*args)

        try:
            return await anyio.to_thread.run_sync(alone, abandon_on_cancel=True)
        except anyio.get_cancelled_exc_class():
            dropped.set()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._interrupt)
            raise

    async def finish(self, work: Callable[[Unpack[A]], T], *args: *A) -> T:
        """Do a piece of work to its end, whether the task is cancelled or not."""

        def alone() -> T:
            with self._busy:
                return work(*args)

        with anyio.CancelScope(shield=True):
            result = await anyio.to_thread.run_sync(alone)
        return result  # noqa: RET504 - mypy believes that a scope may swallow errors
