"""Uploading, listing and reading the files of an asset (observed §9)."""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import quote

import orjson

from kobo_async.testing.assetfiles import AssetFile, read_file
from kobo_async.testing.body import media_type, parse_multipart
from kobo_async.testing.messages import HTML, CrashError, RefusedError, Reply, not_allowed
from kobo_async.testing.ranges import UNCACHED, ranged
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_assets import check_asset

_NO_FILE: Final = {"detail": "No AssetFile matches the given query."}


def _list(asked: Asked) -> Reply:
    wanted = asked.info.query.get("file_type")
    form = asked.existing
    files = [one for one in form.asset_files.values() if wanted in {None, one.file_type}]
    return asked.listed([one.entry(form.uid) for one in files])


def _upload(asked: Asked) -> Reply:
    form, data = asked.existing, asked.fields
    uploads = _uploads(asked)
    content = next((one for one in uploads if one.field == "content"), None)
    sent = read_file(data, _metadata(data), content)
    media = [one for one in form.asset_files.values() if one.file_type == "form_media"]
    if sent.file_type == "form_media" and any(one.filename == sent.filename for one in media):
        raise RefusedError(400, {"content": ["File already exists"]})
    file = AssetFile(
        uid=asked.fake.new_uid("af"),
        username=str(asked.info.user),
        file_type=sent.file_type,
        description=sent.description,
        created=asked.fake.now(),
        filename=sent.filename,
        content=sent.content,
        redirect_url=sent.redirect_url,
    )
    form.add_file(file, asked.info.user)
    return asked.linked(file.entry(form.uid), 201, located=True)


def _uploads(asked: Asked) -> list[Any]:
    content_type = asked.info.headers.get("content-type", "")
    if media_type(content_type) != "multipart/form-data":
        return []
    return parse_multipart(content_type, asked.info.body)[1]


def _metadata(data: dict[str, Any]) -> Any:
    metadata = data.get("metadata")
    if not isinstance(metadata, str):
        return metadata
    try:
        return orjson.loads(metadata)
    except orjson.JSONDecodeError:
        raise CrashError from None


def _found(asked: Asked) -> AssetFile:
    file = asked.existing.asset_files.get(asked.params["file"])
    if file is None:
        raise RefusedError(404, _NO_FILE)
    return file


def _detail(asked: Asked) -> Reply:
    return asked.linked(_found(asked).entry(asked.existing.uid))


def _delete(asked: Asked) -> Reply:
    asked.existing.delete_file(_found(asked), asked.info.user)
    return Reply(204, content_type=None)


def _missing(asked: Asked) -> Reply:
    """Refuse changes to a file that is not there; the server answers others, this one does not."""
    _found(asked)
    raise not_allowed(asked.info.method)


def _content(asked: Asked) -> Reply:
    file = _found(asked)
    if file.redirect_url is not None:
        return Reply(302, b"", HTML, {"location": file.redirect_url})
    headers = {
        "cache-control": UNCACHED,
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.filename)}",
        "last-modified": format_datetime(file.created.astimezone(UTC), usegmt=True),
    }
    return ranged(asked.fake, asked.info, Reply(200, file.content, file.mimetype, headers))


LIST = View(
    allow="GET, POST, HEAD, OPTIONS",
    handlers={"GET": _list, "POST": _upload},
    check=check_asset,
    outside=True,
)
DETAIL = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "DELETE": _delete, "PUT": _missing, "PATCH": _missing},
    check=check_asset,
    outside=True,
)
CONTENT = View(
    allow="GET, HEAD, OPTIONS",
    handlers={"GET": _content},
    check=check_asset,
    outside=True,
    negotiated=False,
)
