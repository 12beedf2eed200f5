"""Lists that are fetched page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, Protocol, TypeVar

import attrs

from kobo_async.call import Call, Paging
from kobo_async.collector import collector_pause
from kobo_async.errors import UnexpectedShape
from kobo_async.events import Event, Observer
from kobo_async.query import both

T = TypeVar("T")


@attrs.frozen
class Page(Generic[T]):
    """One page, as the server sent it.

    `count` is the length of the whole list where the server tells it; `more` says whether
    the server speaks of a next page.
    """

    items: Sequence[T]
    count: int | None
    more: bool


@attrs.frozen
class Pages(Generic[T]):
    """A list on the server. Iterating starts over each time; nothing is sent before."""

    _first: Call[T]
    _fetch: Callable[[Call[T]], Awaitable[Page[T]]]

    def __aiter__(self) -> AsyncIterator[T]:
        return _Items(self.by_page())

    def by_page(self) -> AsyncIterator[Page[T]]:
        """Iterate over whole pages."""
        return _PageByPage(self._first, self._fetch)

    async def all(self) -> list[T]:
        """Fetch everything into a list; Python's garbage collector rests meanwhile."""
        with collector_pause:
            return [item async for item in self]

    async def first(self) -> T | None:
        """Return the first item, fetching one page."""
        page = await self._fetch(self._first)
        return page.items[0] if page.items else None


class _PageByPage(AsyncIterator[Page[T]]):
    """Pages one after the other. No generator, so that nothing is left behind in the middle."""

    def __init__(self, first: Call[T], fetch: Callable[[Call[T]], Awaitable[Page[T]]]) -> None:
        self._first = self._call = first
        self._fetch = fetch
        self._page: Page[T] | None = None

    async def __anext__(self) -> Page[T]:
        call = self._first if self._page is None else following(self._first, self._call, self._page)
        if call is None:
            raise StopAsyncIteration
        self._page = await self._fetch(call)
        self._call = call
        return self._page


class _Items(AsyncIterator[T]):
    """What is on the pages, one after the other."""

    def __init__(self, pages: AsyncIterator[Page[T]]) -> None:
        self._pages = pages
        self._items: Iterator[T] = iter(())

    async def __anext__(self) -> T:
        while True:
            for item in self._items:
                return item
            self._items = iter((await anext(self._pages)).items)


def following(first: Call[T], call: Call[T], page: Page[T]) -> Call[T] | None:
    """Compute the call for the next page.

    The links of the server are not followed: they may name another host, and `previous`
    can point at the page itself (`observed §2`).
    """
    if not page.items or not page.more:
        return None
    if first.op.paging is Paging.KEYSET:
        return _beyond(first, call, page.items[-1])
    return call.with_query(start=int(call.query.get("start", 0)) + len(page.items))


def _beyond(first: Call[T], call: Call[T], last: Any) -> Call[T]:
    if not isinstance(last, Mapping) or not isinstance(last.get("_id"), int):
        raise UnexpectedShape("the last row of a page has no `_id` to go on from", call.label)
    beyond = first.with_query(query=both(first.query.get("query"), {"_id": {"$gt": last["_id"]}}))
    if beyond == call:
        raise UnexpectedShape("the server sent the same page again", call.label)
    return beyond


def paged(call: Call[Any], body: Any) -> Page[Any]:
    """Read a page out of a reply."""
    if call.op.paging is Paging.ARRAY:
        if not isinstance(body, list):
            raise UnexpectedShape(f"a {type(body).__name__} instead of a list", call.label)
        return Page(body, len(body), more=False)
    if not isinstance(body, Mapping) or not isinstance(body.get("results"), list):
        raise UnexpectedShape("no `results` list", call.label)
    items, count = body["results"], body.get("count")
    if count is not None and (type(count) is not int or count < 0):
        raise UnexpectedShape(f"a count of {count!r:.40}", call.label)
    more = body.get("next") is not None or (count is not None and _left(call, items, count))
    return Page(items, count, more)


def _left(call: Call[Any], items: list[Any], count: int) -> bool:
    return int(call.query.get("start", 0)) + len(items) < count


class Body(Protocol):
    """A reply whose body is read in pieces."""

    @property
    def status(self) -> int:
        """Status of the reply; 206 for a part of what was asked for."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the reply, with names in lower case."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...


async def whole(body: Body) -> bytes:
    """Read a body to its end, into memory."""
    return b"".join([piece async for piece in body])


class Sender(Protocol):
    """What an endpoint module may know about the rest of the package."""

    async def send(self, call: Call[T], /) -> T:
        """Send a call and return its result.

        Raises:
            KoboError: see `kobo_async.errors`.
        """
        ...

    async def page(self, call: Call[T], /) -> Page[T]:
        """Fetch one page of a list."""
        ...

    def pages(self, call: Call[T], /) -> Pages[T]:
        """Return a list that fetches itself page by page."""
        ...

    def open(self, call: Call[Any], /) -> AbstractAsyncContextManager[Body]:
        """Send a call and hand out its body piece by piece, following redirects."""
        ...

    def observed(self, observer: Observer, /) -> Sender:
        """Return a sender that also tells `observer` of what happens."""
        ...

    def tell(self, event: Event, /) -> None:
        """Tell the observers of something that happens above."""
        ...
