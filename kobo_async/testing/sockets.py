"""The fake server on a real socket, for what only a socket can show."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from kobo_async.testing.server import FakeKobo


@asynccontextmanager
async def serve(fake: FakeKobo, *, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Run a fake server in a thread of its own and yield its URL.

    Needs the extra `testing` (uvicorn and httptools). The caller may run on asyncio or trio.
    """
    started = threading.Event()
    server = _listener(fake, started)
    listener = socket.create_server((host, port))
    url = f"http://{host}:{listener.getsockname()[1]}"

    def run() -> None:
        try:
            asyncio.run(server.serve(sockets=[listener]))
        finally:
            started.set()

    thread = threading.Thread(target=run, name="fake-kobo", daemon=True)
    thread.start()
    try:
        await anyio.to_thread.run_sync(started.wait)
        fake.last_base = url
        yield url
    finally:
        server.should_exit = True
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(thread.join)


def _listener(fake: FakeKobo, started: threading.Event) -> Any:
    from kobo_async.testing.listener import Listener  # noqa: PLC0415 - an optional dependency

    return Listener(fake, started)
