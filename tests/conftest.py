"""What all tests share.

Fixtures that a folder needs otherwise, it defines again under the same name.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from kobo_async import KoboClient
from kobo_async.testing import FakeKobo
from kobo_async.testing.clock import FakeClock
from tests.figures import (  # noqa: F401 - pytest finds them here
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

if TYPE_CHECKING:
    import trustme

    from tests.sinks.mongod import Mongod

FOR_TESTS = ("KOBO_LIVE_", "KOBO_SCHEDULES", "KOBO_SHARED")

settings.register_profile("short", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("short"), max_examples=2000)
settings.load_profile("short")  # --hypothesis-profile=long asks for the other


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the developer's own servers and tokens: no test reaches them by accident."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("KOBO_") and not name.startswith(FOR_TESTS):
                patch.delenv(name)
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-configuration"))
        yield


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_works() -> None:
    """Undo that a shell's background jobs, and all they start, ignore Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def files_need_not_outlive_the_machine() -> Iterator[None]:
    """Wait for no disk: what is written is seen by all processes, however they end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """Find the notes and recordings of a real server; skip where there are none."""
    folder = Path(os.environ.get("KOBO_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip("no recordings of a real server; KOBO_SHARED names their folder")
    return folder


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run a test on both event loops."""
    return str(request.param)


@pytest.fixture
def clock() -> FakeClock:
    """Time that never waits."""
    return FakeClock()


@pytest.fixture
def fake(clock: FakeClock) -> FakeKobo:
    """A fake server whose time is that of the clock."""
    return FakeKobo(seed=7, clock=clock, now=clock.now)


@pytest.fixture
async def client(fake: FakeKobo, clock: FakeClock) -> AsyncIterator[KoboClient]:
    """A client of its first account, on the same clock."""
    async with KoboClient("http://localhost", token=fake.token, app=fake, clock=clock) as client:
        yield client


@pytest.fixture
def stand_in() -> Iterator[Mongod]:
    """A stand-in for MongoDB on a socket."""
    from tests.sinks.mongod import mongod  # noqa: PLC0415 - few tests need it

    with mongod() as server:
        yield server


@pytest.fixture
def forgotten_sockets() -> Iterator[None]:
    """Collect what was forgotten, while the test and its marks last."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    import trustme  # noqa: PLC0415 - where a test wants certificates

    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    """Name a file with the certificate of the authority."""
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    return str(bundle)
