"""Concurrent work whose results are read in order, with a bound on how many lie ready.

Work runs in one task group that lives as long as the `async with` block, never inside a
generator: leaving the block at any point ends all of it (PEP 789). A slot is freed when its
result is taken, and only then the next piece of work begins; memory is bounded by `size` results,
however slow the reader is, or twice as many where work was put in between. An error is raised
where its result would have been read, after all results before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Generic, TypeVar, cast

import anyio
import attrs
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


@attrs.define
class Piece(Generic[K, R]):
    """One piece of work, without a slot as long as it has not begun."""

    key: K
    slot: Slot[R] | None = None


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
        self._pieces: deque[Piece[K, R]] = deque()

    def take(self) -> tuple[K, Slot[R]] | None:
        """Return the next key with the slot of its result; None at the end."""
        self._fill()
        if not self._pieces:
            return None
        piece = self._pieces.popleft()
        return piece.key, piece.slot or self._begin(piece.key)

    def insert(self, keys: Sequence[K], behind: K) -> None:
        """Let keys come right behind one that was drawn before."""
        places = (place for place, piece in enumerate(self._pieces, 1) if piece.key == behind)
        place = next(places, 0)
        for key in reversed(keys):
            self._pieces.insert(place, Piece(key))
        self._fill()

    def _fill(self) -> None:
        """Begin what comes next, also where later pieces have begun before."""
        while len(self._pieces) < self._size and (key := next(self._keys, None)) is not None:
            self._pieces.append(Piece(key))
        room = 2 * self._size - sum(piece.slot is not None for piece in self._pieces)
        nearest = (piece for piece in islice(self._pieces, self._size) if piece.slot is None)
        for piece in islice(nearest, room):
            piece.slot = self._begin(piece.key)

    def _begin(self, key: K) -> Slot[R]:
        return self._window.start(self._work, key)


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
