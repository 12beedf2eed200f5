"""Pages of one project's submissions, by offset or by id, each checked for order."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import attrs

from kobo_async.call import Omit
from kobo_async.errors import UnexpectedShape
from kobo_async.pages import Page
from kobo_async.query import Unchecked, Where, both, checked
from kobo_async.resources.submissions import Row, Submissions, UnreadPage


@attrs.frozen
class Fetched:
    """A page that waits to be read, and the bounds of its ids."""

    _page: UnreadPage
    _after: int
    _upto: int

    @property
    def count(self) -> int | None:
        """How many rows lie within the bounds, where the page tells at once."""
        return self._page.count

    def read(self) -> Page[Row]:
        """Decode the page.

        Raises:
            ReplyError: for what is no page, or not sorted by `_id`.
        """
        return _in_order(self._page.read(), self._after, self._upto)


@attrs.frozen
class Source:
    """The submissions to download."""

    _submissions: Submissions
    _uid_asset: str
    _where: Where
    _fields: Sequence[str] | Omit

    async def first(self, after: int, limit: int) -> Page[Row]:
        """Fetch the first page; fails fast where the server is down from the start."""
        page = await self._submissions.page(
            self._uid_asset,
            where=self._and(_above(after)),
            fields=self._fields,
            sort={"_id": 1},
            limit=limit,
        )
        return _in_order(page, after, sys.maxsize)

    async def newest(self, after: int) -> Page[Row]:
        """Fetch the row with the highest id, and the count of all."""
        return await self._probe(_above(after), {"_id": -1})

    async def nth(self, after: int, upto: int, start: int) -> Page[Row]:
        """Fetch the id of one row by its place in the list."""
        return await self._probe(_within(after, upto), {"_id": 1}, start)

    async def by_offset(self, after: int, upto: int, start: int, limit: int) -> Fetched:
        """Fetch a page by its place among the rows with `after < _id <= upto`."""
        page = await self._submissions.unread(
            self._uid_asset,
            where=self._and(_within(after, upto)),
            fields=self._fields,
            start=start,
            limit=limit,
        )
        return Fetched(page, after, upto)

    async def by_id(self, after: int, upto: int, limit: int) -> Fetched:
        """Fetch the first rows with `after < _id <= upto`. `count` tells how many there are."""
        return await self.by_offset(after, upto, 0, limit)

    async def count_above(self, after: int) -> int:
        """Count the rows with higher ids."""
        return (await self._probe(_above(after), {"_id": 1})).count or 0

    async def count_within(self, after: int, upto: int) -> int:
        """Count the rows with `after < _id <= upto`."""
        return (await self._probe(_within(after, upto), {"_id": 1})).count or 0

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


def _in_order(page: Page[Row], after: int, upto: int) -> Page[Row]:
    """Make sure that ids rise within the bounds: the proof of completeness rests on it."""
    last = after
    for row in page.items:
        if not last < row["_id"] <= upto:
            raise UnexpectedShape(
                f"the server did not sort by _id: {row['_id']} after {last}, up to {upto}"
            )
        last = row["_id"]
    return page
