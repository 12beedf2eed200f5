"""The transport on real sockets and in real time, on both event loops, by every HTTP library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import pytest

from tests.socket.wire import ByteServer, byte_server

Backend: TypeAlias = str | tuple[str, dict[str, Any]]
UVLOOP: Backend = ("asyncio", {"use_uvloop": True})
WAYS: dict[str, tuple[Backend, str]] = {
    "asyncio, httpx": ("asyncio", "httpx"),
    "asyncio, httpx2": ("asyncio", "httpx2"),
    "asyncio, aiohttp": ("asyncio", "aiohttp"),
    "uvloop, httpx": (UVLOOP, "httpx"),
    "uvloop, httpx2": (UVLOOP, "httpx2"),
    "uvloop, aiohttp": (UVLOOP, "aiohttp"),
    "trio, httpx": ("trio", "httpx"),
    "trio, httpx2": ("trio", "httpx2"),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[Backend, str]:
    backend, http = WAYS[request.param]
    pytest.importorskip(http)
    if backend is UVLOOP:
        pytest.importorskip("uvloop")
    return backend, http


@pytest.fixture
def anyio_backend(way: tuple[Backend, str]) -> Backend:
    return way[0]


@pytest.fixture
async def server(way: tuple[Backend, str]) -> AsyncIterator[ByteServer]:
    async with byte_server(http=way[1]) as server:
        yield server
