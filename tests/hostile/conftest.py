"""Servers, data and databases that mean harm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sinks.postgres import Postgres, postgres
from tests.unit.clock import LoopClock
from tests.unit.serving import Server


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def server() -> Server:
    return Server(LoopClock())


@pytest.fixture(scope="session")
def database_server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running
