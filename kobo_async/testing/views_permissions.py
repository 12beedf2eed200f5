"""The catalog of permissions, and who was assigned which (observed §8)."""

from __future__ import annotations

from functools import partial
from typing import Any

from kobo_async.testing.access import SAFE, check_held, check_seen, held, signed_in
from kobo_async.testing.assigning import assign, read_many, read_one
from kobo_async.testing.messages import (
    FORBIDDEN,
    CrashError,
    RefusedError,
    Reply,
    json_reply,
)
from kobo_async.testing.permissions import CATALOG, IMPLIED, PARTIAL, ROW_RIGHTS
from kobo_async.testing.views import Asked, View

_MANAGE = "manage_asset"
_OWNERS = {"detail": "Owner's permissions cannot be deleted"}
_NO_ASSIGNMENT = {"detail": "No ObjectPermission matches the given query."}


def _check(asked: Asked) -> None:
    """Let those look who see the asset; only managers change anything, or users their own."""
    check_seen(asked)
    if asked.info.method == "DELETE" and "assignment" in asked.params:
        signed_in(asked)
    elif asked.info.method not in SAFE:
        check_held(asked, _MANAGE)


def _visible(asked: Asked) -> list[dict[str, Any]]:
    form = asked.existing
    return form.grants.rendered(form.uid, asked.info.user, held(asked))


def _list(asked: Asked) -> Reply:
    return asked.linked(_visible(asked))


def _create(asked: Asked) -> Reply:
    form = asked.existing
    before = asked.existing.holdings()
    wanted = read_one(asked, asked.data)
    assign(asked, wanted)
    asked.existing.log_permissions(before, asked.info.user)
    entry = form.grants.entry(form.uid, wanted.username, wanted.permission)
    return asked.linked(entry, 201, located=True)


def _detail(asked: Asked) -> Reply:
    return asked.linked(_found(asked))


def _found(asked: Asked) -> dict[str, Any]:
    for entry in _visible(asked):
        if entry["url"].endswith(f"/{asked.params['assignment']}/"):
            return entry
    raise RefusedError(404, _NO_ASSIGNMENT)


def _delete(asked: Asked) -> Reply:
    _found(asked)
    grants = asked.existing.grants
    found = grants.find(asked.params["assignment"])
    assert found is not None
    username, permission = found
    if username != asked.info.user and _MANAGE not in held(asked):
        raise RefusedError(403, FORBIDDEN)
    if username == grants.owner:
        raise RefusedError(409, _OWNERS)
    before = asked.existing.holdings()
    grants.withdraw(username, permission)
    asked.existing.log_permissions(before, asked.info.user)
    return Reply(204, content_type=None)


def _replace(asked: Asked) -> Reply:
    """Assign exactly what was sent: everybody who is not in the list loses everything."""
    before = asked.existing.holdings()
    wanted = read_many(asked, asked.data)
    grants = asked.existing.grants
    incoming = {(one.username, name) for one in wanted for name in _implied(one.permission)}
    for username, names in before.names.items():
        for name in names if username != grants.owner else ():
            if (username, name) not in incoming or name == PARTIAL:
                grants.withdraw(username, name)
    for one in wanted:
        assign(asked, one)
    asked.existing.log_permissions(before, asked.info.user)
    return _list(asked)


def _implied(permission: str) -> set[str]:
    return {permission, *IMPLIED[permission]}


def _take(asked: Asked) -> Reply:
    data = asked.data
    username = data.get("username") if isinstance(data, dict) else None
    if not username:
        raise RefusedError(400, {"username": "This field is required"})
    if username == asked.existing.owner:
        raise RefusedError(409, _OWNERS)
    before = asked.existing.holdings()
    asked.existing.grants.take(username)
    asked.existing.log_permissions(before, asked.info.user)
    return Reply(204, content_type=None)


def _clone(asked: Asked) -> Reply:
    """Replace all assignments by those of another asset of the same type."""
    data = asked.fields
    if "clone_from" not in data:
        raise CrashError
    source = asked.fake.forms.get(data["clone_from"])
    if source is None:
        raise RefusedError(404, {"detail": "No Asset matches the given query."})
    if not source.can_view(asked.info.user, superuser=asked.superuser):
        raise RefusedError(403, FORBIDDEN)
    if source.asset_type != asked.existing.asset_type:
        text = "Source and destination objects don't seem to have the same type"
        raise RefusedError(400, {"detail": text})
    asked.existing.grants.copy_from(source.grants)
    asked.existing.log(
        "clone-permissions", asked.info.user, subtype="permission", cloned_from=source.uid
    )
    return _list(asked)


def _catalog(asked: Asked) -> Reply:
    return asked.listed(sorted(CATALOG), partial(_described, asked))


def _one(asked: Asked) -> Reply:
    if asked.params["permission"] not in CATALOG:
        raise RefusedError(404, {"detail": "No Permission matches the given query."})
    return json_reply(_described(asked, asked.params["permission"]))


def _described(asked: Asked, name: str) -> dict[str, Any]:
    base = f"{asked.info.base}/api/v2/permissions"
    implied = set(IMPLIED[name]) - {PARTIAL}
    if name == _MANAGE:
        implied = set(CATALOG) - {_MANAGE, PARTIAL}
    contradictory = {PARTIAL} if name in ROW_RIGHTS else set()
    if name == PARTIAL:
        contradictory = {*ROW_RIGHTS, _MANAGE}
    return {
        "url": f"{base}/{name}/",
        "codename": name,
        "implied": [f"{base}/{one}/" for one in sorted(implied)],
        "contradictory": [f"{base}/{one}/" for one in sorted(contradictory)],
        "name": CATALOG[name],
    }


CATALOG_VIEW = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _catalog})
PERMISSION = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _one})
LIST = View(
    allow="GET, POST, HEAD, OPTIONS",
    handlers={"GET": _list, "POST": _create},
    check=_check,
    outside=True,
)
DETAIL = View(
    allow="GET, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "DELETE": _delete},
    check=_check,
    outside=True,
)
BULK = View(
    allow="POST, DELETE, OPTIONS",
    handlers={"POST": _replace, "DELETE": _take},
    check=_check,
    outside=True,
)
CLONE = View(allow="PATCH, OPTIONS", handlers={"PATCH": _clone}, check=_check, outside=True)
