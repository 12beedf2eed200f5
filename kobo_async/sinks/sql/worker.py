"""Blocking work in threads; a cancelled task does not wait for it: it interrupts it, and leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread

from kobo_async.sinks.turns import Turns

T = TypeVar("T")
A = TypeVarTuple("A")


class Worker:
    """Runs the work on one connection, one piece at a time.

    Args:
        interrupt: makes the running piece fail soon; called in another thread.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._turns = Turns()

    async def run(self, work: Callable[[Unpack[A]], T], *args: *A) -> T:
        """Do a piece of work; interrupt it when the task is cancelled."""
        try:
            return await self._turns.run(work, *args, leaving_it=True)
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._interrupt)
            raise

    async def finish(self, work: Callable[[Unpack[A]], object], *args: *A) -> None:
        """Do a piece of work to its end, whether the task is cancelled or not."""
        await self._turns.finish(work, *args)
