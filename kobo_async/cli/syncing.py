"""Projects of some servers brought up to date: servers side by side, failures one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import anyio
import attrs

from kobo_async.cli.mirrors import MirrorOptions, open_mirror

if TYPE_CHECKING:
    from kobo_async.client import KoboClient
    from kobo_async.sync.report import SyncReport


@attrs.frozen(kw_only=True)
class Project:
    """A project, and how to mirror it.

    Attributes:
        name: what reports call it.
        options: of the mirror.
        run: arguments of `client.sync.run`.
    """

    name: str
    uid: str
    target: str = attrs.field(repr=False)
    options: MirrorOptions = attrs.field(factory=MirrorOptions)
    run: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Server:
    """A server and its projects, which share one client, and with it one limit on requests.

    Attributes:
        at_once: how many projects are brought up to date at the same time; of several accounts
            on one host the first one's counts for all.
    """

    client: Callable[[], KoboClient] = attrs.field(repr=False)
    projects: Sequence[Project]
    at_once: int = 1


@attrs.frozen
class Outcome:
    """What became of a project: a report, or an error."""

    project: Project
    result: SyncReport | Exception


Told: TypeAlias = Callable[[Outcome], None]
Round: TypeAlias = Callable[[], Awaitable[None]]


@asynccontextmanager
async def connected(servers: Sequence[Server], tell: Told) -> AsyncIterator[Round]:
    """Open the clients; the block gets what brings everything up to date once."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(one.client()) for one in servers]

        async def once() -> None:
            turns: dict[str, anyio.CapacityLimiter] = {}
            async with anyio.create_task_group() as tasks:
                for server, client in zip(servers, clients, strict=True):
                    host = urlsplit(client.settings.server).netloc
                    limit = turns.setdefault(host, anyio.CapacityLimiter(server.at_once))
                    for project in server.projects:
                        tasks.start_soon(_take_turn, project, client, limit, tell)

        yield once


async def _take_turn(
    project: Project, client: KoboClient, turns: anyio.CapacityLimiter, tell: Told
) -> None:
    async with turns:
        try:
            result: SyncReport | Exception = await _sync(project, client)
        except Exception as error:  # noqa: BLE001 - the others go on
            result = error
    tell(Outcome(project, result))


async def _sync(project: Project, client: KoboClient) -> SyncReport:
    opened = open_mirror(project.target, client=client, uid=project.uid, **project.options)
    async with opened as mirror:
        return await client.sync.run(project.uid, mirror, **project.run)
