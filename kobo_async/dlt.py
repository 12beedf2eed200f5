"""A source for dlt (extra `dlt`): submissions that follow the server, deletions and edits included.

    pipeline = dlt.pipeline("wells", destination="duckdb", dataset_name="kobo")
    pipeline.run(submissions(uid, name="wells"))

Each run is one of `client.sync`, whose mirror is the pipeline: what is new or was edited is merged
by `_id`, together with its repeats, and what is gone is deleted. What must be known for that of
every submission stands in the state of the pipeline, which dlt keeps in the destination beside
the data, and takes back if a run fails: some 35 bytes for each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, count
from typing import Any, Final, TypeAlias, TypedDict, Unpack

import anyio
from anyio.from_thread import start_blocking_portal
from anyio.streams.memory import MemoryObjectSendStream

from kobo_async.client import KoboClient
from kobo_async.extras import needed
from kobo_async.known import Known
from kobo_async.query import Where
from kobo_async.resources.submissions import Row
from kobo_async.sync.memory import MemoryIndex
from kobo_async.sync.report import Strategy

with needed("dlt"):
    import dlt
    from dlt.extract import DltResource

Items: TypeAlias = Sequence[Mapping[str, Any]]
Send: TypeAlias = Callable[[Items], Awaitable[None]]
Connect: TypeAlias = Callable[[], KoboClient]
AHEAD: Final = 2
"""Pages that may lie ready."""
DELETED: Final = "_deleted"
CHANGE: Final = "_change"
COLUMNS: Final[Any] = {
    "_id": {"data_type": "bigint", "nullable": False},
    DELETED: {"data_type": "bool", "hard_delete": True},
    CHANGE: {"data_type": "bigint", "dedup_sort": "desc"},
}


class SyncOptions(TypedDict, total=False):
    """What is handed on to `client.sync.run`."""

    where: Where
    strategy: Strategy
    max_delete_fraction: float
    sweep_every: float


def submissions(
    uid_asset: str,
    *,
    name: str | None = None,
    connect: Connect = KoboClient.from_env,
    **options: Unpack[SyncOptions],
) -> DltResource:
    """Return the submissions of a project as a resource.

    Rows are those that the server sends, which dlt makes tables of. Two columns are added:
    `_deleted`, by which dlt finds what to delete, and `_change`, the place of a row among the
    changes of its run.

    Args:
        uid_asset: the project.
        name: of the resource and its table, for life; by default the uid.
        connect: makes the client; by default of what `KOBO_URL` and `KOBO_TOKEN` or the settings
            file say.
        options: of `client.sync.run`.

    Permission and errors: see `client.sync.run`; dlt wraps what is raised during a run.
    """

    def changes() -> Iterator[Items]:
        kept = dlt.current.resource_state()
        mirror = Outgoing(kept)

        async def work(send: Send) -> None:
            mirror.send = send
            async with connect() as client:
                await client.sync.run(uid_asset, mirror, **options)

        yield from _sent(work)
        kept.update(mirror.kept())

    return dlt.resource(
        changes,
        name=name or uid_asset,
        primary_key="_id",
        write_disposition="merge",
        columns=COLUMNS,
    )


@dlt.source(name="kobotoolbox")
def projects(
    uids: Mapping[str, str],
    connect: Connect = KoboClient.from_env,
    **options: Unpack[SyncOptions],
) -> Iterator[DltResource]:
    """Return the submissions of several projects as a source, each as the table that it is named.

    Args:
        uids: of the projects, by the names of their tables.
        connect: makes the client; see `submissions`.
        options: of `client.sync.run`, for all of them.

    Permission and errors: see `submissions`.
    """
    for name, uid in uids.items():
        yield submissions(uid, name=name, connect=connect, **options)


class Outgoing(MemoryIndex):
    """A mirror that sends on whatever changes.

    Args:
        kept: what `kept()` returned at the end of the last run; empty at first.
    """

    send: Send

    def __init__(self, kept: Mapping[str, Any]) -> None:
        super().__init__((_known(*one) for one in kept.get("known", ())), kept.get("state"))
        self._numbers = count()

    async def apply(
        self,
        rows: Sequence[Row],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        """Send rows, and what is to be deleted, and note what to know of them."""
        self.note(known, removed, state)
        gone = ({"_id": number, DELETED: True} for number in removed)
        if items := [{**item, CHANGE: next(self._numbers)} for item in chain(gone, rows)]:
            await self.send(items)

    def kept(self) -> dict[str, Any]:
        """Return what the next run needs, as JSON values."""
        return {"state": self._state, "known": [*map(_values, self._known.values())]}


def _values(one: Known) -> list[Any]:
    """Write down what is known. Most uuids are still the first one, and not written twice."""
    uuid = None if one.uuid == one.root_uuid else one.uuid
    return [one.id, one.root_uuid, uuid, one.status, one.rest]


def _known(number: int, root_uuid: str, uuid: str | None, status: str, rest: str) -> Known:
    return Known(number, root_uuid, root_uuid if uuid is None else uuid, status, rest)


def _sent(work: Callable[[Send], Awaitable[None]]) -> Iterator[Items]:
    """Yield what an asynchronous function sends, which runs in a thread of its own meanwhile."""

    async def run(sink: MemoryObjectSendStream[Items]) -> None:
        async with sink:
            await work(sink.send)

    with start_blocking_portal() as portal:
        sink, source = anyio.create_memory_object_stream[Items](AHEAD)
        running = portal.start_task_soon(run, sink)
        try:
            with suppress(anyio.EndOfStream):
                while True:
                    yield portal.call(source.receive)
        finally:
            portal.call(source.aclose)
        running.result()
