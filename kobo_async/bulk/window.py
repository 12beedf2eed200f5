"""Concurrent work whose results are read in order, with a bound on how many lie ready.

Work runs in one task group that lives as long as the `async with` block, never inside a
generator: leaving the block at any point ends all of it (PEP 789). A slot is freed when its
result is taken, and only then the next piece of work begins; memory is bounded by `size` results,
however slow the reader is. An error is raised where its result would have been read, after all
results before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar, cast

import anyio
from anyio.abc import TaskGroup

K = TypeVar("K")
R = TypeVar("R")


class Slot(Generic[R]):
    """A result to come."""

    def __init__(self) -> None:
        self._done = anyio.Event()
        self._result: R | None = None
        self._error: Exception | None = None

    async def result(self) -> R:
        """Wait for the result, or raise what the work raised."""
        await self._done.wait()
        if self._error is not None:
            raise self._error
        return cast(R, self._result)

    async def run(self, work: Callable[[K], Awaitable[R]], key: K) -> None:
        """Do the work and keep its outcome."""
        try:
            self._result = await work(key)
        except Exception as error:  # noqa: BLE001 - raised again by result()
            self._error = error
        self._done.set()


class Window:
    """Starts work in the background of one `async with` block."""

    def __init__(self, group: TaskGroup, size: int) -> None:
        self._group = group
        self._size = size

    def start(self, work: Callable[[K], Awaitable[R]], key: K) -> Slot[R]:
        """Begin one piece of work."""
        slot: Slot[R] = Slot()
        self._group.start_soon(slot.run, work, key)
        return slot

    def ahead(self, work: Callable[[K], Awaitable[R]], keys: Iterator[K]) -> Ahead[K, R]:
        """Prepare to work on `keys` ahead of the reader. Nothing begins before the first `take`."""
        return Ahead(self, self._size, work, keys)


class Ahead(Generic[K, R]):
    """Work that runs ahead of its reader.

    Keys are drawn one by one, when there is room, so that an iterator may decide late.
    """

    def __init__(
        self, window: Window, size: int, work: Callable[[K], Awaitable[R]], keys: Iterator[K]
    ) -> None:
        self._window = window
        self._size = size
        self._work = work
        self._keys = keys
        self._slots: deque[tuple[K, Slot[R]]] = deque()

    def take(self) -> tuple[K, Slot[R]] | None:
        """Return the next key with the slot of its result; None at the end."""
        while len(self._slots) < self._size:
            key = next(self._keys, None)
            if key is None:
                break
            self._slots.append((key, self._window.start(self._work, key)))
        return self._slots.popleft() if self._slots else None


@asynccontextmanager
async def open_window(size: int) -> AsyncIterator[Window]:
    """Open a window of `size` results. Whatever still runs at the end of the block is ended."""
    try:
        async with anyio.create_task_group() as group:
            try:
                yield Window(group, size)
            finally:
                group.cancel_scope.cancel()
    except BaseExceptionGroup as found:
        raise _plain(found) from None


def _plain(found: BaseExceptionGroup[BaseException]) -> BaseException:
    """Take the one error out of its group; of several, raise the first and note the others."""
    first, *others = found.exceptions
    for other in others:
        first.add_note(f"also: {other!r}")
    return first
