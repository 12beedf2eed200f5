"""What a client may leave behind, which is nothing: descriptors, tasks, files, places."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import anyio.to_thread

from kobo_async import KoboClient

DESCRIPTORS = Path("/proc/self/fd")
SOON = 3.0


def descriptors() -> Counter[str]:
    """Count open descriptors by what they are: sockets, pipes, or the name of a file."""
    found: Counter[str] = Counter()
    for link in DESCRIPTORS.iterdir() if DESCRIPTORS.is_dir() else ():
        with suppress(OSError):
            found[str(link.readlink()).partition("[")[0]] += 1
    del found[f"/proc/{os.getpid()}/fd"]
    return found


def tasks() -> set[int]:
    return {task.id for task in anyio.get_running_tasks()}


def files() -> set[str]:
    """List what lies in the folder for temporary files."""
    return {str(path) for path in Path(tempfile.gettempdir()).rglob("*")}


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


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """Compare what is there after the block with what was there before."""
    before = (descriptors(), tasks(), files())
    yield
    with anyio.move_on_after(SOON):
        while (descriptors(), tasks(), files()) != before:  # noqa: ASYNC110 - the system tells nobody
            await anyio.sleep(0.01)
    assert (descriptors(), tasks(), files()) == before
