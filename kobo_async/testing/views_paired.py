"""Data of one project as media of another (observed §9, api-facts §4.10)."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from kobo_async.testing.assetfields import uid_of
from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import PLAIN_VARY, RefusedError, Reply
from kobo_async.testing.paths import BASE
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_assets import check_asset

_NO_PAIR: Final = {"detail": "No PairedData matches the given query."}


def _list(asked: Asked) -> Reply:
    return asked.listed([_entry(asked, uid) for uid in asked.existing.paired])


def _entry(asked: Asked, uid: str) -> dict[str, Any]:
    pair, form = asked.existing.paired[uid], asked.existing
    source = asked.fake.forms.get(pair["source"])
    return {
        "source": f"{BASE}/api/v2/assets/{source.uid}/" if source else None,
        "source__name": source.name if source else None,
        "fields": pair["fields"],
        "filename": pair["filename"],
        "url": f"{BASE}/api/v2/assets/{form.uid}/paired-data/{uid}/",
    }


def _create(asked: Asked) -> Reply:
    """Connect a project; the answer says nothing yet about where the data comes from."""
    data, form = asked.fields, asked.existing
    source = _source(asked, data)
    uid = asked.fake.new_uid("pd")
    form.paired[uid] = {
        "source": source.uid,
        "fields": data.get("fields", []),
        "filename": _filename(data),
    }
    _note(asked, "connect-project", form.paired[uid])
    return asked.linked(
        {**_entry(asked, uid), "source": None, "source__name": None}, 201, located=True
    )


def _source(asked: Asked, data: dict[str, Any]) -> FakeForm:
    for name in ("source", "filename"):
        if not data.get(name):
            raise RefusedError(400, {name: ["This field is required."]})
    uid = uid_of(data["source"])
    source = asked.fake.forms.get(uid)
    if source is None or not source.raw_asset["data_sharing"].get("enabled"):
        raise RefusedError(400, {"source": [f"Data sharing for `{uid}` is not enabled"]})
    return source


def _filename(data: dict[str, Any]) -> str:
    return f"{str(data['filename']).removesuffix('.xml')}.xml"


def _note(asked: Asked, action: str, pair: dict[str, Any]) -> None:
    source = asked.fake.forms.get(pair["source"])
    facts = {
        "fields": pair["fields"],
        "source_uid": pair["source"],
        "source_name": source.name if source else None,
    }
    metadata: dict[str, Any] = {"paired-data": facts}
    asked.existing.log(action, asked.info.user, **metadata)


def _uid(asked: Asked) -> str:
    uid = asked.params["pair"]
    if uid not in asked.existing.paired:
        raise RefusedError(404, _NO_PAIR)
    return uid


def _detail(asked: Asked) -> Reply:
    return asked.linked(_entry(asked, _uid(asked)))


def _update(asked: Asked) -> Reply:
    uid, data = _uid(asked), asked.fields
    pair = asked.existing.paired[uid]
    if "fields" in data:
        pair["fields"] = data["fields"]
    if data.get("filename"):
        pair["filename"] = _filename(data)
    _note(asked, "modify-imported-fields", pair)
    return asked.linked(_entry(asked, uid))


def _delete(asked: Asked) -> Reply:
    pair = asked.existing.paired.pop(_uid(asked))
    _note(asked, "disconnect-project", pair)
    return Reply(204, content_type=None)


def _external(asked: Asked) -> Reply:
    """Answer with the rows of the source, the fields that were chosen."""
    pair = asked.existing.paired[_uid(asked)]
    source = asked.fake.forms.get(pair["source"])
    if source is None:
        raise RefusedError(404, _NO_PAIR)
    rows = "".join(_row(source, source.store[number], pair["fields"]) for number in source.store)
    body = f'<?xml version="1.0" encoding="utf-8"?><root>{rows}</root>'.encode()
    etag = hashlib.md5(body).hexdigest()  # noqa: S324 - what the API shows
    headers = {"cache-control": "private, max-age=300", "etag": f'"{etag}"'}
    if asked.info.headers.get("if-none-match") == headers["etag"]:
        return Reply(304, content_type=None, headers=headers)
    return Reply(200, body, "text/xml; charset=utf-8", headers)


def _row(source: FakeForm, row: dict[str, Any], fields: list[str]) -> str:
    shown = {
        path: text
        for path, text in row.items()
        if isinstance(text, str) and (path in fields or (not fields and path[0] != "_"))
    }
    inner = "".join(_nested(path.split("/"), escape(text)) for path, text in shown.items())
    head = f"<data id={quoteattr(source.uid)} version={quoteattr(source.form_version)}>"
    return f"{head}{inner}</data>"


def _nested(path: list[str], text: str) -> str:
    for name in reversed(path):
        text = f"<{name}>{text}</{name}>"
    return text


LIST = View(
    allow="GET, POST, HEAD, OPTIONS",
    handlers={"GET": _list, "POST": _create},
    check=check_asset,
    outside=True,
)
DETAIL = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "PUT": _update, "PATCH": _update, "DELETE": _delete},
    check=check_asset,
    outside=True,
)
EXTERNAL = View(
    allow="GET, HEAD, OPTIONS",
    handlers={"GET": _external},
    check=check_asset,
    outside=True,
    negotiated=False,
    vary=PLAIN_VARY,
)
