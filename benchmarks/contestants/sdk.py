"""This SDK. Without options: dicts, with default settings.

Options: `fixed` number of requests at a time, `http` library, `uvloop`, `raw` rows, `jsonl` file
for them, `all` rows in a list, `pause` that a page takes its reader, `strategy`, `page_size`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from contestants import PAGE_SIZE, TOKEN, Job, Seen
from kobo_async import Concurrency, KoboClient
from kobo_async.events import Event, LimitChanged
from kobo_async.sinks.jsonl import JsonLines

CONNECTIONS = {"httpx": ("httpcore",), "httpx2": ("httpx2", "httpcore2")}
LATE = ("anyio._backends._asyncio", "kobo_async.verbs.submissions", "kobo_async.transport.pooled")


def prepare(job: Job) -> None:
    """Import what would be imported at the first request."""
    http = job.options.get("http", "httpx")
    names = [*LATE, *CONNECTIONS.get(http, ("kobo_async.transport.over_aiohttp",))]
    if job.options.get("raw"):
        names.append("kobo_async.bulk.splitting")
    if job.options.get("uvloop"):
        names.append("uvloop")
    for name in names:
        import_module(name)


def _settings(job: Job) -> dict[str, Any]:
    settings = {"http": job.options.get("http", "httpx"), "verify": job.ca or True}
    if "fixed" in job.options:
        settings["concurrency"] = Concurrency.fixed(job.options["fixed"])
    return settings


def _limits(seen: Seen) -> Callable[[Event], None]:
    """Note when the limit of requests changed, and to what."""
    started = time.perf_counter()
    changes: list[tuple[float, int]] = []
    seen.extra["limits"] = changes

    def note(event: Event) -> None:
        if isinstance(event, LimitChanged):
            changes.append((round(time.perf_counter() - started, 3), event.limit))

    return note


async def _stream(job: Job) -> Seen:
    seen = Seen()
    rows = ids = 0
    more = {name: job.options[name] for name in ("page_size", "strategy") if name in job.options}
    watch = _limits(seen) if job.options.get("watch") else None
    async with (
        KoboClient(job.url, token=TOKEN, on_event=watch, **_settings(job)) as client,
        client.submissions.stream(job.uid, **more) as stream,
    ):
        pause = job.options.get("pause")
        if job.options.get("all"):
            return _added_up(await stream.all())
        async for row in stream:
            rows += 1
            ids += row["_id"]
            if pause and rows % PAGE_SIZE == 0:
                await asyncio.sleep(pause)
    seen.rows, seen.id_sum = rows, ids
    if stream.report:
        seen.extra["strategy"] = stream.report.strategy
    return seen


def _added_up(rows: Sequence[Mapping[str, Any]]) -> Seen:
    return Seen(len(rows), sum(row["_id"] for row in rows))


async def _raw(job: Job) -> Seen:
    async with (
        KoboClient(job.url, token=TOKEN, **_settings(job)) as client,
        client.submissions.pages(job.uid, as_="raw") as pages,
    ):
        if "jsonl" in job.options:
            async with JsonLines(job.options["jsonl"]) as sink:
                rows = [await _written(sink, page) async for page in pages]
        else:
            rows = [len(page) async for page in pages]
    return Seen(sum(rows), None)


async def _written(sink: JsonLines, page: Sequence[bytes]) -> int:
    await sink.write(page)
    return len(page)


def fetch(job: Job) -> Seen:
    """Read all rows: dicts one by one, raw ones page by page."""
    loop = import_module("uvloop").new_event_loop if job.options.get("uvloop") else None
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(_raw(job) if job.options.get("raw") else _stream(job))
