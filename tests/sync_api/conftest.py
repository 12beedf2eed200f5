"""One fake server, and a client of each kind to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kobo_async import KoboClient
from kobo_async.sync_api import Kobo
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.clock import FakeClock


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=2300)


@pytest.fixture
def client(fake: FakeKobo, clock: FakeClock) -> KoboClient:
    return KoboClient("http://localhost", token=fake.token, app=fake, clock=clock)


@pytest.fixture
def kobo(fake: FakeKobo, clock: FakeClock) -> Iterator[Kobo]:
    with Kobo("http://localhost", token=fake.token, app=fake, clock=clock) as kobo:
        yield kobo
