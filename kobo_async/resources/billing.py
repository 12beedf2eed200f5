"""Plans and add-ons, on servers that bill through Stripe (`/api/v2/stripe/`)."""

from __future__ import annotations

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.billing import AddOn, Link, PlanChange, Product, Subscription
from kobo_async.pages import Pages, Sender

ADDONS = Op("GET", "/api/v2/stripe/addons/", AddOn, paging=Paging.COUNTED)
GET_ADDON = Op("GET", "/api/v2/stripe/addons/{id}/", AddOn)
CHANGE_PLAN = Op("GET", "/api/v2/stripe/change-plan", PlanChange, repeatable=False)
CHECKOUT_LINK = Op("POST", "/api/v2/stripe/checkout-link", Link, repeatable=False)
PORTAL = Op("POST", "/api/v2/stripe/customer-portal", Link, repeatable=False)
PRODUCTS = Op("GET", "/api/v2/stripe/products/", Product, paging=Paging.COUNTED)
SUBSCRIPTIONS = Op("GET", "/api/v2/stripe/subscriptions/", Subscription, paging=Paging.COUNTED)
GET_SUBSCRIPTION = Op("GET", "/api/v2/stripe/subscriptions/{id}/", Subscription)


@attrs.frozen
class Billing:
    """What the caller's organization has bought and can buy.

    Servers without Stripe do not know these paths: NotFound. What is asked for goes into the
    query string, of POST requests too: the server does not look at their body.
    """

    _sender: Sender

    def addons(self, *, page_size: int = 1000) -> Pages[AddOn]:
        """List add-ons that were bought. Permission: any account."""
        return self._sender.pages(ADDONS.at(query={"limit": page_size}))

    async def get_addon(self, id: str) -> AddOn:
        """Fetch an add-on. Permission: any account."""
        return await self._sender.send(GET_ADDON.at(id))

    async def change_plan(
        self, *, price_id: str, subscription_id: str, quantity: int | Omit = OMIT
    ) -> PlanChange:
        """Change a subscription, and charge for it.

        A dearer plan begins at once and is charged in proportion; a cheaper one begins with the
        next period. It is a GET request with consequences: it is sent once.

        Permission: owner of the organization. Errors: BadRequest for the plan in use.
        """
        query = given(price_id=price_id, subscription_id=subscription_id, quantity=quantity)
        return await self._sender.send(CHANGE_PLAN.at(query=query))

    async def checkout_link(
        self,
        *,
        price_id: str,
        organization_id: str | Omit = OMIT,
        quantity: int | Omit = OMIT,
    ) -> Link:
        """Make a page where something can be paid for.

        Permission: owner of the organization. Errors: NotFound on servers that sell nothing.
        """
        query = given(price_id=price_id, organization_id=organization_id, quantity=quantity)
        return await self._sender.send(CHECKOUT_LINK.at(query=query))

    async def portal(
        self,
        *,
        organization_id: str,
        price_id: str | Omit = OMIT,
        quantity: int | Omit = OMIT,
    ) -> Link:
        """Make a page where plans and invoices are managed.

        Permission: owner of the organization. Errors: BadRequest without an active plan.
        """
        query = given(organization_id=organization_id, price_id=price_id, quantity=quantity)
        return await self._sender.send(PORTAL.at(query=query))

    def products(self, *, page_size: int = 1000) -> Pages[Product]:
        """List what can be bought. Permission: none needed."""
        return self._sender.pages(PRODUCTS.at(query={"limit": page_size}))

    def subscriptions(self, *, page_size: int = 1000) -> Pages[Subscription]:
        """List plans in use, and those that were. Permission: any account."""
        return self._sender.pages(SUBSCRIPTIONS.at(query={"limit": page_size}))

    async def get_subscription(self, id: str) -> Subscription:
        """Fetch a plan. Permission: any account."""
        return await self._sender.send(GET_SUBSCRIPTION.at(id))
