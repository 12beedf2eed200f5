"""A project with photos on a fake server, and a client on both event loops that never waits."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kobo_async import KoboClient
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.clock import FakeClock

from .photos import Photos


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
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=40)


@pytest.fixture
def photos(form: FakeForm, fake: FakeKobo) -> Photos:
    return Photos(form, fake)


@pytest.fixture
async def client(fake: FakeKobo, clock: FakeClock) -> AsyncIterator[KoboClient]:
    async with KoboClient("http://localhost", token=fake.token, app=fake, clock=clock) as client:
        yield client
