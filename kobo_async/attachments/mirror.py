"""`client.attachments`: single files, and all files of a project as a folder that follows it."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any, get_args

import attrs

from kobo_async.attachments import manifest
from kobo_async.attachments.fetching import Fetcher
from kobo_async.attachments.local import LocalPlace
from kobo_async.attachments.names import DEFAULT, Template
from kobo_async.attachments.places import Place
from kobo_async.attachments.remote import RemotePlace
from kobo_async.attachments.report import AttachmentsReport, OnFiles
from kobo_async.attachments.run import Deletes, Run, Wish
from kobo_async.bulk.fetch import BulkSubmissions
from kobo_async.bulk.report import Tally
from kobo_async.clock import Clock, SystemClock
from kobo_async.errors import ConfigError
from kobo_async.query import Where, canonical
from kobo_async.resources.attachments import Attachments, Size
from kobo_async.sinks.places import local_path

PAGES_AHEAD = 2
"""Pages of rows that may lie ready; each names up to some thousand files."""


@attrs.frozen
class AttachmentVerbs(Attachments):
    """Photos, recordings and other files that were submitted: one by one, or all of a project."""

    _clock: Clock = attrs.field(factory=SystemClock, kw_only=True)
    _window: int = attrs.field(default=16, kw_only=True)

    async def mirror(
        self,
        uid_asset: str,
        target: str | os.PathLike[str],
        *,
        where: Where = None,
        size: Size = "original",
        name: str = DEFAULT,
        deletes: Deletes = "keep",
        max_delete_fraction: float = 0.05,
        concurrency: int | None = None,
        on_progress: OnFiles | None = None,
    ) -> AttachmentsReport:
        """Bring a folder up to date with the attachments of a project.

        It may be stopped, or killed, and repeated at any time: files that are whole are not
        fetched again, and one that broke off goes on where it was, if the server sends parts.
        A file appears under its name when it is whole. Files whose length is not that of their
        attachment any more, or that are missing, are fetched again. A file that an edit replaced
        gives way to the new one.

        What the mirror knows stands in the folder `.kobo-attachments` inside.

        Args:
            uid_asset: the project.
            target: a folder, made if it is not there, or an address that fsspec understands
                (extra `remote`), such as `s3://bucket/photos`.
            where: mirror only the files of these submissions; always the same for one folder.
            size: `large`, `medium`, `small`: images of at most 1280, 640 or 240 pixels; other
                files come as they are.
            name: template of the files' names, with the fields `question_xpath` (path of the
                question, with `/`; in repeats with the number of the row), `question` (its last
                part), `_id`, `root_uuid`, `uid`, `name` of the file, its `stem` and `ext`
                (with the dot). Names are made safe, and those that are taken get a number.
            deletes: what becomes of a file whose attachment was deleted: `keep` leaves it,
                `move` puts it into the folder `_deleted`, with those that edits replaced, and
                `remove` removes it.
            max_delete_fraction: the run stops before it moves or removes more than this part of
                the files because their submissions are absent.
            concurrency: files at the same time, at most; by default as many as the client's own
                limit, which holds in any case.
            on_progress: told how far it is.

        Files that cannot be had are in the report (`failed`), and tried again by the next run.

        Permission: `view_submissions`, or `partial_submissions` for the rows it covers.
        Errors: ConfigError for a folder of another project, a name that cannot be filled, or a
        folder that another process fills; QueryError; SyncStopped; OSError where files cannot be
        written; NotFound; BadRequest where the project was never deployed.
        """
        _check("size", size, Size)
        _check("deletes", deletes, Deletes)
        wish = Wish(
            template=Template(name),
            size=size,
            deletes=deletes,
            max_delete_fraction=max_delete_fraction,
            concurrency=concurrency or max(1, self._window * 4 // 5),
            on_progress=on_progress,
        )
        scope = manifest.Scope(uid_asset, canonical(where))
        return await self._mirror(scope, where, wish, _place(target, self._clock))

    async def _mirror(
        self, scope: manifest.Scope, where: Where, wish: Wish, place: Place
    ) -> AttachmentsReport:
        started, tally, counts = self._clock.monotonic(), Tally(), Counter[str]()
        sender = self._sender.observed(tally)
        submissions = BulkSubmissions(sender, clock=self._clock, window=PAGES_AHEAD)

        def received(size: int) -> None:
            counts["bytes"] += size

        async with place:
            run = Run(
                wish=wish,
                place=place,
                manifest=await manifest.opened(place, scope),
                fetcher=Fetcher(Attachments(sender), scope.asset, received),
                counts=counts,
            )
            pages = submissions.pages(
                scope.asset, where=where, fields=["_attachments"], strict=False
            )
            async with pages as batches:
                await run.follow(batches)
            complete = batches.report is not None and batches.report.complete
            if complete:
                await run.follow_absent()
            if complete and not run.failures:
                place.clear()
        names = ("submissions", "downloaded", "replaced", "bytes", "unchanged", "renamed")
        return AttachmentsReport(
            asset=scope.asset,
            **{one: counts[one] for one in (*names, "deleted")},
            failed=tuple(run.failures),
            requests=tally.requests,
            seconds=self._clock.monotonic() - started,
            complete=complete,
        )


def _check(name: str, given: str, known: Any) -> None:
    """Refuse a misspelt choice, before files are removed because of it."""
    if given not in get_args(known):
        raise ConfigError(f"{name} is one of {', '.join(get_args(known))}, not {given!r}")


def _place(target: str | os.PathLike[str], clock: Clock) -> Place:
    path = local_path(target)
    return RemotePlace(str(target), clock) if path is None else LocalPlace(path)
