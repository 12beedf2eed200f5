"""HTTP itself: a pool of connections to one server, by the HTTP library that is chosen.

One connection per request in flight: the gate above admits no more requests than the pool has
connections, so that nothing ever waits inside the pool, where a cancelled wait would spoil it.
"""

from __future__ import annotations

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    MutableMapping,
)
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import anyio
import attrs
import httpx

from kobo_async.call import Upload
from kobo_async.config import LOOPBACK, Settings, Timeouts
from kobo_async.errors import ConfigError, MalformedReply
from kobo_async.transport.failures import translated
from kobo_async.transport.inflate import PACKINGS
from kobo_async.transport.library import connections, library, proxied, verification
from kobo_async.transport.stream import Stream, hide_location
from kobo_async.wire import Reply

AsyncTransport: TypeAlias = httpx.AsyncBaseTransport
ASGIApp: TypeAlias = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]
SPARE_CONNECTIONS = 4


class NoCookies(CookieJar):
    """Keeps none: a session cookie would outrank the token, and demand a CSRF token for writes."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Look at nothing, which takes time with every reply."""


@attrs.frozen(kw_only=True)
class Request:
    """What goes over the wire. `label` names it in errors."""

    method: str
    url: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes | None = attrs.field(default=None, repr=False)
    form: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    files: tuple[Upload, ...] = ()
    label: str

    @property
    def secret(self) -> str:
        """The credentials that go along, without their scheme; empty if there are none."""
        return self.headers.get("Authorization", "").rpartition(" ")[2]


class Http:
    """A pool of connections to one server."""

    def __init__(
        self,
        settings: Settings,
        *,
        transport: AsyncTransport | None = None,
        app: ASGIApp | None = None,
    ) -> None:
        _check_address(settings.server)
        self._timeouts = settings.timeouts
        self._largest = settings.largest_reply
        size = settings.concurrency.cap + SPARE_CONNECTIONS
        verify = verification(settings.verify)
        server = urlsplit(settings.server)
        host = server.hostname
        own = transport or (httpx.ASGITransport(app) if app else None)
        self._library = httpx if own else library(settings.http)
        if own is None and not proxied(host):
            own = connections(settings.http, verify, size, encrypted=server.scheme == "https")
        self._client = self._library.AsyncClient(
            transport=own,
            verify=verify,
            limits=self._library.Limits(max_connections=size, max_keepalive_connections=size),
            timeout=_timeout(self._library, settings.timeouts),
            follow_redirects=False,
            trust_env=host not in LOOPBACK,
            headers={
                "User-Agent": settings.user_agent,
                "Accept-Language": "en",
                "Accept-Encoding": ", ".join(PACKINGS),
            },
            cookies=NoCookies(),
            event_hooks={"response": [hide_location]},
        )

    async def request(self, request: Request) -> Reply:
        """Send a request and read the whole reply.

        Raises:
            TransportError: when no whole reply arrives.
            MalformedReply: for a reply that is too large, or packed in a way that is not asked for.
        """
        with translated(request.label, self._library), anyio.fail_after(self._timeouts.total):
            async with self.open(request) as stream:
                return await stream.read()

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Stream]:
        """Send a request and leave the body to be read.

        Raises:
            TransportError: when no reply arrives, or breaks off while it is read.
            MalformedReply: for a reply that is packed in a way that is not asked for.
        """
        with translated(request.label, self._library):
            response = await self._client.send(self._build(request), stream=True)
        try:
            stream = Stream(response, request.label, self._largest, self._library)
        except MalformedReply:
            await response.aclose()
            raise
        try:
            yield stream
        finally:
            await stream.aclose()

    def _build(self, request: Request) -> Any:
        return self._client.build_request(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.content,
            data=request.form,
            files=[
                (part.field, (part.filename, part.content, part.media_type))
                for part in request.files
            ]
            or None,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _timeout(library: Any, timeouts: Timeouts) -> Any:
    return library.Timeout(
        connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.connect
    )


def _check_address(server: str) -> None:
    try:
        httpx.URL(server)
    except httpx.InvalidURL as error:
        raise ConfigError(f"{server} is not an address: {error}") from error
