"""A fake server on a socket, and the command that knows where it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import Result

import kobo_async.client
from kobo_async.cli import terminal
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.testing.clock import FakeClock

from .running import Invoke, Server, run, serving
from .telling import Teller


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

    def invoke(*arguments: str, says: str = "", **env: str) -> Result:
        return run(*arguments, env=server.environment | env, says=says)

    return invoke


@pytest.fixture
def small(fake: FakeKobo) -> FakeForm:
    """A project that is quickly told."""
    return fake.add_form("Wells", rows=5)


@pytest.fixture
def told() -> Iterator[Teller]:
    """A server whose answers the test tells; waiting for it takes no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kobo_async.client, "SystemClock", FakeClock)
        yield Teller()


@pytest.fixture
def project(told: Teller) -> FakeForm:
    return told.add_form("Wells", rows=5)


@pytest.fixture
def ask(told: Teller) -> Iterator[Invoke]:
    """Run the command against the server that is told what to answer."""
    with serving(told) as server:

        def invoke(*arguments: str, **env: str) -> Result:
            return run(*arguments, env=server.environment | env)

        yield invoke


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits there and can be asked."""
    monkeypatch.setattr(terminal, "can_ask", lambda: True)
