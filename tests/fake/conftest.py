from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

NOW = datetime(2026, 3, 4, 5, 6, 7, 890000, tzinfo=UTC)


class Naps:
    """A clock that only writes down how long it was asked to wait."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def sleep(self, seconds: float, /) -> None:
        self.taken.append(seconds)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def fake(naps: Naps) -> FakeKobo:
    return FakeKobo(clock=naps, now=lambda: NOW)


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=250)


@pytest.fixture
def data(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/data/"


def client_of(fake: FakeKobo, token: str | None = None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Token {token}"} if token else {}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(fake), base_url="http://kobo.test", headers=headers
    )


@pytest.fixture
async def client(fake: FakeKobo) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(fake, fake.token) as client:
        yield client


@pytest.fixture
async def stranger(fake: FakeKobo) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(fake, fake.add_user("bob")) as client:
        yield client


@pytest.fixture
async def anonymous(fake: FakeKobo) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(fake) as client:
        yield client
