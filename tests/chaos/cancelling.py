"""Cancels a coroutine at any of the points where it, or any task it starts, gives way.

Every time a task gives way to the event loop is a step, and every `await` that waits is one. The
steps of all tasks are counted together, so that waiting is interrupted at whatever stage the
tasks behind it have reached. `scope` cancels as anyio and trio do, `task` as `asyncio.timeout` and
`asyncio.wait_for` do: such a cancellation respects no shield.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import anyio
import attrs
import sniffio
import trio

Way = Literal["scope", "task"]
Work = Callable[[], Awaitable[None]]


@attrs.define(eq=False)
class Steps:
    """Counts steps, and cancels at one of them; 0 is never reached."""

    at: int
    cancel: Callable[[], object]
    count: int = 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.cancel()


class Counted(Coroutine[Any, Any, Any]):
    """A coroutine that counts how often it gives way."""

    def __init__(self, inner: Any, steps: Steps) -> None:
        self._inner = inner
        self._steps = steps

    def send(self, value: Any) -> Any:
        return self._stepped(self._inner.send(value))

    def throw(self, *error: Any) -> Any:
        return self._stepped(self._inner.throw(*error))

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Iterator[Any]:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def _stepped(self, waits_for: Any) -> Any:
        # Once it has given way: a task cannot be cancelled in the middle of a step.
        asyncio.get_running_loop().call_soon(self._steps.step)
        return waits_for


@attrs.frozen(eq=False)
class Watch(trio.abc.Instrument):
    """Counts the steps of all tasks but the one that waits for them."""

    steps: Steps
    host: trio.lowlevel.Task

    def after_task_step(self, task: trio.lowlevel.Task) -> None:
        if task is not self.host:
            self.steps.step()


@contextmanager
def counting(steps: Steps) -> Iterator[None]:
    """Count the steps of all tasks that are started inside."""
    if sniffio.current_async_library() == "trio":
        watch = Watch(steps, trio.lowlevel.current_task())
        trio.lowlevel.add_instrument(watch)
        yield
        trio.lowlevel.remove_instrument(watch)
        return
    loop = asyncio.get_running_loop()
    loop.set_task_factory(
        lambda on, coro, **more: asyncio.Task(Counted(coro, steps), loop=on, **more)
    )
    try:
        yield
    finally:
        loop.set_task_factory(None)


async def cancelled(work: Work, at: int, way: Way) -> int | None:
    """Do work and cancel it at a step; return the number of steps if it ended before."""
    ended: list[bool] = []
    scope = anyio.CancelScope()
    steps = Steps(at, scope.cancel)

    async def run() -> None:
        if way == "task":
            steps.cancel = asyncio.current_task().cancel  # type: ignore[union-attr]
        with scope:
            await work()
            ended.append(True)

    with counting(steps):
        if way == "task":
            task = asyncio.get_running_loop().create_task(run())
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()
        else:
            async with anyio.create_task_group() as group:
                group.start_soon(run)
    return steps.count if ended else None
