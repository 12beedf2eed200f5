"""Subscriptions to public collections, and tags (`models §5`)."""

from __future__ import annotations

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class Subscription(Model):
    """That the caller follows a public collection. `asset` is its URL."""

    uid: str
    url: str
    asset: str


@attrs.frozen(kw_only=True)
class Tag(Model):
    """A tag that somebody gave to an asset."""

    name: str
    uid: str
