"""The deployment of a form (observed §3, api-facts §4.5)."""

from __future__ import annotations

from typing import Any

from kobo_async.testing.messages import NOT_FOUND, CrashError, RefusedError, Reply
from kobo_async.testing.permissions import LIBRARY_TYPES
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_assets import check_asset
from kobo_async.testing.views_assetwrites import detail_of, read_fields
from kobo_async.testing.xlsform import FormError


def _get(asked: Asked) -> Reply:
    if not asked.existing.deployed:
        raise RefusedError(404, NOT_FOUND)
    return _reply(asked)


def _reply(asked: Asked) -> Reply:
    asset = detail_of(asked, asked.existing)
    return asked.linked(
        {
            "backend": "openrosa",
            "active": asset["deployment__active"],
            "version_id": asset["deployed_version_id"],
            "asset": asset,
        }
    )


def _post(asked: Asked) -> Reply:
    """Deploy for the first time; without `active` the project is archived at once."""
    if asked.existing.asset_type in LIBRARY_TYPES:
        raise CrashError
    if asked.existing.deployed:
        raise RefusedError(405, {"detail": "Use PATCH to update an existing deployment"})
    return _deploy(asked, active=_flag(read_fields(asked), default=False))


def _patch(asked: Asked) -> Reply:
    """Deploy again if a version is named; `active` alone archives and takes back."""
    form, data = asked.existing, read_fields(asked)
    if not form.deployed:
        raise RefusedError(405, {"detail": "Use POST to create a new deployment"})
    if "version_id" not in data and "active" in data:
        form.activate(active=_flag(data, default=form.active), by=asked.info.user)
        form.touch(asked.info.user)
        return _reply(asked)
    if data.get("version_id", form.raw_asset["version_id"]) != form.raw_asset["version_id"]:
        raise CrashError
    return _deploy(asked, active=_flag(data, default=form.active))


def _flag(data: dict[str, Any], *, default: bool) -> bool:
    value = data.get("active", default)
    return value if isinstance(value, bool) else str(value).lower() == "true"


def _deploy(asked: Asked, *, active: bool) -> Reply:
    try:
        asked.existing.deploy(asked.info.user, active=active)
    except FormError as error:
        raise RefusedError(400, {"error": str(error)}) from None
    asked.existing.touch(asked.info.user)
    return _reply(asked)


DEPLOYMENT = View(
    allow="GET, POST, PATCH, HEAD, OPTIONS",
    handlers={"GET": _get, "POST": _post, "PATCH": _patch},
    check=check_asset,
)
