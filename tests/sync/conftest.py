"""A fake server, a client to it and an empty mirror, on a clock that never waits."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from kobo_async import KoboClient
from kobo_async.sync.memory import MemoryMirror
from kobo_async.sync.report import SyncReport
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.clock import FakeClock
from tests.sinks.databases import Postgresql, Sqlite, Target
from tests.sinks.postgres import Postgres, postgres

Databases: TypeAlias = Callable[[], Target]
Sync: TypeAlias = Callable[..., Awaitable[SyncReport]]


@pytest.fixture
def fake(clock: FakeClock) -> FakeKobo:
    return FakeKobo(seed=11, clock=clock, now=clock.now)


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Survey", rows=60, id_gaps=3)


@pytest.fixture
def mirror() -> MemoryMirror:
    return MemoryMirror()


@pytest.fixture
async def sync(client: KoboClient, form: FakeForm, mirror: MemoryMirror, clock: FakeClock) -> Sync:
    """Run again, a minute later; the first copy is made, and the history known."""

    async def run(**options: object) -> SyncReport:
        clock.advance(60)
        return await client.sync.run(form.uid, mirror, **options)  # type: ignore[arg-type]

    await run()
    await run()
    return run


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    """Make empty databases of either kind, as many as are asked for."""
    if request.param == "sqlite":
        yield lambda: Sqlite(tmp_path / f"{secrets.token_hex(4)}.db")
        return
    running: Postgres = request.getfixturevalue("postgresql")
    with ExitStack() as made:
        yield lambda: Postgresql(running, made.enter_context(running.database()))
