"""This SDK, from the server into a sink: the option `sink` names it, `folder` is where."""

from __future__ import annotations

import asyncio
from pathlib import Path

import _sinks

from contestants import TOKEN, Job, Seen
from kobo_async import KoboClient


async def _pull(job: Job) -> Seen:
    candidate = _sinks.SINKS[job.options["sink"]]
    layout = candidate.layout()
    async with KoboClient(job.url, token=TOKEN) as client:
        source = (
            client.tables.batches(job.uid, layout)
            if candidate.takes == "tables"
            else client.submissions.pages(job.uid)
        )
        async with source as pages, candidate.open(Path(job.options["folder"]), layout) as sink:
            async for page in pages:
                await sink.write(page)
    assert pages.report is not None
    seen = Seen()
    seen.rows, seen.id_sum = pages.report.delivered, None
    return seen


def fetch(job: Job) -> Seen:
    """Download all rows into the sink."""
    return asyncio.run(_pull(job))
