"""Pages whose place is guessed (see `cuts`), fetched in parallel.

`auto` reads a few pages by offset. Many it begins to read by range, and measures meanwhile, with
two small requests, what skipping costs. Ranges waste a little of each page, and more where ids lie
in clusters; as soon as offsets cost less than that, they take over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import inf
from typing import Generic, TypeVar

from kobo_async.bulk.cuts import FILL, Cut, Offsets, Ranges
from kobo_async.bulk.download import DAMAGED, Download, Strategy
from kobo_async.bulk.rows import Numbered
from kobo_async.bulk.source import Fetched
from kobo_async.bulk.window import Slot

T = TypeVar("T")

WORTH_MEASURING = 12
"""Pages from which on it pays to find out what skipping costs."""
DEEPEST = 100_000
"""Rows that are skipped at most to find out what it costs: on some servers, more take minutes."""
TOLERATED = 0.1
"""Share of a page's time by which two equal requests may differ for no reason."""
TRIED = 4
"""Ranges that are taken to be good ones before anything is known of them."""
TELLING = 0.5
"""Share of a page that must be filled for its time to tell something."""


class Costs:
    """What ranges cost, beside what offsets would cost."""

    def __init__(self) -> None:
        self._requests = TRIED
        self._pages = TRIED * FILL
        self._quickest = inf
        self._skipping = inf

    def learn(self, filled: float, seconds: float) -> None:
        """Note how much of its page a range filled, and how long it took."""
        self._requests += 1
        self._pages += min(filled, 1.0)
        if filled > TELLING:
            self._quickest = min(self._quickest, seconds)

    def learn_skipping(self, seconds: float) -> None:
        """Note how much longer a page by offset takes, on average."""
        self._skipping = seconds

    @property
    def offsets_are_cheaper(self) -> bool:
        """Tell whether skipping costs less than what ranges waste."""
        wasted = self._requests / self._pages - 1
        return self._skipping < (wasted + TOLERATED) * self._quickest


class GuessPlan(Generic[T]):
    """Reads the rows from what is covered up to the pin."""

    def __init__(self, download: Download[T], strategy: Strategy) -> None:
        self._download = download
        self._size = download.cap or download.page_size
        self._left = max(download.expected - download.delivered, 1)
        self._costs = Costs()
        self._ranges = Ranges(download.covered, download.pin, self._left, self._size)
        self._offsets: Offsets | None = None
        self._guess: tuple[Cut, Numbered[T], int] | None = None
        few = strategy == "auto" and self._left <= WORTH_MEASURING * self._size
        cuts = self._cuts(by_range=strategy != "offsets" and not few)
        self._ahead = download.window.ahead(self._fetch, cuts)
        if strategy == "auto" and not few:
            newest = download.window.start(
                self._seconds_for, Cut(download.pin - 1, download.pin, 0)
            )
            download.window.start(partial(self._measure_skipping, newest), self._left / 2)

    def _cuts(self, *, by_range: bool) -> Iterator[Cut]:
        download, after = self._download, self._download.covered
        if by_range:
            download.strategies.append("ranges")
            for cut in self._ranges:
                yield cut
                after = cut.upto
                if self._costs.offsets_are_cheaper:
                    break
        if after < download.pin:
            download.strategies.append("offsets")
            self._offsets = Offsets(after, download.pin, self._left, self._size)
            yield from self._offsets
        download.count_arrivals()

    async def _fetch(self, cut: Cut) -> tuple[Fetched[T], int]:
        """Fetch a page, and tell up to which id there is no other."""
        download, start = self._download, self._download.clock.monotonic()
        fetched = await download.source.by_offset(cut.after, cut.upto, cut.start or 0, self._size)
        if fetched.count is None:
            return fetched, cut.upto
        self._learn(cut, fetched.count, download.clock.monotonic() - start)
        if cut.start is None and fetched.count > self._size and (ids := fetched.read().ids):
            self._ahead.insert(self._ranges.rest(ids, cut.upto, fetched.count - len(ids)), cut)
            return fetched, ids[-1]
        return fetched, cut.upto

    def _learn(self, cut: Cut, rows: int, seconds: float) -> None:
        if cut.start is None:
            self._ranges.learn(cut, rows)
            self._costs.learn(rows / self._size, seconds)
            self._left -= min(rows, self._size)
        elif self._offsets:
            self._offsets.learn(rows)

    async def advance(self) -> Sequence[T]:
        """Return the rows of the next page, once everything before it is covered."""
        download = self._download
        self._guess = self._guess or await self._next_guess()
        if self._guess is None:
            return ()
        cut, page, upto = self._guess
        begin = page.ids[0] - 1 if cut.start and page.ids else cut.after
        if begin > download.covered:
            download.read_between(begin)
            return ()
        self._guess = None
        rows = download.take(page)
        if cut.start is None and download.whole(page, upto, self._size):
            download.cover(upto)
        return rows

    async def _next_guess(self) -> tuple[Cut, Numbered[T], int] | None:
        taken = self._ahead.take()
        if taken is None:
            self._download.done(self)
            return None
        cut, slot = taken
        try:
            fetched, upto = await slot.result()
            return cut, fetched.read(), upto
        except DAMAGED:
            return None

    async def _measure_skipping(self, newest: Slot[float], average: float) -> None:
        """Compare the newest row with one far down the list, both asked for at the same moment.

        What counts is the time of the server: one of them may have waited for its turn.
        """
        download, deep = self._download, int(min(average, DEEPEST))
        seconds = await self._seconds_for(Cut(download.covered, download.pin, deep))
        self._costs.learn_skipping((seconds - await newest.result()) * average / deep)

    async def _seconds_for(self, cut: Cut) -> float:
        return await self._download.source.seconds_for(cut.after, cut.upto, cut.start or 0)
