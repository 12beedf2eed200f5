"""The history of a project as the API shows it: whole seconds, newest first (api-facts §3.6)."""

from __future__ import annotations

from functools import partial
from typing import Any

from kobo_async.testing.access import check_held
from kobo_async.testing.history import Entry
from kobo_async.testing.messages import (
    NOT_FOUND,
    RefusedError,
    Reply,
    json_reply,
)
from kobo_async.testing.users import ANONYMOUS_UID
from kobo_async.testing.views import Asked, View


def _check(asked: Asked) -> None:
    """Refuse all but managers; unlike elsewhere, even those who do not see the asset get a 403."""
    if asked.form is None:
        raise RefusedError(404, NOT_FOUND)
    check_held(asked, "manage_asset")


def _list(asked: Asked) -> Reply:
    found = asked.existing.history.select(asked.info.query.get("q"))
    return asked.listed(found, partial(shown, asked))


def shown(asked: Asked, entry: Entry) -> dict[str, Any]:
    """Return an entry as the API shows it."""
    user = asked.fake.users.get(entry.username)
    return {
        "user": f"{asked.info.base}/api/v2/users/{entry.username}/",
        "user_uid": user.uid if user else ANONYMOUS_UID,
        "username": entry.username,
        "action": entry.action,
        "metadata": entry.metadata,
        "date_created": f"{entry.created:%Y-%m-%dT%H:%M:%SZ}",
    }


def _actions(asked: Asked) -> Reply:
    return json_reply({"actions": asked.existing.history.actions})


def _export(_: Asked) -> Reply:
    """Start an export that is sent by e-mail."""
    return json_reply({"status": "created"}, 202)


LIST = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _list}, check=_check)
ACTIONS = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _actions}, check=_check)
EXPORT = View(allow="POST, OPTIONS", handlers={"POST": _export}, check=_check)
