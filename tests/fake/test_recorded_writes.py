"""The fake server against recordings of writes, permissions, history and OpenRosa.

The recorded server was in another state each time, so each recording gets a server of its own, with
what the request needs. Compared are status, headers, error texts, and the structure of the rest.
"""

from __future__ import annotations

import ast
import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from kobo_async.testing import FakeKobo

from .comparing import shape
from .test_recordings import (
    DATA,
    HOUSEHOLD,
    ORIGIN,
    RECORDINGS,
    SANDBOX,
    SIMPLE,
    authorization,
    read,
)
from .writing import STATES, ensure_rows, form_of

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings here")

IN_SCOPE = re.compile(
    r"""(?:DELETE|PATCH|POST|PUT)\ /api/v2/assets/[^/]+/data/.+
    | \w+\ /api/v2/assets/[^/]+/data/(?:bulk|validation_statuses)/
    | \w+\ /api/v2/assets/[^/]+/data/[^/]+/(?:validation_status|duplicate|enketo|edit)/.*
    | DELETE\ /api/v2/assets/[^/]+/attachments/.+
    | \w+\ /api/v2/assets/[^/]+/(?:history|permission-assignments)/.*
    | \w+\ /api/v2/(?:permissions|users)/.*
    | PATCH\ /me/
    | \w+\ (?:/alice)?/(?:formList|submission|xformsManifest/.+|forms/.+|xformsMedia/.+)
    | \w+\ /view/.+
    | GET\ /api/v2/assets/[^/]+/(?:advanced-features|data/[^/]+/supplement)/
    | GET\ /api/v2/(?:audit-logs|project-history-logs|user-reports)/""",
    re.VERBOSE,
)
FOLDERS = {
    "household": HOUSEHOLD,
    "simple": SIMPLE,
    "sandbox": SANDBOX,
    "empty": "aw6d79mZJp5MQ7xXTAxwqz",
}
EARLIER = {
    **dict.fromkeys(
        (
            "or_submit_duplicate_changed",
            "or_submit_duplicate_identical",
            "or_submit_duplicate_identical_new_attachment",
            "or_submit_edit",
        ),
        ("or_submit_ok",),
    ),
    "or_submit_edit_stale": ("or_submit_ok", "or_submit_edit"),
}
"""What had to be submitted before."""

HEADERS = (
    "allow",
    "location",
    "vary",
    "www-authenticate",
    "x-kobonaut",
    "x-openrosa-accept-content-length",
    "x-openrosa-version",
)


def names() -> list[str]:
    found = []
    for path in RECORDINGS.glob("*.json") if RECORDINGS.is_dir() else ():
        request = read(path.stem)["request"]
        if IN_SCOPE.fullmatch(f"{request['method']} {request['path']}"):
            found.append(path.stem)
    return sorted(found)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the forms without their submissions, which lists of forms do not need."""
    copy = tmp_path_factory.mktemp("forms")
    for folder in FOLDERS:
        shutil.copytree(DATA / folder, copy / folder)
        (copy / folder / "submissions.jsonl.gz").write_bytes(gzip.compress(b""))
    return copy


def make_fake(name: str, path: str, bare: Path) -> FakeKobo:
    fake = FakeKobo()
    fake.add_user("bob")
    fake.add_user("admin", superuser=True)
    for folder, uid in FOLDERS.items():
        listed = "formList" in path or "xforms" in path or "/forms/" in path
        if uid in path or listed or (folder == "sandbox" and "/household" not in path):
            fake.load_form((bare if listed else DATA) / folder).keep_files(())
    STATES.get(name, lambda _: None)(fake)
    return fake


def content_of(request: dict[str, Any]) -> dict[str, Any]:
    """Return what httpx needs to send the same body."""
    if "multipart_files" in request:
        return {"files": [upload(text) for text in request["multipart_files"]]}
    if "form" in request:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return {"content": urlencode(request["form"]), "headers": headers}
    if "raw_body" in request:
        return {"content": request["raw_body"]}
    return {"json": request["json"]} if "json" in request else {}


def upload(text: str) -> Any:
    """Read one recorded file; the longest were cut, and get other bytes of that length."""
    try:
        return ast.literal_eval(text)
    except SyntaxError:
        field, name = re.findall(r"'([^']*)'", text)[:2]
        if field != "xml_submission_file":
            return field, (name, b"\x89PNG" + b"\0" * 11_000_000, "image/png")
        head = re.search(r"b'(<.*?<q1>)", text)
        assert head
        xml = head[1].replace('\\"', '"') + "x" * 11_000_000
        root = xml[1 : xml.index(" ")]
        uuid = "<meta><instanceID>uuid:11111111-1111-4111-8111-111111111111</instanceID></meta>"
        return field, (name, f"{xml}</q1>{uuid}</{root}>".encode(), "text/xml")


async def send(fake: FakeKobo, name: str) -> httpx.Response:
    request = read(name)["request"]
    headers = {key: value for key, value in request["headers"].items() if key != "Authorization"}
    header = authorization(fake, name, request)
    if header:
        headers["Authorization"] = header
    body = content_of(request)
    headers |= body.pop("headers", {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(fake), base_url=ORIGIN) as client:
        return await client.request(
            request["method"],
            request["path"],
            params=request.get("params"),
            headers=headers,
            **body,
        )


def prepare(fake: FakeKobo, name: str) -> None:
    """Make the rows that a request which succeeded must have found."""
    recording = read(name)
    request, form = recording["request"], form_of(fake, recording["request"]["path"])
    if form is None or recording["response"]["status"] >= 400:
        return
    data = request.get("json")
    payload = data.get("payload") if isinstance(data, dict) else None
    wanted = payload.get("submission_ids", ()) if isinstance(payload, dict) else ()
    named = re.search(r"/data/([^/]+)/", request["path"])
    ensure_rows(form, [*wanted, *([named[1]] if named else [])])
    query = payload.get("query") if isinstance(payload, dict) else None
    if query and query["q1"] != "nomatch":
        first, *others = form.store.select(query).page(0, None) or form.rows
        form.store.put({**form.rows[first], **query})
        for number in others if form.rows[others[0]]["q1"] == query["q1"] else ():
            form.delete(number)


def forget(fake: FakeKobo, name: str) -> None:
    """Delete the rows that came of this submission, or that it was to become a version of."""
    for uuid in re.findall(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", json.dumps(read(name)["request"])):
        for form in fake.forms.values():
            number = form.store.find_uuid(uuid)
            if number is not None:
                form.delete(number)


async def replay(fake: FakeKobo, name: str) -> httpx.Response:
    """Send a request after those that came before it."""
    if name.startswith("or_submit"):
        forget(fake, name)
    for earlier in EARLIER.get(name, ()):
        assert (await send(fake, earlier)).status_code == 201
    return await send(fake, name)


def differences(recorded: dict[str, Any], reply: httpx.Response) -> list[str]:
    found = []
    if reply.status_code != recorded["status"]:
        found.append(f"status {reply.status_code} instead of {recorded['status']}")
    here, there = reply.headers.get("content-type"), recorded["headers"].get("content-type")
    found += [] if here == there else [f"content-type {here!r} instead of {there!r}"]
    for header in HEADERS if recorded["status"] < 500 else ():
        there, here = masked(recorded["headers"].get(header)), masked(reply.headers.get(header))
        found += [] if there == here else [f"{header}: {here!r} instead of {there!r}"]
    return found + bodies(recorded, reply)


def masked(text: str | None) -> str | None:
    """Take out what is made from chance or time."""
    if text is None:
        return None
    text = re.sub(r"(nonce|opaque)=\"[^\"]*\"", r"\1", text)
    text = re.sub(r"http://[^/]+/(?:-/)?(edit|view)/e\w+\?instance_id=[\w-]+", r"enketo/\1", text)
    return re.sub(r"permission-assignments/p\w+/", "permission-assignments/p/", text)


def bodies(recorded: dict[str, Any], reply: httpx.Response) -> list[str]:
    there = recorded["body"]
    if recorded["body_type"] == "json":
        here = reply.json()
        if recorded["status"] >= 400 or (isinstance(there, dict) and "detail" in there):
            same = counted(there) == counted(here)
            return [] if same else [f"body {here} instead of {there}"]
        return shape(there, here, "")
    if recorded["body_type"] == "base64":
        return [] if reply.content[:4] == b"\x89PNG" else ["no picture"]
    if there.lstrip()[:9].lower() == "<!doctype":
        return [] if reply.text.lstrip()[:9].lower() == "<!doctype" else ["no page"]
    if recorded["headers"].get("content-type", "").startswith("text/xml") and there:
        same = outline(there) == outline(reply.text)
        return [] if same else [f"other XML: {reply.text[:900]}"]
    return [] if there == reply.text else [f"text {reply.text[:80]!r}"]


def counted(body: Any) -> Any:
    """All submissions of a form are 30 here and 46 there."""
    if isinstance(body, dict) and isinstance(body.get("detail"), str):
        return {**body, "detail": re.sub(r"^(?:30|40|46|0) sub", "n sub", body["detail"])}
    return body


def outline(xml: str) -> list[str]:
    """Return the elements, and the texts that say something."""
    parts = re.findall(r"</?[\w:]+|(?<=<detail>)[^<]+|(?<=nature=\"\">)[^<]+", xml)
    return [part for part in parts if part not in {"<id", "</id"}]


@pytest.mark.anyio
@pytest.mark.parametrize("name", names())
async def test_the_fake_answers_as_the_real_server_did(name: str, bare: Path) -> None:
    recording = read(name)
    fake = make_fake(name, recording["request"]["path"], bare)
    prepare(fake, name)
    found = differences(recording["response"], await replay(fake, name))
    assert not found, found
