"""Say what would be sent, and send none of what changes anything.

Reads are real, so that a job sees the server as it is. A write is noted instead of sent. Where
the job needs the server's answer to a write, such as the uid of what would have been made, it
cannot go on: it ends there, quietly, with all calls up to that point.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar, cast

import attrs

from kobo_async.api import Api
from kobo_async.call import Call
from kobo_async.clock import Clock
from kobo_async.events import Event, Observer
from kobo_async.pages import Body, Page, Pages, Sender
from kobo_async.unanswered import PlanEnds, Unanswered

T = TypeVar("T")

READS = frozenset({"GET", "HEAD"})


@attrs.frozen
class DrySender:
    """Sends reads, and notes writes in `calls`."""

    _sender: Sender
    calls: list[Call[Any]] = attrs.field(factory=list)

    async def send(self, call: Call[T], /) -> T:
        """Send a read; note a write."""
        if reads(call):
            return await self._sender.send(call)
        self.calls.append(call)
        nothing = call.op.result is type(None)
        return cast(T, None if nothing else Unanswered(call.label))

    async def page(self, call: Call[T], /) -> Page[T]:
        """Fetch one page of a list, or note a write that answers with a list."""
        if reads(call):
            return await self._sender.page(call)
        self.calls.append(call)
        return Page([], 0, more=False)

    def pages(self, call: Call[T], /) -> Pages[T]:
        """Return a list that fetches itself page by page."""
        return Pages(call, self.page)

    def open(self, call: Call[Any], /) -> AbstractAsyncContextManager[Body]:
        """Read a body; a write is noted, and ends the job."""
        if reads(call):
            return self._sender.open(call)
        self.calls.append(call)
        raise PlanEnds(f"what follows depends on the answer to {call.label}")

    def observed(self, observer: Observer, /) -> DrySender:
        """Return a sender that also tells `observer` of what happens."""
        return DrySender(self._sender.observed(observer), self.calls)

    def tell(self, event: Event, /) -> None:
        """Tell the observers of the real thing."""
        self._sender.tell(event)


class DryRun(Api):
    """All resources of a server, without effect.

    Attributes:
        calls: the writes that would be sent.
        ended: whether the job needed an answer that only the real thing would bring. What it
            would do after that, if anything, is not in `calls`.
    """

    def __init__(self, sender: Sender, scim_sender: Sender, clock: Clock, *, window: int) -> None:
        self.calls: list[Call[Any]] = []
        self.ended = False
        super().__init__(
            DrySender(sender, self.calls),
            DrySender(scim_sender, self.calls),
            clock,
            window=window,
        )


def reads(call: Call[Any]) -> bool:
    """Tell whether a call changes nothing; a GET that must not be repeated starts something."""
    return call.op.method in READS and call.op.repeatable
