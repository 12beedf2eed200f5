"""Giving projects to somebody else (models.md §16)."""

from __future__ import annotations

from typing import Any, Final

from kobo_async.testing.access import signed_in
from kobo_async.testing.assetfields import uid_of
from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import (
    FORBIDDEN,
    RefusedError,
    Reply,
)
from kobo_async.testing.organizations import organization_of
from kobo_async.testing.paths import BASE
from kobo_async.testing.tasks import Progress
from kobo_async.testing.views import Asked, View

_OWN: Final = f"{BASE}/api/v2/project-ownership/invites/"
_NO_INVITE: Final = {"detail": "No Invite matches the given query."}
_NO_TRANSFER: Final = {"detail": "No Transfer matches the given query."}
_SIDES: Final = ("sender", "recipient")
_PARTS: Final = ("global", "submissions", "media_files", "attachments")
_ANSWERS: Final = {"accepted": "recipient", "declined": "recipient", "cancelled": "sender"}
"""What an invite can become, and who decides that."""


def _moment(asked: Asked) -> str:
    return f"{asked.fake.now():%Y-%m-%dT%H:%M:%SZ}"


def _list(asked: Asked) -> Reply:
    """List offers, made and received, or one kind of them if `mode` says which."""
    mode = asked.info.query.get("mode")
    sides = (mode,) if mode in _SIDES else _SIDES
    invites = [_as_now(asked, uid) for uid in asked.fake.invites]
    return asked.listed(
        [one for one in invites if asked.info.user in {uid_of(one[side]) for side in sides}]
    )


def _concerns(asked: Asked, invite: dict[str, Any]) -> bool:
    return asked.info.user in {uid_of(invite[side]) for side in _SIDES}


def _create(asked: Asked) -> Reply:
    recipient, forms = _read(asked)
    uid, now = asked.fake.new_uid("poi"), _moment(asked)
    own = f"{_OWN}{uid}/"
    invite = {
        "url": own,
        "sender": f"{BASE}/api/v2/users/{asked.info.user}/",
        "recipient": f"{BASE}/api/v2/users/{recipient}/",
        "status": "pending",
        "date_created": now,
        "date_modified": now,
        "transfers": [_transfer(asked, own, form) for form in forms],
    }
    asked.fake.invites[uid] = invite
    return asked.linked(invite, 201, located=True)


def _read(asked: Asked) -> tuple[str, list[FakeForm]]:
    """Return to whom which projects are given; they must all be the sender's."""
    data = asked.fields
    for name in ("recipient", "assets"):
        if not data.get(name):
            raise RefusedError(400, {name: ["This field is required."]})
    recipient = uid_of(data["recipient"])
    if recipient not in asked.fake.users:
        raise RefusedError(400, {"recipient": ["Invalid hyperlink - Object does not exist."]})
    if _together(asked, recipient):
        raise RefusedError(400, {"recipient": ["The recipient is in the same organization."]})
    forms = [form for uid in data["assets"] if (form := asked.fake.forms.get(uid))]
    if len(forms) < len(data["assets"]) or any(one.owner != asked.info.user for one in forms):
        raise RefusedError(403, FORBIDDEN)
    return recipient, forms


def _together(asked: Asked, recipient: str) -> bool:
    """Tell whether somebody else is in the same organization (operations: ownership.transfer)."""
    names = {asked.info.user, recipient}
    places = {organization_of(asked.fake, asked.fake.users[str(name)]) for name in names}
    return len(names) > len(places)


def _transfer(asked: Asked, invite_url: str, form: FakeForm) -> dict[str, Any]:
    return {
        "url": f"{invite_url}transfers/{asked.fake.new_uid('pot')}/",
        "asset": f"{BASE}/api/v2/assets/{form.uid}/",
        "asset__name": form.name,
        "status": "pending",
        "error": None,
        "date_modified": _moment(asked),
    }


def _found(asked: Asked) -> dict[str, Any]:
    uid = asked.params["invite"]
    if uid not in asked.fake.invites or not _concerns(asked, asked.fake.invites[uid]):
        raise RefusedError(404, _NO_INVITE)
    return _as_now(asked, uid)


def _as_now(asked: Asked, uid: str) -> dict[str, Any]:
    """Return an offer; one that was accepted is done when its time has come."""
    fake = asked.fake
    invite: dict[str, Any] = fake.invites[uid]
    progress = fake.transfers.get(uid)
    if progress is not None and progress.look(fake.transfer_pace, fake.now()):
        progress.finished = True
        for form in _forms(asked, invite):
            form.suspended = False
            form.hand_over(uid_of(invite["recipient"]), uid_of(invite["recipient"]))
        _mark(asked, invite, "complete", "success")
    return invite


def _mark(asked: Asked, invite: dict[str, Any], status: str, each: str) -> None:
    invite["transfers"] = [{**one, "status": each} for one in invite["transfers"]]
    invite |= {"status": status, "date_modified": _moment(asked)}


def _forms(asked: Asked, invite: dict[str, Any]) -> list[FakeForm]:
    return [asked.fake.forms[uid_of(one["asset"])] for one in invite["transfers"]]


def _detail(asked: Asked) -> Reply:
    return asked.linked(_found(asked))


def _update(asked: Asked) -> Reply:
    """Accept, decline or cancel; while something moves, its form takes no submissions."""
    invite, data = _found(asked), asked.data
    status = data.get("status") if isinstance(data, dict) else None
    who = _ANSWERS.get(str(status))
    if who is None or asked.info.user != uid_of(invite[who]):
        raise RefusedError(403, FORBIDDEN)
    if invite["status"] != "pending":
        raise RefusedError(400, {"status": ["This status cannot be set."]})
    if status == "accepted":
        asked.fake.transfers[asked.params["invite"]] = Progress(asked.fake.now())
        for form in _forms(asked, invite):
            form.suspended = True
        status = "in_progress"
    _mark(asked, invite, str(status), str(status))
    return asked.linked(invite)


def _delete(asked: Asked) -> Reply:
    _found(asked)
    del asked.fake.invites[asked.params["invite"]]
    return Reply(204, content_type=None)


def _transfer_status(asked: Asked) -> Reply:
    """Tell how far a project is, part by part; here all parts move at once."""
    for transfer in _found(asked)["transfers"]:
        if uid_of(transfer["url"]) == asked.params["transfer"]:
            kept = {name: transfer[name] for name in ("url", "asset", "status", "date_modified")}
            part = {"status": transfer["status"], "error": transfer["error"]}
            parts = [{**part, "status_type": name} for name in _PARTS]
            return asked.linked({**kept, "statuses": parts})
    raise RefusedError(404, _NO_TRANSFER)


LIST = View(
    allow="GET, POST, HEAD, OPTIONS", handlers={"GET": _list, "POST": _create}, check=signed_in
)
DETAIL = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "PATCH": _update, "DELETE": _delete},
    check=signed_in,
)
TRANSFER = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _transfer_status}, check=signed_in)
