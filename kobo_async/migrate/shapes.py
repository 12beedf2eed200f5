"""The JSON of v1, made of what v2 tells. What v2 does not know is None, or left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kobo_async.models.account import Me
from kobo_async.models.asset import Asset
from kobo_async.models.file import AssetFile
from kobo_async.models.links import uid_of
from kobo_async.models.submission import ValidationStatus

ANONYMOUS = "AnonymousUser"


def data_entry(asset: Asset) -> dict[str, Any]:
    """Return an entry of `/api/v1/data`."""
    return {
        "id": None,
        "id_string": asset.uid,
        "title": asset.name,
        "description": asset.settings.get("description", ""),
        "url": asset.data,
    }


def form(asset: Asset) -> dict[str, Any]:
    """Return a form of `/api/v1/forms`."""
    open_to_all = set(_held(asset, ANONYMOUS))
    return {
        "url": asset.url,
        "formid": None,
        "id_string": asset.uid,
        "title": asset.name,
        "description": asset.settings.get("description", ""),
        "owner": asset.owner__username,
        "metadata": [file(one) for one in asset.files or () if one.file_type == "form_media"],
        "public": "view_asset" in open_to_all,
        "public_data": "view_submissions" in open_to_all,
        "require_auth": "add_submissions" not in open_to_all,
        "tags": [tag for tag in asset.tag_string.split(",") if tag],
        "downloadable": asset.deployment__active,
        "encrypted": asset.deployment__encrypted,
        "uuid": asset.deployment__uuid,
        "last_submission_time": _moment(asset.deployment__last_submission_time),
        "instances_with_geopoints": bool(asset.summary.get("geo")),
        "num_of_submissions": asset.deployment__submission_count,
    }


def file(found: AssetFile) -> dict[str, Any]:
    """Return a file of `/api/v1/metadata`."""
    told = found.metadata
    return {
        "id": found.uid,
        "xform": None,
        "data_value": told.redirect_url or told.filename,
        "data_type": "media" if found.file_type == "form_media" else found.file_type,
        "data_file": found.content,
        "data_file_type": told.mimetype,
        "data_filename": told.filename,
        "file_hash": told.hash,
        "url": found.url,
        "from_kpi": True,
    }


def user(me: Me, token: str) -> dict[str, Any]:
    """Return the account of `/api/v1/user`."""
    details = ("city", "country", "organization", "website", "twitter", "require_auth")
    return {
        "id": me.extra_details__uid,
        "username": me.username,
        "email": me.email,
        **{name: me.extra_details.get(name) for name in details},
        "gravatar": me.gravatar,
        "api_token": token,
    }


def validation_status(status: ValidationStatus) -> dict[str, Any]:
    """Return a validation status; v1 said `{}` where there was none."""
    if not status.is_set:
        return {}
    told = {"uid": status.uid, "label": status.label, "by_whom": status.by_whom}
    return told | {"timestamp": status.timestamp}


def _held(asset: Asset, username: str) -> list[str]:
    return [
        uid_of(str(entry.get("permission")))
        for entry in asset.permissions
        if isinstance(entry, Mapping) and uid_of(str(entry.get("user"))) == username
    ]


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
