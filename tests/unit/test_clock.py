"""The clocks: the machine's, and those of these tests."""

from __future__ import annotations

import time

import anyio
import pytest

from kobo_async.clock import SystemClock
from tests.unit.clock import EPOCH, LoopClock


def test_the_system_clock_is_the_clock_of_the_machine() -> None:
    clock = SystemClock()

    assert abs(clock.monotonic() - time.monotonic()) < 60
    assert abs(clock.wall() - time.time()) < 60


@pytest.mark.anyio
async def test_the_system_clock_sleeps_as_long_as_it_is_told() -> None:
    before = anyio.current_time()

    await SystemClock().sleep(3600.0)

    assert anyio.current_time() - before == pytest.approx(3600.0, abs=1e-3)


@pytest.mark.anyio
async def test_virtual_time_passes_for_everyone_at_once(clock: LoopClock) -> None:
    order: list[str] = []
    started = time.monotonic()

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        order.append(f"{clock.wall() - EPOCH:.0f}")

    async with anyio.create_task_group() as group:
        for seconds in (300.0, 100.0, 200.0):
            group.start_soon(sleeper, seconds)

    assert order == ["100", "200", "300"]
    assert time.monotonic() - started < 30


@pytest.mark.anyio
async def test_deadlines_run_on_virtual_time_too() -> None:
    with pytest.raises(TimeoutError), anyio.fail_after(1000):
        await anyio.sleep(2000)

    assert anyio.current_time() >= 1000
