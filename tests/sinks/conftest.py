"""Databases for the tests of sinks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sinks.databases import Postgresql, Sqlite, Target
from tests.sinks.postgres import Postgres, postgres


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield Sqlite(tmp_path / "data.db")
        return
    server: Postgres = request.getfixturevalue("server")
    with server.database() as name:
        yield Postgresql(server, name)
