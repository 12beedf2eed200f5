"""`kobo-async history`: who did what to a project."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from kobo_async.cli.jobs import Way, fetched, reads
from kobo_async.cli.options import moment, uid_argument
from kobo_async.cli.output import show

if TYPE_CHECKING:
    from kobo_async.api import Api
    from kobo_async.models.log import HistoryEntry

COLUMNS = ("time", "user", "action", "about")


@click.command("history", short_help="Show who did what to a project.")
@uid_argument
@click.option("--since", type=moment, metavar="TIME", help="Only what happened then or later, UTC.")
@click.option("--until", type=moment, metavar="TIME", help="Only what happened before, UTC.")
@click.option("--action", "actions", multiple=True, help="Only this; repeatable.")
@click.option("-n", "--limit", type=click.IntRange(1), help="Only so many, the newest.")
@reads
def command(
    way: Way,
    *,
    uid: str,
    since: datetime | None,
    until: datetime | None,
    actions: tuple[str, ...],
    limit: int | None,
) -> None:
    """Show the history of project UID, the newest first: uploads, edits, exports, permissions.

    Every look at the data is in it as `view-data`. It takes `manage_asset`.
    """
    bounds = {"since": since, "until": until}
    filters: dict[str, Any] = {name: value for name, value in bounds.items() if value}
    entries = fetched(way, lambda api: _entries(api, uid, limit, actions=actions, **filters))
    show(way, COLUMNS, entries, _cells)


async def _entries(api: Api, uid: str, limit: int | None, **filters: Any) -> list[HistoryEntry]:
    page_size = min(limit or 1000, 1000)
    entries: list[HistoryEntry] = []
    async for entry in api.history.list(uid, page_size=page_size, **filters):
        entries.append(entry)
        if len(entries) == limit:
            break
    return entries


def _cells(entry: HistoryEntry) -> tuple[object, ...]:
    about = entry.root_uuid or entry.metadata.get("log_subtype", "")
    return f"{entry.date_created:%Y-%m-%d %H:%M:%S}", entry.username or "", entry.action, about
