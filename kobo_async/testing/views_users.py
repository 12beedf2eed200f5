"""Other accounts, as far as they can be seen (observed §1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kobo_async.testing.access import signed_in
from kobo_async.testing.messages import FORBIDDEN, RefusedError, Reply, json_reply
from kobo_async.testing.permissions import ANONYMOUS
from kobo_async.testing.subscriptions import is_public, subscribers
from kobo_async.testing.users import User
from kobo_async.testing.views import Asked, View


def _detail(asked: Asked) -> Reply:
    username = asked.params["username"]
    user = asked.fake.users.get(username)
    if user is None and username != ANONYMOUS:
        raise RefusedError(404, {"detail": "No User matches the given query."})
    collections = [
        form for form in asked.fake.forms.values() if form.owner == username and is_public(form)
    ]
    followers = sum(len(subscribers(asked.fake, form.uid)) for form in collections)
    joined = user.joined if user else asked.fake.users[asked.fake.username].joined
    return json_reply(
        {
            "url": f"{asked.info.base}/api/v2/users/{username}/",
            "username": username,
            "date_joined": _second(joined),
            "public_collection_subscribers_count": followers,
            "public_collections_count": len(collections),
        }
    )


def _list(asked: Asked) -> Reply:
    if not asked.superuser:
        raise RefusedError(403, FORBIDDEN)
    users = enumerate(asked.fake.users.values(), 1)
    return asked.listed([_listed(asked, number, user) for number, user in users])


def _listed(asked: Asked, number: int, user: User) -> dict[str, Any]:
    hidden = {"require_auth"}
    return {
        "id": number,
        "username": user.username,
        "is_superuser": user.superuser,
        "date_joined": _second(user.joined),
        "last_login": None,
        "is_active": True,
        "email": user.email,
        "asset_count": sum(form.owner == user.username for form in asked.fake.forms.values()),
        "metadata": {name: value for name, value in user.details.items() if name not in hidden},
    }


def _second(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


LIST = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _list}, check=signed_in)
DETAIL = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _detail}, check=signed_in)
