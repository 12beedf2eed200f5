"""Downloads of whole projects: concurrent, ordered, bounded in memory, provably complete."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Generic, Literal, Self, TypedDict, TypeVar, Unpack, overload

import attrs

from kobo_async.bulk.download import Download, Strategy
from kobo_async.bulk.guessing import GuessPlan
from kobo_async.bulk.report import Completeness, OnProgress, Tally
from kobo_async.bulk.rows import Form, Reader, reader
from kobo_async.bulk.source import Source
from kobo_async.bulk.telling import told
from kobo_async.bulk.window import open_window
from kobo_async.call import OMIT, Omit
from kobo_async.clock import Clock, SystemClock
from kobo_async.collector import collector_pause
from kobo_async.query import Where, checked
from kobo_async.resources.submissions import MOST_PER_PAGE, Row, Submissions

T = TypeVar("T")


class Reading(TypedDict, total=False):
    """What every download takes by name."""

    where: Where
    after: int
    strategy: Strategy
    strict: bool
    page_size: int
    window: int | None
    on_progress: OnProgress | None


class Wanted(Reading, total=False):
    """What `stream` and `pages` take by name, besides the form of the rows."""

    fields: Sequence[str] | Omit


class Batches(Generic[T]):
    """The pages of a download, in the order of `_id`, as lists of rows.

    Attributes:
        report: what was delivered; None until the last page has been read.
    """

    def __init__(self, download: Download[T], strategy: Strategy) -> None:
        self._download = download
        self._strategy = strategy
        self._begun = False
        self.report: Completeness | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[T]:
        rows = () if self._begun else await self._begin()
        rows = rows or await self._download.next_batch()
        if not rows:
            self.report = self.report or await self._download.report()
            raise StopAsyncIteration
        return rows

    async def _begin(self) -> Sequence[T]:
        download = self._download
        self._begun = True
        rows = await download.begin()
        if download.covered >= download.pin or download.cap is None:
            return rows
        download.plans.append(GuessPlan(download, self._strategy))
        return rows


class Rows(Generic[T]):
    """The rows of a download, in the order of `_id`.

    Attributes:
        report: what was delivered; None until the last row has been read.
    """

    def __init__(self, batches: Batches[T]) -> None:
        self._batches = batches
        self._rows: Iterator[T] = iter(())

    @property
    def report(self) -> Completeness | None:
        """What was delivered; None until the last row has been read."""
        return self._batches.report

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        for row in self._rows:
            return row
        self._rows = iter(await self._batches.__anext__())
        return next(self._rows)

    async def all(self) -> list[T]:
        """Return the rows that are left, as a list; Python's garbage collector rests meanwhile.

        Looking for garbage among ever more dicts would take several times as long as the download.
        """
        with collector_pause:
            rows = [*self._rows]
            async for page in self._batches:
                rows += page
            return rows


@attrs.frozen
class BulkSubmissions(Submissions):
    """Submissions of the projects of one server, with downloads of any size."""

    _clock: Clock = attrs.field(factory=SystemClock, kw_only=True)
    _window: int = attrs.field(default=16, kw_only=True)

    @overload
    def pages(
        self, uid_asset: str, *, as_: Literal["dicts"] = "dicts", **wanted: Unpack[Wanted]
    ) -> AbstractAsyncContextManager[Batches[Row]]: ...
    @overload
    def pages(
        self, uid_asset: str, *, as_: Literal["raw"], **wanted: Unpack[Wanted]
    ) -> AbstractAsyncContextManager[Batches[bytes]]: ...
    @overload
    def pages(
        self, uid_asset: str, *, as_: Reader[T], **wanted: Unpack[Wanted]
    ) -> AbstractAsyncContextManager[Batches[T]]: ...
    @asynccontextmanager
    async def pages(
        self, uid_asset: str, *, as_: Form = "dicts", **wanted: Unpack[Wanted]
    ) -> AsyncIterator[Batches[Any]]:
        """Download all submissions, page by page; like `stream`, but in lists of rows.

        Permission, arguments and errors: see `stream`.
        """
        where = wanted.get("where")
        checked(where)
        tally = Tally()
        sender = self._sender.observed(tally)
        fields = wanted.get("fields", OMIT)
        async with open_window(wanted.get("window") or self._window) as opened:
            download = Download(
                asset=uid_asset,
                source=Source(
                    Submissions(sender),
                    reader(as_),
                    uid_asset,
                    where,
                    fields,
                    lambda observer: Submissions(sender.observed(observer)),
                ),
                window=opened,
                clock=self._clock,
                tally=tally,
                strict=wanted.get("strict", True),
                on_progress=wanted.get("on_progress"),
                page_size=wanted.get("page_size", MOST_PER_PAGE),
                covered=wanted.get("after", 0),
            )
            with told(self._sender, download):
                yield Batches(download, wanted.get("strategy", "auto"))

    @overload
    def stream(
        self, uid_asset: str, *, as_: Literal["dicts"] = "dicts", **wanted: Unpack[Wanted]
    ) -> AbstractAsyncContextManager[Rows[Row]]: ...
    @overload
    def stream(
        self, uid_asset: str, *, as_: Literal["raw"], **wanted: Unpack[Wanted]
    ) -> AbstractAsyncContextManager[Rows[bytes]]: ...
    @asynccontextmanager
    async def stream(
        self, uid_asset: str, *, as_: Form = "dicts", **wanted: Unpack[Wanted]
    ) -> AsyncIterator[Rows[Any]]:
        """Download all submissions, concurrently, in the order of `_id`.

            async with client.submissions.stream(uid) as rows:
                async for row in rows:
                    ...
            print(rows.report)

        A row that exists during the whole download is delivered exactly once, or the download
        raises. Memory is bounded by `window` pages (about 10 MB each, decoded); the block may be
        left at any point. `await rows.all()` collects everything in memory.

        Args:
            uid_asset: the project.
            as_: `dicts`, or `raw`: each row as the bytes of a JSON object, exactly as the server
                sent them, in a fraction of the time. Without the extra `fast` they are decoded
                and encoded anew, which keeps their values.
            where: MongoDB query, checked before it is sent (see `kobo_async.query`).
            fields: paths to ask for; `_id`, `_uuid` and `meta/rootUuid` always come along, and
                with raw rows the empty `_validation_status` that the server adds.
            after: begin above this `_id`, such as the `last_id` of an earlier report; 0.
            strategy: `offsets` computes the pages from the count, `ranges` cuts the ids into
                ranges and is better where the server is slow to skip rows; `auto` finds out.
            strict: raise when a part cannot be read, as by default; otherwise the report names
                the gaps.
            page_size: rows per request; 1,000. Servers give no more than that, whatever is asked.
            window: pages that may lie ready; one and a half times the limit of requests.
            on_progress: told of rows delivered and expected, after every page.

        Permission: `view_submissions`, or `partial_submissions` for the rows it covers. Each page
        adds a row to the project history (`api-facts §3.6`).
        Errors: IncompleteDownload; NotFound; BadRequest where the project was never deployed.
        """
        opened: AbstractAsyncContextManager[Batches[Any]]
        opened = self.pages(uid_asset, as_=as_, **wanted)
        async with opened as batches:
            yield Rows(batches)
