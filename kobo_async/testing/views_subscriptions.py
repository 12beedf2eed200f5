"""Following public collections (api-facts §4.7)."""

from __future__ import annotations

from typing import Final

from kobo_async.testing.access import signed_in
from kobo_async.testing.assetfields import uid_of
from kobo_async.testing.messages import RefusedError, Reply
from kobo_async.testing.paths import BASE
from kobo_async.testing.subscriptions import Subscription, is_public, subscribers
from kobo_async.testing.views import Asked, View

_NO_SUBSCRIPTION: Final = {"detail": "No UserAssetSubscription matches the given query."}
_MISSING: Final = "Invalid hyperlink - Object does not exist."


def _entry(one: Subscription) -> dict[str, str]:
    return {
        "url": f"{BASE}/api/v2/asset_subscriptions/{one.uid}/",
        "asset": f"{BASE}/api/v2/assets/{one.asset}/",
        "uid": one.uid,
    }


def _list(asked: Asked) -> Reply:
    wanted = asked.info.query.get("asset__uid")
    own = [one for one in asked.fake.subscriptions.values() if one.username == asked.info.user]
    return asked.listed([_entry(one) for one in own if wanted in {None, one.asset}])


def _create(asked: Asked) -> Reply:
    """Follow a collection; everything that is not a public one is a 400."""
    fake, data = asked.fake, asked.fields
    if not data.get("asset"):
        raise RefusedError(400, {"asset": ["This field is required."]})
    asset = uid_of(data["asset"])
    if not is_public(fake.forms.get(asset)):
        raise RefusedError(400, {"asset": [_MISSING]})
    made = Subscription(fake.new_uid("b"), signed_in(asked).username, asset)
    fake.subscriptions[made.uid] = made
    _count(asked, asset)
    return asked.linked(_entry(made), 201, located=True)


def _count(asked: Asked, asset: str) -> None:
    form = asked.fake.forms.get(asset)
    if form is not None:
        form.raw_asset["subscribers_count"] = len(subscribers(asked.fake, asset))


def _found(asked: Asked) -> Subscription:
    one = asked.fake.subscriptions.get(asked.params["subscription"])
    if one is None or one.username != asked.info.user:
        raise RefusedError(404, _NO_SUBSCRIPTION)
    return one


def _detail(asked: Asked) -> Reply:
    return asked.linked(_entry(_found(asked)))


def _delete(asked: Asked) -> Reply:
    one = _found(asked)
    del asked.fake.subscriptions[one.uid]
    _count(asked, one.asset)
    return Reply(204, content_type=None)


LIST = View(
    allow="GET, POST, HEAD, OPTIONS", handlers={"GET": _list, "POST": _create}, check=signed_in
)
DETAIL = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "DELETE": _delete},
    check=signed_in,
)
