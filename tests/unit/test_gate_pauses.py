"""The gate: pauses that everyone shares, and places that nobody leaks."""

from __future__ import annotations

from collections.abc import Awaitable

import anyio
import pytest

from kobo_async.events import Paused
from kobo_async.transport.gate import FIRST_PROBE, PRICE
from tests.unit.clock import LoopClock
from tests.unit.gates import HandGate

pytestmark = pytest.mark.anyio


@pytest.fixture
def it(clock: LoopClock) -> HandGate:
    return HandGate(clock)


async def timed(it: HandGate, when: list[float]) -> None:
    async with it.admitted():
        when.append(anyio.current_time())


async def test_a_pause_holds_everyone_up(it: HandGate) -> None:
    when: list[float] = []

    async with anyio.create_task_group() as group:
        it.gate.pause(30)
        for _ in range(10):
            group.start_soon(timed, it, when)

    assert when == pytest.approx([30] * 10, abs=0.01)
    assert it.events == [Paused(30)]


async def test_the_longest_of_several_pauses_counts(it: HandGate) -> None:
    when: list[float] = []

    async with anyio.create_task_group() as group:
        it.gate.pause(10)
        group.start_soon(timed, it, when)
        await it.clock.sleep(5)
        it.gate.pause(20)
        it.gate.pause(1)

    assert when == pytest.approx([25], abs=0.01)
    assert it.events == [Paused(10), Paused(20)]


async def test_after_a_pause_the_ceiling_is_left_alone_for_long(it: HandGate) -> None:
    await it.round(it.clean)
    await it.refused_at(5)
    it.gate.pause(1)
    for _ in range(FIRST_PROBE):
        await it.round(it.clean)
    assert it.gate.limit == 4

    await it.clock.sleep(PRICE)
    await it.round(it.clean)
    assert it.gate.limit == 5


@pytest.mark.parametrize("paused", [False, True])
async def test_waiters_that_are_cancelled_leak_no_place(it: HandGate, paused: bool) -> None:
    async def hold() -> None:
        async with it.admitted():
            await it.clock.sleep(50)

    for patience in range(30):
        if paused:
            it.gate.pause(20)
        async with anyio.create_task_group() as group:
            for _ in range(12):
                group.start_soon(hold)
            with anyio.move_on_after(patience):
                await hold()
            group.cancel_scope.cancel()

    await it.clock.sleep(100)
    tickets = await it.round(lambda _: None)
    assert [ticket.level for ticket in tickets] == [1, 2, 3, 4]


async def test_an_error_inside_gives_the_place_back(it: HandGate) -> None:
    async def fail() -> None:
        async with it.admitted():
            raise ZeroDivisionError

    failing: Awaitable[None]
    for _ in range(20):
        failing = fail()
        with pytest.raises(ZeroDivisionError):
            await failing

    assert len(await it.round(lambda _: None)) == 4


def test_a_gate_may_be_built_before_there_is_an_event_loop(clock: LoopClock) -> None:
    it = HandGate(clock)

    assert it.gate.limit == 4
