"""Files with the submissions of a project (`/api/v2/assets/{uid}/exports/`)."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.export import ExportOptions, ExportTask, ExportType
from kobo_async.pages import Pages, Sender, whole

LIST = Op("GET", "/api/v2/assets/{uid_asset}/exports/", ExportTask, paging=Paging.COUNTED)
CREATE = Op("POST", "/api/v2/assets/{uid_asset}/exports/", ExportTask, repeatable=True)
GET = Op("GET", "/api/v2/assets/{uid_asset}/exports/{uid_export}/", ExportTask)
DELETE = Op(
    "DELETE", "/api/v2/assets/{uid_asset}/exports/{uid_export}/", type(None), repeatable=True
)
DOWNLOAD_SYNC = Op(
    "GET",
    "/api/v2/assets/{uid_asset}/export-settings/{uid_export_setting}/data/",
    bytes,
    accept="*/*",
)

ExportStatus: TypeAlias = Literal["created", "processing", "complete", "error"]
ExportOrdering: TypeAlias = Literal["date_created", "-date_created"]
XLSX: Final = ExportOptions("xls")


@attrs.frozen
class Exports:
    """Exports that the server makes in the background.

    Only the ten newest of an account and project are kept. Permission, for all of it:
    `view_submissions`, or `partial_submissions` for the rows it covers.
    """

    _sender: Sender

    def list(
        self,
        uid_asset: str,
        *,
        status: ExportStatus | Omit = OMIT,
        type: ExportType | Omit = OMIT,
        ordering: ExportOrdering | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[ExportTask]:
        """List the caller's own exports.

        Permission: `view_submissions`. Errors: NotFound, also without the permission.
        """
        wanted = given(status=status, data__type=type)
        q = " AND ".join(f"{name}:{value}" for name, value in wanted.items())
        query = given(q=q or OMIT, ordering=ordering, limit=page_size)
        return self._sender.pages(LIST.at(uid_asset, query=query))

    async def create(self, uid_asset: str, *, options: ExportOptions = XLSX) -> ExportTask:
        """Start an export, an Excel file unless `options` say otherwise; poll it with `get`.

        While the same export is running, its task is returned instead of a new one. Anonymous
        callers get one export at a time.

        Permission: `view_submissions`. Errors: BadRequest for a language the form does not have
        (`ExportOptions.check_lang` asks beforehand) and for projects that were never deployed;
        ServerBusy while another anonymous export runs (`api-facts §5`).
        """
        return await self._sender.send(CREATE.at(uid_asset, json=options.as_json()))

    async def get(self, uid_asset: str, uid_export: str) -> ExportTask:
        """Fetch an export, to see whether it is done.

        `result` points to the file, which needs the credentials as well.

        Permission: the caller's own export. Errors: NotFound for the eleventh newest and older.
        """
        return await self._sender.send(GET.at(uid_asset, uid_export))

    async def delete(self, uid_asset: str, uid_export: str) -> None:
        """Delete an export and its file.

        Permission: the caller's own export. Errors: NotFound when repeated.
        """
        await self._sender.send(DELETE.at(uid_asset, uid_export))

    async def download_sync(
        self, uid_asset: str, uid_export_setting: str, *, format: Literal["csv", "xlsx"] = "xlsx"
    ) -> bytes:
        """Make a file from kept settings while the caller waits, and fetch it.

        The server keeps the file, or the failure, for five minutes: it can be that old. It has
        120 seconds to make it.

        Permission: `view_submissions`. Errors: ServerBusy while another one is made, ServerError
        with a text that says when it may be tried again (`observed §7`).
        """
        call = DOWNLOAD_SYNC.at(uid_asset, uid_export_setting, query={"format": format})
        async with self._sender.open(call) as body:
            return await whole(body)
