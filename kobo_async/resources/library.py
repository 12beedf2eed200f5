"""Public collections that the caller follows (`/api/v2/asset_subscriptions/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.library import Subscription
from kobo_async.models.links import asset_link
from kobo_async.pages import Pages, Sender

SUBSCRIPTIONS = Op("GET", "/api/v2/asset_subscriptions/", Subscription, paging=Paging.COUNTED)
SUBSCRIBE = Op("POST", SUBSCRIPTIONS.path, Subscription, repeatable=False)
GET_SUBSCRIPTION = Op("GET", "/api/v2/asset_subscriptions/{uid_asset_subscription}/", Subscription)
UNSUBSCRIBE = Op("DELETE", GET_SUBSCRIPTION.path, type(None), repeatable=True)


@attrs.frozen
class Library:
    """Subscriptions to public collections. The items of a collection are assets."""

    _sender: Sender

    def subscriptions(
        self, *, asset__uid: str | Omit = OMIT, page_size: int = 1000
    ) -> Pages[Subscription]:
        """List the caller's subscriptions, or the one to the collection `asset__uid`.

        Permission: any account.
        """
        query = given(asset__uid=asset__uid, limit=page_size)
        return self._sender.pages(SUBSCRIPTIONS.at(query=query))

    async def subscribe(self, *, asset: str) -> Subscription:
        """Follow a collection, named by uid or URL.

        Permission: any account; the collection must be public and discoverable.
        Errors: BadRequest for any other asset. `api-facts §4.7`.
        """
        return await self._sender.send(SUBSCRIBE.at(json={"asset": asset_link(asset)}))

    async def get_subscription(self, uid_asset_subscription: str) -> Subscription:
        """Fetch one of the caller's subscriptions.

        Permission: the caller's own. Errors: NotFound.
        """
        return await self._sender.send(GET_SUBSCRIPTION.at(uid_asset_subscription))

    async def unsubscribe(self, uid_asset_subscription: str) -> None:
        """Follow a collection no longer.

        Permission: the caller's own subscriptions. Errors: NotFound when repeated.
        """
        await self._sender.send(UNSUBSCRIBE.at(uid_asset_subscription))
