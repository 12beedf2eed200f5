"""The submissions of a project as typed tables: all at once, or batch by batch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack, cast

import attrs

from kobo_async.bulk.fetch import Batches, BulkSubmissions, Reading
from kobo_async.bulk.report import Completeness
from kobo_async.clock import Clock, SystemClock
from kobo_async.collector import collector_pause
from kobo_async.forms.columns import Batch, Layout, TableOptions
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import BadCells, Tabulator
from kobo_async.forms.versions import merged
from kobo_async.pages import Sender
from kobo_async.resources.assets import Assets
from kobo_async.tables.contents import deployed_contents
from kobo_async.tables.reading import reading

if TYPE_CHECKING:
    from kobo_async.tables.collected import Tables


class TableFields(TypedDict, total=False):
    """The fields of `TableOptions`, given by name."""

    values: Literal["typed", "text"]
    labels: str | None
    headers: Literal["path", "name", "label"]
    group_sep: str
    system: Sequence[str] | Literal["all"]
    repeat_system: bool
    select_multiple: Literal["list", "indicators", "both"]
    geometry: Literal["wkt", "geojson", "text"]
    offsets: bool
    media: bool
    numbering: Literal["table", "submission"]
    only: Sequence[str]


class LayoutChoice(TableFields, total=False):
    """How tables are laid out where no layout is given."""

    all_versions: bool


class Request(LayoutChoice, Reading, total=False):
    """What `batches` and `fetch` take by name."""


class TableBatches:
    """The pages of a download as batches: for each page one batch of every table.

    Attributes:
        layout: the tables, in the order of the batches.
    """

    def __init__(self, pages: Batches[Any], tabulator: Tabulator) -> None:
        self.layout: Layout = tabulator.layout
        self._pages = pages
        self._tabulator = tabulator

    @property
    def report(self) -> Completeness | None:
        """What was delivered; None until the last page has been read."""
        return self._pages.report

    @property
    def bad(self) -> BadCells:
        """The answers so far that did not fit their question; they stand in `_extra`."""
        return self._tabulator.bad

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Batch]:
        return self._tabulator.add(await self._pages.__anext__())


@attrs.frozen
class ProjectTables:
    """The submissions of the projects of one server as tables.

    Options by name are those of `TableOptions`.
    """

    _sender: Sender
    _clock: Clock = attrs.field(factory=SystemClock, kw_only=True)
    _window: int = attrs.field(default=16, kw_only=True)

    async def layout(
        self, uid_asset: str, *, all_versions: bool = True, **options: Unpack[TableFields]
    ) -> Layout:
        """Lay out the tables of a project.

        The form is merged from all versions that data was collected with, so that answers to
        questions which are gone keep their columns; with `all_versions=False` it is the one that
        is deployed now. Drafts do not count, unless there is nothing else.

        Permission: `view_asset`. Errors: NotFound; ConfigError for a language that the form does
        not have. `api-facts §4.3, §4.8`.
        """
        asset = await Assets(self._sender).get(uid_asset, exclude=["deployment__links"])
        contents = await deployed_contents(self._sender, asset, all_versions=all_versions)
        form = attrs.evolve(merged(contents, asset.name), uid=asset.uid)
        return lay_out(form, TableOptions(**options))

    @asynccontextmanager
    async def batches(
        self, uid_asset: str, layout: Layout | None = None, **request: Unpack[Request]
    ) -> AsyncIterator[TableBatches]:
        """Download all submissions as batches of typed rows, in the order of `_id`.

            async with client.tables.batches(uid) as batches:
                async for batch in batches:
                    ...
            print(batches.report, batches.bad.count)

        Each step gives one `Batch` for every table of the layout, made of a page of rows. Memory
        is bounded by `window` pages, whatever their number. Arguments by name are those of
        `submissions.stream` and, where no layout is given, of `layout`.

        Permission: `view_submissions`, or `partial_submissions` for the rows it covers.
        Errors: as for `submissions.stream` and `layout`.
        """
        wanted, options = _divided(request)
        layout = layout or await self.layout(uid_asset, **options)
        read, shapes = reading(layout)
        submissions = BulkSubmissions(self._sender, clock=self._clock, window=self._window)
        async with submissions.pages(uid_asset, as_=read, **wanted) as pages:
            yield TableBatches(pages, Tabulator(layout, shapes))

    async def fetch(
        self, uid_asset: str, layout: Layout | None = None, **request: Unpack[Request]
    ) -> Tables:
        """Download all submissions as Arrow tables.

            tables = await client.tables.fetch(uid)
            tables.main, tables["members"], tables.to_pandas()

        Arguments by name are those of `batches`. Everything is kept in memory: about a kilobyte
        for each submission of a middling form. Python's garbage collector rests meanwhile.

        Permission and errors: as for `batches`; ConfigError if pyarrow is not installed
        (`kobo-async[arrow]`).
        """
        from kobo_async.tables.collected import collected  # noqa: PLC0415 - an extra

        with collector_pause:
            async with self.batches(uid_asset, layout, **request) as batches:
                return await collected(batches)


def _divided(request: Request) -> tuple[Reading, LayoutChoice]:
    """Tell what is about the download from what is about the layout."""
    names = Reading.__annotations__.keys()
    download = {name: value for name, value in request.items() if name in names}
    layout = {name: value for name, value in request.items() if name not in names}
    return cast(Reading, download), cast(LayoutChoice, layout)
