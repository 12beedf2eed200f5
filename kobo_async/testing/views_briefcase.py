"""What ODK Briefcase reads: the ids of a form, and one submission (api-facts §7)."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import Any, Final
from xml.sax.saxutils import escape

from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import FORBIDDEN, NOT_FOUND, RefusedError, Reply
from kobo_async.testing.openrosa import AS_TEXT_XML, HEADERS, TEXT_XML, prefixed, refused
from kobo_async.testing.render import xml_submission
from kobo_async.testing.views import Asked, Handler, View
from kobo_async.testing.views_media import content_of
from kobo_async.testing.views_openrosa import NO_FORM, VARY, check_account

_KEY: Final = re.compile(r"(?P<form>[^\[/]+)(?:\[[^\]]*\])?/[^\[]+\[@key=(?:uuid:)?(?P<uuid>.+)\]")


def _form(asked: Asked, uid: str) -> FakeForm:
    form = asked.fake.forms.get(uid)
    if form is None or not form.deployed:
        raise RefusedError(404, NO_FORM)
    if form.row_filters(asked.info.user, superuser=asked.superuser) != []:
        raise RefusedError(403, FORBIDDEN)
    return form


def _list(asked: Asked) -> Reply:
    """List the ids after the cursor, all of them unless `numEntries` is given."""
    form = _form(asked, asked.info.query.get("formId", "").partition("[")[0])
    cursor = int(asked.info.query.get("cursor") or 0)
    size = int(asked.info.query.get("numEntries") or len(form.store))
    ids = [number for number in form.store if number > cursor][:size]
    listed = "".join(f"        <id>{prefixed(form.store[one]['_uuid'])}</id>\n" for one in ids)
    body = (
        '<idChunk xmlns="http://opendatakit.org/submissions">\n'
        f"    <idList>\n{listed}    </idList>\n"
        f"    <resumptionCursor>{ids[-1] if ids else cursor}</resumptionCursor>\n</idChunk>\n"
    )
    return Reply(200, body.encode(), TEXT_XML, HEADERS)


def _download(asked: Asked) -> Reply:
    """Answer with the XML of a submission and its files.

    No recording shows this; the elements are those of the Briefcase Aggregate API of ODK. The
    root of the answers says when it was submitted, and its current id.
    """
    match = _KEY.fullmatch(asked.info.query.get("formId", ""))
    if match is None:
        raise RefusedError(404, NOT_FOUND)
    form = _form(asked, match["form"])
    number = form.store.find_uuid(match["uuid"])
    if number is None or form.store[number]["_uuid"] != match["uuid"]:
        raise RefusedError(404, NOT_FOUND)
    row = form.store[number]
    facts = f' instanceID="{prefixed(row["_uuid"])}" submissionDate="{row["_submission_time"]}"'
    xml = xml_submission(form, row).replace(f"<{form.uid}", f"<{form.uid}{facts}", 1)
    files = "".join(_file(asked, form, one) for one in row["_attachments"] if not one["is_deleted"])
    body = (
        '<submission xmlns="http://opendatakit.org/submissions"'
        ' xmlns:orx="http://openrosa.org/xforms">\n'
        f"    <data>{xml}</data>\n{files}</submission>\n"
    )
    return Reply(200, body.encode(), TEXT_XML, HEADERS)


def _file(asked: Asked, form: FakeForm, entry: dict[str, Any]) -> str:
    digest = hashlib.md5(content_of(form, entry))  # noqa: S324 - what the API shows
    url = form.relink(entry["download_url"].encode(), asked.info.base).decode()
    return (
        f"    <mediaFile><filename>{escape(entry['media_file_basename'])}</filename>"
        f"<hash>md5:{digest.hexdigest()}</hash><downloadUrl>{escape(url)}</downloadUrl>"
        "</mediaFile>\n"
    )


def _view(handler: Handler) -> View:
    return View(
        allow="GET, HEAD, OPTIONS",
        handlers={"GET": handler},
        check=check_account,
        renderers=(AS_TEXT_XML,),
        vary=VARY,
        refuse=partial(refused, "root"),
    )


LIST = _view(_list)
DOWNLOAD = _view(_download)
