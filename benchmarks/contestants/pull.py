"""This SDK, from the server into a sink: the option `sink` names it, `folder` is where."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path

import _sinks

from contestants import TOKEN, Job, Seen, sdk
from kobo_async import KoboClient


def prepare(job: Job) -> None:
    """Import what would be imported at the first request, and open no file yet."""
    sdk.prepare(job)
    import_module("kobo_async.bulk.splitting")
    import_module("kobo_async.tables.reading")
    candidate = _sinks.SINKS[job.options["sink"]]
    candidate.open(Path(job.options["folder"]), candidate.layout())


async def _pull(job: Job) -> Seen:
    candidate = _sinks.SINKS[job.options["sink"]]
    layout = candidate.layout()
    http = job.options.get("http", "httpx")
    async with KoboClient(job.url, token=TOKEN, http=http) as client:
        source = (
            client.tables.batches(job.uid, layout)
            if candidate.takes == "tables"
            else client.submissions.pages(job.uid, as_="raw")
        )
        async with source as pages, candidate.open(Path(job.options["folder"]), layout) as sink:
            async for page in pages:
                await sink.write(page)
                del page  # as the command line does
    assert pages.report is not None
    seen = Seen()
    seen.rows, seen.id_sum = pages.report.delivered, None
    return seen


def fetch(job: Job) -> Seen:
    """Download all rows into the sink."""
    return asyncio.run(_pull(job))
