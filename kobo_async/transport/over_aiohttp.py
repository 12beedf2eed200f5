"""`httpx` over connections of aiohttp, whose parser and buffers are made in C (extra `aiohttp`).

Requests are built, and replies read, as with any other connection. It runs on asyncio alone.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import aiohttp
import httpx
from yarl import URL

from kobo_async.errors import ConfigError
from kobo_async.transport.pool import IDLE

READ_AHEAD: Final = 2**20
LONGEST_LINE: Final = 2**16
ADDED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that aiohttp would add by itself."""


class OverAiohttp(httpx.AsyncBaseTransport):
    """A transport for `httpx` with at most `size` connections."""

    def __init__(self, context: Callable[[], ssl.SSLContext], size: int) -> None:
        self._context = context
        self._size = size
        self._made: aiohttp.ClientSession | None = None

    def _session(self) -> aiohttp.ClientSession:
        """Return the session; it belongs to the event loop that it was made in.

        Raises:
            ConfigError: on trio.
        """
        if self._made is None:
            try:
                asyncio.get_running_loop()
            except RuntimeError as error:
                raise ConfigError("aiohttp needs asyncio: set `http` to httpx on trio") from error
            self._made = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._size, keepalive_timeout=IDLE),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=ADDED,
                read_bufsize=READ_AHEAD,
                max_line_size=LONGEST_LINE,
                max_field_size=LONGEST_LINE,
            )
        return self._made

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the response with its body still to be read."""
        session = self._session()
        with _translated():
            response = await session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=await request.aread() or None,
                allow_redirects=False,
                ssl=self._context() if request.url.scheme == "https" else True,
                timeout=_timeout(request.extensions.get("timeout", {})),
            )
        _read_ahead(response)
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Body(response))

    async def aclose(self) -> None:
        """Close all connections."""
        if self._made is not None:
            await self._made.close()


def _read_ahead(response: aiohttp.ClientResponse) -> None:
    """Let the loop take all that has arrived, where it would take a quarter of a MiB at a time."""
    transport = response.connection and response.connection.transport
    if transport is not None and hasattr(transport, "max_size"):
        transport.max_size = READ_AHEAD


class _Body(httpx.AsyncByteStream):
    """The body of a response, in pieces as large as they come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            while chunk := await self._response.content.readany():
                yield chunk

    async def aclose(self) -> None:
        """Give the connection back, or close it where something is left to read."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


def _timeout(seconds: dict[str, Any]) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None,
        connect=seconds.get("pool"),
        sock_connect=seconds.get("connect"),
        sock_read=seconds.get("read"),
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the errors of aiohttp into those of `httpx`."""
    try:
        yield
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise httpx.ConnectError(str(error)) from error
    except (aiohttp.ServerTimeoutError, TimeoutError) as error:
        raise httpx.ReadTimeout(str(error)) from error
    except aiohttp.InvalidURL as error:
        raise httpx.InvalidURL(str(error)) from error
    except ValueError as error:
        raise httpx.LocalProtocolError(str(error)) from error
    except aiohttp.ClientError as error:
        raise httpx.ReadError(str(error)) from error
