"""Who follows which public collection (api-facts §4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from kobo_async.testing.permissions import ANONYMOUS

if TYPE_CHECKING:
    from kobo_async.testing.form import FakeForm
    from kobo_async.testing.managing import Managing


@attrs.frozen
class Subscription:
    """That an account follows a collection."""

    uid: str
    username: str
    asset: str


def is_public(form: FakeForm | None) -> bool:
    """Tell whether an asset can be followed: a collection that everybody may discover."""
    if form is None or form.asset_type != "collection":
        return False
    return form.grants.holds_directly(ANONYMOUS, "discover_asset")


def subscribers(fake: Managing, asset: str) -> set[str]:
    """Return who follows a collection."""
    return {one.username for one in fake.subscriptions.values() if one.asset == asset}


def access_types(fake: Managing, form: FakeForm, username: str | None) -> list[str]:
    """Return why a user sees a collection."""
    found = {
        "owned": form.owner == username,
        "shared": form.owner != username and form.grants.holds_directly(username, "view_asset"),
        "public": is_public(form),
        "subscribed": username in subscribers(fake, form.uid),
    }
    return [name for name, holds in found.items() if holds]
