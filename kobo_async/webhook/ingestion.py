"""Deliveries for speed, runs for truth, into the same mirrors.

A delivery tells of a new submission at once, but of nothing else, and may be lost. A run finds
everything, but only from time to time. Both go through one `Keeper` per mirror, so that their
order does not matter, and what one of them did the other finds done.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from os import PathLike
from typing import Any, Final

import anyio
import attrs

from kobo_async.api import Api
from kobo_async.clock import Clock, SystemClock
from kobo_async.errors import ConfigError
from kobo_async.sync.report import SyncReport
from kobo_async.webhook.delivery import Delivery
from kobo_async.webhook.events import Event, Observer, Received
from kobo_async.webhook.gaps import undelivered
from kobo_async.webhook.inbox import Inbox
from kobo_async.webhook.project import Keeper, Project
from kobo_async.webhook.router import Router
from kobo_async.webhook.worker import Patience, Worker

EVERY: Final = 300.0
GRACE: Final = 10.0
KEPT: Final = 30 * 86_400.0
"""Seconds for which a delivery is known again after it was dealt with."""
OVERLAP: Final = timedelta(minutes=10)
"""The clocks of server and receiver may differ by so much."""
JITTER: Final = 0.1


@attrs.frozen
class ProjectHealth:
    """How the mirror of a project does.

    Attributes:
        last_success: when work last ended well; None before that.
        error: name of the exception that the latest work ended with; empty where it went well.
        breaker: `open` while the client holds requests back because the server fails.
        lag: seconds since the oldest delivery came that is not dealt with.
        pending: deliveries that wait.
        set_aside: deliveries that were given up.
    """

    last_success: datetime | None
    error: str
    breaker: str
    lag: float
    pending: int
    set_aside: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        success = self.last_success and self.last_success.isoformat(timespec="seconds")
        return attrs.asdict(self) | {"last_success": success, "lag": round(self.lag, 3)}


class Ingestion:
    """Keeps the mirrors of some projects equal to a server.

    Work begins with `running()`, which a web framework enters when it starts: first what the
    inbox still holds and what was not delivered meanwhile, then a run of each project.

    Args:
        client: of the server; it is not closed here.
        projects: what to follow.
        inbox: path of the file in which deliveries are kept; one process at a time opens it.
        every: seconds between the runs of a project, give or take a tenth.
        patience: how long deliveries are waited for.
        grace: seconds to end what is being done when it is told to stop.
        clock: replaces the machine's clock in tests.
        observers: told of what happens (see `kobo_async.webhook.events`).

    Permission: `view_submissions`; see `Sync.run`, and `Hooks` for what was not delivered.
    """

    def __init__(
        self,
        client: Api,
        projects: Iterable[Project],
        *,
        inbox: str | PathLike[str],
        every: float = EVERY,
        patience: Patience | None = None,
        grace: float = GRACE,
        clock: Clock | None = None,
        observers: Iterable[Observer] = (),
    ) -> None:
        self.router = Router(projects)
        self._api = client
        self._path = inbox
        self._every = every
        self._patience = patience or Patience()
        self._grace = grace
        self._clock = clock or SystemClock()
        self._observers = (*observers,)
        self._inbox: Inbox | None = None
        self._stop = anyio.Event()
        self.keepers: Mapping[str, Keeper] = {
            one.uid: Keeper(one, client, self._clock, self.tell) for one in self.router.projects
        }
        self._workers: dict[str, Worker] = {}

    def tell(self, event: Event) -> None:
        """Tell the observers of something."""
        for observer in self._observers:
            observer(event)

    @property
    def is_running(self) -> bool:
        """Whether deliveries can be taken in."""
        return self._inbox is not None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Ingestion]:
        """Follow the projects while the block lasts, and end in good order.

        Errors: ConfigError where the inbox cannot be opened.
        """
        try:
            async with self.opened(), anyio.create_task_group() as tasks:
                for uid, worker in self._workers.items():
                    tasks.start_soon(worker.work)
                    tasks.start_soon(self._follow, self.keepers[uid])
                try:
                    yield self
                finally:
                    tasks.cancel_scope.deadline = anyio.current_time() + self._grace
                    self._stop.set()
                    for worker in self._workers.values():
                        worker.stop()
        except BaseExceptionGroup as found:  # what the block raised, and nothing else
            raise found.exceptions[0] from found

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Ingestion]:
        """Take deliveries in while the block lasts, and leave them there.

        `drain` and `reconcile` deal with them, where somebody else has a schedule.
        """
        if self.is_running:
            raise ConfigError("this ingestion is running already")
        async with Inbox.open(self._path) as inbox:
            self._inbox, self._stop = inbox, anyio.Event()
            self._workers = {
                uid: Worker(keeper, inbox, self._clock, self._patience, self.tell)
                for uid, keeper in self.keepers.items()
            }
            try:
                yield self
            finally:
                self._inbox = None

    async def accept(self, project: Project, delivery: Delivery) -> bool:
        """Keep a delivery, on disk when this returns; tell whether there is news in it.

        Errors: anyio.ClosedResourceError where it is not running; sqlite3.Error where it cannot be
        written.
        """
        news = await self._open_inbox().put(project.uid, delivery, self._clock.wall())
        self.tell(Received(project.uid, known=not news))
        self._workers[project.uid].ring()
        return news

    async def drain(self) -> None:
        """Deal with all deliveries that are due."""
        self._open_inbox()
        for worker in self._workers.values():
            await worker.drain()

    async def reconcile(self, uid: str) -> SyncReport:
        """Bring the mirror of a project up to date now. Errors: see `Sync.run`."""
        return await self.keepers[uid].run()

    async def catch_up(self, uid: str) -> None:
        """Copy what was not delivered since the last delivery, then everything else that changed.

        Errors: see `Sync.run`.
        """
        newest = (await self._open_inbox().counts(uid)).newest
        if newest is not None:
            since = datetime.fromtimestamp(newest, UTC) - OVERLAP
            if missed := await undelivered(self._api, uid, since):
                await self.keepers[uid].take(missed)
        await self.reconcile(uid)

    async def health(self) -> dict[str, ProjectHealth]:
        """Tell how the mirrors do, by the uids of their projects."""
        return {uid: await self._health(keeper) for uid, keeper in self.keepers.items()}

    async def _health(self, keeper: Keeper) -> ProjectHealth:
        counts = await self._open_inbox().counts(keeper.project.uid)
        success = keeper.last_success
        return ProjectHealth(
            last_success=None if success is None else datetime.fromtimestamp(success, UTC),
            error=keeper.error,
            breaker="open" if keeper.held_back else "closed",
            lag=0.0 if counts.oldest is None else max(self._clock.wall() - counts.oldest, 0.0),
            pending=counts.pending,
            set_aside=counts.set_aside,
        )

    def _open_inbox(self) -> Inbox:
        if self._inbox is None:
            raise anyio.ClosedResourceError
        return self._inbox

    async def _follow(self, keeper: Keeper) -> None:
        """Run from time to time; how that goes is noted by the keeper."""
        uid = keeper.project.uid
        with suppress(Exception):
            await self.catch_up(uid)
        while not self._stop.is_set():
            with anyio.move_on_after(self._every * random.uniform(1 - JITTER, 1 + JITTER)):  # noqa: S311
                await self._stop.wait()
                return
            with suppress(Exception):
                await self._open_inbox().forget(self._clock.wall() - KEPT)
                await self.reconcile(uid)
