"""Saved export settings, and exports that answer at once (observed §7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from kobo_async.testing.access import SAFE, check_held
from kobo_async.testing.asset import stamp
from kobo_async.testing.exportrules import check_settings
from kobo_async.testing.exports import PrivateFile, make_file
from kobo_async.testing.messages import (
    HTML,
    CrashError,
    RefusedError,
    Reply,
)
from kobo_async.testing.paths import BASE
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_data import check_rows
from kobo_async.testing.views_exports import languages_of

_NO_SETTING: Final = {"detail": "No AssetExportSettings matches the given query."}
_CACHED: Final = timedelta(seconds=300)
_DIRECT: Final = ("LibreOffice", "Microsoft.Data.Mashup")
"""User agents that are given the file and no redirect."""
_TEXT: Final = "text/plain; charset=utf-8"


def _check(asked: Asked) -> None:
    """Let those look who see data; only managers change settings."""
    check_rows(asked)
    if asked.info.method not in SAFE:
        check_held(asked, "manage_asset")


def _list(asked: Asked) -> Reply:
    return asked.listed(asked.existing.raw_asset["export_settings"])


def _create(asked: Asked) -> Reply:
    data = asked.fields
    if "name" not in data or "export_settings" not in data:
        name = "name" if "name" not in data else "export_settings"
        raise RefusedError(400, {name: ["This field is required."]})
    _check_changes(asked, data, None)
    uid = asked.fake.new_uid("es")
    own = f"{BASE}/api/v2/assets/{asked.existing.uid}/export-settings/{uid}/"
    entry = {
        "uid": uid,
        "url": own,
        "data_url_csv": f"{own}data.csv",
        "data_url_xlsx": f"{own}data.xlsx",
        "name": data["name"],
        "date_modified": stamp(asked.fake.now()),
        "export_settings": data["export_settings"],
    }
    asked.existing.raw_asset["export_settings"].append(entry)
    return asked.linked(entry, 201, located=True)


def _check_changes(asked: Asked, data: dict[str, Any], uid: str | None) -> None:
    """Refuse wrong settings; a name that is taken crashes."""
    if "export_settings" in data:
        settings = data["export_settings"]
        check_settings(settings, languages_of(asked), "export_settings", "`export_settings` ")
    others = [one for one in asked.existing.raw_asset["export_settings"] if one["uid"] != uid]
    if any(one["name"] == data.get("name") for one in others):
        raise CrashError


def _found(asked: Asked) -> dict[str, Any]:
    for entry in asked.existing.raw_asset["export_settings"]:
        if entry["uid"] == asked.params["setting"]:
            found: dict[str, Any] = entry
            return found
    raise RefusedError(404, _NO_SETTING)


def _detail(asked: Asked) -> Reply:
    return asked.linked(_found(asked))


def _update(asked: Asked) -> Reply:
    entry, data = _found(asked), asked.fields
    _check_changes(asked, data, entry["uid"])
    entry |= {name: data[name] for name in ("name", "export_settings") if name in data}
    entry["date_modified"] = stamp(asked.fake.now())
    return asked.linked(entry)


def _delete(asked: Asked) -> Reply:
    asked.existing.raw_asset["export_settings"].remove(_found(asked))
    return Reply(204, content_type=None)


def _data(asked: Asked) -> Reply:
    """Export now: a redirect to a file that may be five minutes old."""
    wanted = asked.suffix or asked.info.query.get("format")
    if wanted not in {"csv", "xlsx"}:
        return Reply(404, b"None", None, nameless=True)
    entry, fake = _found(asked), asked.fake
    if fake.sync_export_busy is not None:
        text = f"Another export is in progress. Retry in {fake.sync_export_busy} seconds."
        headers = {"retry-after": str(fake.sync_export_busy)}
        return Reply(503, text.encode(), _TEXT, headers)
    if fake.export_error is not None:
        return Reply(500, f"Export failed: {fake.export_error[1]}".encode(), _TEXT)
    file = _cached(asked, entry, wanted)
    if asked.info.headers.get("user-agent", "").startswith(_DIRECT):
        headers = {"content-disposition": file.disposition}
        return Reply(200, file.content, file.content_type, headers)
    return Reply(302, b"", HTML, {"location": file.path})


def _cached(asked: Asked, entry: dict[str, Any], wanted: str) -> PrivateFile:
    fake, settings = asked.fake, entry["export_settings"]
    key = (entry["uid"], asked.info.user, wanted)
    known = fake.sync_exports.get(key)
    if known is not None and known[0] == settings and fake.now() - known[1].created < _CACHED:
        return known[1]
    file = make_file(fake, asked.existing, asked.info.user, settings, wanted)
    fake.sync_exports[key] = dict(settings), file
    return file


LIST = View(
    allow="GET, POST, HEAD, OPTIONS",
    handlers={"GET": _list, "POST": _create},
    check=_check,
    outside=True,
)
DETAIL = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "PUT": _update, "PATCH": _update, "DELETE": _delete},
    check=_check,
    outside=True,
)
DATA = View(
    allow="GET, HEAD, OPTIONS",
    handlers={"GET": _data},
    check=_check,
    outside=True,
    negotiated=False,
)
