"""Finds what a receiver missed: deliveries that failed while it was away.

A run finds all of it too, later: this is for speed. Only those who may change the project may read
the logs (`api-facts §4.11`); for others there is the run alone.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from kobo_async.api import Api
from kobo_async.errors import NotFound, PermissionDenied
from kobo_async.known import Known
from kobo_async.models.hook import SUCCESS
from kobo_async.query import Unchecked
from kobo_async.sync.fetching import by_id


async def undelivered(api: Api, uid: str, since: datetime) -> list[str]:
    """Return root uuids of submissions whose delivery changed since, and is not a success."""
    ids: set[int] = set()
    with suppress(NotFound, PermissionDenied):
        for hook in await api.hooks.list(uid).all():
            logs = await api.hooks.logs(uid, hook.uid, since=since).all()
            ids.update(log.submission_id for log in logs if log.status != SUCCESS)
    found: list[str] = []
    for condition in by_id([*ids]):
        rows = api.submissions.list(uid, where=Unchecked(condition), fields=["meta/rootUuid"])
        found += [Known.of(row).root_uuid async for row in rows]
    return found
