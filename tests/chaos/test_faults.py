"""Thousands of faults at random, and not one row lost or delivered twice."""

from __future__ import annotations

import os
import random
from collections import Counter

import attrs
import pytest

from kobo_async import Concurrency, KoboClient, KoboError
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock
from tests.figures import FIGURES

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(7200)]
FAULTS = int(os.environ.get("KOBO_FAULTS", "2000"))
"""Faults to inject, half of them on each event loop."""
ROWS = 80
MIX = [
    Fault.status(429, probability=0.03),
    Fault.status(429, retry_after=3, probability=0.01),
    Fault.status(429, retry_after="Thu, 01 Jan 1970 00:00:00 GMT", probability=0.01),
    Fault.status(429, retry_after="1e99", probability=0.0001),
    Fault.status(500, probability=0.02),
    Fault.status(502, probability=0.05),
    Fault.status(503, probability=0.03),
    Fault.status(504, probability=0.02),
    Fault.latency(7.0, probability=0.03),
    Fault.reset(probability=0.05),
    Fault.truncate(0.5, probability=0.03),
    Fault.truncate(0.99, probability=0.02),
    Fault.garbage(probability=0.01),
    Fault.garbage("json", probability=0.02),
    Fault.slow(3, 1.0, probability=0.02),
]


@attrs.define
class Score:
    """What became of the downloads."""

    downloads: int = 0
    faults: int = 0
    rows: int = 0
    wrong: int = 0
    raised: Counter[str] = attrs.Factory(Counter)


async def download(client: KoboClient, form: FakeForm, chance: random.Random, score: Score) -> None:
    """Download everything; whatever was delivered before an error must be right, too."""
    options = {
        "strategy": chance.choice(["offsets", "ranges"]),
        "page_size": chance.randint(3, 20),
        "window": chance.randint(1, 8),
    }
    got: list[int] = []
    complete = False
    try:
        async with client.submissions.stream(form.uid, fields=["_id"], **options) as rows:  # type: ignore[arg-type]
            async for row in rows:
                got.append(row["_id"])  # noqa: PERF401 - it may end early
        complete = True
    except KoboError as error:
        score.raised[type(error).__name__] += 1
    ids = sorted(form.rows)
    score.wrong += got != (ids if complete else ids[: len(got)])
    score.downloads += 1
    score.rows += len(got)


async def test_no_fault_loses_or_doubles_a_row(anyio_backend: str):
    clock, chance, score = FakeClock(), random.Random(anyio_backend), Score()  # noqa: S311
    fake = FakeKobo(seed=3, clock=clock)
    form = fake.add_form("Survey", rows=ROWS, id_gaps=4)
    settings = {"app": fake, "clock": clock, "concurrency": Concurrency.up_to(6)}
    async with KoboClient("http://localhost", token=fake.token, **settings) as client:  # type: ignore[arg-type]
        while score.faults < FAULTS // 2:
            fake.faults.add(*MIX)
            await download(client, form, chance, score)
            score.faults += fake.faults.fired()
            fake.faults.clear()
            fake.requests.clear()
            clock.slept.clear()
    FIGURES["faults injected"] += score.faults
    FIGURES["rows delivered through faults"] += score.rows
    FIGURES["downloads through faults"] += score.downloads
    FIGURES["downloads that ended in a typed error"] += sum(score.raised.values())
    assert score.wrong == 0
    assert sum(score.raised.values()) < score.downloads / 2
