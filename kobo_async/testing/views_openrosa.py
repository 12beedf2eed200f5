"""OpenRosa: lists of forms, and submissions (observed §12)."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Final

import attrs
import orjson

from kobo_async.testing.body import media_type, parse_multipart
from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import (
    HTML,
    NOT_FOUND,
    UNAUTHENTICATED,
    CrashError,
    RefusedError,
    Reply,
    json_reply,
)
from kobo_async.testing.negotiation import AS_JSON
from kobo_async.testing.openrosa import (
    AS_TEXT_XML,
    HEADERS,
    LIST_VARY_OF_ANYONE,
    TEXT_XML,
    listing,
    message,
    receipt_json,
    receipt_xml,
    refused,
)
from kobo_async.testing.permissions import ANONYMOUS
from kobo_async.testing.submissions import NotStoredError, accept
from kobo_async.testing.views import Asked, Handler, View
from kobo_async.testing.xlsform import make_deployed_xform
from kobo_async.testing.xmlrow import UnreadableError, from_json, parse_xml

_ADD: Final = "add_submissions"
VARY: Final = "Accept, origin, Accept-Language"
_LIST_VARY: Final = "origin, Accept-Language"
NO_FORM: Final = {"detail": "No XForm matches the given query."}


def check_account(asked: Asked) -> None:
    """Ask for an account, except where the path names one: there anonymous users may be let in."""
    owner = asked.params.get("owner")
    if owner is None and asked.user is None:
        raise RefusedError(401, UNAUTHENTICATED)
    if owner is not None and owner not in asked.fake.users:
        raise RefusedError(404, NOT_FOUND)


def _forms(asked: Asked) -> list[FakeForm]:
    """Return the active forms the user may submit to.

    Below a user's path they are that user's forms that are open to everybody, whoever asks.
    """
    owner = asked.params.get("owner")
    username = ANONYMOUS if owner else asked.info.user
    return [
        form
        for form in asked.fake.forms.values()
        if form.active
        and owner in {None, form.owner}
        and form.grants.holds_directly(username, _ADD)
    ]


def _form_list(asked: Asked) -> Reply:
    wanted = asked.info.query.get("formID")
    forms = [form for form in _forms(asked) if wanted in {None, form.uid}]
    return listing("xforms", [("xform", _listed(asked, form)) for form in forms])


def _listed(asked: Asked, form: FakeForm) -> dict[str, str]:
    base = _base(asked)
    digest = hashlib.md5(f"{form.uid}/{form.form_version}".encode())  # noqa: S324 - what it shows
    return {
        "formID": form.uid,
        "name": form.name,
        "majorMinorVersion": form.form_version,
        "version": form.form_version,
        "hash": f"md5:{digest.hexdigest()}",
        "descriptionText": form.name,
        "downloadUrl": f"{base}/forms/{form.number}/form.xml",
        "manifestUrl": f"{base}/xformsManifest/{form.number}",
    }


def _base(asked: Asked) -> str:
    owner = asked.params.get("owner")
    return f"{asked.info.base}/{owner}" if owner else asked.info.base


def _named(asked: Asked) -> FakeForm:
    for form in _forms(asked):
        if str(form.number) == asked.params["form"]:
            return form
    raise RefusedError(404, NO_FORM)


def _xform(asked: Asked) -> Reply:
    return Reply(200, make_deployed_xform(_named(asked)).encode(), TEXT_XML, HEADERS)


def _manifest(asked: Asked) -> Reply:
    form = _named(asked)
    files = [
        {
            "filename": one.filename,
            "hash": one.digest,
            "downloadUrl": f"{_base(asked)}{one.path(form.number)}",
        }
        for one in form.media
    ]
    return listing("manifest", [("mediaFile", one) for one in files])


def _medium(asked: Asked) -> Reply:
    for one in _named(asked).media:
        if str(one.number) == asked.params["file"]:
            if one.redirect_url is not None:
                return Reply(302, b"", HTML, {"location": one.redirect_url})
            headers = {"content-disposition": f"attachment; filename={one.filename}"}
            return Reply(200, one.content, one.mimetype, headers)
    raise RefusedError(404, NOT_FOUND)


def _headers(asked: Asked) -> dict[str, str]:
    return {**HEADERS, "location": f"{asked.info.base}{asked.info.path}"}


def _head(asked: Asked) -> Reply:
    return Reply(204, content_type=TEXT_XML, headers=_headers(asked))


def _submit(asked: Asked) -> Reply:
    """Take a submission: XML in a multipart body, or JSON."""
    kind = media_type(asked.info.headers.get("content-type", ""))
    return _submit_json(asked) if kind == "application/json" else _submit_xml(asked)


def _submit_xml(asked: Asked) -> Reply:
    content_type = asked.info.headers.get("content-type", "")
    if media_type(content_type) != "multipart/form-data":
        raise CrashError
    uploads = parse_multipart(content_type, asked.info.body)[1]
    xml = next((one.content for one in uploads if one.field == "xml_submission_file"), None)
    if xml is None:
        raise CrashError
    files = [one for one in uploads if one.field != "xml_submission_file"]
    try:
        sent = parse_xml(xml)
        stored = accept(asked.fake, asked.info.user, sent, files)
    except UnreadableError:
        return message(400, "Improperly formatted XML.", HEADERS)
    except NotStoredError as error:
        headers = _headers(asked) if error.status in {202, 409} else HEADERS
        return message(error.status, error.message, headers)
    wants_json = asked.renderer is AS_JSON
    return (receipt_json if wants_json else receipt_xml)(stored, _headers(asked))


def _submit_json(asked: Asked) -> Reply:
    try:
        data = orjson.loads(asked.info.body)
    except orjson.JSONDecodeError as error:
        return json_reply({"detail": f"JSON parse error - {error}"}, 400)
    if data.get("submission") is None:
        return _json_error(400, "No submission key provided.")
    try:
        sent = from_json(str(data.get("id")), data["submission"])
        return receipt_json(accept(asked.fake, asked.info.user, sent, []), _headers(asked))
    except NotStoredError as error:
        return _json_error(error.status, error.message)
    except RefusedError as refusal:
        return json_reply(refusal.content, refusal.status)


def _json_error(status: int, text: str) -> Reply:
    return Reply(status, orjson.dumps({"error": text}), headers=HEADERS)


def _listing(root: str, handler: Handler) -> View:
    return View(
        allow="GET, HEAD, OPTIONS",
        handlers={"GET": _with_vary(handler)},
        check=check_account,
        renderers=(AS_TEXT_XML,),
        vary=_LIST_VARY,
        refuse=partial(refused, root),
    )


def _with_vary(handler: Handler) -> Handler:
    """Say that the answer to an anonymous user depends on cookies."""

    def handle(asked: Asked) -> Reply:
        reply = handler(asked)
        if asked.user is None:
            return attrs.evolve(reply, headers={**reply.headers, "vary": LIST_VARY_OF_ANYONE})
        return reply

    return handle


FORM_LIST = _listing("xforms", _form_list)
XFORM = _listing("xforms", _xform)
MANIFEST = _listing("manifest", _manifest)
MEDIUM = attrs.evolve(_listing("root", _medium), negotiated=False)
SUBMISSION = View(
    allow="POST, HEAD, OPTIONS",
    handlers={"POST": _submit, "HEAD": _head},
    check=check_account,
    renderers=(AS_TEXT_XML, AS_JSON),
    vary=VARY,
    refuse=partial(refused, "root"),
)
