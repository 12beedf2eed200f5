"""Empties the inbox of one project.

What is wrong with the server is no fault of a delivery: it waits, as long as it takes. What is
wrong with a delivery must not keep the others: it is tried alone, with growing pauses, and set
aside after some attempts. Nothing is lost by that, since the next run does not know deliveries.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import anyio
import attrs

from kobo_async.clock import Clock
from kobo_async.webhook.events import Observer, SetAside
from kobo_async.webhook.inbox import Inbox, Pending
from kobo_async.webhook.project import OUTAGES, Keeper

AT_ONCE: Final = 200
SHORTEST: Final = 0.01
"""Seconds to wait at least: less may be nothing to a clock that counts from 1970."""


@attrs.frozen(kw_only=True)
class Patience:
    """How long deliveries are waited for.

    Attributes:
        looks: how often to look for files that are not there yet, before a submission is copied
            without them.
        attempts: how often to try what fails, before it is set aside.
        first_pause: seconds until the second look or attempt; each further pause is twice as long.
        longest_pause: seconds.
        outage: seconds until the next try while the server cannot be used.
    """

    looks: int = 5
    attempts: int = 8
    first_pause: float = 5.0
    longest_pause: float = 600.0
    outage: float = 30.0

    def pause(self, attempts: int) -> float:
        """Return the seconds to wait after so many attempts."""
        return min(self.first_pause * 2.0 ** min(attempts, 64), self.longest_pause)


@attrs.define(eq=False)
class Worker:
    """Deals with the deliveries of one project, in the order of their arrival."""

    keeper: Keeper
    _inbox: Inbox
    _clock: Clock
    _patience: Patience
    _tell: Observer
    _bell: anyio.Event = attrs.field(factory=anyio.Event)
    _stopping: bool = False

    def ring(self) -> None:
        """Tell that something came in."""
        self._bell.set()

    def stop(self) -> None:
        """End after what is being done now."""
        self._stopping = True
        self.ring()

    async def work(self) -> None:
        """Deal with everything that comes, until told to stop."""
        while not self._stopping:
            self._bell = anyio.Event()
            with anyio.move_on_after(await self._deal()):
                await self._bell.wait()

    async def _deal(self) -> float | None:
        """Deal with what is due, and return the seconds until more is; None for never."""
        try:
            await self.drain()
            due = await self._inbox.next_due(self.keeper.project.uid)
        except sqlite3.Error as error:  # the disk is full, say
            self.keeper.error = type(error).__name__
            return self._patience.outage
        return None if due is None else max(due - self._clock.wall(), SHORTEST)

    async def drain(self) -> None:
        """Deal with everything that is due now."""
        uid = self.keeper.project.uid
        while not self._stopping:
            entries = await self._inbox.pending(uid, self._clock.wall(), AT_ONCE)
            if not entries:
                return
            await self._run([one for one in entries if not one.root_uuid])
            await self._take([one for one in entries if one.root_uuid])

    async def _run(self, entries: Sequence[Pending]) -> None:
        if not entries:
            return
        try:
            await self.keeper.run()
        except Exception as error:  # noqa: BLE001 - mirrors raise what they like
            await self._failed(entries, error)
        else:
            await self._inbox.done(entries)

    async def _take(self, entries: Sequence[Pending]) -> None:
        try:
            whole = await self._whole(entries)
        except Exception as error:  # noqa: BLE001 - a form may be of any shape
            await self._failed(entries, error)
        else:
            await self._copy(whole)

    async def _copy(self, entries: Sequence[Pending]) -> None:
        if not entries:
            return
        try:
            await self.keeper.take([one.root_uuid for one in entries])
        except Exception as error:  # noqa: BLE001 - mirrors and listeners raise what they like
            if len(entries) == 1 or isinstance(error, OUTAGES):
                await self._failed(entries, error)
                return
            for one in entries:
                await self._copy([one])
        else:
            await self._inbox.done(entries)

    async def _whole(self, entries: Sequence[Pending]) -> list[Pending]:
        """Put off what waits for files, and return the rest."""
        looks = self._patience.looks
        hopeful = [one.root_uuid for one in entries if one.attempts < looks]
        incomplete = await self.keeper.incomplete(hopeful) if hopeful else set()
        late = [one for one in entries if one.root_uuid in incomplete and one.attempts < looks]
        for one in late:
            await self._put_off(one, "files are missing")
        return [one for one in entries if one not in late]

    async def _failed(self, entries: Sequence[Pending], error: Exception) -> None:
        if isinstance(error, OUTAGES):
            due = self._clock.wall() + self._patience.outage
            await self._inbox.again(entries, due, type(error).__name__, counted=False)
            return
        for one in entries:
            if one.attempts + 1 < self._patience.attempts:
                await self._put_off(one, type(error).__name__)
                continue
            await self._inbox.set_aside([one], repr(error))
            self._tell(SetAside(self.keeper.project.uid, one.root_uuid, type(error).__name__))

    async def _put_off(self, one: Pending, reason: str) -> None:
        due = self._clock.wall() + self._patience.pause(one.attempts)
        await self._inbox.again([one], due, reason)
