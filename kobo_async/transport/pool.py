"""Connections that are kept for further requests, the one that was used last first.

A pool in which requests may wait looks at every connection whenever one begins or ends. Here none
waits, since the gate lets no more requests pass than the server may have: a connection lies ready,
or a new one is made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final, TypeAlias

import anyio
import attrs

IDLE: Final = 5.0
"""Seconds after which an idle connection is closed; servers do it soon, too."""
Connection: TypeAlias = Any
"""`AsyncHTTPConnection` of the library below `httpx`, or below its successor."""


@attrs.define(eq=False)
class Pool:
    """Connections to some origins; `make` makes one to the origin that it is given."""

    _make: Callable[[Any], Connection]
    _idle: list[Connection] = attrs.field(factory=list)
    _busy: list[Connection] = attrs.field(factory=list)

    @property
    def connections(self) -> Sequence[Connection]:
        """All connections that there are."""
        return [*self._idle, *self._busy]

    async def send(self, request: Any) -> tuple[Any, Content]:
        """Send a request; return the response, and its body still to be read and closed."""
        connection, stale = self._taken(request.url.origin)
        try:
            await _close(stale)
            response = await connection.handle_async_request(request)
        except BaseException:
            self._busy.remove(connection)
            await _close([connection])
            raise
        return response, Content(response.stream, connection, self)

    def _taken(self, origin: Any) -> tuple[Connection, list[Connection]]:
        """Take a connection that lies ready, or a new one; and those that are of no use any more.

        The oldest are looked at as well: nobody else would find out that they have expired.
        """
        stale = []
        while self._idle and self._idle[0].has_expired():
            stale.append(self._idle.pop(0))
        for number in reversed(range(len(self._idle))):
            if self._idle[number].can_handle_request(origin):
                found = self._idle.pop(number)
                if not found.has_expired():
                    self._busy.append(found)
                    return found, stale
                stale.append(found)
        self._busy.append(self._make(origin))
        return self._busy[-1], stale

    async def give_back(self, connection: Connection) -> None:
        """Keep a connection whose response has ended, if it can be used again."""
        self._busy.remove(connection)
        if connection.is_idle():
            self._idle.append(connection)
        else:
            await _close([connection])

    async def aclose(self) -> None:
        """Close all connections."""
        idle, self._idle = self._idle, []
        await _close([*idle, *self._busy])


@attrs.define(eq=False)
class Content:
    """The body of a response, which holds its connection until it is closed."""

    _stream: Any
    _connection: Connection
    _pool: Pool
    _closed: bool = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        pieces: AsyncIterator[bytes] = aiter(self._stream)
        return pieces

    async def aclose(self) -> None:
        """Give the connection back; closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._stream.aclose()
        finally:
            await self._pool.give_back(self._connection)


async def _close(connections: Sequence[Connection]) -> None:
    """Close connections even when cancelled."""
    if connections:
        with anyio.CancelScope(shield=True):
            for one in connections:
                await one.aclose()
