"""A server, a client and a mirror on one clock that never waits, and what hooks sent."""

from __future__ import annotations

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


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=4)


@pytest.fixture
def mail(fake: FakeKobo) -> Mail:
    fake.deliver = mail = Mail()
    return mail


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
