"""One run of a mirror: what every row says, compared with what is there.

Files are fetched while further pages of rows arrive. A row that was read is the last word on its
own attachments: a file that is not among them any more is gone, or, where a new attachment has
the same name by the template, replaced. What no row spoke of is gone only if all rows were read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Literal, TypeAlias

import anyio
import attrs
from anyio.streams.memory import MemoryObjectReceiveStream

from kobo_async.attachments.catalog import DELETED, Catalog, Entry
from kobo_async.attachments.entries import Wanted, wanted
from kobo_async.attachments.fetching import Fetcher
from kobo_async.attachments.manifest import Manifest, dropped
from kobo_async.attachments.names import Template, numbered
from kobo_async.attachments.places import Place
from kobo_async.attachments.report import Failure, FilesProgress, OnFiles
from kobo_async.bulk.window import open_window
from kobo_async.errors import (
    AuthenticationFailed,
    ConfigError,
    ConnectFailed,
    KoboError,
    ServerUnavailable,
    SyncStopped,
)
from kobo_async.resources.attachments import Size

Deletes: TypeAlias = Literal["keep", "move", "remove"]
FATAL: Final = (AuthenticationFailed, ConfigError, ConnectFailed, ServerUnavailable)
"""Errors that the next file would meet as well."""


@attrs.frozen
class Job:
    """A file that is to be fetched, and the one whose place it takes."""

    wanted: Wanted
    base: str
    name: str
    size: Size
    replaces: Entry | None = None


@attrs.frozen
class Wish:
    """How a mirror is wanted; see `AttachmentVerbs.mirror`."""

    template: Template
    size: Size
    deletes: Deletes
    max_delete_fraction: float
    concurrency: int
    on_progress: OnFiles | None


@attrs.define
class Run:
    """The state of one run."""

    wish: Wish
    place: Place
    manifest: Manifest
    fetcher: Fetcher
    counts: Counter[str]
    failures: list[Failure] = attrs.field(factory=list)
    _fatal: Exception | None = None

    @property
    def _catalog(self) -> Catalog:
        return self.manifest.catalog

    async def follow(self, pages: AsyncIterator[Sequence[Mapping[str, Any]]]) -> None:
        """Fetch what the rows name and is not there."""
        queue, jobs = anyio.create_memory_object_stream[Job](self.wish.concurrency)
        async with open_window(self.wish.concurrency) as window, queue, jobs:
            workers = [window.start(self._work, jobs) for _ in range(self.wish.concurrency)]
            async for rows in pages:
                for row in rows:
                    for job in await self._compare(row):
                        await queue.send(job)
                        self._check()
                self.counts["submissions"] += len(rows)
                self._tell()
            queue.close()
            for worker in workers:
                await worker.result()
        self._check()

    async def _work(self, jobs: MemoryObjectReceiveStream[Job]) -> None:
        """Do one job after the other. Between two that lie ready, nobody else has a turn.

        A connection that lies idle for a moment makes the HTTP library look at it again and again.
        """
        with suppress(anyio.EndOfStream):
            while True:
                try:
                    job = jobs.receive_nowait()
                except anyio.WouldBlock:
                    job = await jobs.receive()
                await self._do(job)

    async def follow_absent(self) -> None:
        """Treat as gone what no row spoke of. Only after all rows were read.

        Raises:
            SyncStopped: before it deletes more than is allowed.
        """
        present = [entry for entry in self._catalog.entries.values() if not entry.gone]
        absent = [entry for entry in present if not entry.seen]
        if self.wish.deletes != "keep":
            self._guard(len(absent), len(present))
        for entry in absent:
            await self._dispose(entry)

    def _check(self) -> None:
        if self._fatal is not None:
            raise self._fatal

    def _guard(self, absent: int, present: int) -> None:
        if absent > self.wish.max_delete_fraction * present:
            raise SyncStopped(
                f"{absent} of {present} files belong to no submission any more, more than "
                f"max_delete_fraction={self.wish.max_delete_fraction:g} allows: they were left; "
                "raise the fraction if it is right"
            )

    async def _compare(self, row: Mapping[str, Any]) -> list[Job]:
        """Bring the files of a row up to date, all but those that are to be fetched."""
        live = {one.uid: one for one in wanted(row)}
        self.counts["found"] += len(live)
        known = {entry.uid: entry for entry in self._catalog.of(row["_id"])}
        gone = [entry for uid, entry in known.items() if uid not in live and not entry.gone]
        jobs = []
        for uid, one in live.items():
            base = one.named(self.wish.template)
            if not one.has_uid:
                self._fail(one, base, "the server names no uid of it")
            elif uid in known:
                jobs += await self._keep(known[uid], one, base)
            else:
                jobs.append(self._new(one, base, gone))
        for entry in gone:
            await self._dispose(entry)
        return jobs

    def _new(self, one: Wanted, base: str, gone: list[Entry]) -> Job:
        """Plan to fetch a file, into the place of one that is gone if their names agree."""
        before = next((entry for entry in gone if entry.base == base), None)
        if before is None:
            return Job(one, base, self._catalog.claim(base), one.size(self.wish.size))
        gone.remove(before)
        before.seen = True
        return Job(one, base, before.name, one.size(self.wish.size), replaces=before)

    async def _keep(self, entry: Entry, one: Wanted, base: str) -> list[Job]:
        """Leave a file as it is, but for its name, or plan to fetch it again."""
        entry.seen = True
        size = one.size(self.wish.size)
        renamed = await self._rename(entry, base) if entry.base != base else False
        there = await self.place.size(entry.name) == entry.bytes
        if not there or entry.size != size:
            return [Job(one, base, entry.name, size)]
        if entry.gone:
            entry.gone = False
            await self.manifest.note(entry.record())
        self.counts["renamed" if renamed else "unchanged"] += 1
        return []

    async def _rename(self, entry: Entry, base: str) -> bool:
        """Give a file the name that it has by now; tell whether there is one."""
        old, entry.base = entry.name, base
        entry.name = self._catalog.claim(base)
        self._catalog.release(old)
        if await self.place.size(old) is None:
            return False
        await self.manifest.note(entry.record(was=old))
        await self.place.move(old, entry.name)
        return True

    async def _do(self, job: Job) -> None:
        if self._fatal is not None:
            return
        try:
            await self._download(job)
        except FATAL as error:
            self._fatal = error
        except KoboError as error:
            self._fail(job.wanted, job.name, str(error))
        except Exception as error:  # noqa: BLE001 - raised again by _check()
            self._fatal = error
        self._tell()

    async def _download(self, job: Job) -> None:
        one = job.wanted
        path = self.place.unfinished(f"{one.uid}.{job.size}")
        size = await self.fetcher.fetch(one, job.size, path)
        records = []
        if job.replaces is not None:
            records.append(await self._replace(job.replaces))
        entry = Entry(one.uid, one.submission, job.base, job.name, size, job.size, seen=True)

        async def note(was: str | None) -> None:
            self._catalog.put(entry)
            await self.manifest.note(*records, entry.record(was=was))

        await self.place.publish(path, job.name, note)
        self.counts["downloaded"] += 1

    async def _replace(self, before: Entry) -> dict[str, Any]:
        self.counts["replaced"] += 1
        if self.wish.deletes == "move":
            await self._move_away(before)
        self._catalog.drop(before.uid)
        return dropped(before.uid)

    async def _dispose(self, entry: Entry) -> None:
        """Follow that an attachment is gone. What was done is noted after it, to be repeatable."""
        self.counts["deleted"] += 1
        if self.wish.deletes == "keep":
            entry.gone = True
            await self.manifest.note(entry.record())
            return
        if self.wish.deletes == "move":
            await self._move_away(entry)
        elif await self.place.size(entry.name) is not None:
            await self.place.remove(entry.name)
        self._catalog.drop(entry.uid)
        await self.manifest.note(dropped(entry.uid))

    async def _move_away(self, entry: Entry) -> None:
        if await self.place.size(entry.name) is None:
            return
        target, number = f"{DELETED}/{entry.name}", 1
        name = target
        while await self.place.size(name) is not None:
            number += 1
            name = numbered(target, number)
        await self.place.move(entry.name, name)

    def _fail(self, one: Wanted, name: str, reason: str) -> None:
        self.failures.append(Failure(one.submission, one.uid, name, reason))

    def _tell(self) -> None:
        if self.wish.on_progress:
            done = sum(self.counts[what] for what in ("unchanged", "renamed", "downloaded"))
            files = done + len(self.failures)
            self.wish.on_progress(FilesProgress(files, self.counts["found"], self.counts["bytes"]))
