"""A server on a real socket, and worker processes of Dask that may talk to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Iterator

import anyio
import attrs
import pytest
from distributed import Client, LocalCluster

from kobo_async import KoboClient
from kobo_async.testing import FakeKobo, RequestInfo, serve
from kobo_async.units import Unit

WORKERS = 3
REQUESTS = 2
HELD = 600.0
SOON = 0.02
ANY_PORT = "127.0.0.1:0"


class Holding:
    """Time of a server that answers some requests when it is told to."""

    def __init__(self) -> None:
        self.released = threading.Event()

    async def sleep(self, seconds: float) -> None:
        if seconds < HELD:
            await anyio.sleep(seconds)
            return
        while not self.released.is_set():  # noqa: ASYNC110 - another thread sets the flag
            await anyio.sleep(SOON)


@attrs.define
class Traffic:
    """What a server sees, and holds back.

    Attributes:
        holds: whether requests wait until the clock releases them.
        seen: the queries of all requests, in the order in which they came.
        most: requests at the same time.
        crowded: set once as many requests are held as are allowed.
    """

    fake: FakeKobo
    clock: Holding
    holds: bool = False
    seen: list[dict[str, str]] = attrs.field(factory=list)
    most: int = 0
    crowded: threading.Event = attrs.field(factory=threading.Event)

    def watch(self, request: RequestInfo) -> None:
        """Look at a request that has just come."""
        self.seen.append(request.query)
        self.most = max(self.most, self.fake.active)
        if self.holds and self.fake.active == REQUESTS:
            self.crowded.set()

    def latency(self, _: RequestInfo) -> float:
        """Tell how long a request takes."""
        return HELD if self.holds and not self.clock.released.is_set() else SOON


def about(query: dict[str, str], unit: Unit) -> bool:
    """Tell whether a request asks for the rows of a unit."""
    return f'"$lte":{unit.upto}}}' in query.get("query", "")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run on asyncio: Dask does."""
    return "asyncio"


@pytest.fixture(scope="module")
def clock() -> Holding:
    return Holding()


@pytest.fixture(scope="module")
def fake(clock: Holding) -> FakeKobo:
    return FakeKobo(seed=5, clock=clock)


@pytest.fixture(scope="module")
async def environment(fake: FakeKobo) -> AsyncIterator[dict[str, str]]:
    """Serve, and tell what processes must be told that connect by themselves."""
    async with serve(fake) as url:
        yield {"KOBO_URL": url, "KOBO_TOKEN": fake.token}


@pytest.fixture(scope="module")
async def client(environment: dict[str, str]) -> AsyncIterator[KoboClient]:
    async with KoboClient(environment["KOBO_URL"], token=environment["KOBO_TOKEN"]) as client:
        yield client


@pytest.fixture(scope="module")
def cluster(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """Start the workers, each a process."""
    with (
        LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            env=environment,
            dashboard_address=ANY_PORT,
            silence_logs=logging.CRITICAL,
            local_directory=str(tmp_path_factory.mktemp("dask")),
        ) as local,
        Client(local) as cluster,
    ):
        yield cluster


@pytest.fixture
def traffic(fake: FakeKobo, clock: Holding) -> Iterator[Traffic]:
    traffic = Traffic(fake, clock)
    fake.on_request, fake.latency = traffic.watch, traffic.latency
    yield traffic
    fake.on_request, fake.latency = None, 0.0
