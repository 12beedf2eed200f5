"""What the fake server changes about uvicorn (extra `testing`)."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kobo_async.testing.app import DROP

if TYPE_CHECKING:
    from kobo_async.testing.server import FakeKobo

_TICK = 0.02
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Droppable(HttpToolsProtocol):
    """Lets the application end the connection it is answering on."""

    def on_message_begin(self) -> None:
        """Put the means to end the connection into the scope."""
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


class Listener(uvicorn.Server):
    """Tells when it listens, and stops soon after it is told to."""

    def __init__(self, fake: FakeKobo, started: threading.Event) -> None:
        super().__init__(
            uvicorn.Config(
                fake,
                http=Droppable,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._listening = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._listening.set()

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        while not await self.on_tick(0):  # noqa: ASYNC110 - another thread sets the flag
            await asyncio.sleep(_TICK)
