"""What can be done to one submission: delete, copy, validate, open in Enketo (observed §5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from kobo_async.testing import views_data
from kobo_async.testing.messages import (
    FORBIDDEN,
    HTML,
    PLAIN_VARY,
    CrashError,
    RefusedError,
    Reply,
    json_reply,
)
from kobo_async.testing.rowlife import STATUSES
from kobo_async.testing.views import Asked, Handler, View
from kobo_async.testing.views_data import check_deployed, check_rows, encoded, find_row, select

CHANGE: Final = "change_submissions"
DELETE: Final = "delete_submissions"
VALIDATE: Final = "validate_submissions"
_EDIT_VARY: Final = "origin, Cookie, Accept-Language"


def checked_by(rights: Mapping[str, str]) -> Callable[[Asked], None]:
    """Return a check that asks for a permission per method, after the right to see the data."""

    def check(asked: Asked) -> None:
        check_rows(asked)
        permission = rights.get(asked.info.method)
        if permission and row_filters(asked, permission) is None:
            raise RefusedError(403, FORBIDDEN)

    return check


def row_filters(asked: Asked, permission: str) -> Any:
    """Return the filters on the rows that the user may treat so; None = none."""
    return asked.existing.row_filters(
        asked.info.user, superuser=asked.superuser, permission=permission
    )


def _row(asked: Asked, permission: str) -> int:
    """Return the row the path names, if the user may treat it so."""
    check_deployed(asked.existing)
    number = find_row(asked, asked.params["row"])
    if not select(asked, {"_id": number}, permission).count:
        raise RefusedError(403, FORBIDDEN)
    return number


def _name(asked: Asked) -> str:
    assert asked.info.user is not None
    return asked.info.user


def _delete(asked: Asked) -> Reply:
    asked.existing.delete(_row(asked, DELETE), by=_name(asked))
    return Reply(204, content_type=None)


def _duplicate(asked: Asked) -> Reply:
    copy = asked.existing.duplicate(_row(asked, CHANGE), _name(asked))
    return Reply(201, encoded(asked, copy))


def _status(asked: Asked) -> Reply:
    check_deployed(asked.existing)
    number = find_row(asked, asked.params["row"])
    return json_reply(asked.existing.store[number]["_validation_status"])


def _set_status(asked: Asked) -> Reply:
    data = asked.data
    number = _row(asked, VALIDATE)
    uid = data.get("validation_status.uid") if isinstance(data, dict) else None
    if uid not in STATUSES:
        raise RefusedError(400, {"detail": f"Invalid validation status: `{uid}`"})
    asked.existing.set_status(number, uid, by=_name(asked))
    return json_reply(asked.existing.store[number]["_validation_status"])


def _clear_status(asked: Asked) -> Reply:
    asked.existing.set_status(_row(asked, VALIDATE), None, by=_name(asked))
    return Reply(204, content_type=None)


def _enketo(action: str, permission: str, vary: str, *, redirect: bool) -> Handler:
    """Return the handler of a link to Enketo, which is not always there (observed §5)."""

    def handler(asked: Asked) -> Reply:
        number = _row(asked, permission)
        if not asked.fake.enketo:
            raise CrashError
        form = asked.existing
        digest = hashlib.sha256(f"{action}/{form.uid}/{number}".encode()).hexdigest()
        tail = "&return_url=false" if action == "edit" else ""
        uuid = form.store[number]["_uuid"]
        url = f"{asked.info.base}/-/{action}/e{digest[:8]}?instance_id={uuid}{tail}"
        if redirect:
            return Reply(302, b"", HTML, {"location": url, "vary": vary})
        link = {"url": url, "version_uid": form.raw_asset["deployed_version_id"]}
        return attrs.evolve(json_reply(link), headers={"vary": vary})

    return handler


def _link(action: str, permission: str, vary: str, *, redirect: bool = False) -> View:
    return View(
        allow="GET, HEAD, OPTIONS",
        handlers={"GET": _enketo(action, permission, vary, redirect=redirect)},
        check=checked_by({"GET": permission}),
        outside=True,
        negotiated=False,
        vary=PLAIN_VARY,
    )


DETAIL = attrs.evolve(
    views_data.DETAIL,
    handlers={**views_data.DETAIL.handlers, "DELETE": _delete},
    check=checked_by({"DELETE": DELETE}),
)
DUPLICATE = View(
    allow="POST, OPTIONS",
    handlers={"POST": _duplicate},
    check=checked_by({"POST": CHANGE}),
    outside=True,
    negotiated=False,
    vary=PLAIN_VARY,
)
STATUS = View(
    allow="GET, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _status, "PATCH": _set_status, "DELETE": _clear_status},
    check=checked_by({"PATCH": VALIDATE, "DELETE": VALIDATE}),
    outside=True,
    negotiated=False,
    vary=PLAIN_VARY,
)
EDIT_LINK = _link("edit", CHANGE, _EDIT_VARY)
VIEW_LINK = _link("view", "view_submissions", PLAIN_VARY)
EDIT_REDIRECT = _link("edit", CHANGE, _EDIT_VARY, redirect=True)
VIEW_REDIRECT = _link("view", "view_submissions", PLAIN_VARY, redirect=True)
LEGACY_EDIT = _link("edit", CHANGE, f"Accept, {_EDIT_VARY}")
