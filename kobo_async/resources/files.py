"""Media files and map layers of a form (`/api/v2/assets/{uid}/files/`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import attrs
import orjson

from kobo_async.call import OMIT, Omit, Op, Paging, Upload, given
from kobo_async.models.arguments import as_data_url
from kobo_async.models.file import AssetFile
from kobo_async.models.links import uid_of
from kobo_async.pages import Pages, Sender, whole

LIST = Op("GET", "/api/v2/assets/{uid_asset}/files/", AssetFile, paging=Paging.COUNTED)
UPLOAD = Op("POST", LIST.path, AssetFile, repeatable=False)
GET = Op("GET", "/api/v2/assets/{uid_asset}/files/{uid_file}/", AssetFile)
DELETE = Op("DELETE", GET.path, type(None), repeatable=True)
DOWNLOAD = Op("GET", "/api/v2/assets/{uid_asset}/files/{uid_file}/content/", bytes, accept="*/*")

FileType: TypeAlias = Literal["form_media", "map_layer"]


@attrs.frozen
class Files:
    """Files of the forms of one server. Data collectors get them with the next deployment."""

    _sender: Sender

    def list(
        self, uid_asset: str, *, file_type: FileType | Omit = OMIT, page_size: int = 1000
    ) -> Pages[AssetFile]:
        """List files. The data of paired projects is not among them.

        Permission: `view_asset`. Errors: NotFound.
        """
        query = given(file_type=file_type, limit=page_size)
        return self._sender.pages(LIST.at(uid_asset, query=query))

    async def upload(
        self,
        uid_asset: str,
        *,
        filename: str,
        content: bytes,
        file_type: FileType = "form_media",
        description: str | Omit = OMIT,
    ) -> AssetFile:
        """Upload a file. A form names it by `filename`.

        The server goes by the ending of the name: images, audio, video, `.csv`, `.xml`, `.zip`,
        `.geojson` as form media; `.csv`, `.kml`, `.kmz`, `.wkt`, `.geojson`, `.json` as map layer.
        It does not replace: delete the file of the same name first. Deploy again to publish.

        Permission: `change_asset`. Errors: BadRequest for a name that is there already, or an
        ending that does not fit. `api-facts §4.9`.
        """
        form = _form(file_type, description, filename, {"filename": filename})
        part = Upload("content", filename, content)
        return await self._sender.send(UPLOAD.at(uid_asset, form=form, files=[part]))

    async def upload_base64(
        self,
        uid_asset: str,
        *,
        filename: str,
        encoded: str,
        file_type: FileType = "form_media",
        description: str | Omit = OMIT,
    ) -> AssetFile:
        """Upload a file that is at hand as base64 or as a `data:` URL.

        The server accepts no more than 10 MiB this way. Permission and errors: see `upload`.
        """
        form = _form(file_type, description, filename, {"filename": filename})
        form["base64Encoded"] = as_data_url(encoded)
        return await self._sender.send(UPLOAD.at(uid_asset, form=form))

    async def link(
        self,
        uid_asset: str,
        *,
        redirect_url: str,
        file_type: FileType = "form_media",
        description: str | Omit = OMIT,
    ) -> AssetFile:
        """Let a form use a file that lies elsewhere.

        The file is named by the last part of the URL's path, which needs an ending as for
        `upload`. The server never looks at it: its `hash` is that of the URL.

        Permission: `change_asset`. Errors: BadRequest.
        """
        name = uid_of(redirect_url)
        form = _form(file_type, description, name, {"redirect_url": redirect_url})
        return await self._sender.send(UPLOAD.at(uid_asset, form=form))

    async def get(self, uid_asset: str, uid_file: str) -> AssetFile:
        """Fetch what the server knows of a file.

        Permission: `view_asset`. Errors: NotFound.
        """
        return await self._sender.send(GET.at(uid_asset, uid_file))

    async def delete(self, uid_asset: str, uid_file: str) -> None:
        """Delete a file. Data collectors keep it until the form is deployed again.

        Permission: `change_asset`. Errors: NotFound when repeated, PermissionDenied.
        """
        await self._sender.send(DELETE.at(uid_asset, uid_file))

    async def download(self, uid_asset: str, uid_file: str) -> bytes:
        """Fetch the bytes of a file, from elsewhere if it was linked.

        The credentials stay with this server. Permission: `view_asset`. Errors: NotFound.
        """
        async with self._sender.open(DOWNLOAD.at(uid_asset, uid_file)) as body:
            return await whole(body)


def _form(
    file_type: FileType, description: str | Omit, name: str, metadata: Mapping[str, str]
) -> dict[str, str]:
    """Return the fields of the form; the server fails without description and metadata."""
    return {
        "file_type": file_type,
        "description": name if isinstance(description, Omit) else description,
        "metadata": orjson.dumps(metadata).decode(),
    }
