"""Whole jobs that leave something on disk, and how to read it: whole, or not at all."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import duckdb
import openpyxl
import pyarrow.parquet as pq

from kobo_async import ExportOptions
from kobo_async.sinks.destinations import destination, sink_for
from kobo_async.sinks.folder_mirror import FolderMirror
from kobo_async.sinks.sql.mirror import SqlMirror
from tests.chaos.worlds import World

Job = Callable[[World], Awaitable[None]]


def rows_into(name: str) -> Job:
    async def job(world: World) -> None:
        pages = world.client.submissions.pages(world.form.uid, page_size=5)
        async with pages as read, sink_for(world.folder / name) as sink:
            async for rows in read:
                await sink.write(rows)

    return job


def tables_into(name: str, before: str = "") -> Job:
    async def job(world: World) -> None:
        target = f"{before}{world.folder / name}" + "/" * name.endswith("folder")
        place, tables = destination(target), world.client.tables
        layout = await tables.layout(world.form.uid, **place.format.layout)
        pages = tables.batches(world.form.uid, layout, page_size=5)
        async with pages as batches, place.for_tables(layout) as sink:
            async for batch in batches:
                await sink.write(batch)

    return job


async def follow_in_a_folder(world: World) -> None:
    async with FolderMirror(world.folder / "mirror", world.form.uid) as mirror:
        await world.client.sync.run(world.form.uid, mirror)
        assert await mirror.count() == len(world.ids)
        assert len(await mirror.known(0, 5)) == 5


async def follow_in_sqlite(world: World) -> None:
    layout = await world.client.tables.layout(world.form.uid, numbering="submission")
    url = f"sqlite:///{world.folder / 'mirror.db'}"
    async with SqlMirror(url, layout, world.form.uid) as mirror:
        await world.client.sync.run(world.form.uid, mirror)
        assert await mirror.count() == len(world.ids)
        assert len(await mirror.known(0, 5)) == 5


async def follow_in_memory(world: World) -> None:
    await world.client.sync.run(world.form.uid, world.mirror)
    assert world.mirror.rows == {number: dict(row) for number, row in world.form.rows.items()}
    assert len(await world.mirror.known(0, 5)) == 5


async def mirror_attachments(world: World) -> None:
    report = await world.client.attachments.mirror(world.form.uid, world.folder / "files")
    assert report.ok
    assert report.downloaded + report.unchanged > 0


async def export(world: World) -> None:
    options = ExportOptions("csv")
    await world.client.exports.run(world.form.uid, options, path=world.folder / "export.csv")


async def export_at_once(world: World) -> None:
    world.clock.advance(1)
    setting = await world.uid_export_setting()
    path = world.folder / "sync.csv"
    await world.client.exports.sync_export(world.form.uid, setting, path=path)


async def fetch_form(world: World) -> None:
    await world.client.forms.download_xml(world.form.uid, world.folder / "form.xml")


async def submit_and_edit(world: World) -> None:
    submissions = world.client.submissions
    await submissions.submit(world.form.uid, {"hh_size": "3"}, instance_id="uuid:7-7")
    await submissions.edit_many(world.form.uid, {n: {"hh_size": n} for n in world.ids[:3]})


AGAIN: dict[str, Job] = {
    "submissions.stream into .jsonl": rows_into("out.jsonl"),
    "submissions.stream into .jsonl.gz": rows_into("out.jsonl.gz"),
    "tables into .csv": tables_into("out.csv"),
    "tables into .csv.gz": tables_into("out.csv.gz"),
    "tables into .xlsx": tables_into("out.xlsx"),
    "tables into .geojson": tables_into("out.geojson"),
    "tables into .parquet": tables_into("out.parquet"),
    "tables into a folder": tables_into("folder"),
    "tables into SQLite": tables_into("out.db", "sqlite:///"),
    "tables into DuckDB": tables_into("out.duckdb"),
    "sync in a folder": follow_in_a_folder,
    "sync in SQLite": follow_in_sqlite,
    "sync in memory": follow_in_memory,
    "attachments.mirror": mirror_attachments,
    "exports.run": export,
    "exports.sync_export": export_at_once,
    "forms.download_xml": fetch_form,
    "submissions.submit and edit_many": submit_and_edit,
}
"""Jobs that may be repeated in the same place."""
RESUMED = ("sync", "attachments", "submissions.submit")
"""Those that go on from what an interrupted run left behind."""


def packed(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def workbook(path: Path) -> Any:
    book = openpyxl.load_workbook(path)
    return [[sheet.title, *sheet.iter_rows(values_only=True)] for sheet in book]


def sqlite(path: Path) -> Any:
    with closing(sqlite3.connect(path)) as base:
        return counts(base, "SELECT name FROM sqlite_schema WHERE type = 'table'")


def duck(path: Path) -> Any:
    with duckdb.connect(str(path)) as base:
        return counts(base, "SELECT table_name FROM information_schema.tables")


def counts(base: Any, listing: str) -> Any:
    """Count the rows of the tables of a database, without those of the sink itself."""
    names = sorted(name for (name,) in base.execute(listing).fetchall() if name[0] != "_")
    count = 'SELECT count(*) FROM "{}"'
    return [(name, base.execute(count.format(name)).fetchone()) for name in names]


JOURNALS = ("-wal", "-shm", ".wal")
READERS: dict[str, Callable[[Path], Any]] = {
    ".gz": packed,
    ".xlsx": workbook,
    ".parquet": lambda path: pq.read_table(path).to_pylist(),
    ".db": sqlite,
    ".duckdb": duck,
}


@attrs.frozen
class Disk:
    """What a job leaves in a folder, by path."""

    files: dict[str, Any]

    @classmethod
    def of(cls, folder: Path) -> Disk:
        found = [path for path in folder.rglob("*") if path.is_file()]
        return cls(
            {
                str(path.relative_to(folder)): READERS.get(path.suffix, Path.read_bytes)(path)
                for path in found
                if not path.name.endswith(JOURNALS)
            }
        )

    def is_part_of(self, whole: Disk) -> bool:
        """Tell whether every file is whole, or a database in which nothing counts yet."""
        return all(
            content == whole.files.get(name) or content == []
            for name, content in self.files.items()
        )
