"""Downloads into sinks: rows as the server sends them, or the tables of a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from kobo_async.cli.connection import Connection
from kobo_async.cli.progress import Watch

if TYPE_CHECKING:
    from kobo_async.bulk.report import Completeness
    from kobo_async.client import KoboClient
    from kobo_async.forms.columns import Layout
    from kobo_async.forms.tabulate import BadCells
    from kobo_async.sinks import Destination, Sink, TableSink


@attrs.frozen(kw_only=True)
class Job:
    """What to download.

    Attributes:
        options: arguments of `submissions.pages` that `tables.batches` has, too.
        fields: paths of the questions that are wanted; None for all.
    """

    uid: str
    options: dict[str, Any]
    fields: Sequence[str] | None = None
    concurrency: int | None = None

    def client(self, connection: Connection, watch: Watch) -> KoboClient:
        """Make the client that tells the watch what happens below."""
        from kobo_async.config import Concurrency  # noqa: PLC0415 - slow to import

        settings: dict[str, Any] = {"on_event": watch.heard}
        if self.concurrency is not None:
            settings["concurrency"] = Concurrency.up_to(self.concurrency)
        return connection.client(**settings)


@attrs.frozen(kw_only=True)
class TableJob:
    """How tables are wanted.

    Attributes:
        layout: arguments of `tables.layout`.
        names: tables that are wanted; all if empty.
        safe_formulas: whether texts that a spreadsheet would compute are made harmless.
        prefix: stands before the names of tables in a database.
    """

    layout: dict[str, Any]
    names: Sequence[str] = ()
    safe_formulas: bool = False
    prefix: str = ""


@attrs.frozen
class Pulled:
    """What a download delivered.

    Attributes:
        bad: answers that did not fit the type of their question; None where rows were not read.
        notes: what the sink could not take as it was.
    """

    report: Completeness
    bad: BadCells | None = None
    notes: Sequence[str] = ()


async def download(
    connection: Connection, job: Job, sink: Sink, watch: Watch, *, raw: bool = False
) -> Completeness:
    """Read all pages into a sink for rows, which may take them raw.

    A choice of fields needs dicts: the server adds an empty validation status that nobody chose.
    """
    options = job.options if job.fields is None else job.options | {"fields": job.fields}
    if raw and job.fields is None:
        options = options | {"as_": "raw"}
    async with sink, job.client(connection, watch) as client:
        pages = client.submissions.pages(job.uid, on_progress=watch.moved, **options)
        async with pages as batches:
            async for rows in batches:
                await sink.write(rows)
                del rows  # before the next ones are made
        report: Completeness | None = batches.report
        assert report is not None
        return report


async def download_tables(
    connection: Connection, job: Job, wanted: TableJob, place: Destination, watch: Watch
) -> Pulled:
    """Read all pages as tables into the sink of a destination."""
    async with job.client(connection, watch) as client:
        only = {"only": job.fields} if job.fields else {}
        needed = wanted.layout | only | dict(place.format.layout)
        layout = await client.tables.layout(job.uid, **needed)
        chosen = _restricted(layout, wanted.names)
        sink = place.for_tables(chosen, safe_formulas=wanted.safe_formulas, prefix=wanted.prefix)
        async with sink:
            pulled = await _filled(client, job, layout, chosen, sink, watch)
        return attrs.evolve(pulled, notes=tuple(getattr(sink, "notes", ())))


async def _filled(
    client: KoboClient, job: Job, layout: Layout, chosen: Layout, sink: TableSink, watch: Watch
) -> Pulled:
    names = {table.name for table in chosen.tables}
    pages = client.tables.batches(job.uid, layout, on_progress=watch.moved, **job.options)
    async with pages as batches:
        async for made in batches:
            await sink.write([batch for batch in made if batch.table.name in names])
            del made  # before the next ones are: their memory, still in the cache, is taken again
    assert batches.report is not None
    return Pulled(batches.report, batches.bad)


def _restricted(layout: Layout, names: Sequence[str]) -> Layout:
    """Return the layout with the tables of these names alone."""
    from kobo_async.errors import ConfigError  # noqa: PLC0415 - beside its only use

    there = [table.name for table in layout.tables]
    if unknown := [name for name in names if name not in there]:
        raise ConfigError(f"there is no table {unknown[0]!r}: there are {', '.join(there)}")
    if not names:
        return layout
    return attrs.evolve(layout, tables=tuple(t for t in layout.tables if t.name in names))
