"""This SDK. Without options: with default settings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpcore  # noqa: F401 - httpx would import it with its first client, inside the clock

import kobo_async.verbs.submissions  # noqa: F401 - likewise, with the first use of the attribute
from contestants import TOKEN, Job, Seen
from kobo_async import Concurrency, KoboClient
from kobo_async.events import Event, LimitChanged


def _settings(job: Job) -> dict[str, Any]:
    if "fixed" in job.options:
        return {"concurrency": Concurrency.fixed(job.options["fixed"])}
    return {}


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
        async for row in stream:
            rows += 1
            ids += row["_id"]
    seen.rows, seen.id_sum = rows, ids
    return seen


def fetch(job: Job) -> Seen:
    """Stream all rows as dicts."""
    return asyncio.run(_stream(job))
