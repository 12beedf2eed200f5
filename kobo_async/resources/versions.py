"""Versions of a form (`/api/v2/assets/{uid}/versions/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.version import Version
from kobo_async.pages import Pages, Sender

LIST = Op("GET", "/api/v2/assets/{uid_asset}/versions/", Version, paging=Paging.COUNTED)
GET = Op("GET", "/api/v2/assets/{uid_asset}/versions/{uid_version}/", Version)


@attrs.frozen
class Versions:
    """Versions of the forms of one server. They are made by saving, and never changed."""

    _sender: Sender

    def list(
        self, uid_asset: str, *, deployed: bool | Omit = OMIT, page_size: int = 1000
    ) -> Pages[Version]:
        """List versions, the newest first; without `content`, which only `get` has.

        `deployed=True` keeps those that data was collected with.

        Permission: `view_asset`. Errors: NotFound. `api-facts §4.8`.
        """
        query = given(deployed=deployed, limit=page_size)
        return self._sender.pages(LIST.at(uid_asset, query=query))

    async def get(self, uid_asset: str, uid_version: str) -> Version:
        """Fetch one version with its content.

        Permission: `view_asset`. Errors: NotFound.
        """
        return await self._sender.send(GET.at(uid_asset, uid_version))
