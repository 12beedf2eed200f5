"""One project and its mirror: everything that writes to the mirror goes through here.

Deliveries and runs take turns: both fetch first and write then, and the one that fetched earlier
must not write later. In which order they come does not matter.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import anyio
import attrs

from kobo_async.api import Api
from kobo_async.clock import Clock
from kobo_async.errors import (
    AuthenticationFailed,
    DatabaseFailed,
    RateLimited,
    ServerError,
    ServerUnavailable,
    TransportError,
)
from kobo_async.query import Where
from kobo_async.sync.mirror import Mirror
from kobo_async.sync.report import Strategy, SyncReport
from kobo_async.webhook.events import Observer, Worked
from kobo_async.webhook.media import MediaWatch

OUTAGES = (
    *(AuthenticationFailed, RateLimited, ServerError, ServerUnavailable, TransportError),
    DatabaseFailed,
)
"""What says something about the server or the mirror, and nothing about a submission."""


@attrs.frozen(eq=False)
class Project:
    """A project to be followed.

    Attributes:
        uid: uid of the asset.
        mirror: where its submissions are copied to.
        name: last part of the address that deliveries go to; the uid by default.
        where: only these submissions; always the same for one mirror.
        strategy: how runs find changes, see `Sync.run`.
        max_delete_fraction: see `Sync.run`.
        on_taken: told root uuids of delivered submissions once the mirror has them, or has removed
            them. It may be told twice, and what it raises brings the delivery back later.
    """

    uid: str
    mirror: Mirror = attrs.field(repr=False)
    name: str = attrs.field(default=attrs.Factory(lambda self: self.uid, takes_self=True))
    where: Where = attrs.field(default=None, kw_only=True)
    strategy: Strategy = attrs.field(default="auto", kw_only=True)
    max_delete_fraction: float = attrs.field(default=0.05, kw_only=True)
    on_taken: Callable[[Sequence[str]], Awaitable[None]] | None = attrs.field(
        default=None, kw_only=True, repr=False
    )


@attrs.define(eq=False)
class Keeper:
    """Keeps the mirror of a project equal to the server.

    Attributes:
        last_success: when work last ended well, in seconds since 1970.
        error: name of the exception that the latest work ended with; empty where it went well.
        held_back: whether the circuit breaker of the client refused the latest work.
    """

    project: Project
    _api: Api
    _clock: Clock
    _tell: Observer
    last_success: float | None = None
    error: str = ""
    held_back: bool = False
    _turn: anyio.Lock = attrs.field(factory=anyio.Lock)
    _media: MediaWatch = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._media = MediaWatch(self._api, self.project.uid)

    async def incomplete(self, root_uuids: Sequence[str]) -> set[str]:
        """Return those submissions that still wait for files."""
        with self._noted():
            return await self._media.incomplete(root_uuids)

    async def take(self, root_uuids: Sequence[str]) -> None:
        """Copy these submissions as they are now."""
        project = self.project
        async with self._turn:
            with self._told("take") as counts:
                counts.append(len(root_uuids))
                await self._api.sync.take(
                    project.uid, project.mirror, root_uuids, where=project.where
                )
                if project.on_taken:
                    await project.on_taken(root_uuids)

    async def run(self) -> SyncReport:
        """Bring the mirror up to date."""
        project = self.project
        async with self._turn:
            with self._told("run") as counts:
                report = await self._api.sync.run(
                    project.uid,
                    project.mirror,
                    where=project.where,
                    strategy=project.strategy,
                    max_delete_fraction=project.max_delete_fraction,
                )
                counts.append(report.new + report.edited + report.statuses + report.deleted)
        return report

    @contextmanager
    def _told(self, what: Literal["take", "run"]) -> Iterator[list[int]]:
        """Tell how work went; the block fills in what it was about."""
        began, since, counts = self._clock.wall(), self._clock.monotonic(), list[int]()
        error = ""
        try:
            with self._noted():
                yield counts
        except BaseException as raised:
            error = type(raised).__name__
            raise
        finally:
            seconds = self._clock.monotonic() - since
            self._tell(Worked(self.project.uid, what, sum(counts), began, seconds, error))

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Note how work went, for whoever asks after the health."""
        try:
            yield
        except Exception as error:
            self.error, self.held_back = type(error).__name__, isinstance(error, ServerUnavailable)
            raise
        self.last_success, self.error, self.held_back = self._clock.wall(), "", False
