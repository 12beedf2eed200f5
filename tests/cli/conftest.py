"""A fake server on a socket, and the command that knows where it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import Result

from kobo_async.testing import FakeForm, FakeKobo

from .running import Invoke, Server, run, serving


@pytest.fixture
def fake() -> FakeKobo:
    return FakeKobo(seed=7)


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=2500)


@pytest.fixture
def server(fake: FakeKobo) -> Iterator[Server]:
    with serving(fake) as server:
        yield server


@pytest.fixture
def invoke(server: Server) -> Invoke:
    """Run the command in this process, with server and token in the environment."""

    def invoke(*arguments: str, **env: str) -> Result:
        return run(*arguments, env=server.environment | env)

    return invoke
