from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from . import test_recorded_projects, test_recordings
from .conformance import overall, scores_of

NOW = datetime(2026, 3, 4, 5, 6, 7, 890000, tzinfo=UTC)


PARTS = {
    "test_recordings": "reads",
    "test_recorded_writes": "submissions, OpenRosa, permissions",
    "test_recorded_projects": "projects",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many recordings of a real server were answered alike, if any were replayed."""
    passed, failed = (
        [one.nodeid for one in terminalreporter.getreports(kind)] for kind in ("passed", "failed")
    )
    scores = scores_of(passed, failed, {"test_recorded_projects": test_recorded_projects.MISSES})
    if not scores:
        return
    terminalreporter.section("conformance of the fake server")
    for part, score in scores.items():
        terminalreporter.line(f"{PARTS[part]}: {score}")
    if len(scores) == len(PARTS):
        recorded = [path.stem for path in test_recordings.RECORDINGS.glob("*.json")]
        terminalreporter.line(f"overall: {overall(scores, recorded)}")


class Naps:
    """A clock that only writes down how long it was asked to wait."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def sleep(self, seconds: float, /) -> None:
        self.taken.append(seconds)


@pytest.fixture
def anyio_backend() -> str:
    """Run on one event loop: what a server answers is the same on both.

    Modules about waiting, sockets and threads ask for both.
    """
    return "asyncio"


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
