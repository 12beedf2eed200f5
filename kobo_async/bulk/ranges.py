"""Pages by range of ids, fetched in parallel.

No range depends on another, so deletions cannot shift anything, and the server skips nothing.
How wide a range must be to hold about one page is guessed from how densely the ids lay so far: a
server shares its ids among all projects. A range that holds more than a page is read on from
where its page ended; one that holds very much more is cut into ranges again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

import attrs

from kobo_async.bulk.download import DAMAGED, Download
from kobo_async.bulk.rows import Numbered
from kobo_async.bulk.source import Fetched

T = TypeVar("T")

FILL = 0.94
"""Share of a page that a range aims at, so that few ranges need a second page."""
MEMORY = 0.7
"""Weight of what was known when the density is learned."""
WORTH_CUTTING = 3
"""Pages in the rest of a range from which on it is cut again."""


@attrs.frozen
class Segment:
    """The ids above `after`, up to `upto`."""

    after: int
    upto: int


class RangePlan(Generic[T]):
    """Reads the rows from what is covered up to an id, range by range."""

    def __init__(self, download: Download[T], upto: int, expected: int | None = None) -> None:
        self._download = download
        self._upto = upto
        self._size = download.cap or download.page_size
        left = max(download.expected - download.delivered, 1) if expected is None else expected
        self._rows = FILL * self._size
        self._ids = self._rows * max(upto - download.covered, 1) / left
        self._ahead = download.window.ahead(self._fetch, self._segments(download.covered))
        if expected is None:
            download.strategies.append("ranges")

    def _segments(self, after: int) -> Iterator[Segment]:
        while after < self._upto:
            width = max(1, int(FILL * self._size * self._ids / self._rows))
            upto = min(after + width, self._upto)
            yield Segment(after, upto)
            after = upto
        self._download.count_arrivals()

    async def _fetch(self, segment: Segment) -> Fetched[T]:
        fetched = await self._download.source.by_id(segment.after, segment.upto, self._size)
        if fetched.count is not None:
            self._learn(segment, fetched.count)
        return fetched

    def _learn(self, segment: Segment, rows: int) -> None:
        """Remember how many rows there are per id, the latest segments weighing most."""
        width = segment.upto - segment.after
        self._ids = MEMORY * self._ids + width
        self._rows = max(MEMORY * self._rows + rows, 0.5)

    async def advance(self) -> Sequence[T]:
        """Return the rows of the next range; what did not fit into its page comes next."""
        taken = self._ahead.take()
        if taken is None:
            self._download.done(self)
            return ()
        segment, slot = taken
        try:
            page = (await slot.result()).read()
        except DAMAGED:
            self._download.read_between(segment.upto)
            return ()
        return self._take(segment, page)

    def _take(self, segment: Segment, page: Numbered[T]) -> Sequence[T]:
        download = self._download
        rows = download.take(page)
        left = (page.count or 0) - len(page.ids)
        if download.whole(page, segment.upto, self._size):
            download.cover(segment.upto)
        elif left > WORTH_CUTTING * self._size:
            download.plans.append(RangePlan(download, segment.upto, left))
        else:
            download.read_between(segment.upto)
        return rows
