"""The transport on real sockets and in real time, on both event loops, by every HTTP library."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.socket.wire import ByteServer, byte_server

WAYS = {
    "asyncio, httpx": ("asyncio", "httpx"),
    "asyncio, httpx2": ("asyncio", "httpx2"),
    "asyncio, aiohttp": ("asyncio", "aiohttp"),
    "trio, httpx": ("trio", "httpx"),
    "trio, httpx2": ("trio", "httpx2"),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    backend, http = WAYS[request.param]
    pytest.importorskip(http)
    return backend, http


@pytest.fixture
def anyio_backend(way: tuple[str, str]) -> str:
    return way[0]


@pytest.fixture
async def server(way: tuple[str, str]) -> AsyncIterator[ByteServer]:
    async with byte_server(http=way[1]) as server:
        yield server
