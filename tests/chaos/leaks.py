"""What a client may leave behind, which is nothing: descriptors, tasks, files, places.

Only what is new counts: garbage of earlier tests may be collected at any time.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import anyio.to_thread
import attrs

from kobo_async import KoboClient

DESCRIPTORS = Path("/proc/self/fd")
SOON = 60.0
"""Seconds: what hangs does so for ever, and a busy machine takes its time."""


@attrs.frozen
class Held:
    """What the process holds.

    Attributes:
        descriptors: by what they are: sockets, pipes, or the name of a file.
        tasks: of this event loop.
        files: in the folder for temporary files.
    """

    descriptors: Counter[str]
    tasks: set[int]
    files: set[str]

    @classmethod
    def now(cls) -> Held:
        folder = Path(tempfile.gettempdir())
        return cls(
            _descriptors(),
            {task.id for task in anyio.get_running_tasks()},
            {str(path) for path in folder.rglob("*")},
        )

    def more_than(self, before: Held) -> list[object]:
        """List what was not there before."""
        descriptors = self.descriptors - before.descriptors
        return [*descriptors.elements(), *self.tasks - before.tasks, *self.files - before.files]


def _descriptors() -> Counter[str]:
    found: Counter[str] = Counter()
    for link in DESCRIPTORS.iterdir() if DESCRIPTORS.is_dir() else ():
        with suppress(OSError):
            found[str(link.readlink()).partition("[")[0]] += 1
    del found[f"/proc/{os.getpid()}/fd"]
    return found


async def rests(client: KoboClient) -> bool:
    """Tell whether nobody has a place any more, once threads that were left have ended."""
    with anyio.move_on_after(SOON):
        while any(places_taken(client)):  # noqa: ASYNC110 - threads tell nobody
            await anyio.sleep(0.005)
    return not any(places_taken(client))


def places_taken(client: KoboClient) -> tuple[int, int, int, int]:
    """Return who stands in the queue, holds a place, is under way, or works in a thread."""
    gate = client._sender._guard._gate  # type: ignore[attr-defined]
    queue = gate._queue
    threads = anyio.to_thread.current_default_thread_limiter().borrowed_tokens
    return len(queue._waiting), queue._taken, gate._under_way, threads


def idle(client: KoboClient) -> bool:
    """Tell whether every connection of the pool waits to be used again."""
    connections = client._http._client._transport._pool.connections  # type: ignore[attr-defined]
    return all(one.is_idle() or one.is_closed() for one in connections)


async def new_since(before: Held) -> list[object]:
    """List what is held now and was not before, once nothing of it goes away any more."""
    with anyio.move_on_after(SOON):
        while Held.now().more_than(before):  # noqa: ASYNC110 - the system tells nobody
            await anyio.sleep(0.005)
    return Held.now().more_than(before)


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """Compare what is there after the block with what was there before."""
    before = Held.now()
    yield
    assert not await new_since(before)
