"""Makes plans: finds out how much there is, and at which ids to cut it.

The server is asked for the ids at evenly spaced places of its list, one row at a time. Whatever
changes between these requests shifts where is cut, and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, TypedDict, Unpack

import anyio.to_thread

from kobo_async.attachments.run import Deletes
from kobo_async.bulk.window import open_window
from kobo_async.client import KoboClient
from kobo_async.errors import ConfigError
from kobo_async.pages import Page
from kobo_async.query import Unchecked, Where, both, checked
from kobo_async.resources.attachments import Size
from kobo_async.resources.submissions import Row
from kobo_async.sinks.folders import Folder
from kobo_async.sinks.places import is_url
from kobo_async.tables.project import TableFields
from kobo_async.units.plan import Files, Job, Lines, Plan, Tables, Work

AT_ONCE: Final = 8


class MirrorFields(TypedDict, total=False):
    """What `plan_attachments` hands on to `client.attachments.mirror`."""

    size: Size
    name: str
    deletes: Deletes
    max_delete_fraction: float


async def plan_tables(
    client: KoboClient,
    uid_asset: str,
    target: str | os.PathLike[str],
    *,
    rows: int = 50_000,
    where: Where = None,
    after: int = 0,
    partition_by: str | None = None,
    **options: Unpack[TableFields],
) -> Plan:
    """Plan to write the tables of a project as Parquet, a file for each table and unit.

    A table is the folder of its name in the target: `<table>/part-<ids>.parquet`, or, divided by
    a column, `<table>/day_month=2026-11/part-<ids>-0.parquet`. Rows of repeats are counted in
    each submission (`numbering="submission"`): units do not know what stands before them.

    Args:
        client: of the server.
        uid_asset: the project.
        target: a folder that all who do units share, or an address that fsspec understands. It
            must be new or empty, unless the plan goes on `after` an earlier one.
        rows: submissions per unit, about.
        where: MongoDB query; only these submissions.
        after: only submissions above this `_id`, such as the last bound of an earlier plan.
        partition_by: column that divides the tables; see `kobo_async.sinks.parquet.Parquet`.
        options: those of `TableOptions`.

    Permission: `view_asset` and `view_submissions`.
    Errors: ConfigError for a target that cannot be; QueryError; otherwise see `tables.layout`.
    """
    if options.get("numbering") == "table":
        raise ConfigError("units count the rows of repeats in each submission, not in the table")
    options["numbering"] = "submission"
    layout = await client.tables.layout(uid_asset, **options)
    job = Tables(
        target=await _folder(target, fresh=not after),
        form=layout.form,
        options={**options},
        partition_by=partition_by,
    )
    await anyio.to_thread.run_sync(job.sink, "part")  # refuses now what units would refuse
    return await _plan(client, job, uid_asset, where, after, rows)


async def plan_rows(
    client: KoboClient,
    uid_asset: str,
    target: str | os.PathLike[str],
    *,
    rows: int = 50_000,
    where: Where = None,
    after: int = 0,
    fields: Sequence[str] | None = None,
) -> Plan:
    """Plan to write rows as the server sends them: `part-<ids>.jsonl.gz` for each unit.

    Arguments, permission and errors are those of `plan_tables`; `fields` are the paths to ask for.
    """
    named = None if fields is None else tuple(fields)
    job = Lines(target=await _folder(target, fresh=not after), fields=named)
    return await _plan(client, job, uid_asset, where, after, rows)


async def plan_attachments(
    client: KoboClient,
    uid_asset: str,
    target: str | os.PathLike[str],
    *,
    rows: int = 5_000,
    where: Where = None,
    after: int = 0,
    **options: Unpack[MirrorFields],
) -> Plan:
    """Plan to mirror the attachments of a project, into a folder for each unit: `<ids>/`.

    Each is a mirror of its own: a unit that is done again fetches what is new or broke off.
    Arguments, permission and errors are those of `plan_tables`; `options` are those of
    `client.attachments.mirror`.
    """
    job = Files(target=await _folder(target, fresh=not after), options={**options})
    return await _plan(client, job, uid_asset, where, after, rows)


async def _plan(
    client: KoboClient, job: Job, uid_asset: str, where: Where, after: int, rows: int
) -> Plan:
    work = Work(server=client.settings.server, asset=uid_asset, where=checked(where), job=job)
    if rows < 1:
        raise ConfigError(f"a unit has a row at least, not {rows}")
    expected, bounds = await _cut(client, work, after, rows)
    plan = Plan(work=work, expected=expected, bounds=bounds)
    return Plan.loads(plan.dumps())  # so that it equals what it is after a journey


async def _cut(
    client: KoboClient, work: Work, after: int, rows: int
) -> tuple[int, tuple[int, ...]]:
    """Count the submissions, and find where to cut them."""
    newest = await _one(client, work, {"$gt": after}, order=-1)
    if not newest.items:
        return 0, (after,)
    count, pin = newest.count or 0, newest.items[0]["_id"]
    parts, cuts = -(-count // rows), {pin}

    async def last_of(part: int) -> Page[Row]:
        place = count * part // parts - 1
        return await _one(client, work, {"$gt": after, "$lte": pin}, order=1, place=place)

    async with open_window(AT_ONCE) as window:
        ahead = window.ahead(last_of, iter(range(1, parts)))
        while taken := ahead.take():
            cuts.update(row["_id"] for row in (await taken[1].result()).items)
    return count, (after, *sorted(cuts))


async def _one(
    client: KoboClient,
    work: Work,
    ids: Mapping[str, int],
    *,
    order: Literal[1, -1],
    place: int = 0,
) -> Page[Row]:
    """Fetch the id at a place of the list."""
    where = Unchecked(both(work.where, {"_id": ids}))
    return await client.submissions.page(
        work.asset, where=where, fields=["_id"], sort={"_id": order}, start=place, limit=1
    )


async def _folder(target: str | os.PathLike[str], *, fresh: bool) -> str:
    """Name the target so that it is the same everywhere, and look whether it is empty."""

    def look() -> str:
        name = os.fspath(target)
        folder = Folder(name if is_url(name) else Path(name).absolute())
        if fresh and not folder.is_empty():
            raise ConfigError(f"{name} is not empty: name a new folder, or go on `after` a plan")
        return folder.name

    return await anyio.to_thread.run_sync(look)
