"""The XML and the headers that OpenRosa endpoints answer with (observed §12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape

import orjson

from kobo_async.testing.messages import RefusedError, Reply
from kobo_async.testing.negotiation import Renderer
from kobo_async.testing.render import xml_value
from kobo_async.testing.submissions import Stored

TEXT_XML: Final = "text/xml; charset=utf-8"
AS_TEXT_XML: Final = Renderer("xml", "text/xml", TEXT_XML)
HEADERS: Final = {
    "x-openrosa-version": "1.0",
    "x-openrosa-accept-content-length": "10000000",
}
LIST_VARY_OF_ANYONE: Final = "origin, Accept-Language, Cookie"
DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACE: Final = "http://openrosa.org/xforms"
CHALLENGE: Final = {
    "www-authenticate": (
        'Digest realm="DJANGO", qop="auth", nonce="1767225600.0:F00D:0123456789abcdef", '
        'opaque="0123456789ABCDEF", algorithm="MD5", stale="false"'
    )
}


def refused(root: str, refusal: RefusedError) -> Reply:
    """Return an error the way these endpoints write it; 401 asks for Digest."""
    headers = dict(refusal.headers)
    if refusal.status == 401:
        headers |= CHALLENGE
        headers |= {} if root == "root" else {"vary": LIST_VARY_OF_ANYONE}
    body = f"{DECLARATION}<{opened(root)}>{xml_value(refusal.content)}</{root}>"
    return Reply(refusal.status, body.encode(), TEXT_XML, headers)


def opened(root: str) -> str:
    """Return the inside of the tag that begins a list."""
    kind = {"xforms": "xformsList", "manifest": "xformsManifest"}.get(root)
    return f'{root} xmlns="{_NAMESPACE}/{kind}"' if kind else root


def listing(root: str, items: list[tuple[str, dict[str, str]]]) -> Reply:
    """Return a list of elements."""
    inner = "".join(f"<{name}>{_children(item)}</{name}>" for name, item in items)
    body = f"{DECLARATION}<{opened(root)}>{inner}</{root}>"
    return Reply(200, body.encode(), TEXT_XML, HEADERS)


def _children(item: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in item.items())


def message(status: int, text: str, headers: Mapping[str, str]) -> Reply:
    """Return what is said about a submission that was not stored."""
    body = (
        "<?xml version='1.0' encoding='UTF-8' ?>\n"
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response">\n'
        f'        <message nature="">{escape(text)}</message>\n</OpenRosaResponse>'
    )
    return Reply(status, body.encode(), TEXT_XML, headers)


def receipt_xml(stored: Stored, headers: Mapping[str, str]) -> Reply:
    """Return the receipt of a stored submission."""
    receipt, instance_id = stored.receipt, prefixed(stored.instance_id)
    body = (
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response">\n'
        "    <message>Successful submission.</message>\n"
        f'    <submissionMetadata xmlns="http://www.opendatakit.org/xforms" id="{stored.form.uid}"'
        f'  instanceID="{escape(instance_id)}" submissionDate="{_moment(receipt.created)}"'
        f' isComplete="true" markedAsCompleteDate="{_moment(receipt.modified)}"/>\n'
        "</OpenRosaResponse>\n"
    )
    return Reply(201, body.encode(), TEXT_XML, headers)


def receipt_json(stored: Stored, headers: Mapping[str, str]) -> Reply:
    """Return the receipt of a submission that was sent as JSON."""
    body: dict[str, Any] = {
        "message": "Successful submission.",
        "formid": stored.form.uid,
        "encrypted": False,
        "instanceID": prefixed(stored.instance_id),
        "submissionDate": _moment(stored.receipt.created),
        "markedAsCompleteDate": _moment(stored.receipt.modified),
    }
    return Reply(201, orjson.dumps(body), headers=headers)


def prefixed(uuid: str) -> str:
    """Return a uuid as `meta/instanceID` has it."""
    return f"uuid:{uuid.removeprefix('uuid:')}"


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
