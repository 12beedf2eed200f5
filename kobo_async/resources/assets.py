"""Projects, library items and collections (`/api/v2/assets/`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs

from kobo_async import q as q_language
from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.asset import Asset
from kobo_async.pages import Pages, Sender
from kobo_async.q import Q

LIST = Op("GET", "/api/v2/assets/", Asset, paging=Paging.COUNTED)
GET = Op("GET", "/api/v2/assets/{uid_asset}/", Asset)

Sharing: TypeAlias = Literal["private", "shared", "public", "public-discoverable"]
Ordering: TypeAlias = Literal[
    "asset_type",
    "-asset_type",
    "date_modified",
    "-date_modified",
    "date_deployed",
    "-date_deployed",
    "name",
    "-name",
    "owner__username",
    "-owner__username",
    "_deployment_status",
    "-_deployment_status",
]


@attrs.frozen
class Assets:
    """Projects, library items and collections that the caller can see."""

    _sender: Sender

    def list(
        self,
        *,
        q: Q | str | Omit = OMIT,
        ordering: Ordering | Omit = OMIT,
        status: Sharing | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[Asset]:
        """List assets, all of them, page by page.

        Items lack what only `get` has (`content`, `files`, `effective_permissions`). The server
        orders by deployment status, then by date of change, unless `ordering` says otherwise;
        assets that change between two pages can move across them. There is no filter by type
        but `q` (`api-facts §4.1`): `kobo_async.q.surveys()`.

        Permission: what is shared with the caller. Superusers see only that, too.
        Errors: QueryError for a `q` that would match nothing whatever there is.
        """
        query = given(ordering=ordering, status=status, limit=page_size)
        if not isinstance(q, Omit):
            query["q"] = q_language.source(q)
        return self._sender.pages(LIST.at(query=query))

    async def get(self, uid_asset: str, *, exclude: Sequence[str] = ()) -> Asset:
        """Fetch one asset whole.

        For an active project the server asks Enketo for links on the way, which can be slow.
        `exclude` drops fields from the answer, such as `content`.

        Permission: `view_asset`. Errors: NotFound, also where the asset is not shared.
        """
        query = {"exclude": ",".join(exclude)} if exclude else {}
        return await self._sender.send(GET.at(uid_asset, query=query))
