"""A fake server, and a language model's client that asks for its tools."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from mcp import Client

from kobo_async import KoboClient
from kobo_async.assistant.server import server
from kobo_async.testing import FakeForm, FakeKobo

Ask = Callable[..., Awaitable[dict[str, Any]]]
Asking = Callable[..., AbstractAsyncContextManager[Ask]]


class Refused(Exception):
    """A tool answered with an error."""


@asynccontextmanager
async def asked(client: KoboClient, *, allow_writes: bool = False) -> AsyncIterator[Ask]:
    async with Client(server(client, allow_writes=allow_writes)) as model:

        async def ask(tool: str, **arguments: Any) -> dict[str, Any]:
            reply = await model.call_tool(tool, arguments)
            if reply.is_error:
                raise Refused(reply.content[0].text)
            return reply.structured_content

        yield ask


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=250)
