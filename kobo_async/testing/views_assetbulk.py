"""Archiving, deleting and restoring several assets at once (observed §3)."""

from __future__ import annotations

from typing import Any, Final

from kobo_async.testing.access import signed_in
from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import (
    FORBIDDEN,
    RefusedError,
    Reply,
    json_reply,
)
from kobo_async.testing.views import Asked, View

_DONE: Final = {
    "archive": "archived",
    "unarchive": "unarchived",
    "delete": "deleted",
    "undelete": "undeleted",
}
_REQUIRED: Final = {"payload": ["This field is required."]}
_ACTIONS: Final = {"payload": [f"Supported values for `action` are: {', '.join(_DONE)}"]}
_DRAFTS: Final = {"payload": ["Draft projects cannot be archived"]}


def _bulk(asked: Asked) -> Reply:
    data = asked.data
    payload = data.get("payload") if isinstance(data, dict) else None
    if not isinstance(payload, dict):
        raise RefusedError(400, _REQUIRED)
    action = payload.get("action")
    if action not in _DONE:
        raise RefusedError(400, _ACTIONS)
    forms = _chosen(asked, payload, action)
    if action.endswith("archive") and not all(form.deployed for form in forms):
        raise RefusedError(400, _DRAFTS)
    for form in forms:
        _act(asked, form, action)
    what = "1 project has" if len(forms) == 1 else f"{len(forms)} projects have"
    return json_reply({"detail": f"{what} been {_DONE[action]}"})


def _chosen(asked: Asked, payload: dict[str, Any], action: str) -> list[FakeForm]:
    """Return the assets, all of them or none: `confirm` means every one the user owns."""
    if action == "undelete" and not asked.superuser:
        raise RefusedError(403, FORBIDDEN)
    forms = asked.fake.trash if action == "undelete" else asked.fake.forms
    if payload.get("confirm") is True:
        return [form for form in forms.values() if form.owner == asked.info.user]
    uids = payload.get("asset_uids")
    if not uids:
        raise RefusedError(400, _REQUIRED)
    if not all(uid in forms and _allowed(asked, forms[uid], action) for uid in uids):
        raise RefusedError(403, FORBIDDEN)
    return [forms[uid] for uid in dict.fromkeys(uids)]


def _allowed(asked: Asked, form: FakeForm, action: str) -> bool:
    if asked.superuser or form.owner == asked.info.user:
        return True
    return action.endswith("archive") and "manage_asset" in form.grants.of(asked.info.user)


def _act(asked: Asked, form: FakeForm, action: str) -> None:
    if action == "delete":
        asked.fake.discard(form)
    elif action == "undelete":
        asked.fake.restore(form)
    else:
        form.activate(active=action == "unarchive", by=asked.info.user)


BULK = View(allow="POST, OPTIONS", handlers={"POST": _bulk}, check=signed_in)
