"""Permission assignments as requests ask for them (observed §8)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import attrs

from kobo_async.testing.messages import RefusedError
from kobo_async.testing.permissions import (
    ANONYMOUS,
    CATALOG,
    PARTIAL,
    ROW_RIGHTS,
    Partial,
    rights_of,
)
from kobo_async.testing.views import Asked

_LINK: Final = re.compile(
    r"(?:https?://[^/]+)?/api/v2/(?P<kind>users|permissions)/(?P<name>[^/]+)/"
)
_PUBLIC: Final = frozenset({"view_asset", "discover_asset", "add_submissions", "view_submissions"})
_REQUIRED: Final = "This field is required."
_MISSING: Final = "Invalid hyperlink - Object does not exist."


@attrs.frozen
class Assignment:
    """One permission for one user. `rows` belongs to `partial_submissions`."""

    username: str
    permission: str
    rows: Partial = attrs.field(factory=dict)


def read_one(asked: Asked, data: Any) -> Assignment:
    """Read a single assignment, with all that is wrong with its fields."""
    data = data if isinstance(data, dict) else {}
    errors = _problems(asked, data)
    if errors:
        raise RefusedError(400, errors)
    permission = _named(data["permission"])
    rows = _rows(asked, data.get("partial_permissions")) if permission == PARTIAL else {}
    return Assignment(_named(data["user"]), permission, rows)


def _problems(asked: Asked, data: dict[str, Any]) -> dict[str, list[str]]:
    errors = {
        field: [problem]
        for field, kind in (("user", "users"), ("permission", "permissions"))
        if (problem := _link_problem(asked, data.get(field), kind))
    }
    permission = data.get("permission")
    if "permission" not in errors and _named(permission) not in _assignable(asked):
        text = f"{_named(permission)} cannot be assigned explicitly to Asset objects of this type."
        errors["permission"] = [text]
    return errors


def _link_problem(asked: Asked, link: Any, kind: str) -> str | None:
    if link is None:
        return _REQUIRED
    if not isinstance(link, str):
        return f"Incorrect type. Expected URL string, received {type(link).__name__}."
    match = _LINK.fullmatch(link)
    if match is None:
        return "Invalid hyperlink - No URL match."
    if match["kind"] != kind:
        return "Invalid hyperlink - Incorrect URL match."
    known = CATALOG if kind == "permissions" else {*asked.fake.users, ANONYMOUS}
    return None if match["name"] in known else _MISSING


def _named(link: Any) -> str:
    match = _LINK.fullmatch(link) if isinstance(link, str) else None
    return match["name"] if match else ""


def _assignable(asked: Asked) -> Sequence[str]:
    return rights_of(asked.existing.asset_type)


def _rows(asked: Asked, partial: Any) -> Partial:
    """Read `partial_permissions`; the queries themselves are not looked at."""
    if not partial:
        raise _bad_rows(f"{_REQUIRED[:-1]} for the '{PARTIAL}' permission")
    rows: Partial = {}
    for part in partial:
        for query in part.get("filters") or ():
            name = _named(part.get("url"))
            if name not in ROW_RIGHTS & set(_assignable(asked)):
                raise _bad_rows("Invalid `url`")
            if not isinstance(query, dict):
                raise _bad_rows("Invalid `filters`")
            rows.setdefault(name, []).append(query)
    return rows


def _bad_rows(text: str) -> RefusedError:
    return RefusedError(400, {"partial_permissions": [text]})


def read_many(asked: Asked, data: Any) -> list[Assignment]:
    """Read the whole list that is to replace all assignments."""
    if not isinstance(data, list):
        text = f'Expected a list of items but got type "{type(data).__name__}".'
        raise RefusedError(400, {"assignments": [text]})
    missing = {
        str(place): {name: [_REQUIRED] for name in ("user", "permission") if name not in one}
        for place, one in enumerate(data)
        if not {"user", "permission"} <= one.keys()
    }
    if missing:
        raise RefusedError(400, {"assignments": missing})
    return [_read_of_many(asked, one) for one in data]


def _read_of_many(asked: Asked, one: dict[str, Any]) -> Assignment:
    username, permission = _named(one["user"]), _named(one["permission"])
    if permission not in _assignable(asked):
        raise RefusedError(400, {"permission": [_MISSING]})
    if username not in {*asked.fake.users, ANONYMOUS}:
        raise RefusedError(400, {"user": [_MISSING]})
    rows = _rows(asked, one.get("partial_permissions")) if permission == PARTIAL else {}
    return Assignment(username, permission, rows)


def assign(asked: Asked, one: Assignment) -> None:
    """Give a permission, unless this user cannot be given any."""
    form = asked.existing
    if one.username == form.owner:
        raise RefusedError(400, {"user": "Owner's permissions cannot be assigned explicitly"})
    if one.username == ANONYMOUS and one.permission not in _PUBLIC:
        text = f"Anonymous users cannot be granted the permission {one.permission}."
        raise RefusedError(400, {"permission": text})
    form.grants.give(one.username, one.permission, one.rows or None)
