"""Downloads of whole projects: concurrent, ordered, bounded in memory, provably complete."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Self

import attrs

from kobo_async.bulk.download import Download, Strategy
from kobo_async.bulk.offsets import OffsetPlan
from kobo_async.bulk.ranges import RangePlan
from kobo_async.bulk.report import Completeness, OnProgress, Tally
from kobo_async.bulk.source import Source
from kobo_async.bulk.window import open_window
from kobo_async.call import OMIT, Omit
from kobo_async.clock import Clock, SystemClock
from kobo_async.query import Where, checked
from kobo_async.resources.submissions import MOST_PER_PAGE, Row, Submissions


class Batches:
    """The pages of a download, in the order of `_id`, as lists of rows.

    Attributes:
        report: what was delivered; None until the last page has been read.
    """

    def __init__(self, download: Download, strategy: Strategy) -> None:
        self._download = download
        self._strategy = strategy
        self._begun = False
        self.report: Completeness | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[Row]:
        rows = () if self._begun else await self._begin()
        rows = rows or await self._download.next_batch()
        if not rows:
            self.report = self.report or await self._download.report()
            raise StopAsyncIteration
        return rows

    async def _begin(self) -> Sequence[Row]:
        download = self._download
        self._begun = True
        after = download.covered
        rows = await download.begin()
        if download.covered >= download.pin or download.cap is None:
            return rows
        if self._strategy == "ranges":
            download.plans.append(RangePlan(download, download.pin))
        else:
            download.plans.append(OffsetPlan(download, after, auto=self._strategy == "auto"))
        return rows


class Rows:
    """The rows of a download, in the order of `_id`.

    Attributes:
        report: what was delivered; None until the last row has been read.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._rows: Iterator[Row] = iter(())

    @property
    def report(self) -> Completeness | None:
        """What was delivered; None until the last row has been read."""
        return self._batches.report

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Row:
        for row in self._rows:
            return row
        self._rows = iter(await self._batches.__anext__())
        return next(self._rows)


@attrs.frozen
class BulkSubmissions(Submissions):
    """Submissions of the projects of one server, with downloads of any size."""

    _clock: Clock = attrs.field(factory=SystemClock, kw_only=True)
    _window: int = attrs.field(default=16, kw_only=True)

    @asynccontextmanager
    async def pages(
        self,
        uid_asset: str,
        *,
        where: Where = None,
        fields: Sequence[str] | Omit = OMIT,
        after: int = 0,
        strategy: Strategy = "auto",
        strict: bool = True,
        page_size: int = MOST_PER_PAGE,
        window: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> AsyncIterator[Batches]:
        """Download all submissions, page by page; like `stream`, but in lists of rows.

        Permission, arguments and errors: see `stream`.
        """
        checked(where)
        tally = Tally()
        submissions = Submissions(self._sender.observed(tally))
        async with open_window(window or self._window) as opened:
            download = Download(
                asset=uid_asset,
                source=Source(submissions, uid_asset, where, fields),
                window=opened,
                clock=self._clock,
                tally=tally,
                strict=strict,
                on_progress=on_progress,
                page_size=page_size,
                covered=after,
            )
            yield Batches(download, strategy)

    @asynccontextmanager
    async def stream(
        self,
        uid_asset: str,
        *,
        where: Where = None,
        fields: Sequence[str] | Omit = OMIT,
        after: int = 0,
        strategy: Strategy = "auto",
        strict: bool = True,
        page_size: int = MOST_PER_PAGE,
        window: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> AsyncIterator[Rows]:
        """Download all submissions, concurrently, in the order of `_id`.

            async with client.submissions.stream(uid) as rows:
                async for row in rows:
                    ...
            print(rows.report)

        A row that exists during the whole download is delivered exactly once, or the download
        raises. Memory is bounded by `window` pages (about 10 MB each, decoded); the block may be
        left at any point.

        Args:
            uid_asset: the project.
            where: MongoDB query, checked before it is sent (see `kobo_async.query`).
            fields: paths to ask for; `_id`, `_uuid` and `meta/rootUuid` always come along.
            after: begin above this `_id`, such as the `last_id` of an earlier report.
            strategy: `offsets` computes the pages from the count, `ranges` cuts the ids into
                ranges and is better where the server is slow to skip rows; `auto` finds out.
            strict: raise when a part cannot be read; otherwise the report names the gaps.
            page_size: rows per request. Servers give 1,000 at most, whatever is asked.
            window: pages that may lie ready.
            on_progress: told of rows delivered and expected, after every page.

        Permission: `view_submissions`, or `partial_submissions` for the rows it covers. Each page
        adds a row to the project history (`api-facts §3.6`).
        Errors: IncompleteDownload; NotFound; BadRequest where the project was never deployed.
        """
        async with self.pages(
            uid_asset,
            where=where,
            fields=fields,
            after=after,
            strategy=strategy,
            strict=strict,
            page_size=page_size,
            window=window,
            on_progress=on_progress,
        ) as batches:
            yield Rows(batches)
