"""The jobs of the soak: each does real work through faults, and checks what it got."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from uuid import uuid4

import attrs

from kobo_async import ExportOptions, Filled, KoboClient, KoboError
from kobo_async.sinks.sql.mirror import SqlMirror
from kobo_async.sync.memory import MemoryMirror

ARRIVALS, PHOTOS = 5, "photos"
Job = Callable[[], Awaitable[None]]


@attrs.frozen(kw_only=True)
class Site:
    """A server, and what it should be seen to hold."""

    url: str
    token: str
    still: str
    still_ids: list[int]
    still_files: int
    moving: str
    moving_ids: list[int]


@attrs.define
class Work:
    """Everything that is done in a round, over and over.

    Attributes:
        done: how often each job came to its end.
        refused: typed errors, by job and type; the job is tried again in the next round.
        lost: rows and files that were not as they should be, by job; not those that were told.
    """

    client: KoboClient
    site: Site
    folder: Path
    done: Counter[str] = attrs.Factory(Counter)
    refused: Counter[str] = attrs.Factory(Counter)
    rows: int = 0
    lost: Counter[str] = attrs.Factory(Counter)
    memory: MemoryMirror = attrs.Factory(MemoryMirror)
    _numbers: count[int] = attrs.Factory(count)

    def jobs(self) -> dict[str, Job]:
        """List the jobs by name."""
        return {
            "download": self.download,
            "tables": self.tables,
            "attachments": self.attachments,
            "export": self.export,
            "submit and sync": self.follow,
        }

    async def run(self, name: str, job: Job) -> None:
        """Do a job once; a typed error is an answer, too."""
        try:
            await job()
        except KoboError as error:
            self.refused[f"{name}: {type(error).__name__}"] += 1
        else:
            self.done[name] += 1

    async def download(self) -> None:
        """Read a project that stands still."""
        got = []
        strategy = ("offsets", "ranges")[next(self._numbers) % 2]
        pages = self.client.submissions.stream(
            self.site.still,
            page_size=50,
            strategy=strategy,  # type: ignore[arg-type]
        )
        async with pages as rows:
            async for row in rows:
                got.append(row["_id"])  # noqa: PERF401 - as users write it
        self._compare("download", got, self.site.still_ids)

    async def tables(self) -> None:
        """Read it as Arrow tables."""
        found = await self.client.tables.fetch(self.site.still, page_size=70)
        self._compare("tables", found.main["_id"].to_pylist(), self.site.still_ids)

    async def attachments(self) -> None:
        """Fetch all of its files into an empty folder."""
        folder = self.folder / PHOTOS
        shutil.rmtree(folder, ignore_errors=True)
        report = await self.client.attachments.mirror(self.site.still, folder)
        files = sum(one.is_file() for one in folder.glob("[!.]*/*"))
        if report.ok:
            self.lost["attachments"] += abs(files - self.site.still_files)
        else:
            self.refused["attachments: told in the report"] += 1

    async def export(self) -> None:
        """Let the server make a file, and fetch it."""
        path = self.folder / "export.csv"
        made = await self.client.exports.run(self.site.still, ExportOptions("csv"), path=path)
        lines = path.read_bytes().count(b"\n")
        self.lost["export"] += max(0, len(self.site.still_ids) - lines)
        await self.client.exports.delete(self.site.still, made.task.uid)

    async def follow(self) -> None:
        """Submit, follow with two mirrors, delete, and follow again."""
        submissions, uid = self.client.submissions, self.site.moving
        new = [Filled({"hh_size": "3"}, instance_id=f"uuid:{uuid4()}") for _ in range(ARRIVALS)]
        missing = new
        while missing:
            told = await submissions.submit_many(uid, missing, check=False)
            missing = [one for one, outcome in zip(missing, told, strict=True) if not outcome.done]
        wanted = {one.instance_id for one in new}
        await self._sync()
        there = {row["meta/instanceID"]: number for number, row in self.memory.rows.items()}
        self.lost["submit"] += len(wanted - there.keys())
        old = set(self.site.moving_ids)
        await submissions.delete_many(uid, [one for one in self.memory.rows if one not in old])
        await self._sync()
        self._compare("delete", sorted(self.memory.rows), self.site.moving_ids)

    async def _sync(self) -> None:
        uid = self.site.moving
        await self.client.sync.run(uid, self.memory)
        layout = await self.client.tables.layout(uid, numbering="submission")
        url = f"sqlite:///{self.folder / 'mirror.db'}"
        async with SqlMirror(url, layout, uid, hard_deletes=True) as mirror:
            await self.client.sync.run(uid, mirror)
            known = await mirror.known(0, 10**6)
        self._compare("sync", [one.id for one in known], sorted(self.memory.rows))

    def _compare(self, job: str, got: list[int], wanted: list[int]) -> None:
        self.rows += len(got)
        if got != wanted:
            differing = set(got) ^ set(wanted)
            self.lost[job] += max(len(differing), abs(len(got) - len(wanted)), 1)
