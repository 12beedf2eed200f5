"""A tiny HTTP server on a real socket that says exactly what it is told to, byte for byte."""

from __future__ import annotations

import gzip
import math
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs
from anyio.abc import ByteStream, Listener, SocketAttribute
from anyio.streams.tls import TLSListener

from kobo_async import KoboClient, RetryPolicy, Timeouts
from kobo_async.events import Event

PATH = "/api/v2/tags/"
IDENTITY = "X-Kobonaut: alice\r\n"
QUICK = Timeouts(connect=0.25, read=0.25, write=0.25, total=0.5)
"""Only for what is never answered: a busy machine is as slow as this at times."""
SOON = 60.0
"""Seconds: what waits for the usual time-outs takes longer, however busy the machine."""
ONCE = RetryPolicy(attempts=1)


@attrs.frozen
class Connection:
    """One connection, as the server sees it."""

    stream: ByteStream
    head: bytes
    """The request, without its body."""

    async def send(self, *pieces: bytes, pause: float = 0.0) -> None:
        """Send bytes, with a pause before each further piece."""
        for number, piece in enumerate(pieces):
            if number:
                await anyio.sleep(pause)
            await self.stream.send(piece)

    async def reset(self) -> None:
        """Break the connection in the rudest way there is."""
        raw = self.stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - no Django here
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self.stream.aclose()


Script = Callable[[Connection], Awaitable[None]]


def reply(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """Build a well-behaved reply, sent to alice."""
    named = "".join(f"{header}\r\n" for header in headers)
    length = "" if "hunked" in named else f"Content-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status}\r\n{IDENTITY}{named}{length}\r\n".encode() + body


def saying(*pieces: bytes, pause: float = 0.0, close: bool = False) -> Script:
    """Make a script that sends bytes, and may close the connection afterwards."""

    async def script(connection: Connection) -> None:
        await connection.send(*pieces, pause=pause)
        if close:
            await connection.stream.aclose()

    return script


def chunked(*chunks: bytes, end: bool = True) -> bytes:
    """Cut a body into chunks, the last one missing if the reply is to break off."""
    cut = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return reply(cut + (b"0\r\n\r\n" if end else b""), "Transfer-Encoding: chunked")


def packed(body: bytes) -> bytes:
    """Build a compressed reply."""
    return reply(gzip.compress(body), "Content-Encoding: gzip")


async def silence(_: Connection) -> None:
    """Say nothing, for ever."""
    await anyio.sleep(math.inf)


class ByteServer:
    """Plays one script per request, the last one for ever."""

    def __init__(self, origin: str, http: str) -> None:
        self.http = http
        self.url = origin
        self.scripts: list[Script] = [saying(reply())]
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.requests = 0
        self.events: list[Event] = []
        self._idle = anyio.Event()

    def plays(self, *scripts: Script) -> None:
        """Set the scripts of the next requests."""
        self.scripts = list(scripts)

    async def serve(self, stream: ByteStream) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            async with stream:
                await self._converse(stream)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
            pass
        finally:
            self.open -= 1
            self._idle.set()

    async def until_idle(self) -> None:
        """Wait until all connections are closed."""
        with anyio.fail_after(SOON):
            while self.open:
                self._idle = anyio.Event()
                await self._idle.wait()

    async def _converse(self, stream: ByteStream) -> None:
        buffer = b""
        while True:
            while b"\r\n\r\n" not in buffer:
                buffer += await stream.receive()
            head, _, buffer = buffer.partition(b"\r\n\r\n")
            self.requests += 1
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            await script(Connection(stream, head))

    def client(self, **settings: Any) -> KoboClient:
        """Make a client of this server that asks once."""
        chosen = {"token": "t0ken", "retry": ONCE, "http": self.http, **settings}
        return KoboClient(self.url, on_event=self.events.append, **chosen)


@asynccontextmanager
async def byte_server(
    *, http: str = "httpx", tls: ssl.SSLContext | None = None
) -> AsyncIterator[ByteServer]:
    """Open a server on a free port of the loopback interface."""
    plain = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = plain.extra(SocketAttribute.local_port)  # noqa: S610 - no Django here
    listener: Listener[ByteStream] = (
        TLSListener(plain, tls, standard_compatible=False) if tls else plain
    )
    server = ByteServer(f"http{'s' * bool(tls)}://127.0.0.1:{port}", http)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, server.serve)
        try:
            yield server
        finally:
            group.cancel_scope.cancel()
