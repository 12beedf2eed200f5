"""Blocking work in threads, and tasks that are cancelled in all ways there are."""

from __future__ import annotations

import asyncio
import threading

import anyio
import pytest

from kobo_async.sinks.turns import Turns

MOMENTS = range(1, 8)
"""Turns of the loop: from the first step of a piece of work to beyond its end."""


async def turn(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def ended(task: asyncio.Task[object]) -> None:
    """Wait for a task that may have been cancelled."""
    await asyncio.wait([task])


@pytest.mark.asyncio
@pytest.mark.parametrize("moment", MOMENTS)
async def test_what_a_cancelled_task_had_not_begun_never_begins(moment: int):
    turns, hold, done = Turns(), threading.Event(), list[str]()
    first = asyncio.create_task(turns.run(hold.wait))
    await turn(max(MOMENTS))
    second = asyncio.create_task(turns.run(done.append, "second"))
    await turn(moment)
    second.cancel()
    await ended(second)
    hold.set()
    await first
    await turns.finish(done.append, "third")
    assert done == ["third"]


@pytest.mark.asyncio
@pytest.mark.parametrize("moment", MOMENTS)
async def test_what_must_be_done_is_done_once_however_the_task_is_cancelled(moment: int):
    turns, done = Turns(), list[str]()
    task = asyncio.create_task(turns.finish(done.append, "it"))
    await turn(moment)
    task.cancel()
    await ended(task)
    assert done == ["it"]


@pytest.mark.anyio
async def test_what_must_be_done_is_done_in_a_scope_that_is_cancelled():
    done = list[str]()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await Turns().finish(done.append, "it")
    assert done == ["it"]
