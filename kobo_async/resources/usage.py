"""How much of a plan is used up (`/api/v2/asset_usage/`, `/api/v2/service_usage/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import Op, Paging
from kobo_async.models.usage import AssetUsage, ServiceUsage
from kobo_async.pages import Pages, Sender

ASSETS = Op("GET", "/api/v2/asset_usage/", AssetUsage, paging=Paging.COUNTED)
SERVICE = Op("GET", "/api/v2/service_usage/", ServiceUsage)


@attrs.frozen
class Usage:
    """Use of the caller's account."""

    _sender: Sender

    def assets(self, *, page_size: int = 100) -> Pages[AssetUsage]:
        """List use asset by asset, of all types: the caller's own.

        The server counts for each asset anew, so pages are small. Submissions that were deleted
        stay counted. Permission: any account.
        """
        return self._sender.pages(ASSETS.at(query={"limit": page_size}))

    async def service(self) -> ServiceUsage:
        """Fetch use of everything together, up to 15 minutes old.

        For members of an organization it is that of the organization's owner.

        Permission: any account.
        """
        return await self._sender.send(SERVICE.at())
