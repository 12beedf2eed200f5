"""Files go up with all that a real server needs, and what it would misread is never sent."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from kobo_async.errors import NotFound, QueryError
from kobo_async.resources.assets import Assets
from kobo_async.resources.deployments import Deployments
from kobo_async.resources.files import Files
from kobo_async.resources.imports import Imports
from kobo_async.resources.library import Library
from kobo_async.resources.paired_data import PairedProjects
from kobo_async.resources.reports import Reports
from kobo_async.resources.snapshots import Snapshots
from tests.contract.conftest import Answering, Recording, recording
from tests.contract.sending import Request, sent

pytestmark = pytest.mark.anyio

HOUSEHOLD = "aEd9o8AwvR6c6YH6Cm6Rz8"
ORIGIN = "http://127.0.0.1:8900"

FORMS: dict[str, Request] = {
    "import_library_false": lambda to: Imports(to).create(content=b"PK", filename="lf"),
    "import_library_true": lambda to: Imports(to).create(
        content=b"PK", filename="lt", library=True
    ),
    "file_upload_multipart": lambda to: Files(to).upload(
        HOUSEHOLD, filename="codes.csv", content=b"name,label\na,A\n", description="codes"
    ),
    "file_upload_map_layer": lambda to: Files(to).upload(
        HOUSEHOLD,
        filename="layer.geojson",
        content=b"{}",
        file_type="map_layer",
        description="layer",
    ),
    "file_upload_base64": lambda to: Files(to).upload_base64(
        HOUSEHOLD, filename="logo.png", encoded=encoded("file_upload_base64"), description="logo"
    ),
    "file_upload_redirect": lambda to: Files(to).link(
        HOUSEHOLD, redirect_url="http://127.0.0.1:8902/remote.png", description="remote"
    ),
}


def encoded(name: str) -> str:
    return str(recording(name).request["form"]["base64Encoded"])


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_with_a_file_has_the_fields_that_a_real_server_took(name: str):
    one = recording(name)
    call = await sent(FORMS[name], one)

    assert (call.op.method, call.path) == (one.method, one.path)
    assert fields(call.form) == fields(one.request["form"])
    assert [part.field for part in call.files] == file_fields(one)


def fields(form: Any) -> dict[str, Any]:
    """Return the fields of a form; `metadata` is JSON inside."""
    inside = {"metadata": orjson.loads(form["metadata"])} if "metadata" in form else {}
    return {**form, **inside}


def file_fields(one: Recording) -> list[str]:
    return [
        literal_eval(part[1 : part.index(",")]) for part in one.request.get("multipart_files", [])
    ]


SAFE = {"library": "false"}
"""What the SDK says and the recording left to the server, which takes it for true."""


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        (
            "import_base64",
            lambda to: Imports(to).create_from_base64(
                encoded=encoded("import_base64"), filename="b64"
            ),
        ),
        (
            "import_url",
            lambda to: Imports(to).create_from_url(
                url="http://127.0.0.1:8902/x.xlsx", filename="url"
            ),
        ),
        (
            "import_desired_type_template",
            lambda to: Imports(to).create(content=b"", filename="dt", desired_type="template"),
        ),
        (
            "import_destination",
            lambda to: Imports(to).replace(
                destination=f"{ORIGIN}/api/v2/assets/aqaSqs6pTvPuucgNXNRmcv/",
                content=b"",
                filename="repl",
            ),
        ),
    ],
)
async def test_an_import_never_leaves_to_the_server_whether_it_is_for_the_library(name, request_):
    one = recording(name)
    call = await sent(request_, one)

    assert call.form == {**one.request["form"], **SAFE}
    assert [part.field for part in call.files] == file_fields(one)


TASK = {"uid": "i1", "status": "processing"}


async def test_bare_base64_gets_the_mark_that_the_server_looks_for():
    call = await sent(lambda to: Imports(to).create_from_base64(encoded="UEs=", filename="x"), TASK)

    assert call.form is not None
    assert call.form["base64Encoded"] == "base64,UEs="


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        (lambda to: Snapshots(to).create(asset="a1"), "asset"),
        (lambda to: Library(to).subscribe(asset="a1"), "asset"),
        (lambda to: Assets(to).update("a2", parent="a1"), "parent"),
        (lambda to: PairedProjects(to).create("a2", source="a1", filename="f"), "source"),
    ],
)
async def test_an_asset_may_be_named_by_its_uid(request_: Request, key: str):
    server = Answering(NotFound(404, "Not found."))
    with pytest.raises(NotFound):
        await request_(server)

    assert server.call.json[key] == "/api/v2/assets/a1/"


async def test_a_file_without_description_is_described_by_its_name():
    one = recording("file_upload_multipart")
    call = await sent(lambda to: Files(to).upload("a1", filename="x.csv", content=b""), one)

    assert call.form == {
        "description": "x.csv",
        "file_type": "form_media",
        "metadata": '{"filename":"x.csv"}',
    }


REFUSED: dict[str, tuple[Callable[[Any], Awaitable[Any]], str]] = {
    "no uids, which would mean all": (
        lambda to: Assets(to).archive(asset_uids=[]),
        "would take that for all",
    ),
    "a uid in place of a list": (
        lambda to: Assets(to).archive(asset_uids=HOUSEHOLD),
        "is a list of texts",
    ),
    "a uid twice": (lambda to: Assets(to).unarchive(asset_uids=["a1", "a1"]), "twice"),
    "another number than expected": (
        lambda to: Assets(to).delete_many(asset_uids=["a1", "a2"], expected=1),
        "2 assets to delete, but 1 were expected",
    ),
    "no assets to delete": (
        lambda to: Assets(to).delete_many(asset_uids=[], expected=0),
        "would take that for all",
    ),
    "deletion without a number": (
        lambda to: Assets(to).bulk_action(action="delete", asset_uids=["a1"]),
        "delete_many",
    ),
    "one name in place of a list": (
        lambda to: Assets(to).get(HOUSEHOLD, exclude="content"),
        "is a list of texts",
    ),
    "an order that the server ignores": (
        lambda to: Assets(to).list(ordering="date_created").all(),
        "ordering cannot be 'date_created'",
    ),
    "no version": (lambda to: Deployments(to).redeploy("a1", version_id=None), "version_id"),
    "an empty version": (lambda to: Deployments(to).redeploy("a1", version_id=""), "version_id"),
    "an empty name of an asset": (lambda to: Snapshots(to).create(asset=""), "uid or its URL"),
    "a path in a report": (
        lambda to: Reports(to).get("a1", names=["general/region"]),
        "not its path 'general/region'",
    ),
    "a path to split by": (lambda to: Reports(to).get("a1", split_by="g/q"), "not its path"),
    "a path in place of paths": (
        lambda to: PairedProjects(to).update("a1", "pd1", fields="g/q"),
        "is a list of texts",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_the_server_would_misread_is_never_sent(what: str):
    request, message = REFUSED[what]
    server = Answering()
    with pytest.raises(QueryError, match=message):
        await request(server)

    assert not server.calls
