"""Projects, what was sent to them, and a client of somebody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kobo_async import KoboClient
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.clock import FakeClock
from tests.verbs.journal import Journal


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
async def bob(fake: FakeKobo, clock: FakeClock) -> AsyncIterator[KoboClient]:
    token = fake.add_user("bob")
    async with KoboClient("http://localhost", token=token, app=fake, clock=clock) as client:
        yield client
