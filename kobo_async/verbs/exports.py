"""Exports from the wish to the file."""

# ruff: noqa: ASYNC109 - patience with a job goes by the clock of the client, and cancels nothing

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from kobo_async.call import Call, Op
from kobo_async.clock import Clock
from kobo_async.errors import JobFailed, QueryError, ServerBusy
from kobo_async.models.asset import COSTLY, Asset
from kobo_async.models.export import ExportOptions, ExportTask, ExportType
from kobo_async.resources.assets import Assets
from kobo_async.resources.exports import DOWNLOAD_SYNC, Exports
from kobo_async.verbs.saving import Saved, check_place, fetch
from kobo_async.verbs.waiting import Patience, until
from kobo_async.wire import rebase

KEPT: Final = 10
"""Exports that the server keeps of an account and project; older ones go with their files."""
TIMEOUT: Final = 2100.0
"""Seconds after which the server gives up an export itself (`api-facts §5`)."""
SUFFIXES: Final[dict[str, ExportType]] = {
    ".csv": "csv",
    ".xlsx": "xls",
    ".geojson": "geojson",
    ".kml": "kml",
    ".zip": "spss_labels",
}
_RESULT: Op[bytes] = Op("GET", "/private-media/", bytes, accept="*/*")


@attrs.frozen(kw_only=True)
class Exported:
    """An export, and where it went.

    The server keeps the ten newest exports of an account and project, so that `task` and its
    file vanish ten exports later; what was saved stays.

    Attributes:
        task: the export as the server tells of it.
        path: the file, None where none was asked for.
        content: what the file holds, None where it is in `path`.
        size: bytes of the file.
        submissions: how many the project had, by the server's own count, which can be a little
            off; None for an export of some of them, and where the caller may not see all.
        age: seconds since the server took the order; what was submitted later is not in it.
    """

    task: ExportTask = attrs.field(repr=False)
    path: Path | None = None
    content: bytes | None = attrs.field(default=None, repr=False)
    size: int = 0
    submissions: int | None = None
    age: float = 0.0

    @property
    def status(self) -> str:
        """What the server says of the export: `complete`."""
        return self.task.status

    @property
    def last_submission_time(self) -> datetime | None:
        """When the newest submission of the project had arrived."""
        return self.task.last_submission_time

    @property
    def seconds(self) -> float | None:
        """How long the server worked on it."""
        taken: float | None = self.task.data.get("processing_time_seconds")
        return taken


@attrs.frozen(kw_only=True)
class SyncExported:
    """A synchronous export, and where it went.

    Attributes:
        path: the file, None where none was asked for.
        content: what the file holds, None where it is in `path`.
        size: bytes of the file.
        made: when the server made it; None where it does not say.
        age: seconds since then. It is up to 300 where somebody fetched the same settings just
            before; None where the server does not say.
    """

    path: Path | None
    content: bytes | None = attrs.field(repr=False)
    size: int
    made: datetime | None
    age: float | None


@attrs.frozen
class ExportVerbs(Exports):
    """Exports: made by the server in the background, and fetched.

    CSV files are UTF-8 without a mark, with `;` between values that are all in `"`, and CR LF at
    the end of lines (`observed §7`). Only the ten newest exports of an account and project are
    kept. Permission, for all of it: `view_submissions`, or `partial_submissions` for the rows it
    covers.
    """

    _clock: Clock

    async def run(
        self,
        uid_asset: str,
        options: ExportOptions | None = None,
        *,
        type: ExportType | None = None,
        path: str | Path | None = None,
        timeout: float = TIMEOUT,
    ) -> Exported:
        """Order an export, wait for it, and save its file, which appears whole or not at all.

        What to make is said by `options`, by `type` alone, or by the ending of `path`, and without
        any of them it is an Excel file; without a path the file is kept in memory. While the same
        export is running the server does not begin another one: then `age` is more than the wait.

        Permission: `view_submissions`. Errors: QueryError, before anything is ordered, for a
        language that the form does not have, for a project that was never deployed, and where
        `options`, `type` and the ending differ; JobFailed with what the server says; JobTimeout,
        after which `wait` goes on; NotFound when ten newer exports pushed it out.
        """
        chosen = _options(options, type, path)
        check_place(path)
        asset = await self._asset(uid_asset, chosen)
        task = await self.create(uid_asset, options=chosen)
        task = await self.wait(uid_asset, task.uid, timeout=timeout)
        saved = await self.fetch(task, path=path)
        whole = not chosen.submission_ids and chosen.query is None
        return Exported(
            task=task,
            path=saved.path,
            content=saved.content,
            size=saved.size,
            submissions=asset.deployment__submission_count if whole else None,
            age=self._age(task.date_created, None) or 0.0,
        )

    async def wait(
        self, uid_asset: str, uid_export: str, *, timeout: float = TIMEOUT
    ) -> ExportTask:
        """Wait until an export is complete.

        Permission: the caller's own export. Errors: JobFailed, JobTimeout, NotFound.
        """
        task = await until(
            lambda task: task.finished,
            lambda: self.get(uid_asset, uid_export),
            clock=self._clock,
            timeout=timeout,
            job=uid_export,
            what="export",
        )
        if task.status != "complete":
            said = task.messages.get("error") or "the server does not say why"
            kind = str(task.messages.get("error_type") or "")
            raise JobFailed(f"export {task.uid}: {said}", kind)
        return task

    async def fetch(self, task: ExportTask, *, path: str | Path | None = None) -> Saved:
        """Fetch the file of a complete export, to `path` or into memory.

        Permission: the caller's own export. Errors: QueryError where there is no file yet;
        NotFound when the export was pushed out or deleted.
        """
        if not task.result:
            raise QueryError(f"export {task.uid} has no file: it is {task.status}")
        # The link names whatever host the server takes itself for, below its own prefix.
        target = rebase(task.result, task.url.partition("/api/v2/")[0])
        return await fetch(self._sender, Call(_RESULT, target), path)

    async def sync_export(
        self,
        uid_asset: str,
        setting: str,
        *,
        format: Literal["csv", "xlsx"] = "csv",
        path: str | Path | None = None,
        timeout: float = 300.0,
    ) -> SyncExported:
        """Make a file from kept settings, given by uid, while the caller waits, and save it.

        The server keeps the file, or the failure, for five minutes: the same settings give the
        same file, and `age` says how old it is. While it makes another one it is asked again
        after the time it names. It gives itself 120 seconds; more takes `run`.

        Permission: `view_submissions`. Errors: ServerBusy when that does not end in `timeout`
        seconds; ServerError with a text that says when to try again. `observed §7`.
        """
        _options(None, "csv" if format == "csv" else "xls", path)
        check_place(path)
        call = DOWNLOAD_SYNC.at(uid_asset, setting, query={"format": format})
        saved = await self._when_free(call, path, timeout)
        made = _moment(saved.headers.get("last-modified"))
        return SyncExported(
            path=saved.path,
            content=saved.content,
            size=saved.size,
            made=made,
            age=self._age(made, _moment(saved.headers.get("date"))),
        )

    async def _when_free(self, call: Call[bytes], path: str | Path | None, timeout: float) -> Saved:
        patience = Patience(self._clock, timeout)
        while True:
            try:
                return await fetch(self._sender, call, path)
            except ServerBusy as error:
                if not await patience.rest(error.retry_after or 0.0):
                    raise

    async def _asset(self, uid_asset: str, options: ExportOptions) -> Asset:
        """Look whether the project can be exported this way."""
        asset = await Assets(self._sender).get(uid_asset, exclude=COSTLY)
        if not asset.has_deployment:
            raise QueryError(f"{uid_asset} was never deployed: there is nothing to export")
        options.check_lang(asset.summary.get("languages") or ())
        return asset

    def _age(self, made: datetime | None, now: datetime | None) -> float | None:
        if made is None:
            return None
        seconds = now.timestamp() if now else self._clock.wall()
        return max(seconds - made.timestamp(), 0.0)


def _options(
    options: ExportOptions | None, type: ExportType | None, path: str | Path | None
) -> ExportOptions:
    """Return what to export; a file whose name says something else would mislead."""
    named = SUFFIXES.get(Path(path).suffix.lower()) if path is not None else None
    chosen = options or ExportOptions(type or named or "xls")
    if type not in {None, chosen.type}:
        raise QueryError(f"type is {type!r}, and that of the options is {chosen.type!r}")
    if named not in {None, chosen.type}:
        raise QueryError(f"{path} would hold {chosen.type}, not what its ending says")
    return chosen


def _moment(header: Any) -> datetime | None:
    try:
        return parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
