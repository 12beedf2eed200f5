"""A fake server behind a proxy that spoils what it says, on both event loops."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest

from kobo_async import Concurrency, KoboClient, RetryPolicy, Timeouts
from kobo_async.testing import FakeForm, FakeKobo, serve
from tests.chaos.proxy import Proxy, proxy

EFFORT = float(os.environ.get("KOBO_CHAOS", "1"))
"""How much longer than in an ordinary run."""
HASTY = RetryPolicy(
    attempts=4, attempts_on_fault=4, deadline=60, first_wait=0.001, longest_wait=0.005
)
IMPATIENT = {
    "timeouts": Timeouts(connect=10, read=0.3, write=10, total=0.8),
    "retry": attrs.evolve(HASTY, attempts=40, attempts_on_fault=40),
}
"""For a network that hangs. A busy machine is as slow at times: that is worth a few attempts."""
ROWS = 12
Clients: TypeAlias = Callable[..., KoboClient]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a folder for temporary files of its own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def fake() -> FakeKobo:
    return FakeKobo(seed=23)


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Survey", rows=ROWS)


@pytest.fixture
async def upstream(fake: FakeKobo, anyio_backend: str) -> AsyncIterator[str]:  # noqa: ARG001
    async with serve(fake) as url:
        yield url


@pytest.fixture
def network(upstream: str) -> Iterator[Proxy]:
    with proxy(upstream) as between:
        yield between


@pytest.fixture
def client_of(fake: FakeKobo) -> Clients:
    """Make clients that ask again at once, and wait for their replies."""

    def make(address: str, **settings: Any) -> KoboClient:
        chosen = {"retry": HASTY, "concurrency": Concurrency.fixed(3)}
        return KoboClient(address, token=fake.token, **{**chosen, **settings})

    return make
