"""Snapshots: forms made into XForms, to look at (`/api/v2/asset_snapshots/`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kobo_async.call import Op, Paging
from kobo_async.models.links import asset_link
from kobo_async.models.snapshot import Snapshot
from kobo_async.pages import Pages, Sender

LIST = Op("GET", "/api/v2/asset_snapshots/", Snapshot, paging=Paging.COUNTED)
CREATE = Op("POST", LIST.path, Snapshot, repeatable=False)
GET = Op("GET", "/api/v2/asset_snapshots/{uid_asset_snapshot}/", Snapshot)
DELETE = Op("DELETE", GET.path, type(None), repeatable=True)
PREVIEW_URL = Op(
    "GET",
    "/api/v2/asset_snapshots/{uid_asset_snapshot}/preview/",
    str,
    accept="*/*",
    also_ok=(302,),
)
XFORM_HTML = Op("GET", "/api/v2/asset_snapshots/{uid_asset_snapshot}/xform/", bytes, accept="*/*")
XML_WITH_DISCLAIMER = Op(
    "GET", "/api/v2/asset_snapshots/{uid_asset_snapshot}/xml_with_disclaimer/", bytes, accept="*/*"
)
_XML = Op("GET", "/api/v2/asset_snapshots/{uid_asset_snapshot}.xml", bytes, accept="*/*")


@attrs.frozen
class Snapshots:
    """Snapshots of forms on one server. It keeps them for 30 days."""

    _sender: Sender

    def list(self, *, page_size: int = 1000) -> Pages[Snapshot]:
        """List the caller's snapshots, and those of forms that the caller can see.

        Permission: any account.
        """
        return self._sender.pages(LIST.at(query={"limit": page_size}))

    async def create(self, *, asset: str) -> Snapshot:
        """Make a snapshot of an asset, named by uid or URL, as it is now, deployed or not.

        The server may hand out the snapshot it made of the same version before.

        Permission: `view_asset`. Errors: BadRequest with what is wrong with the form.
        """
        return await self._sender.send(CREATE.at(json={"asset": asset_link(asset)}))

    async def create_from_content(self, *, source: Mapping[str, Any]) -> Snapshot:
        """Make a snapshot of a form that is not saved: the way to check one.

        `source` has the shape of an asset's `content`.

        Permission: any account. Errors: BadRequest with what is wrong with the form.
        """
        return await self._sender.send(CREATE.at(json={"source": source}))

    async def get(self, uid_asset_snapshot: str) -> Snapshot:
        """Fetch one snapshot.

        Permission: the caller made it, or has `view_asset` on its form. Errors: NotFound.
        """
        return await self._sender.send(GET.at(uid_asset_snapshot))

    async def delete(self, uid_asset_snapshot: str) -> None:
        """Delete a snapshot.

        Permission: `delete_asset` on its form. Errors: PermissionDenied; NotFound when repeated.
        """
        await self._sender.send(DELETE.at(uid_asset_snapshot))

    async def xml(self, uid_asset_snapshot: str) -> bytes:
        """Fetch the XForm.

        Permission: none: whoever knows the uid can read the form. Errors: NotFound.
        """
        return await self._sender.send(_XML.at(uid_asset_snapshot))

    async def xml_with_disclaimer(self, uid_asset_snapshot: str) -> bytes:
        """Fetch the XForm with the server's disclaimer in it, as Enketo shows it.

        Permission: `view_asset` on its form. Errors: NotFound.
        """
        return await self._sender.send(XML_WITH_DISCLAIMER.at(uid_asset_snapshot))

    async def xform_html(self, uid_asset_snapshot: str) -> bytes:
        """Fetch the XForm as a coloured page; `xml` is the form itself.

        Permission: `view_asset` on its form. Errors: NotFound.
        """
        return await self._sender.send(XFORM_HTML.at(uid_asset_snapshot))

    async def preview_url(self, uid_asset_snapshot: str) -> str:
        """Fetch a link at which Enketo shows the form in a browser.

        Permission: `view_asset` on its form. Errors: ServerError while Enketo is down
        (`observed §3`), UnexpectedShape where the snapshot failed and there is nothing to show.
        """
        return await self._sender.send(PREVIEW_URL.at(uid_asset_snapshot))
