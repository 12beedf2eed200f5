"""Offsets, ranges, and which of them `auto` takes, on virtual time."""

from __future__ import annotations

import random
from math import log

import pytest

from kobo_async import Concurrency, KoboClient
from kobo_async.testing import FakeKobo
from tests.unit.clock import LoopClock, backends

pytestmark = pytest.mark.anyio
PAGE = 100
CAP = Concurrency().cap
WINDOW = CAP * 3 // 2


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return backends()[request.param]


@pytest.fixture
def clock():
    return LoopClock()


@pytest.fixture
def fake(clock):
    fake = FakeKobo(seed=7, clock=clock)
    fake.max_page = PAGE
    fake.latency = 0.05
    return fake


@pytest.fixture
def download(fake, clock):
    async def download(form, strategy="auto"):
        """Download with a client of its own, see that every row came once, and report."""
        async with (
            KoboClient("http://localhost", token=fake.token, app=fake, clock=clock) as client,
            client.submissions.stream(form.uid, strategy=strategy) as rows,
        ):
            assert [row["_id"] async for row in rows] == list(form.rows)
        return rows.report

    return download


@pytest.fixture
def clusters(fake):
    """A project whose ids lie in clusters, with those of others in between."""
    form = fake.add_form("Survey", rows=500, first_id=1)
    for first_id in range(10_000, 110_000, 10_000):
        fake.add_form("Another project", rows=1, first_id=first_id)
        form.insert(500)
    return form


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
@pytest.mark.parametrize("skip_us", [0, 40, 200, 800])
async def test_auto_takes_no_longer_than_the_faster_one_and_a_tenth(download, fake, skip_us):
    fake.max_page = 25
    fake.skip_cost = skip_us / 1e6
    form = fake.add_form("Survey", rows=5000)

    auto, offsets, ranges = [
        (await download(form, strategy)).seconds for strategy in ("auto", "offsets", "ranges")
    ]

    assert auto <= 1.1 * min(offsets, ranges)


async def test_offsets_take_over_where_skipping_is_free(download, fake):
    report = await download(fake.add_form("Survey", rows=5000, id_gaps=3))

    assert report.strategy == "ranges, then offsets"
    assert report.requests < 5000 / PAGE * 1.2


async def test_a_few_pages_are_read_by_offset_and_nothing_is_measured(download, fake):
    report = await download(fake.add_form("Survey", rows=3 * PAGE - 10, id_gaps=3))

    assert report.strategy == "offsets"
    assert report.requests == len(["newest", "arrived"]) + 3


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)  # trio shuffles the requests
async def test_ranges_find_rows_in_clusters_with_few_requests_wasted(download, clusters):
    report = await download(clusters, "ranges")

    assert report.requests < 2.5 * len(clusters.rows) / PAGE


async def test_clusters_cost_a_window_of_requests_where_skipping_is_free(download, clusters):
    """So many ranges have been asked for before anything is known of them."""
    report = await download(clusters)

    assert report.strategy == "ranges, then offsets"
    assert report.requests <= len(clusters.rows) / PAGE + WINDOW + 4


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)  # trio shuffles the requests
async def test_pages_that_take_longer_than_others_leave_few_places_empty(download, fake):
    """The reader waits for each in turn: a small window would be full of those behind it."""
    chance, taken = random.Random(7), []  # noqa: S311 - nothing secret

    def varying(_: object) -> float:
        taken.append(chance.lognormvariate(log(0.3), 0.25))
        return taken[-1]

    fake.latency = varying
    report = await download(fake.add_form("Survey", rows=30_000), "offsets")

    assert sum(taken) / CAP / report.seconds >= 0.85
