"""Exports in the background, and the files they leave (observed §7)."""

from __future__ import annotations

from typing import Final

from kobo_async.testing.exportrules import check_settings
from kobo_async.testing.exports import Export, advance, drop_oldest, remove, task_data
from kobo_async.testing.messages import (
    HTML,
    PLAIN_VARY,
    RefusedError,
    Reply,
)
from kobo_async.testing.negotiation import accepts_html
from kobo_async.testing.pages import NOT_FOUND_PAGE, NOT_FOUND_TEXT
from kobo_async.testing.permissions import ANONYMOUS, LIBRARY_TYPES
from kobo_async.testing.ranges import ranged
from kobo_async.testing.tasks import Progress
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_data import check_rows

_NO_TASK: Final = {"detail": "No SubmissionExportTask matches the given query."}
_FORBIDDEN: Final = (
    b'\n<!doctype html>\n<html lang="en">\n<head>\n  <title>403 Forbidden</title>\n</head>\n'
    b"<body>\n  <h1>403 Forbidden</h1><p></p>\n</body>\n</html>\n"
)


def check_exports(asked: Asked) -> None:
    """Let everybody in who may see data, even to write: anonymous users can export."""
    form = asked.form
    if form is None or form.row_filters(asked.info.user, superuser=asked.superuser) is None:
        check_rows(asked)


def languages_of(asked: Asked) -> list[str]:
    """Return the languages that an export of the form can be in."""
    return list(asked.existing.raw_asset["summary"].get("languages", []))


def _own(asked: Asked) -> list[Export]:
    return [one for one in asked.existing.exports if one.username == asked.info.user]


def _list(asked: Asked) -> Reply:
    for one in _own(asked):
        advance(asked.fake, one)
    return asked.listed([one.entry() for one in reversed(_own(asked))])


def _create(asked: Asked) -> Reply:
    form, data = asked.existing, asked.data
    if not form.deployed and form.asset_type not in LIBRARY_TYPES:
        raise RefusedError(400, {"source": ["The asset must be deployed."]})
    check_settings(data, languages_of(asked))
    settings = task_data(form, data)
    for one in _own(asked):
        if not one.progress.finished:
            if asked.user is None:
                raise _busy(asked)
            if one.data == settings:
                return asked.linked(one.entry())
    uid, progress = asked.fake.new_uid("e"), Progress(asked.fake.now())
    export = Export(uid, form, asked.info.user, settings, progress)
    form.exports.append(export)
    drop_oldest(asked.fake, export)
    form.log("export", asked.info.user)
    return asked.linked(export.entry(), 201, located=True)


def _busy(asked: Asked) -> RefusedError:
    seconds = asked.fake.export_retry_after
    text = f"Another export is already in progress. Please retry in {seconds} seconds"
    return RefusedError(503, {"error": text}, {"retry-after": str(seconds)})


def _found(asked: Asked) -> Export:
    for one in _own(asked):
        if one.uid == asked.params["export"]:
            return one
    raise RefusedError(404, _NO_TASK)


def _detail(asked: Asked) -> Reply:
    export = _found(asked)
    advance(asked.fake, export)
    return asked.linked(export.entry())


def _delete(asked: Asked) -> Reply:
    remove(asked.fake, _found(asked))
    return Reply(204, content_type=None)


def _private(asked: Asked) -> Reply:
    """Answer with a file, to its owner alone; superusers may have all."""
    file = asked.fake.private_files.get(asked.info.path)
    if file is None:
        is_html = accepts_html(asked.info.headers.get("accept", ""))
        return Reply(404, NOT_FOUND_PAGE if is_html else NOT_FOUND_TEXT, HTML)
    if not asked.superuser and file.owner not in {asked.info.user, ANONYMOUS}:
        return Reply(403, _FORBIDDEN, HTML)
    reply = Reply(200, file.content, file.content_type, file.headers)
    return ranged(asked.fake, asked.info, reply)


LIST = View(
    allow="GET, POST, HEAD, OPTIONS",
    handlers={"GET": _list, "POST": _create},
    check=check_exports,
    outside=True,
)
DETAIL = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "DELETE": _delete},
    check=check_exports,
    outside=True,
)
PRIVATE = View(allow="", handlers={"GET": _private}, negotiated=False, vary=PLAIN_VARY)
