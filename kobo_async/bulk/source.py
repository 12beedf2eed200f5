"""Pages of one project's submissions, by offset or by id, each checked for order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import attrs

from kobo_async.bulk.rows import Numbered, Reader
from kobo_async.call import Omit
from kobo_async.events import Event, Observer, Replied
from kobo_async.pages import Page
from kobo_async.query import Unchecked, Where, both, checked
from kobo_async.resources.submissions import Row, Submissions, UnreadPage

T = TypeVar("T")


@attrs.frozen
class Fetched(Generic[T]):
    """A page that waits to be read, and the bounds of its ids."""

    _page: UnreadPage
    _read: Reader[T]
    _after: int
    _upto: int

    @property
    def count(self) -> int | None:
        """How many rows lie within the bounds, where the page tells at once."""
        return self._page.count

    def read(self) -> Numbered[T]:
        """Decode the page.

        Raises:
            ReplyError: for what is no page, or not sorted by `_id`.
        """
        page = self._read(self._page)
        page.check_order(self._after, self._upto)
        return page


@attrs.frozen
class Source(Generic[T]):
    """The submissions to download, and what reads their pages."""

    _submissions: Submissions
    _read: Reader[T]
    _uid_asset: str
    _where: Where
    _fields: Sequence[str] | Omit
    _observed: Callable[[Observer], Submissions] | None = None

    async def first(self, after: int, limit: int) -> Numbered[T]:
        """Fetch the first page; fails fast where the server is down from the start."""
        page = await self._unread(_above(after), 0, limit, patient=False)
        return Fetched(page, self._read, after, sys.maxsize).read()

    async def newest(self, after: int) -> Page[Row]:
        """Fetch the row with the highest id, and the count of all."""
        return await self._probe(_above(after), {"_id": -1})

    async def nth(self, after: int, upto: int, start: int) -> Page[Row]:
        """Fetch the id of one row by its place in the list."""
        return await self._probe(_within(after, upto), {"_id": 1}, start)

    async def seconds_for(self, after: int, upto: int, start: int) -> float:
        """Return the seconds that the server takes to find a row by its place."""
        took = [0.0]

        def note(event: Event) -> None:
            if isinstance(event, Replied):
                took[0] = event.seconds

        source = attrs.evolve(self, submissions=self._observed(note)) if self._observed else self
        await source.nth(after, upto, start)
        return took[0]

    async def by_offset(self, after: int, upto: int, start: int, limit: int) -> Fetched[T]:
        """Fetch a page by its place among the rows with `after < _id <= upto`."""
        page = await self._unread(_within(after, upto), start, limit)
        return Fetched(page, self._read, after, upto)

    async def by_id(self, after: int, upto: int, limit: int) -> Fetched[T]:
        """Fetch the first rows with `after < _id <= upto`. `count` tells how many there are."""
        return await self.by_offset(after, upto, 0, limit)

    async def count_above(self, after: int) -> int:
        """Count the rows with higher ids."""
        return (await self._probe(_above(after), {"_id": 1})).count or 0

    async def count_within(self, after: int, upto: int) -> int:
        """Count the rows with `after < _id <= upto`."""
        return (await self._probe(_within(after, upto), {"_id": 1})).count or 0

    async def _unread(
        self, ids: dict[str, Any], start: int, limit: int, *, patient: bool = True
    ) -> UnreadPage:
        return await self._submissions.unread(
            self._uid_asset,
            where=self._and(ids),
            fields=self._fields,
            start=start,
            limit=limit,
            patient=patient,
        )

    async def _probe(self, ids: dict[str, Any], sort: Any, start: int = 0) -> Page[Row]:
        return await self._submissions.page(
            self._uid_asset, where=self._and(ids), fields=["_id"], sort=sort, start=start, limit=1
        )

    def _and(self, ids: dict[str, Any]) -> Where:
        where = checked(self._where)
        return Unchecked(both(where, ids)) if ids else self._where


def _above(after: int) -> dict[str, Any]:
    return {"_id": {"$gt": after}} if after else {}


def _within(after: int, upto: int) -> dict[str, Any]:
    return {"_id": {"$gt": after, "$lte": upto}}
