"""Pages that are at hand already into a sink: what a download into it costs besides the download.

The clock in `extra` runs while pages are decoded, tabulated and written, up to the moment when what
was written counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import _sinks
from _rows import DISTINCT, bodies

from contestants import Job, Seen, pull
from kobo_async.bulk.rows import reader
from kobo_async.forms.columns import Layout
from kobo_async.forms.tabulate import Tabulator
from kobo_async.resources.submissions import LIST, UnreadPage
from kobo_async.tables.reading import reading

prepare = pull.prepare


def _pages(job: Job) -> Iterator[UnreadPage]:
    rows, pool = job.options["rows"], bodies("household")
    for first in range(0, rows, DISTINCT):
        heads = (b'{"_id":%d' % number for number in range(first + 1, rows + 1))
        page = b",".join(a + b for a, b in zip(heads, islice(pool, DISTINCT), strict=False))
        yield UnreadPage(LIST.at(job.uid), b'{"count":%d,"results":[%b]}' % (rows, page))


def _maker(layout: Layout, takes: str) -> Callable[[UnreadPage], Sequence[Any]]:
    """Return what makes that of a page which the sink takes."""
    if takes == "raw":
        split = reader("raw")
        return lambda page: split(page).items
    read, shapes = reading(layout)
    tabulator = Tabulator(layout, shapes)
    return lambda page: tabulator.add(read(page).items)


async def _fill(job: Job) -> Seen:
    candidate = _sinks.SINKS[job.options["sink"]]
    layout = candidate.layout()
    make, pages = _maker(layout, candidate.takes), [*_pages(job)]
    async with candidate.open(Path(job.options["folder"]), layout) as sink:
        began, working = time.perf_counter(), time.process_time()
        for page in pages:
            await sink.write(make(page))
    seconds, busy = time.perf_counter() - began, time.process_time() - working
    return Seen(job.options["rows"], None, {"seconds": seconds, "cpu_seconds": busy})


def fetch(job: Job) -> Seen:
    """Write all rows."""
    return asyncio.run(_fill(job))
