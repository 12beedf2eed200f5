"""Deliveries to REST services, repeated and watched."""

# ruff: noqa: ASYNC109 - patience with a job goes by the clock of the client, and cancels nothing

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

import attrs

from kobo_async.call import OMIT
from kobo_async.clock import Clock
from kobo_async.errors import ConnectionLost, JobTimeout, RequestTimeout, ServerError
from kobo_async.models.hook import FAILED, SUCCESS, HookLog
from kobo_async.pages import Pages
from kobo_async.resources.hooks import Hooks
from kobo_async.verbs.waiting import until

BETWEEN_TRIES: Final = 120.0
"""Seconds after a try in which the server refuses another one (`api-facts §4.11`)."""
TIMEOUT: Final = 600.0


@attrs.frozen
class Redelivery:
    """What became of repeated deliveries: uids of logs.

    Attributes:
        delivered: arrived this time.
        failed: failed again; `hooks.get_log` tells what the receiver said.
    """

    delivered: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@attrs.frozen
class HookVerbs(Hooks):
    """REST services of a project, and what became of their deliveries.

    Permission, for all of it: `change_asset` and `view_submissions`; without both the server says
    NotFound.
    """

    _clock: Clock

    def failed_logs(self, uid_asset: str, uid_hook: str) -> Pages[HookLog]:
        """List the deliveries that failed, the newest first.

        Permission: `change_asset` and `view_submissions`.
        """
        return self.logs(uid_asset, uid_hook, status="failed")

    async def retry_one(
        self, uid_asset: str, uid_hook: str, uid_log: str, *, timeout: float = TIMEOUT
    ) -> HookLog:
        """Deliver once more what failed, and return what became of it, be it success or failure.

        What arrived is not sent again. Within 120 seconds of a try the server refuses another
        one: the rest of them is waited for first.

        Permission: `change_asset` and `view_submissions`. Errors: JobTimeout, before anything is
        sent where that wait is too long; BadRequest while it is delivered by somebody else.
        """
        before = await self.get_log(uid_asset, uid_hook, uid_log)
        if before.status == SUCCESS:
            return before
        await self._wait_for_its_turn(before, timeout)
        # However the call ends, the log tells how the delivery did; a dry run ends here.
        with suppress(ServerError, RequestTimeout, ConnectionLost):
            _ = (await self.retry_log(uid_asset, uid_hook, uid_log)).detail
        return await until(
            lambda log: _settled(log, before),
            lambda: self.get_log(uid_asset, uid_hook, uid_log),
            clock=self._clock,
            timeout=timeout,
            job=uid_log,
            what="delivery",
        )

    async def retry_and_wait(
        self, uid_asset: str, uid_hook: str, *, timeout: float = TIMEOUT
    ) -> Redelivery:
        """Deliver again everything that failed, and wait until each delivery ended.

        The receiver may get what it has already, where only its answer was lost. While it waits,
        logs are read that changed since the newest one before, and no others.

        Permission: `change_asset` and `view_submissions`. Errors: BadRequest for a service that
        is not active; JobTimeout, after which deliveries go on.
        """
        before = {log.uid: log async for log in self.failed_logs(uid_asset, uid_hook)}
        newest = await self.logs(uid_asset, uid_hook, page_size=1).first()
        pending = frozenset((await self.retry_all(uid_asset, uid_hook)).pending_uids)
        if not pending:
            return Redelivery()
        since = newest.date_modified if newest else None
        logs = await until(
            lambda logs: _all_settled(pending, logs, before),
            lambda: self._changed(uid_asset, uid_hook, pending, since),
            clock=self._clock,
            timeout=timeout,
            job=uid_hook,
            what="deliveries of",
        )
        return Redelivery(
            tuple(uid for uid, log in logs.items() if log.status == SUCCESS),
            tuple(uid for uid, log in logs.items() if log.status != SUCCESS),
        )

    async def _changed(
        self, uid_asset: str, uid_hook: str, uids: Collection[str], since: datetime | None
    ) -> Mapping[str, HookLog]:
        """Read some logs by the clock of the server, which is the one that `since` is from."""
        logs = self.logs(uid_asset, uid_hook, since=since or OMIT)
        return {log.uid: log async for log in logs if log.uid in uids}

    async def _wait_for_its_turn(self, log: HookLog, timeout: float) -> None:
        if log.date_modified is None:
            return
        wait = log.date_modified.timestamp() + BETWEEN_TRIES - self._clock.wall()
        wait = min(wait, BETWEEN_TRIES)
        if wait > timeout:
            message = f"delivery {log.uid} cannot be repeated for another {wait:.0f} seconds"
            raise JobTimeout(message, log.uid)
        if wait > 0:
            await self._clock.sleep(wait)


def _all_settled(
    uids: Collection[str], logs: Mapping[str, HookLog], before: Mapping[str, HookLog]
) -> bool:
    return all(uid in logs and _settled(logs[uid], before.get(uid)) for uid in uids)


def _settled(log: HookLog, before: HookLog | None) -> bool:
    """Tell whether a delivery ended; one that failed looks as before until it is tried."""
    if log.status != FAILED or before is None or before.status != FAILED:
        return log.status in {FAILED, SUCCESS}
    return (log.tries, log.date_modified) != (before.tries, before.date_modified)
