"""Export settings kept under a name (`/api/v2/assets/{uid}/export-settings/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import OMIT, Call, Omit, Op, Paging, given
from kobo_async.errors import ServerError
from kobo_async.models.export import ExportOptions, ExportSetting
from kobo_async.pages import Pages, Sender

LIST = Op(
    "GET", "/api/v2/assets/{uid_asset}/export-settings/", ExportSetting, paging=Paging.COUNTED
)
CREATE = Op("POST", LIST.path, ExportSetting, repeatable=False)
GET = Op("GET", "/api/v2/assets/{uid_asset}/export-settings/{uid_export_setting}/", ExportSetting)
UPDATE = Op("PATCH", GET.path, ExportSetting, repeatable=True)
DELETE = Op("DELETE", GET.path, type(None), repeatable=True)


@attrs.frozen
class ExportSettings:
    """Settings for exports that spreadsheets and `exports.download_sync` fetch."""

    _sender: Sender

    def list(self, uid_asset: str, *, page_size: int = 1000) -> Pages[ExportSetting]:
        """List the settings of a project.

        Permission: `view_submissions`. Errors: NotFound, also without the permission.
        """
        return self._sender.pages(LIST.at(uid_asset, query={"limit": page_size}))

    async def create(self, uid_asset: str, *, name: str, options: ExportOptions) -> ExportSetting:
        """Keep settings under a name.

        The name must be new to the project: for one that exists the server answers with an error
        page, which is raised as ServerError (`observed §7`).

        Permission: `manage_asset`. Errors: BadRequest, ServerError.
        """
        body = {"name": name, "export_settings": options.as_json()}
        return await self._keep(CREATE.at(uid_asset, json=body))

    async def get(self, uid_asset: str, uid_export_setting: str) -> ExportSetting:
        """Fetch settings. Permission: `view_submissions`. Errors: NotFound."""
        return await self._sender.send(GET.at(uid_asset, uid_export_setting))

    async def update(
        self,
        uid_asset: str,
        uid_export_setting: str,
        *,
        name: str | Omit = OMIT,
        options: ExportOptions | Omit = OMIT,
    ) -> ExportSetting:
        """Rename settings, or replace them as a whole.

        Permission: `manage_asset`. Errors: ServerError for a name that exists, see `create`.
        """
        body = given(name=name)
        if not isinstance(options, Omit):
            body["export_settings"] = options.as_json()
        return await self._keep(UPDATE.at(uid_asset, uid_export_setting, json=body))

    async def delete(self, uid_asset: str, uid_export_setting: str) -> None:
        """Delete settings; links to their files stop working.

        Permission: `manage_asset`. Errors: NotFound when repeated.
        """
        await self._sender.send(DELETE.at(uid_asset, uid_export_setting))

    async def _keep(self, call: Call[ExportSetting]) -> ExportSetting:
        try:
            return await self._sender.send(call)
        except ServerError as error:
            error.add_note("The server fails like this for a name that the project has already.")
            raise
