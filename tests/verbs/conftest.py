"""A client on both event loops and a fake server, on one clock that never waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from kobo_async import KoboClient
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.clock import FakeClock
from tests.verbs.journal import Journal


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> FakeKobo:
    return FakeKobo(seed=7, clock=clock, now=lambda: datetime.fromtimestamp(clock.wall(), UTC))


@pytest.fixture
def journal(fake: FakeKobo) -> Journal:
    return Journal(fake)


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=4)


@pytest.fixture
def draft(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Draft", deployed=False)


@pytest.fixture
async def client(fake: FakeKobo, clock: FakeClock) -> AsyncIterator[KoboClient]:
    async with KoboClient("http://localhost", token=fake.token, app=fake, clock=clock) as client:
        yield client


@pytest.fixture
async def bob(fake: FakeKobo, clock: FakeClock) -> AsyncIterator[KoboClient]:
    token = fake.add_user("bob")
    async with KoboClient("http://localhost", token=token, app=fake, clock=clock) as client:
        yield client
