"""Does one unit, alone. What is done twice leaves the same files as what is done once."""

from __future__ import annotations

from typing import Any

import anyio.to_thread

from kobo_async.attachments.report import AttachmentsReport
from kobo_async.bulk.report import Completeness
from kobo_async.client import KoboClient
from kobo_async.errors import ConfigError
from kobo_async.query import Unchecked, both
from kobo_async.sinks.folders import Folder
from kobo_async.sinks.jsonl import JsonLines
from kobo_async.units.plan import Files, Lines, Tables, Unit
from kobo_async.units.report import Done


async def run(unit: Unit, client: KoboClient) -> Done:
    """Do a unit, and tell what was done.

    Files appear under their names when the unit is complete, and replace those of an earlier
    attempt.

    Permission: that of what is done. Errors: ConfigError for a client of another server than the
    plan is about: a plan must not choose who gets the token; IncompleteDownload; otherwise see
    `submissions.stream` and `attachments.mirror`.
    """
    work = unit.work
    if client.settings.server != work.server:
        raise ConfigError(f"the unit is about {work.server}, the client of another server")
    match work.job:
        case Tables():
            return await _write_tables(unit, work.job, client)
        case Lines():
            return await _write_lines(unit, work.job, client)
        case Files():
            return await _mirror(unit, work.job, client)


async def _write_tables(unit: Unit, job: Tables, client: KoboClient) -> Done:
    sink, asset = job.sink(f"part-{unit.name}"), unit.work.asset
    pages = client.tables.batches(asset, job.layout(), after=unit.after, where=_upto(unit))
    async with sink, pages as batches:
        async for made in batches:
            await sink.write(made)
    assert batches.report is not None
    return _done(unit, batches.report, batches.bad.count)


async def _write_lines(unit: Unit, job: Lines, client: KoboClient) -> Done:
    folder = Folder(job.target)
    target = await anyio.to_thread.run_sync(folder.file, f"part-{unit.name}.jsonl.gz")
    form: Any = {"as_": "raw"} if job.fields is None else {"fields": job.fields}
    sink = JsonLines(target)
    pages = client.submissions.pages(unit.work.asset, after=unit.after, where=_upto(unit), **form)
    async with sink, pages as batches:
        async for rows in batches:
            await sink.write(rows)
    assert batches.report is not None
    return _done(unit, batches.report)


async def _mirror(unit: Unit, job: Files, client: KoboClient) -> Done:
    folder = Folder(job.target)
    target = await anyio.to_thread.run_sync(folder.file, unit.name)
    where = Unchecked(both(_upto(unit).query, {"_id": {"$gt": unit.after}}))
    report = await client.attachments.mirror(unit.work.asset, target, where=where, **job.options)
    return _done(unit, report)


def _upto(unit: Unit) -> Unchecked:
    return Unchecked(both(unit.work.where, {"_id": {"$lte": unit.upto}}))


def _done(unit: Unit, report: Completeness | AttachmentsReport, bad: int = 0) -> Done:
    ids = {"after": unit.after, "upto": unit.upto}
    return Done(asset=unit.work.asset, **ids, report=report, bad=bad)
