"""The queue: so many at the same time, and whoever began first goes first."""

from __future__ import annotations

import random

import anyio
import pytest

from kobo_async.transport.queue import Queue
from tests.unit.clock import LoopClock

pytestmark = pytest.mark.anyio


class Fixture:
    def __init__(self, clock: LoopClock) -> None:
        self.clock = clock
        self.queue = Queue(1)
        self.served: list[float] = []
        self.inside = 0
        self.most = 0

    async def visit(self, since: float, seconds: float = 1.0) -> None:
        async with self.queue.place(since):
            self.served.append(since)
            self.inside += 1
            self.most = max(self.most, self.inside)
            try:
                await self.clock.sleep(seconds)
            finally:
                self.inside -= 1


@pytest.fixture
def it(clock: LoopClock) -> Fixture:
    return Fixture(clock)


async def test_whoever_began_first_goes_first(it: Fixture) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(it.visit, 100.0)
        await it.clock.sleep(0.5)
        for since in (3.0, 1.0, 2.0, 0.0):
            group.start_soon(it.visit, since)
            await it.clock.sleep(0)

    assert it.served == [100.0, 0.0, 1.0, 2.0, 3.0]


async def test_those_who_began_together_go_in_the_order_they_came(it: Fixture) -> None:
    order: list[int] = []

    async def visit(number: int) -> None:
        async with it.queue.place(7.0):
            order.append(number)
            await it.clock.sleep(1)

    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(visit, number)
            await it.clock.sleep(0.01)

    assert order == list(range(6))


async def test_more_places_let_more_in_at_once(it: Fixture) -> None:
    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(it.visit, float(number))
        await it.clock.sleep(0.5)
        assert it.inside == 1
        it.queue.allow(4)
        await it.clock.sleep(0.1)
        assert it.inside == 4

    assert it.most == 4


async def test_fewer_places_throw_nobody_out(it: Fixture) -> None:
    it.queue.allow(4)
    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(it.visit, float(number))
        await it.clock.sleep(0.5)
        it.queue.allow(1)
        await it.clock.sleep(0.1)
        assert it.inside == 4
        await it.clock.sleep(1)
        assert it.inside == 1


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_is_cancelled_no_place_is_lost(it: Fixture, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    it.queue.allow(3)

    async def impatient() -> None:
        with anyio.move_on_after(dice.choice([0, 0.5, 1, 1.5, 3])):
            await it.visit(dice.random(), dice.choice([0.0, 0.5, 1.0]))

    for _ in range(20):
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(impatient)
            await it.clock.sleep(dice.choice([0.0, 0.7]))
            if dice.random() < 0.5:
                group.cancel_scope.cancel()

    assert it.inside == 0
    assert it.most <= 3
    it.most = 0
    async with anyio.create_task_group() as group:
        for _ in range(9):
            group.start_soon(it.visit, 0.0)
    assert it.most == 3


async def test_one_who_is_cancelled_in_the_moment_of_the_call_passes_the_place_on(
    it: Fixture,
) -> None:
    scope = anyio.CancelScope()

    async def cancelled() -> None:
        with scope:
            await it.visit(1.0)

    async with anyio.create_task_group() as group:
        async with it.queue.place(0.0):
            group.start_soon(cancelled)
            group.start_soon(it.visit, 2.0)
            await it.clock.sleep(0.1)
        scope.cancel()

    assert scope.cancel_called
    assert it.served[-1] == 2.0
    assert it.inside == 0
