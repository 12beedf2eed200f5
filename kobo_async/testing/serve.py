"""The fake server on a real socket, for what only a socket can show."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from kobo_async.testing.app import DROP

if TYPE_CHECKING:
    from kobo_async.testing.server import FakeKobo

_TICK = 0.02
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@asynccontextmanager
async def serve(fake: FakeKobo, *, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Run a fake server in a thread of its own and yield its URL.

    Needs the extra `testing` (uvicorn and httptools). The caller may run on asyncio or trio.
    """
    server, started = _make_server(fake)
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


def _make_server(fake: FakeKobo) -> tuple[Any, threading.Event]:
    import uvicorn  # noqa: PLC0415 - an optional dependency
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415

    started = threading.Event()

    class Droppable(HttpToolsProtocol):
        """Lets the application end the connection it is answering on."""

        def on_message_begin(self) -> None:
            super().on_message_begin()
            extensions: dict[str, Any] = {DROP: self._drop}
            self.scope["extensions"] = extensions

        def _drop(self, *, reset: bool) -> None:
            if not reset:
                self.transport.close()
                return
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self.transport.abort()

    class Server(uvicorn.Server):
        """Tells when it listens, and stops soon after it is told to."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

        async def main_loop(self) -> None:
            while not await self.on_tick(0):  # noqa: ASYNC110 - another thread sets the flag
                await asyncio.sleep(_TICK)

    config = uvicorn.Config(
        fake,
        http=Droppable,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return Server(config), started
