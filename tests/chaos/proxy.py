"""A proxy on a real socket that spoils the replies which pass through it.

It runs in a thread and an event loop of its own, so that the loop under test holds nothing but the
client. Each request is sent on to the real server over a fresh connection; what comes back is
handed, byte for byte, to the next trouble of the list, and to `passes` when the list is empty.
"""

from __future__ import annotations

import itertools
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import urlsplit

import anyio
import attrs
from anyio.abc import ByteStream, Listener, SocketAttribute
from anyio.from_thread import start_blocking_portal
from anyio.streams.buffered import BufferedByteReceiveStream
from anyio.streams.tls import TLSListener

LARGEST = 1 << 20
"""Bytes of the head of a request."""
RESET = struct.pack("ii", 1, 0)
BROKEN = (
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    anyio.IncompleteRead,
)


@attrs.frozen
class Exchange:
    """A reply on its way, and the connection that it goes to."""

    reply: bytes
    stream: ByteStream

    @property
    def body(self) -> bytes:
        return self.reply.partition(b"\r\n\r\n")[2]

    def headers(self, *more: str, without: str = "") -> bytes:
        """Return status line and headers, some of them left out and others added."""
        lines = self.reply.partition(b"\r\n\r\n")[0].split(b"\r\n")
        kept = [one for one in lines if not (without and one.lower().startswith(without.encode()))]
        return b"\r\n".join([*kept, *(one.encode("latin-1") for one in more), b"", b""])

    async def send(self, data: bytes) -> None:
        await self.stream.send(data)

    async def until_left(self) -> None:
        """Wait until the client goes away."""
        async for _ in self.stream:
            pass

    async def close(self) -> None:
        await self.stream.aclose()

    async def reset(self) -> None:
        raw = self.stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not of Django
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        await anyio.aclose_forcefully(self.stream)


Trouble = Callable[[Exchange], Awaitable[None]]


async def passes(exchange: Exchange) -> None:
    """Send what the server said."""
    await exchange.send(exchange.reply)


class Proxy:
    """Where the client connects to.

    Attributes:
        troubles: what happens to the next replies.
        open, most_open, connections: connections with clients: now, at most, and ever.
        replies: replies that were spoiled or passed.
    """

    def __init__(self, upstream: str) -> None:
        target = urlsplit(upstream)
        self._upstream = (str(target.hostname), int(target.port or 80))
        self.troubles: Iterator[Trouble] = iter(())
        self.open = self.most_open = self.connections = self.replies = 0
        self.last = b""
        self.url = ""

    def plays(self, *troubles: Trouble) -> None:
        """Spoil the next replies, one each."""
        self.troubles = iter(troubles)

    def always(self, troubles: Iterable[Trouble]) -> None:
        """Spoil all further replies, over and over."""
        self.troubles = itertools.cycle(troubles)

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
        """Listen on a free port."""
        plain = await anyio.create_tcp_listener(local_host="127.0.0.1")
        listener: Listener[ByteStream] = (
            TLSListener(plain, tls, standard_compatible=False) if tls else plain
        )
        async with listener, anyio.create_task_group() as group:
            group.start_soon(listener.serve, self._client)
            yield plain.extra(SocketAttribute.local_port)  # noqa: S610 - not of Django
            group.cancel_scope.cancel()

    async def _client(self, stream: ByteStream) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        async with stream:
            try:
                with suppress(*BROKEN):
                    await self._converse(stream)
            finally:
                self.open -= 1

    async def _converse(self, stream: ByteStream) -> None:
        requests = BufferedByteReceiveStream(stream)
        while True:
            reply = self.last = await self._forward(await _message(requests))
            self.replies += 1
            await next(self.troubles, passes)(Exchange(reply, stream))

    async def _forward(self, request: bytes) -> bytes:
        async with await anyio.connect_tcp(*self._upstream) as stream:
            await stream.send(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            reply = b"".join([part async for part in stream])
        return reply.replace(b"\r\nconnection: close", b"", 1)


async def _message(requests: BufferedByteReceiveStream) -> bytes:
    """Read a request, without the header that keeps its connection open."""
    head = await requests.receive_until(b"\r\n\r\n", LARGEST)
    lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"connection:")]
    length = next((one[15:] for one in lines if one.lower().startswith(b"content-length:")), b"0")
    return b"\r\n".join([*lines, b"", b""]) + await requests.receive_exactly(int(length))


@contextmanager
def proxy(
    upstream: str, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Proxy]:
    """Run a proxy before the server at an address."""
    made = Proxy(upstream)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(made.serving(tls)) as port,
    ):
        made.url = f"http{'s' * bool(tls)}://{host}:{port}"
        yield made
