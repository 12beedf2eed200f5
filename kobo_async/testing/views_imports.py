"""Imports (observed §10)."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Final

from kobo_async.testing.access import signed_in
from kobo_async.testing.asset import stamp
from kobo_async.testing.body import media_type, parse_multipart
from kobo_async.testing.imports import Import, advance
from kobo_async.testing.messages import CrashError, RefusedError, Reply
from kobo_async.testing.paths import BASE
from kobo_async.testing.tasks import Progress
from kobo_async.testing.views import Asked, View
from kobo_async.testing.xlsform import MissingLibraryError

_NO_TASK: Final = {"detail": "No ImportTask matches the given query."}


def _list(asked: Asked) -> Reply:
    """Crash: the real server always does."""
    del asked
    raise CrashError


def _create(asked: Asked) -> Reply:
    """Take whatever comes, even nothing; JSON is not read at all."""
    if find_spec("openpyxl") is None:
        raise MissingLibraryError("openpyxl")
    fake, fields, file = asked.fake, *_read(asked)
    task = Import(fake.new_uid("i"), str(asked.info.user), fields, file, Progress(fake.now()))
    fake.imports[task.uid] = task
    url = f"{BASE}/api/v2/imports/{task.uid}/"
    return asked.linked({"uid": task.uid, "url": url, "status": "processing"}, 201)


def _read(asked: Asked) -> tuple[dict[str, str], bytes | None]:
    content_type = asked.info.headers.get("content-type", "")
    kind = media_type(content_type)
    if kind == "multipart/form-data":
        fields, uploads = parse_multipart(content_type, asked.info.body)
        return fields, next((one.content for one in uploads if one.field == "file"), None)
    if kind == "application/x-www-form-urlencoded":
        return asked.data, None
    return {}, None


def _detail(asked: Asked) -> Reply:
    task = asked.fake.imports.get(asked.params["task"])
    if task is None or task.username != asked.info.user:
        raise RefusedError(404, _NO_TASK)
    advance(asked.fake, task)
    entry: dict[str, Any] = {
        "status": task.status,
        "uid": task.uid,
        "messages": task.messages,
        "date_created": stamp(task.progress.created),
    }
    return asked.linked(entry)


LIST = View(
    allow="GET, POST, HEAD, OPTIONS", handlers={"GET": _list, "POST": _create}, check=signed_in
)
DETAIL = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _detail}, check=signed_in)
