"""Plans and add-ons of servers that bill through Stripe (`models §20`).

Stripe's own fields change with its versions: those not named here are in `extra`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class Price(Model):
    """What a product costs; `unit_amount` counts the smallest unit of `currency`."""

    id: str
    nickname: str | None = None
    currency: str = ""
    type: str = ""
    active: bool = True
    product: Any = None
    unit_amount: int | None = None
    human_readable_price: str = ""
    recurring: Any = None
    transform_quantity: Any = None
    metadata: Any = None


@attrs.frozen(kw_only=True)
class Product(Model):
    """A plan or an add-on that can be bought."""

    id: str
    name: str
    description: str | None = None
    type: str = ""
    prices: Sequence[Price] = ()
    metadata: Mapping[str, Any] = attrs.field(factory=dict, repr=False)


@attrs.frozen(kw_only=True)
class SubscriptionItem(Model):
    """What a subscription is for."""

    id: str
    price: Price
    quantity: int | None = None


@attrs.frozen(kw_only=True)
class Subscription(Model):
    """A plan in use. `status` is Stripe's, such as `active`, `past_due` or `canceled`."""

    id: str
    status: str
    items: Sequence[SubscriptionItem] = ()
    schedule: Any = None
    current_period_start: datetime | None = None
    current_period_end: datetime | None = None
    cancel_at_period_end: bool | None = None


@attrs.frozen(kw_only=True)
class AddOn(Model):
    """An add-on that was bought, and what is left of it."""

    id: str
    created: datetime | None = None
    is_available: bool = True
    usage_limits: Any = None
    total_usage_limits: Any = None
    limits_remaining: Any = None
    organization: str | None = None
    product: str | None = None


@attrs.frozen(kw_only=True)
class PlanChange(Model):
    """What became of a change of plan: `success`, `pending` or `scheduled`."""

    status: str = ""
    price_id: str | None = None


@attrs.frozen(kw_only=True)
class Link(Model):
    """A page of the payment service, to be opened in a browser by whoever pays."""

    url: str = attrs.field(repr=False)
