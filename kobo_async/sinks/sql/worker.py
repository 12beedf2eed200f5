"""Blocking work in threads; a cancelled task does not wait for it: it interrupts it, and leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
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
        self._turns = Turns(interrupt)

    async def run(self, work: Callable[[Unpack[A]], T], *args: *A) -> T:
        """Do a piece of work; interrupt it when the task is cancelled."""
        async with self._interrupting():
            return await self._turns.run(work, *args, leaving_it=True)

    async def leave(self, work: Callable[[Unpack[A]], object], *args: *A) -> None:
        """Begin a piece of work once the one before has ended; see `Turns`."""
        async with self._interrupting():
            await self._turns.leave(work, *args, leaving_it=True)

    async def catch_up(self) -> None:
        """Wait for the piece of work that was left; interrupt it when the task is cancelled."""
        async with self._interrupting():
            await self._turns.catch_up(leaving_it=True)

    async def finish(self, work: Callable[[Unpack[A]], object], *args: *A) -> None:
        """Do a piece of work to its end, whether the task is cancelled or not.

        Work that was left is interrupted, whatever comes of it.
        """
        await self._turns.finish(work, *args)

    @asynccontextmanager
    async def _interrupting(self) -> AsyncIterator[None]:
        try:
            yield
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._interrupt)
            raise
