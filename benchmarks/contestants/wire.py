"""Bytes only: what server and loopback can do when nobody looks into the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from contestants import PAGE_SIZE, TOKEN, Job, Seen

BUFFER = 4 * 2**20


class _Connection(asyncio.BufferedProtocol):
    def __init__(self, job: Job, starts: Iterator[int]) -> None:
        self._job = job
        self._starts = starts
        self._buffer = bytearray(BUFFER)
        self._head = b""
        self._left = 0
        self._transport: asyncio.Transport | None = None
        self.pages = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed too early"))

    def get_buffer(self, sizehint: int) -> bytearray:
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._left == 0:
            nbytes = self._read_head(nbytes)
        self._left -= nbytes
        if self._left == 0 and not self._head:
            self.pages += 1
            self._ask()

    def _read_head(self, nbytes: int) -> int:
        """Take the head off what arrived; return how much of the body came with it."""
        self._head += self._buffer[:nbytes]
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return 0
        self._left = int(head.lower().partition(b"content-length:")[2].split()[0])
        self._head = b""
        return len(rest)

    def _ask(self) -> None:
        assert self._transport is not None
        start = next(self._starts, None)
        if start is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._transport.write(
            f"GET {self._job.path}?limit={PAGE_SIZE}&start={start} HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nAuthorization: Token {TOKEN}\r\n\r\n".encode()
        )


async def _fetch(job: Job) -> Seen:
    loop = asyncio.get_running_loop()
    host, port = job.url.removeprefix("http://").split(":")
    starts = iter(range(0, job.options["rows"], PAGE_SIZE))
    connections = [
        (await loop.create_connection(lambda: _Connection(job, starts), host, int(port)))[1]
        for _ in range(job.options["concurrency"])
    ]
    await asyncio.gather(*(connection.done for connection in connections))
    pages = sum(connection.pages for connection in connections)
    return Seen(min(pages * PAGE_SIZE, job.options["rows"]), None)


def fetch(job: Job) -> Seen:
    """Read all pages and throw them away."""
    return asyncio.run(_fetch(job))
