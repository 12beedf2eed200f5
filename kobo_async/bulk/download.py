"""A download that proves what it delivered.

Two requests go out at once: the first page, and the row with the highest id, the pin. The
download is about the rows up to the pin; later ones are counted as arrived.

`covered` is the highest id such that every row up to it which existed all along has been handed
out, once. It moves by one rule: rows of a page sorted by `_id` continue it if the page begins at
or before `covered`; otherwise the ids in between are read by id first. What a page by id says
about its range is true whatever happens around it. Pages by offset are a guess at where rows
stand, made early and in parallel; they overlap, so that a right guess begins with a row of the
page before, and a wrong one, after deletions, is noticed and mended. No count is
trusted anywhere. The download ends when `covered` has reached the pin.

The work stands on a stack of plans. The top one is asked for the next rows; it may put another
plan on top of itself, to mend a hole before it goes on, and it takes itself off when it is done.
At the bottom lies the plan that reads whatever is left up to the pin, usually nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

import attrs

from kobo_async.bulk.report import Completeness, Gap, OnProgress, Progress, Tally
from kobo_async.bulk.rows import Numbered
from kobo_async.bulk.source import Source
from kobo_async.bulk.window import Slot, Window
from kobo_async.clock import Clock
from kobo_async.errors import (
    ConnectionLost,
    IncompleteDownload,
    KoboError,
    MalformedReply,
    RequestTimeout,
    ServerError,
    UnexpectedShape,
)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Strategy: TypeAlias = Literal["auto", "offsets", "ranges"]

SHRINK = 4
SMALLEST_PAGE = 10
DAMAGED = (ServerError, RequestTimeout, MalformedReply, ConnectionLost)
"""Failures of a page that a smaller page may avoid."""


class Plan(Protocol[T_co]):
    """A way to read on."""

    async def advance(self) -> Sequence[T_co]:
        """Return the next rows; none does not mean the end."""
        ...


@attrs.define
class Download(Generic[T]):
    """The state of one download, shared by its plans."""

    asset: str
    source: Source[T]
    window: Window
    clock: Clock
    tally: Tally
    strict: bool
    on_progress: OnProgress | None
    page_size: int
    covered: int
    pin: int = 0
    cap: int | None = None
    """Rows the server gives at most per page; None as long as no page was clipped."""
    expected: int = 0
    delivered: int = 0
    strategies: list[str] = attrs.Factory(list)
    gaps: list[Gap] = attrs.Factory(list)
    plans: list[Plan[T]] = attrs.Factory(list)
    finished: bool = False
    _arrivals: Slot[int] | None = None
    _started: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._started = self.clock.monotonic()

    async def begin(self) -> Sequence[T]:
        """Fetch the first page, and learn how much there is.

        Raises:
            UnexpectedShape: for nothing where there is something; it would pass for complete.
        """
        first = self.window.start(self._first, self.page_size)
        newest = await self.source.newest(self.covered)
        page = await first.result()
        self.expected = newest.count or 0
        if self.expected and not (newest.items or page.ids):
            raise UnexpectedShape(f"the server counts {self.expected} rows, and gives none")
        self.pin = newest.items[0]["_id"] if newest.items else self.covered
        if page.more:
            self.cap = len(page.ids)
        self.plans.append(Rest(self, self.pin))
        return self.take(page)

    async def _first(self, limit: int) -> Numbered[T]:
        return await self.source.first(self.covered, limit)

    async def next_batch(self) -> Sequence[T]:
        """Return the next rows; none means the end."""
        while self.plans:
            rows = await self.plans[-1].advance()
            if rows:
                return rows
        self.finished = True
        return ()

    def take(self, page: Numbered[T]) -> Sequence[T]:
        """Cover a page that begins at or before what is covered, and return what is new in it."""
        ids = page.ids
        begin, end = bisect_right(ids, self.covered), bisect_right(ids, self.pin)
        if begin >= end:
            return ()
        self.covered = ids[end - 1]
        self.delivered += end - begin
        if self.on_progress:
            self.on_progress(Progress(self.delivered, self.expected))
        return page.items if end - begin == len(ids) else page.items[begin:end]

    def whole(self, page: Numbered[T], upto: int, limit: int) -> bool:
        """Tell whether a page by id certainly holds everything up to `upto`.

        A page as long as the limit may have been clipped, and the count that comes with a page is
        older than its rows.
        """
        if not page.ids or page.ids[-1] >= upto:
            return True
        return self.cap is not None and len(page.ids) < min(limit, self.cap) and not page.more

    def cover(self, upto: int) -> None:
        """Note that there is nothing more up to `upto`."""
        self.covered = max(self.covered, upto)

    def read_between(self, upto: int) -> None:
        """Plan to read by id what lies between `covered` and `upto`."""
        self.plans.append(Rest(self, upto))

    def done(self, plan: Plan[T]) -> None:
        """Take a plan off the stack."""
        self.plans.remove(plan)

    def count_arrivals(self) -> None:
        """Ask in the background how many rows came after the pin."""
        if self._arrivals is None:
            self._arrivals = self.window.start(self.source.count_above, self.pin)

    def give_up(self, upto: int, error: KoboError) -> None:
        """Note that rows up to `upto` cannot be read.

        Raises:
            IncompleteDownload: in a strict download.
        """
        self.gaps.append(Gap(self.covered, upto, str(error)))
        if self.strict:
            text = f"submissions with _id {self.covered + 1} to {upto} cannot be read: {error}"
            raise IncompleteDownload(text, self.summary(None, None)) from error
        self.cover(upto)

    async def report(self) -> Completeness:
        """Sum up, counting what could not be read."""
        missing: int | None = 0
        for gap in self.gaps:
            found = await self._count(gap)
            missing = None if missing is None or found is None else missing + found
        return self.summary(missing, await self._arrived())

    async def _count(self, gap: Gap) -> int | None:
        try:
            return await self.source.count_within(gap.after, gap.upto)
        except KoboError:
            return None

    async def _arrived(self) -> int | None:
        try:
            return await self._arrivals.result() if self._arrivals else 0
        except KoboError:
            return None

    def summary(self, missing: int | None, arrived: int | None) -> Completeness:
        """Sum up without asking the server anything."""
        short = max(0, self.expected - self.delivered)
        return Completeness(
            asset=self.asset,
            strategy=", then ".join(self.strategies) or "one page",
            expected=self.expected,
            delivered=self.delivered,
            missing=missing,
            arrived=arrived,
            vanished=max(0, short - (missing or 0)) if self.finished else 0,
            requests=self.tally.requests,
            retries=self.tally.retries,
            seconds=self.clock.monotonic() - self._started,
            last_id=self.covered,
            gaps=tuple(self.gaps),
            complete=self.finished and not self.gaps,
        )


class Rest(Generic[T]):
    """Reads by id, one page after the other, what is left up to an id.

    A page that the server cannot give is asked for again in smaller pieces.
    """

    def __init__(self, download: Download[T], upto: int) -> None:
        self._download = download
        self._upto = upto
        self._limit = download.cap or download.page_size

    async def advance(self) -> Sequence[T]:
        """Read one page."""
        download = self._download
        if download.covered >= self._upto:
            download.done(self)
            return ()
        try:
            fetched = await download.source.by_id(download.covered, self._upto, self._limit)
            page = fetched.read()
        except DAMAGED as error:
            self._shrink(error)
            return ()
        rows = download.take(page)
        if download.whole(page, self._upto, self._limit):
            download.cover(self._upto)
        return rows

    def _shrink(self, error: KoboError) -> None:
        if self._limit > SMALLEST_PAGE:
            self._limit = max(self._limit // SHRINK, SMALLEST_PAGE)
        else:
            self._download.give_up(self._upto, error)
