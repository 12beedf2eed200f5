"""Pages by offset, computed from the count and fetched in parallel.

Each page overlaps its predecessor (see `download`): a right guess then begins with a row already
delivered, and as many rows may vanish between two pages as overlap, before a seam must be mended
with a request of its own. On servers that walk over all the
rows they skip, pages get slower the further they reach; `auto` measures that with two small
requests and leaves the rest to ranges where it matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

import attrs

from kobo_async.bulk.download import DAMAGED, Download
from kobo_async.bulk.ranges import RangePlan
from kobo_async.bulk.rows import Numbered
from kobo_async.bulk.source import Fetched

T = TypeVar("T")

OVERLAP = 100
"""One row in so many is asked for twice."""
WORTH_MEASURING = 12
"""Pages from which on it pays to find out what skipping costs."""
TOLERATED = 0.15
"""Share of a page's time that skipping may cost on average."""
DEPTH = 4
"""Skipping is measured at this part of the list: further down, where it is dear, the answer would
come when most pages have been begun."""
NOISE = 0.01
"""Seconds by which two equal requests may differ for no reason."""


@attrs.frozen
class Place:
    """Where a page begins in the list of rows, and how many rows it asks for."""

    start: int
    limit: int


class OffsetPlan(Generic[T]):
    """Reads the rows above `after`, up to the pin, by their place in the list."""

    def __init__(self, download: Download[T], after: int, *, auto: bool) -> None:
        self._download = download
        self._after = after
        self._size = download.cap or download.page_size
        self._page: Numbered[T] | None = None
        self._too_slow = False
        self._page_seconds: list[float] = []
        self._ahead = download.window.ahead(self._fetch, self._places())
        download.strategies.append("offsets")
        if auto and download.expected > WORTH_MEASURING * self._size:
            download.window.start(self._measure_skipping, download.expected // DEPTH)

    def _places(self) -> Iterator[Place]:
        overlap = max(self._size // OVERLAP, 1)
        stride = max(self._size - overlap, 1)
        for start in range(stride, self._download.expected - overlap, stride):
            if self._too_slow:
                return
            yield Place(start, self._size)
        self._download.count_arrivals()

    async def _fetch(self, place: Place) -> Fetched[T]:
        download = self._download
        started = download.clock.monotonic()
        page = await download.source.by_offset(self._after, download.pin, place.start, place.limit)
        self._page_seconds.append(download.clock.monotonic() - started)
        return page

    async def advance(self) -> Sequence[T]:
        """Return the rows of the next page, once everything before it is covered."""
        download = self._download
        self._page = self._page or await self._next_page()
        if self._page is None:
            return ()
        page, ids = self._page, self._page.ids
        if ids and ids[0] > download.covered + 1:
            download.read_between(ids[0] - 1)
            return ()
        self._page = None
        return download.take(page)

    async def _next_page(self) -> Numbered[T] | None:
        taken = self._ahead.take()
        if taken is None:
            self._hand_over()
            return None
        try:
            return (await taken[1].result()).read()
        except DAMAGED:
            return None

    def _hand_over(self) -> None:
        self._download.done(self)
        if self._too_slow:
            self._download.plans.append(RangePlan(self._download, self._download.pin))

    async def _measure_skipping(self, deeper: int) -> None:
        """Compare the first row with a deeper one, both asked for at the same moment.

        What counts is the time of the server: one of them may have waited for its turn.
        """
        download = self._download
        shallow = download.window.start(self._seconds_for, 0)
        skipping = await self._seconds_for(deeper) - await shallow.result()
        page = min(self._page_seconds, default=skipping)
        self._too_slow = skipping > NOISE and skipping * DEPTH / 2 > TOLERATED * page

    async def _seconds_for(self, start: int) -> float:
        download = self._download
        return await download.source.seconds_for(self._after, download.pin, start)
