"""A reply whose body is read in pieces.

Bodies are taken off the wire as they are and unpacked here: faster than by the HTTP library, and
with a bound on what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final, Self

import anyio

from kobo_async.errors import ConnectionLost, MalformedReply
from kobo_async.transport.failures import translated
from kobo_async.transport.inflate import PACKINGS, Inflater
from kobo_async.wire import Reply, whole_number

LONGEST_CLOSE = 5.0
LOCATION: Final = "location"
HIDDEN_LOCATION: Final = "x-hidden-location"
BODILESS: Final = frozenset({204, 304})


class Stream:
    """A reply whose body is read in pieces; as a whole it has at most `largest` bytes.

    `response` is one of `httpx`, or of the library that is given.

    Raises:
        MalformedReply: for one that is packed in a way that is not asked for.
    """

    def __init__(self, response: Any, label: str, largest: int, library: Any) -> None:
        self.status: int = response.status_code
        self.headers = headers_of(response)
        self._response = response
        self._label = label
        self._largest = largest
        self._library = library
        self._inflater = _inflater(self.headers, label)
        self._chunks = response.aiter_raw()
        if response.is_stream_consumed:  # by the library itself, when it was made of its content
            self._inflater = None
            self._chunks = response.aiter_bytes()
        self._pieces: Iterator[bytes] = iter(())
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._inflater is None:
            return await self._chunk()
        while True:
            for piece in self._pieces:
                return piece
            if self._ended:
                raise StopAsyncIteration
            try:
                self._pieces = self._inflater.pieces(await self._chunk())
            except StopAsyncIteration:
                self._ended = True
                self._pieces = self._inflater.finish()

    async def _chunk(self) -> bytes:
        with translated(self._label, self._library):
            chunk: bytes = await anext(self._chunks)
            return chunk

    async def read(self) -> Reply:
        """Read the whole body.

        Raises:
            MalformedReply: for one that is too large.
            ConnectionLost: for one that was cut off.
        """
        pieces: list[bytes] = []
        room = self._largest
        async for piece in self:
            room -= len(piece)
            if room < 0:
                raise MalformedReply(f"more than {self._largest:,} bytes, unpacked", self._label)
            pieces.append(piece)
        body = b"".join(pieces)
        self._check_length(len(body))
        return Reply(self.status, self.headers, body)

    def _check_length(self, arrived: int) -> None:
        """Make sure that nothing was cut off."""
        declared = self.headers.get("content-length", "")
        empty = self._response.request.method == "HEAD" or self.status in BODILESS
        if empty or "content-encoding" in self.headers or not declared.isdecimal():
            return
        if arrived != whole_number(declared):
            raise ConnectionLost(f"{arrived} of {declared:.30} bytes arrived", self._label)

    async def aclose(self) -> None:
        """Give the connection back, even when cancelled."""
        with anyio.move_on_after(LONGEST_CLOSE, shield=True):
            await self._response.aclose()
            with suppress(Exception):  # the library's generators end only with what they read
                async for _ in self._chunks:
                    pass


def _inflater(headers: dict[str, str], label: str) -> Inflater | None:
    """Refuse what unpacks without measure: other packings, and several around each other."""
    packing = headers.get("content-encoding", "").strip().lower()
    if packing in {"identity", ""}:
        return None
    if packing not in PACKINGS:
        raise MalformedReply(f"packed as {packing[:40]!r}, which nobody asked for", label)
    return Inflater(packing, label)


async def hide_location(response: Any) -> None:
    """Keep the HTTP library from reading where a reply points to: it fails at bad addresses."""
    if LOCATION in response.headers:
        response.headers[HIDDEN_LOCATION] = response.headers.pop(LOCATION)


def headers_of(response: Any) -> dict[str, str]:
    """Return the headers, with names in lower case."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    if HIDDEN_LOCATION in headers:
        headers[LOCATION] = headers.pop(HIDDEN_LOCATION)
    return headers
