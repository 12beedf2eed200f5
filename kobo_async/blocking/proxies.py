"""What stands before asynchronous objects, so that their methods wait.

A method keeps its name, signature and documentation. Its result decides what the caller gets: a
coroutine is waited for, a list that fetches itself can be iterated, an asynchronous context manager
goes with `with`, an asynchronous iterator with `for`; values are handed on as they are.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import wraps
from types import TracebackType
from typing import Any, Final, Self

import anyio

from kobo_async.api import Api, Lazy
from kobo_async.blocking.loop import Held, Loop
from kobo_async.pages import Page, Pages

RESOURCES: Final = frozenset(name for name, value in vars(Api).items() if isinstance(value, Lazy))
"""Attributes of a client that stand for a part of the API."""
MOST_AHEAD: Final = 1000
"""Items that are fetched in one go: each way to the loop and back costs time."""
LONGEST_AHEAD: Final = 0.005
"""Seconds after which what was fetched is handed on."""


class Blocking:
    """Stands before an asynchronous object; its methods return when they are done."""

    def __init__(self, target: Any, loop: Loop) -> None:
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        value = getattr(self._target, name)
        if name in RESOURCES and isinstance(self._target, Api):
            return Blocking(value, self._loop)
        return wrap(value, self._loop)

    def __dir__(self) -> list[str]:
        own = [name for name in super().__dir__() if name.startswith("__")]
        return sorted({*own, *(name for name in dir(self._target) if not name.startswith("_"))})

    def __repr__(self) -> str:
        return f"<blocking {type(self._target).__name__}>"


class BlockingPages(Blocking):
    """A list on the server. Iterating starts over each time; nothing is sent before."""

    _target: Pages[Any]

    def __iter__(self) -> Iterator[Any]:
        for page in self.by_page():
            yield from page.items

    def by_page(self) -> Iterator[Page[Any]]:
        """Iterate over whole pages; each is fetched when it is asked for."""
        pages = self._target.by_page()
        while (page := self._loop.call(_next_or_none, pages)) is not None:
            yield page


class BlockingIterator(Blocking):
    """Items in the order in which they come; a few are fetched ahead."""

    _target: AsyncIterator[Any]

    def __init__(self, target: AsyncIterator[Any], loop: Loop) -> None:
        super().__init__(target, loop)
        self._ready: deque[Any] = deque()
        self._end: Exception | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        if not self._ready and self._end is None:
            self._end = self._loop.call(_some, self._target, self._ready)
        if self._ready:
            return self._ready.popleft()
        end, self._end = self._end, None
        if end is None or isinstance(end, StopAsyncIteration):
            raise StopIteration
        raise end

    def all(self) -> list[Any]:
        """Return what is left, as a list."""
        left = getattr(self._target, "all", None)
        if left is None or self._end is not None:
            return [*self]
        ready = [*self._ready]
        self._ready.clear()
        return [*ready, *self._loop.call(left)]


class BlockingIterable(Blocking):
    """Something to iterate over."""

    _target: AsyncIterable[Any]

    def __iter__(self) -> BlockingIterator:
        return BlockingIterator(aiter(self._target), self._loop)


class BlockingContext(Blocking):
    """A context manager: `with` in place of `async with`."""

    _target: AbstractAsyncContextManager[Any]

    def __enter__(self) -> Any:
        self._held: Held[Any] = Held(self._loop, self._target)
        return wrap(self._held.enter(), self._loop)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        return self._held.leave(error)


def wrap(value: Any, loop: Loop) -> Any:
    """Put the fitting proxy before a value that is asynchronous; hand on any other."""
    kind = type(value)
    if inspect.isroutine(value):
        return _method(value, loop)
    if isinstance(value, Pages):
        return BlockingPages(value, loop)
    for name, proxy in _BY_METHOD.items():
        if hasattr(kind, name):
            return proxy(value, loop)
    return Blocking(value, loop) if _is_asynchronous(kind) else value


_BY_METHOD: Final[dict[str, type[Blocking]]] = {
    "__aenter__": BlockingContext,
    "__anext__": BlockingIterator,
    "__aiter__": BlockingIterable,
}


def _method(function: Callable[..., Any], loop: Loop) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        args = tuple(map(_bare, args))
        kwargs = {name: _bare(value) for name, value in kwargs.items()}
        if not inspect.iscoroutinefunction(function):
            return wrap(function(*args, **kwargs), loop)

        async def run() -> Any:
            return await function(*args, **kwargs)

        return wrap(loop.call(run), loop)

    return call


def _bare(value: Any) -> Any:
    return value._target if isinstance(value, Blocking) else value  # noqa: SLF001 - our own class


def _is_asynchronous(kind: type) -> bool:
    if not kind.__module__.startswith("kobo_async."):
        return False
    methods = inspect.getmembers(kind, inspect.iscoroutinefunction)
    return issubclass(kind, Api) or bool(methods)


async def _next_or_none(pages: AsyncIterator[Page[Any]]) -> Page[Any] | None:
    return await anext(pages, None)


async def _some(items: AsyncIterator[Any], ready: deque[Any]) -> Exception | None:
    """Fetch items for a moment, and return what ended it: an error is raised after its items."""
    latest = anyio.current_time() + LONGEST_AHEAD
    while len(ready) < MOST_AHEAD:
        try:
            ready.append(await anext(items))
        except Exception as error:  # noqa: BLE001 - raised where its item would have been
            return error
        if anyio.current_time() > latest:
            break
    return None
