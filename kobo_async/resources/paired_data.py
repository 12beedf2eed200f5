"""The data of other projects as media of a form (`/api/v2/assets/{uid}/paired-data/`)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.arguments import listed
from kobo_async.models.links import asset_link
from kobo_async.models.paired_data import PairedData
from kobo_async.pages import Pages, Sender

LIST = Op("GET", "/api/v2/assets/{uid_asset}/paired-data/", PairedData, paging=Paging.COUNTED)
CREATE = Op("POST", LIST.path, PairedData, repeatable=False)
GET = Op("GET", "/api/v2/assets/{uid_asset}/paired-data/{uid_paired_data}/", PairedData)
UPDATE = Op("PATCH", GET.path, PairedData, repeatable=True)
DELETE = Op("DELETE", GET.path, type(None), repeatable=True)
EXTERNAL_XML = Op(
    "GET",
    "/api/v2/assets/{uid_asset}/paired-data/{uid_paired_data}/external/",
    bytes,
    accept="*/*",
)


@attrs.frozen
class PairedProjects:
    """Links between the projects of one server: one form reads what another one collected."""

    _sender: Sender

    def list(self, uid_asset: str, *, page_size: int = 1000) -> Pages[PairedData]:
        """List the links of a form.

        Permission: `view_asset`. Errors: NotFound.
        """
        return self._sender.pages(LIST.at(uid_asset, query={"limit": page_size}))

    async def create(
        self, uid_asset: str, *, source: str, filename: str, fields: Sequence[str] = ()
    ) -> PairedData:
        """Let a form read the data of `source`, a project named by uid or URL.

        `fields` are full paths of questions; none stands for all that the source shares. The form
        finds the data as `filename`, letters, digits, `_` and `-` only, with `.xml`. The source
        must share its data first: `assets.update(uid, data_sharing={"enabled": True})`. The answer
        says `source: None`; `get` tells it right.

        Permission: `change_asset`; the owner of the form must see the data of the source.
        Errors: BadRequest where the source does not share, or is linked already. `observed §9`.
        """
        body = {
            "source": asset_link(source),
            "filename": filename,
            "fields": listed("fields", fields),
        }
        return await self._sender.send(CREATE.at(uid_asset, json=body))

    async def get(self, uid_asset: str, uid_paired_data: str) -> PairedData:
        """Fetch one link.

        Permission: `view_asset`. Errors: NotFound.
        """
        return await self._sender.send(GET.at(uid_asset, uid_paired_data))

    async def update(
        self,
        uid_asset: str,
        uid_paired_data: str,
        *,
        filename: str | Omit = OMIT,
        fields: Sequence[str] | Omit = OMIT,
    ) -> PairedData:
        """Change file name or questions of a link; the source stays. No questions means all.

        Permission: `change_asset`. Errors: BadRequest, NotFound.
        """
        paths = fields if isinstance(fields, Omit) else listed("fields", fields)
        body = given(filename=filename, fields=paths)
        return await self._sender.send(UPDATE.at(uid_asset, uid_paired_data, json=body))

    async def delete(self, uid_asset: str, uid_paired_data: str) -> None:
        """Remove a link. The data of the source stays where it is.

        Permission: `change_asset`. Errors: NotFound when repeated.
        """
        await self._sender.send(DELETE.at(uid_asset, uid_paired_data))

    async def external_xml(self, uid_asset: str, uid_paired_data: str) -> bytes:
        """Fetch the linked data as data collectors get it, up to 300 seconds old.

        Permission: `add_submissions`, or none where anybody may submit. Errors: NotFound, also
        where either project is not deployed, or the source shares no longer.
        """
        return await self._sender.send(EXTERNAL_XML.at(uid_asset, uid_paired_data))
