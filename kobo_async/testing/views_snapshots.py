"""Snapshots of forms, from which previews are made (observed §3, models.md §5)."""

from __future__ import annotations

from typing import Any, Final

from kobo_async.testing.access import signed_in
from kobo_async.testing.asset import stamp
from kobo_async.testing.assetfields import uid_of
from kobo_async.testing.messages import (
    HTML,
    NOT_FOUND,
    XML,
    CrashError,
    RefusedError,
    Reply,
)
from kobo_async.testing.negotiation import AS_XFORM, DEFAULT
from kobo_async.testing.paths import BASE
from kobo_async.testing.standardize import standardized
from kobo_async.testing.views import Asked, View
from kobo_async.testing.xlsform import FormError, make_xform

_NO_SNAPSHOT: Final = {"detail": "No AssetSnapshot matches the given query."}


def _list(asked: Asked) -> Reply:
    snapshots = asked.fake.snapshots.values()
    owner = f"{BASE}/api/v2/users/{asked.info.user}/"
    return asked.listed([one["entry"] for one in snapshots if one["entry"]["owner"] == owner])


def _create(asked: Asked) -> Reply:
    """Make the XForm of an asset, or of content that is in no asset."""
    data = asked.fields
    uid, source, title, asset = _source(asked, data)
    xml, details = "", dict[str, Any](status="success", warnings=[])
    try:
        xml = make_xform(source, title, uid)
    except FormError as error:
        details = {"status": "failure", "warnings": [], "error": str(error)}
    entry = _entry(asked, source, title, asset, details)
    asked.fake.snapshots[entry["uid"]] = {"entry": entry, "xml": xml}
    return asked.linked(entry, 201, located=True)


def _source(asked: Asked, data: dict[str, Any]) -> tuple[str, dict[str, Any], str, str | None]:
    if not data.get("asset"):
        source = standardized(data.get("source") or {}, asked.fake.new_kuid)
        return "snapshot", source, "snapshot", None
    form = asked.fake.forms.get(uid_of(data["asset"]))
    if form is None or not form.can_view(asked.info.user, superuser=asked.superuser):
        raise RefusedError(404, NOT_FOUND)
    return form.uid, form.content, form.name, f"{BASE}/api/v2/assets/{form.uid}/"


def _entry(
    asked: Asked,
    source: dict[str, Any],
    title: str,
    asset: str | None,
    details: dict[str, Any],
) -> dict[str, Any]:
    uid = asked.fake.new_uid("s")
    own = f"{BASE}/api/v2/asset_snapshots/{uid}"
    settings = {**source.get("settings", {}), "form_title": title}
    return {
        "url": f"{own}/",
        "uid": uid,
        "owner": f"{BASE}/api/v2/users/{asked.info.user}/",
        "date_created": stamp(asked.fake.now()),
        "xml": f"{own}.xml",
        "enketopreviewlink": f"{own}/preview/",
        "asset": asset,
        "asset_version_id": len(asked.fake.snapshots) + 1 if asset else None,
        "details": details,
        "source": {**source, "settings": settings},
    }


def _found(asked: Asked) -> dict[str, Any]:
    snapshot = asked.fake.snapshots.get(asked.params["snapshot"])
    if snapshot is None:
        raise RefusedError(404, _NO_SNAPSHOT)
    found: dict[str, Any] = snapshot
    return found


def _detail(asked: Asked) -> Reply:
    """Answer with the snapshot, or with its XForm to whoever knows its uid."""
    snapshot = _found(asked)
    if asked.renderer is AS_XFORM:
        return Reply(200, snapshot["xml"].encode(), XML)
    signed_in(asked)
    return asked.linked(snapshot["entry"])


def _delete(asked: Asked) -> Reply:
    signed_in(asked)
    _found(asked)
    del asked.fake.snapshots[asked.params["snapshot"]]
    return Reply(204, content_type=None)


def _preview(asked: Asked) -> Reply:
    """Lead to the preview; without Enketo that crashes."""
    snapshot = _found(asked)
    if not asked.fake.enketo:
        raise CrashError
    location = f"{asked.info.base}/-/preview/{snapshot['entry']['uid']}"
    return Reply(302, b"", HTML, {"location": location})


LIST = View(
    allow="GET, POST, HEAD, OPTIONS", handlers={"GET": _list, "POST": _create}, check=signed_in
)
DETAIL = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "DELETE": _delete},
    renderers=(*DEFAULT, AS_XFORM),
)
PREVIEW = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _preview})
