"""Blocking work in threads, and tasks that are cancelled in all ways there are."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import anyio
import anyio.lowlevel
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


@pytest.mark.anyio
async def test_a_task_goes_on_while_the_work_that_it_left_is_done():
    turns, hold, done = Turns(), threading.Event(), list[str]()

    def first() -> None:
        hold.wait()
        done.append("first")

    await turns.leave(first)
    done.append("meanwhile")
    hold.set()
    await turns.leave(done.append, "second")
    await turns.run(done.append, "third")
    assert done == ["meanwhile", "first", "second", "third"]


def fail() -> None:
    raise ValueError("the disk is full")


@pytest.mark.anyio
@pytest.mark.parametrize("way", [Turns.leave, Turns.run])
async def test_what_work_raises_that_was_left_is_raised_before_the_next(way: Any):
    turns, done = Turns(), list[str]()
    await turns.leave(fail)
    with pytest.raises(ValueError, match="full"):
        await way(turns, done.append, "next")
    assert done == []


@pytest.mark.anyio
async def test_what_must_be_done_is_done_after_what_was_left_and_whatever_came_of_it():
    turns, hold, done = Turns(), threading.Event(), list[str]()

    def slow() -> None:
        hold.wait()
        done.append("slow")
        fail()

    await turns.leave(slow)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(turns.finish, done.append, "last")
        await anyio.lowlevel.checkpoint()
        hold.set()
    await turns.run(done.append, "again")
    assert done == ["slow", "last", "again"]


@pytest.mark.asyncio
@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_task_that_is_cancelled_while_it_catches_up_begins_nothing(moment: int):
    turns, hold, done = Turns(), threading.Event(), list[str]()
    await turns.leave(hold.wait)
    task = asyncio.create_task(turns.leave(done.append, "second"))
    await turn(moment)
    task.cancel()
    hold.set()
    await ended(task)
    await turns.finish(done.append, "third")
    assert done == ["third"]
