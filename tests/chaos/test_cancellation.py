"""Cancelled at any point where it waits, every public coroutine leaves the client as it was."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from kobo_async import AuthenticationFailed, KoboError
from tests.chaos.cancelling import Way, cancelled
from tests.chaos.conftest import EFFORT
from tests.chaos.jobs import AGAIN, RESUMED, Disk, Job
from tests.chaos.leaks import SOON, Held, new_since, rests
from tests.chaos.mongo import FORGOTTEN, IN_MONGODB, all_forgotten
from tests.chaos.others import OTHERS
from tests.chaos.worlds import PUBLIC, World, prepared
from tests.figures import FIGURES
from tests.sinks.mongod import mongod

# The HTTP library leaves a generator to the garbage collector when it is cancelled.
UNTIDY = "ignore:Async generator .http:ResourceWarning"
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(3600),
    pytest.mark.filterwarnings(UNTIDY),
]
POINTS = 2
"""Moments of each coroutine in a short run; a long run takes all of them."""
WAYS = {"asyncio": ("scope", "task"), "trio": ("scope",)}


@pytest.fixture
def ways(anyio_backend: str) -> tuple[Way, ...]:
    return WAYS[anyio_backend]  # type: ignore[return-value]


def moments(steps: int, way: Way, name: str) -> Iterator[int]:
    """Spread moments over the steps of a coroutine, others for each way and name."""
    every = 1 if EFFORT > 1 else max(1, steps // POINTS)
    first = 1 + (len(way) + len(name)) % every
    yield from range(first, steps + 1, every)


async def is_well(world: World, before: Held) -> None:
    """Prove that nothing is left, and that the client works."""
    assert not await new_since(before)
    assert await rests(world.client)
    with anyio.fail_after(SOON):
        try:
            async with anyio.create_task_group() as group:
                for _ in range(4):
                    group.start_soon(world.client.environment.get)
            assert (await world.client.me.get()).username in {"alice", "root"}
        except* AuthenticationFailed:
            assert world.fake.token != world.first_token
    assert await rests(world.client)


async def tried(work: Callable[[], Awaitable[Any]]) -> None:
    """Work; a refusal of the server is an end like others."""
    with contextlib.suppress(KoboError, FileNotFoundError):
        await work()


@pytest.mark.parametrize("name", [*PUBLIC, *OTHERS])
async def test_a_public_coroutine_that_is_cancelled_anywhere_leaves_nothing_behind(
    name: str, ways: tuple[Way, ...], tmp_path: Path
):
    async def run(at: int, way: Way) -> int | None:
        world = World(tmp_path / f"{way}{at}")
        world.folder.mkdir()
        async with world.client:
            call = partial(OTHERS[name], world) if name in OTHERS else await prepared(world, name)
            before = Held.now()
            steps = await cancelled(lambda: tried(call), at, way)
            await is_well(world, before)
        return steps

    for way in ways if EFFORT > 1 else ways[-1:]:
        steps = await run(0, way)
        assert steps is not None
        ended = [await run(at, way) for at in moments(steps, way, name)]
        FIGURES["coroutines cancelled"] += ended.count(None)
        assert steps <= 1 or not ended or None in ended, "nothing was cancelled"


@pytest.mark.parametrize("job", AGAIN.values(), ids=AGAIN)
async def test_a_job_that_is_cancelled_anywhere_leaves_whole_files_and_can_be_repeated(
    job: Job, ways: tuple[Way, ...], tmp_path: Path, request: pytest.FixtureRequest
):
    name = request.node.callspec.id.partition("-")[2]

    async def run(at: int, way: Way, whole: Disk | None = None) -> tuple[int | None, Disk]:
        world = World(tmp_path / f"{way}{at}")
        world.folder.mkdir()
        async with world.client:
            before = Held.now()
            steps = await cancelled(lambda: job(world), at, way)
            await is_well(world, before)
            left = Disk.of(world.folder)
            if whole is not None:
                assert name.startswith(RESUMED) or left.is_part_of(whole)
                await job(world)
                await is_well(world, before)
        return steps, left

    for way in ways:
        steps, whole = await run(0, way)
        assert steps is not None
        for at in moments(steps, way, name):
            await run(at, way, whole)
            FIGURES["jobs cancelled and repeated"] += 1


@pytest.mark.filterwarnings(FORGOTTEN)
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("job", IN_MONGODB.values(), ids=IN_MONGODB)
async def test_a_job_that_is_cancelled_anywhere_can_be_repeated_in_mongodb(
    job: Job, ways: tuple[Way, ...], tmp_path: Path, request: pytest.FixtureRequest
):
    name = request.node.callspec.id.removesuffix("-asyncio")

    async def run(at: int, way: Way) -> int | None:
        world = World(tmp_path)
        with mongod() as server:
            world.mongodb = server.url
            async with world.client:
                before = Held.now()
                steps = await cancelled(lambda: job(world), at, way)
                await all_forgotten(before)
                await is_well(world, before)
                left = server.rows("rows")
                parts = [one for one in server.names if ".part." in one]
                await job(world)
        gc.collect()
        whole = {number: dict(row) for number, row in world.form.rows.items()}
        assert server.rows("rows") == whole
        assert name.startswith(RESUMED) or left in ({}, whole)
        assert not left or not parts
        return steps

    for way in ways if EFFORT > 1 else ways[-1:]:
        steps = await run(0, way)
        assert steps is not None
        for at in moments(steps, way, name):
            await run(at, way)
            FIGURES["jobs cancelled and repeated"] += 1
