"""Giving projects to somebody else (models.md §16)."""

from __future__ import annotations

from typing import Any, Final

from kobo_async.testing.assetfields import uid_of
from kobo_async.testing.auth import CHALLENGE
from kobo_async.testing.generate import BASE
from kobo_async.testing.messages import (
    FORBIDDEN,
    UNAUTHENTICATED,
    CrashError,
    RefusedError,
    Reply,
)
from kobo_async.testing.views import Asked, View

_OWN: Final = f"{BASE}/api/v2/project-ownership/invites/"
_NO_INVITE: Final = {"detail": "No Invite matches the given query."}
_ANSWERS: Final = {"accepted": "recipient", "declined": "recipient", "cancelled": "sender"}
"""What an invite can become, and who decides that."""


def _check(asked: Asked) -> None:
    if asked.user is None:
        raise RefusedError(401, UNAUTHENTICATED, CHALLENGE)


def _moment(asked: Asked) -> str:
    return f"{asked.fake.now():%Y-%m-%dT%H:%M:%SZ}"


def _list(asked: Asked) -> Reply:
    invites = asked.fake.invites.values()
    return asked.listed([one for one in invites if _concerns(asked, one)])


def _concerns(asked: Asked, invite: dict[str, Any]) -> bool:
    return asked.info.user in {uid_of(invite["sender"]), uid_of(invite["recipient"])}


def _create(asked: Asked) -> Reply:
    data, fake = asked.data, asked.fake
    if not isinstance(data, dict):
        raise CrashError
    for name in ("recipient", "assets"):
        if not data.get(name):
            raise RefusedError(400, {name: ["This field is required."]})
    if uid_of(data["recipient"]) not in fake.users:
        raise RefusedError(400, {"recipient": ["Invalid hyperlink - Object does not exist."]})
    forms = [fake.forms.get(uid) for uid in data["assets"]]
    if any(form is None or form.owner != asked.info.user for form in forms):
        raise RefusedError(403, FORBIDDEN)
    uid, now = fake.new_uid("poi"), _moment(asked)
    invite = {
        "url": f"{_OWN}{uid}/",
        "sender": f"{BASE}/api/v2/users/{asked.info.user}/",
        "recipient": f"{BASE}/api/v2/users/{uid_of(data['recipient'])}/",
        "status": "pending",
        "date_created": now,
        "date_modified": now,
        "transfers": [
            {
                "url": f"{_OWN}{uid}/transfers/{fake.new_uid('pot')}/",
                "asset": f"{BASE}/api/v2/assets/{form.uid}/",
                "asset__name": form.name,
                "status": "pending",
                "error": None,
                "date_modified": now,
            }
            for form in forms
            if form is not None
        ],
    }
    fake.invites[uid] = invite
    return asked.linked(invite, 201, located=True)


def _found(asked: Asked) -> dict[str, Any]:
    invite = asked.fake.invites.get(asked.params["invite"])
    if invite is None or not _concerns(asked, invite):
        raise RefusedError(404, _NO_INVITE)
    found: dict[str, Any] = invite
    return found


def _detail(asked: Asked) -> Reply:
    return asked.linked(_found(asked))


def _update(asked: Asked) -> Reply:
    """Accept, decline or cancel; what is accepted changes hands at once."""
    invite, data = _found(asked), asked.data
    status = data.get("status") if isinstance(data, dict) else None
    who = _ANSWERS.get(str(status))
    if who is None or invite["status"] != "pending":
        raise RefusedError(400, {"status": ["This status cannot be set."]})
    if asked.info.user != uid_of(invite[who]):
        raise RefusedError(403, FORBIDDEN)
    accepted = status == "accepted"
    for transfer in invite["transfers"]:
        if accepted:
            form = asked.fake.forms[uid_of(transfer["asset"])]
            form.hand_over(uid_of(invite["recipient"]), asked.info.user)
        transfer["status"] = "success" if accepted else status
    invite["status"] = "complete" if accepted else status
    invite["date_modified"] = _moment(asked)
    return asked.linked(invite)


LIST = View(
    allow="GET, POST, HEAD, OPTIONS", handlers={"GET": _list, "POST": _create}, check=_check
)
DETAIL = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "PATCH": _update},
    check=_check,
)
