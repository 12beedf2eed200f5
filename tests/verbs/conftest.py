"""A client on both event loops, on a clock that never waits, to a fake or a scripted server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kobo_async import KoboClient
from kobo_async.testing import FakeKobo
from kobo_async.testing.clock import FakeClock
from tests.verbs.desk import Desk


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> FakeKobo:
    return FakeKobo(seed=7, clock=clock)


@pytest.fixture
async def client(fake: FakeKobo, clock: FakeClock) -> AsyncIterator[KoboClient]:
    async with KoboClient("http://localhost", token=fake.token, app=fake, clock=clock) as client:
        yield client


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def scripted(desk: Desk, clock: FakeClock) -> AsyncIterator[KoboClient]:
    transport = desk.transport
    async with KoboClient(
        "http://kobo", token="t", transport=transport, clock=clock, allow_http=True
    ) as client:
        yield client
