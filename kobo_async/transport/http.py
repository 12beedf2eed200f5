"""HTTP itself. The only module that knows the HTTP library.

One connection per request in flight: the gate above admits no more requests than the pool has
connections, so that nothing ever waits inside the pool, where a cancelled wait would spoil it.
"""

from __future__ import annotations

import ssl
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    MutableMapping,
)
from contextlib import asynccontextmanager, contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

import anyio
import attrs
import httpx

from kobo_async.call import Upload
from kobo_async.config import LOOPBACK, Settings, Timeouts
from kobo_async.errors import (
    ConfigError,
    ConnectFailed,
    ConnectionLost,
    KoboError,
    QueryError,
    RequestTimeout,
)
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
LONGEST_CLOSE = 5.0
LOCATION: Final = "location"
HIDDEN_LOCATION: Final = "x-hidden-location"
BODILESS: Final = frozenset({204, 304})
NO_COOKIES: Final = DefaultCookiePolicy(allowed_domains=())
"""A session cookie would outrank the token, and demand a CSRF token for every write."""


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


class Stream:
    """A reply whose body is read in pieces."""

    def __init__(self, response: httpx.Response, label: str) -> None:
        self.status = response.status_code
        self.headers = _headers(response)
        self._response = response
        self._label = label
        self._chunks = response.aiter_bytes()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        with _translated(self._label):
            return await anext(self._chunks)

    async def read(self) -> Reply:
        """Read the whole body."""
        with _translated(self._label):
            await self._response.aread()
        return _reply(self._response, self._label)

    async def aclose(self) -> None:
        """Give the connection back, even when cancelled."""
        with anyio.move_on_after(LONGEST_CLOSE, shield=True):
            await self._response.aclose()
            with suppress(Exception):  # the library's generators end only with what they read
                async for _ in self._chunks:
                    pass


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
        size = settings.concurrency.cap + SPARE_CONNECTIONS
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app) if app else transport,
            verify=_verification(settings),
            limits=httpx.Limits(max_connections=size, max_keepalive_connections=size),
            timeout=_timeout(settings.timeouts),
            follow_redirects=False,
            trust_env=urlsplit(settings.server).hostname not in LOOPBACK,
            headers={"User-Agent": settings.user_agent, "Accept-Language": "en"},
            cookies=CookieJar(NO_COOKIES),
            event_hooks={"response": [_hide_location]},
        )

    async def request(self, request: Request) -> Reply:
        """Send a request and read the whole reply.

        Raises:
            TransportError: when no whole reply arrives.
        """
        with _translated(request.label):
            with anyio.fail_after(self._timeouts.total):
                response = await self._client.send(self._build(request))
            return _reply(response, request.label)

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Stream]:
        """Send a request and leave the body to be read.

        Raises:
            TransportError: when no reply arrives, or breaks off while it is read.
        """
        with _translated(request.label):
            response = await self._client.send(self._build(request), stream=True)
        stream = Stream(response, request.label)
        try:
            yield stream
        finally:
            await stream.aclose()

    def _build(self, request: Request) -> httpx.Request:
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


def _timeout(timeouts: Timeouts) -> httpx.Timeout:
    return httpx.Timeout(
        connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.connect
    )


def _reply(response: httpx.Response, label: str) -> Reply:
    """Turn a response into a reply, checking that nothing was cut off."""
    headers = _headers(response)
    declared = headers.get("content-length")
    empty = response.request.method == "HEAD" or response.status_code in BODILESS
    plain = "content-encoding" not in headers and not empty
    if plain and declared and declared.isdecimal() and len(response.content) != int(declared):
        raise ConnectionLost(f"{len(response.content)} of {declared} bytes arrived", label)
    return Reply(response.status_code, headers, response.content)


async def _hide_location(response: httpx.Response) -> None:
    """Keep the HTTP library from reading where a reply points to: it fails at bad addresses."""
    if LOCATION in response.headers:
        response.headers[HIDDEN_LOCATION] = response.headers.pop(LOCATION)


def _headers(response: httpx.Response) -> dict[str, str]:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if HIDDEN_LOCATION in headers:
        headers[LOCATION] = headers.pop(HIDDEN_LOCATION)
    return headers


@contextmanager
def _translated(label: str) -> Iterator[None]:
    """Turn what the HTTP library raises into our own errors, by what it means for retrying."""
    try:
        yield
    except KoboError:
        raise
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise ConnectFailed(_explain(error), label) from _bare(error)
    except (httpx.TimeoutException, TimeoutError) as error:
        raise RequestTimeout(_explain(error), label) from _bare(error)
    except httpx.InvalidURL as error:
        raise QueryError(f"{label}: {error}") from _bare(error)
    except (httpx.HTTPError, httpx.StreamError, OSError) as error:
        raise ConnectionLost(_explain(error), label) from _bare(error)


def _verification(settings: Settings) -> bool | ssl.SSLContext:
    if isinstance(settings.verify, bool):
        return settings.verify
    try:
        return ssl.create_default_context(cafile=settings.verify)
    except OSError as error:
        raise ConfigError(f"no certificates in {settings.verify}: {error}") from error


def _check_address(server: str) -> None:
    try:
        httpx.URL(server)
    except httpx.InvalidURL as error:
        raise ConfigError(f"{server} is not an address: {error}") from error


def _bare(error: BaseException) -> BaseException:
    """Drop the frames of the HTTP library: their variables hold the credentials."""
    link: BaseException | None = error
    seen: list[BaseException] = []
    while link is not None and link not in seen:
        seen.append(link)
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


def _explain(error: Exception) -> str:
    return str(error) or type(error).__name__
