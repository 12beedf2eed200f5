"""A gate whose requests are admitted and answered by hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import anyio

from kobo_async.config import Concurrency
from kobo_async.events import Event, LimitChanged
from kobo_async.transport.gate import Gate, Ticket
from tests.unit.clock import LoopClock

PAGE = 500_000


class HandGate:
    """A gate whose requests are admitted and answered by hand."""

    def __init__(self, clock: LoopClock, policy: Concurrency | None = None) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.gate = Gate(policy or Concurrency(), clock, self.events.append)

    def limits(self) -> list[int]:
        return [event.limit for event in self.events if isinstance(event, LimitChanged)]

    def admitted(self) -> AbstractAsyncContextManager[Ticket]:
        return self.gate.admitted(self.clock.monotonic())

    async def round(
        self, answer: Callable[[Ticket], None], requests: int | None = None
    ) -> list[Ticket]:
        """Send as many requests at once as the gate allows, and answer all of them."""
        tickets: list[Ticket] = []
        sent = anyio.Event()
        size = requests or self.gate.limit

        async def one() -> None:
            async with self.admitted() as ticket:
                tickets.append(ticket)
                if len(tickets) == size:
                    sent.set()
                await sent.wait()
                answer(ticket)

        async with anyio.create_task_group() as group:
            for _ in range(size):
                group.start_soon(one)
        return tickets

    def clean(self, _: Ticket | None = None, seconds: float = 0.3, size: int = PAGE) -> None:
        self.gate.succeeded(seconds, size)

    async def refused_at(self, level: int) -> None:
        """Meet a ceiling: the last of `level` requests is refused."""

        def answer(ticket: Ticket) -> None:
            if ticket.level == level:
                self.gate.refused(ticket)

        await self.round(answer, level)
