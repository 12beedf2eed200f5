"""The transport on real sockets and in real time, on both event loops."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.socket.wire import ByteServer, byte_server


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def server(anyio_backend: str) -> AsyncIterator[ByteServer]:  # noqa: ARG001 - runs on it
    async with byte_server() as server:
        yield server
