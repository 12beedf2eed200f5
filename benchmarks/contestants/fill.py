"""Pages that are at hand already into a sink: what a download into it costs besides the download.

The first clock in `extra` runs while rows are tabulated and written, up to the moment when what was
written counts; the second one while pages are decoded, too. Raw rows are split by both.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import _sinks
from _rows import DISTINCT, bodies

from contestants import Job, Seen, pull
from kobo_async.bulk.rows import reader
from kobo_async.forms.columns import Layout
from kobo_async.forms.tabulate import Tabulator
from kobo_async.resources.submissions import LIST, UnreadPage
from kobo_async.tables.reading import reading

prepare = pull.prepare
CLOCKS = ("seconds", "cpu_seconds")
Decode: TypeAlias = Callable[[UnreadPage], Any]
Make: TypeAlias = Callable[[Any], Sequence[Any]]


def _pages(job: Job) -> Iterator[UnreadPage]:
    rows, pool = job.options["rows"], bodies("household")
    for first in range(0, rows, DISTINCT):
        heads = (b'{"_id":%d' % number for number in range(first + 1, rows + 1))
        page = b",".join(a + b for a, b in zip(heads, islice(pool, DISTINCT), strict=False))
        yield UnreadPage(LIST.at(job.uid), b'{"count":%d,"results":[%b]}' % (rows, page))


def _steps(layout: Layout, takes: str) -> tuple[Decode, Make]:
    """Return what decodes a page, and what makes that of it which the sink takes."""
    if takes == "raw":
        split = reader("raw")
        return lambda page: page, lambda page: split(page).items
    read, shapes = reading(layout)
    tabulator = Tabulator(layout, shapes)
    return lambda page: read(page).items, tabulator.add


async def _fill(job: Job) -> Seen:
    candidate = _sinks.SINKS[job.options["sink"]]
    layout = candidate.layout()
    (decode, make), pages = _steps(layout, candidate.takes), [*_pages(job)]
    async with candidate.open(Path(job.options["folder"]), layout) as sink:
        began, decoding = _now(), [0.0, 0.0]
        for page in pages:
            before = _now()
            decoded = decode(page)
            decoding = [a + b - c for a, b, c in zip(decoding, _now(), before, strict=True)]
            await sink.write(make(decoded))
    whole = [end - start for start, end in zip(began, _now(), strict=True)]
    alone = [both - part for both, part in zip(whole, decoding, strict=True)]
    return Seen(job.options["rows"], None, {**_named("", alone), **_named("decoding_", whole)})


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _named(prefix: str, clocks: Sequence[float]) -> dict[str, float]:
    return {f"{prefix}{name}": one for name, one in zip(CLOCKS, clocks, strict=True)}


def fetch(job: Job) -> Seen:
    """Write all rows."""
    return asyncio.run(_fill(job))
