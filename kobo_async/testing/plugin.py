"""Fixtures for pytest: a fake KoboToolbox server, a client to it, and what goes wrong on the way.

pytest finds them by itself wherever this package is installed; `-p no:kobo_async` leaves them out.
All of them are plain functions, so that tests may run under pytest-asyncio (strict or auto), under
the plugin of anyio (asyncio or trio), or without any event loop. What a fixture needs is imported
when a test first asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kobo_async.client import KoboClient
    from kobo_async.testing.clock import FakeClock
    from kobo_async.testing.faults import Faults
    from kobo_async.testing.server import FakeKobo


@pytest.fixture
def kobo_clock() -> FakeClock:
    """Time that passes at once: whoever sleeps is awake again, and later."""
    from kobo_async.testing.clock import FakeClock  # noqa: PLC0415 - costs nothing when unused

    return FakeClock()


@pytest.fixture
def fake_kobo(kobo_clock: FakeClock) -> FakeKobo:
    """Make a server without projects, the same for every test; its latencies take no time."""
    from kobo_async.testing.server import FakeKobo  # noqa: PLC0415 - costs nothing when unused

    return FakeKobo(clock=kobo_clock, now=kobo_clock.now)


@pytest.fixture
def kobo_faults(fake_kobo: FakeKobo) -> Faults:
    """Script what goes wrong: `kobo_faults.add(Fault.status(503, times=2))`."""
    return fake_kobo.faults


@pytest.fixture
def kobo_client(fake_kobo: FakeKobo, kobo_clock: FakeClock) -> KoboClient:
    """Make a client of the first account, in process; pauses between retries take no time.

    It holds no connection, and so need not be closed; `async with kobo_client` does no harm.
    """
    from kobo_async.client import KoboClient  # noqa: PLC0415 - costs nothing when unused

    return KoboClient("http://localhost", token=fake_kobo.token, app=fake_kobo, clock=kobo_clock)


@pytest.fixture
def kobo_server(fake_kobo: FakeKobo) -> Iterator[str]:
    """Serve `fake_kobo` on a socket of this machine, and return its URL. Needs extra `testing`.

    Raises:
        ConfigError: when the extra is not installed.
    """
    from anyio.from_thread import start_blocking_portal  # noqa: PLC0415 - as above

    from kobo_async.extras import needed  # noqa: PLC0415 - as above
    from kobo_async.testing.sockets import serve  # noqa: PLC0415 - as above

    with needed("testing"):
        import kobo_async.testing.listener  # noqa: F401, PLC0415 - an optional dependency
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serve(fake_kobo)) as url,
    ):
        yield url
