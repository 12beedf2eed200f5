"""A server, a client and a mirror on one clock that never waits, and what hooks sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kobo_async import KoboClient
from kobo_async.sync.memory import MemoryMirror
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.clock import FakeClock
from kobo_async.webhook.asgi import Receiver
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project
from tests.webhook.posting import SECRET, Mail, Watch


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
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=4)


@pytest.fixture
def mail(fake: FakeKobo) -> Mail:
    fake.deliver = mail = Mail()
    return mail


@pytest.fixture
async def client(fake: FakeKobo, clock: FakeClock) -> AsyncIterator[KoboClient]:
    async with KoboClient("http://localhost", token=fake.token, app=fake, clock=clock) as client:
        yield client


@pytest.fixture
def mirror() -> MemoryMirror:
    return MemoryMirror()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def ingestion(
    client: KoboClient,
    form: FakeForm,
    mirror: MemoryMirror,
    clock: FakeClock,
    watch: Watch,
    tmp_path: Path,
) -> Ingestion:
    project = Project(form.uid, mirror)
    inbox = tmp_path / "inbox.db"
    return Ingestion(client, [project], inbox=inbox, clock=clock, observers=[watch])


@pytest.fixture
def receiver(ingestion: Ingestion) -> Receiver:
    return Receiver(ingestion, SECRET)
