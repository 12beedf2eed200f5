"""A proxy on a real socket that spoils the replies which pass through it.

It runs in a thread of its own, so that the event loop under test holds nothing but the client. Each
request is sent on to the real server over a fresh connection; what comes back is handed, byte for
byte, to the next trouble of the list, and to `passes` when the list is empty.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import attrs

RESET = struct.pack("ii", 1, 0)
BROKEN = (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError)


@attrs.frozen
class Exchange:
    """A reply on its way, and the connection that it goes to."""

    reply: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def body(self) -> bytes:
        return self.reply.partition(b"\r\n\r\n")[2]

    def headers(self, *more: str, without: str = "") -> bytes:
        """Return status line and headers, some of them left out and others added."""
        lines = self.reply.partition(b"\r\n\r\n")[0].split(b"\r\n")
        kept = [one for one in lines if not (without and one.lower().startswith(without.encode()))]
        return b"\r\n".join([*kept, *(one.encode("latin-1") for one in more), b"", b""])

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until_left(self) -> None:
        """Wait until the client goes away."""
        await self.reader.read()

    def reset(self) -> None:
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.writer.transport.abort()


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

    def __init__(self, upstream: str, tls: ssl.SSLContext | None = None) -> None:
        target = urlsplit(upstream)
        self._upstream = (str(target.hostname), target.port)
        self._tls = tls
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

    async def serve(self, listener: socket.socket, stop: asyncio.Event) -> None:
        server = await asyncio.start_server(self._client, sock=listener, ssl=self._tls)
        async with server:
            await stop.wait()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:  # one that was accepting may have started another meanwhile
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            with suppress(*BROKEN):
                while not writer.is_closing():
                    request = await _message(reader)
                    reply = self.last = await self._forward(request)
                    self.replies += 1
                    await next(self.troubles, passes)(Exchange(reply, reader, writer))
        finally:
            self.open -= 1
            writer.close()
            with suppress(*BROKEN):
                await writer.wait_closed()

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self._upstream)
        try:
            writer.write(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            reply = await reader.read(-1)
        finally:
            writer.close()
            with suppress(*BROKEN):
                await writer.wait_closed()
        return reply.replace(b"\r\nconnection: close", b"", 1)


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read a request, without the header that keeps its connection open."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"connection:")]
    length = next((one[15:] for one in lines if one.lower().startswith(b"content-length:")), b"0")
    return b"\r\n".join(lines) + await reader.readexactly(int(length))


@contextmanager
def proxy(
    upstream: str, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Proxy]:
    """Run a proxy before the server at an address."""
    made = Proxy(upstream, tls)
    listener = socket.create_server(("127.0.0.1", 0))
    made.url = f"http{'s' * bool(tls)}://{host}:{listener.getsockname()[1]}"
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(made.serve(listener, stop))

    thread = threading.Thread(target=run, name="chaos-proxy", daemon=True)
    thread.start()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
