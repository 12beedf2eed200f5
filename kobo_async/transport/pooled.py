"""`httpx` over a pool of our own, of connections that read large pieces.

The library below `httpx` asks for 64 KiB at a time; the system hands out four times as much at
once, which is then cut and passed on in pieces through every layer. Here a read returns all that is
there: a tenth of the time that a page takes.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, Self

from kobo_async.transport.pool import IDLE, Content, Pool

LARGE: Final = 2**20
SCHEMES: Final = frozenset({"http", "https"})
CORES: Final = {"httpx": "httpcore", "httpx2": "httpcore2"}


class LargeReads:
    """A network stream that reads more than it is asked to."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.write = stream.write
        self.aclose = stream.aclose
        self.get_extra_info = stream.get_extra_info

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - the library's way
        """Read what is there."""
        data: bytes = await self._stream.read(max(max_bytes, LARGE), timeout)
        return data

    async def start_tls(self, *args: Any, **options: Any) -> LargeReads:
        """Encrypt what follows."""
        return LargeReads(await self._stream.start_tls(*args, **options))


class Network:
    """Makes connections whose reads are large."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.sleep = backend.sleep

    async def connect_tcp(self, *args: Any, **options: Any) -> LargeReads:
        """Connect."""
        return LargeReads(await self._backend.connect_tcp(*args, **options))


class Pooled:
    """A transport for `httpx`, or for the library of the same names that is given."""

    def __init__(self, library: Any, context: Callable[[], ssl.SSLContext]) -> None:
        self._library = library
        self._core: Any = import_module(CORES[library.__name__])
        self._body = type("Body", (_Body, library.AsyncByteStream), {})
        network = Network(self._core.AnyIOBackend())

        def connection(origin: Any) -> Any:
            return self._core.AsyncHTTPConnection(
                origin,
                ssl_context=context() if origin.scheme == b"https" else None,
                keepalive_expiry=IDLE,
                network_backend=network,
            )

        self._pool = Pool(connection)

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request, and return the response with its body still to be read."""
        url = request.url
        if url.scheme not in SCHEMES:
            raise self._library.UnsupportedProtocol(f"nobody speaks {url.scheme}:// here")
        with self.translated():
            response, content = await self._pool.send(
                self._core.Request(
                    method=request.method,
                    url=self._core.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return self._library.Response(
            response.status,
            headers=response.headers,
            stream=self._body(content, self),
            extensions=response.extensions,
        )

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the errors of the pool into those of the library, which have the same names."""
        core = self._core
        try:
            yield
        except (core.TimeoutException, core.NetworkError, core.ProtocolError) as error:
            kind = getattr(self._library, type(error).__name__)
            raise kind(str(error)) from error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Body:
    """The body of a response."""

    def __init__(self, content: Content, transport: Pooled) -> None:
        self._content = content
        self._transport = transport

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._transport.translated():
            async for chunk in self._content:
                yield chunk

    async def aclose(self) -> None:
        await self._content.aclose()
