"""Forms and submissions over OpenRosa, held to recordings of a real server."""

from __future__ import annotations

import ast
from contextlib import nullcontext
from operator import attrgetter
from typing import Any

import attrs
import pytest

from kobo_async import errors
from kobo_async.call import Op, Upload
from kobo_async.errors import KoboError, MalformedReply, QueryError, UnexpectedShape
from kobo_async.models.convert import unstructure
from kobo_async.resources import openrosa
from kobo_async.resources.openrosa import OpenRosa
from kobo_async.verbs.xforms import read_xform
from tests.contract.conftest import (
    Answering,
    Recording,
    Whole,
    is_error,
    recording,
    recordings_of,
    same,
    sent_as,
)

OPS = [op for name, op in vars(openrosa).items() if isinstance(op, Op) and not name.startswith("_")]
STORED = [
    one
    for one in recordings_of(openrosa.SUBMIT, openrosa.SUBMIT_ANONYMOUS)
    if not is_error(openrosa.SUBMIT, one)
]
FORM_LISTS = [
    one
    for one in recordings_of(openrosa.FORM_LIST, openrosa.FORM_LIST_ANONYMOUS)
    if one.status == 200
]
HOUSEHOLD = "aEd9o8AwvR6c6YH6Cm6Rz8"
SANDBOX = "aVB5xpwQqzShybUMDoAu2N"
XML = b"<data><meta><instanceID>uuid:1</instanceID></meta></data>"

pytestmark = pytest.mark.anyio


def test_there_are_twelve_operations():
    assert len(OPS) == 12


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("or_submit_duplicate_changed", errors.Conflict, "instance ID already exists"),
        ("or_submit_edit_stale", errors.Gone, "refers to an old version"),
        ("or_submit_edit_unknown", errors.NotFound, "deprecatedID not found"),
        ("or_submit_archived_form", errors.MethodNotAllowed, "Form is not active"),
        ("or_submit_admin_superuser", errors.PermissionDenied, "Access denied"),
        ("or_submit_no_instanceid", errors.BadRequest, "Instance ID is required"),
        ("or_submit_noauth", errors.AuthenticationFailed, "credentials were not provided"),
    ],
)
async def test_errors_in_xml_have_a_kind_and_a_message(name: str, kind: type[KoboError], said: str):
    with pytest.raises(kind, match=said):
        await OpenRosa(Answering(recording(name))).submit(xml=XML)


@pytest.mark.parametrize("one", STORED, ids=attrgetter("name"))
async def test_a_submission_that_the_server_has_yields_a_receipt(one: Recording):
    resource = OpenRosa(Answering(one))
    receipt = await resource.submit(xml=XML)
    assert receipt.duplicate is (one.status == 202)
    assert receipt.message
    if not receipt.duplicate:
        assert receipt.instanceID
        assert receipt.formid
        assert receipt.submissionDate
        assert receipt.submissionDate.tzinfo


async def test_json_is_sent_as_recorded_and_its_receipt_survives_the_model():
    one = recording("or_submit_json")
    sender = Answering(one)
    request = one.request["json"]
    receipt = await OpenRosa(sender).submit_json(
        form_id=request["id"], submission=request["submission"]
    )
    sent_as(sender.call, one)
    assert same(unstructure(receipt), one.body)
    assert not receipt.extra


async def test_a_duplicate_is_recognised_in_json_too():
    sender = Answering(b'{"error": "Duplicate Instance"}')
    receipt = await OpenRosa(sender).submit_json(form_id=SANDBOX, submission={})
    assert receipt.duplicate
    assert receipt.error == "Duplicate Instance"


def parts(one: Recording) -> list[Upload]:
    """Read the parts of a recorded multipart body, which are kept as Python writes them."""
    recorded = [ast.literal_eval(part) for part in one.request["multipart_files"]]
    return [Upload(field, *content) for field, content in recorded]


async def test_xml_is_sent_in_the_recorded_parts():
    one = recording("or_submit_ok")
    (form,) = parts(one)
    sender = Answering(one)
    await OpenRosa(sender).submit(xml=form.content)
    sent_as(sender.call, one)
    assert sender.call.files == (attrs.evolve(form, filename="submission.xml"),)


async def test_files_are_sent_under_their_own_names():
    sender = Answering(recording("or_submit_ok"))
    photos = [Upload("file", f"{name}.png", b"x", "image/png") for name in "ab"]
    await OpenRosa(sender).submit(xml=XML, files=photos)
    assert [part.field for part in sender.call.files] == [
        "xml_submission_file",
        "a.png",
        "b.png",
    ]


@pytest.mark.parametrize("names", [["a.png", "a.png"], [""], ["xml_submission_file"]])
async def test_files_that_the_server_would_mix_up_are_not_sent(names: list[str]):
    sender = Answering()
    with pytest.raises(QueryError, match="each once"):
        await OpenRosa(sender).submit(xml=XML, files=[Upload("f", name, b"x") for name in names])
    assert not sender.calls


SENT = {
    "or_formList": lambda o: o.form_list(),
    "or_formList_formID": lambda o: o.form_list(form_id=HOUSEHOLD),
    "or_formList_user_anon_allowed": lambda o: o.form_list_anonymous("alice"),
    "or_manifest_after_redeploy": lambda o: o.manifest(1),
    "or_form_xml": lambda o: o.form_xml(1),
    "or_submit_anon_allowed_userpath": lambda o: o.submit_anonymous("alice", xml=XML),
    "briefcase_list": lambda o: o.instance_chunk(form_id=SANDBOX),
}


@pytest.mark.parametrize("name", SENT)
async def test_a_method_sends_what_was_recorded(name: str):
    one = recording(name)
    sender = Answering(one)
    await SENT[name](OpenRosa(sender))
    sent_as(sender.call, one)


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda o: o.form_list_collector("t"), "/collector/t/formList"),
        (lambda o: o.manifest_collector("t", 1), "/collector/t/xformsManifest/1"),
        (lambda o: o.manifest_anonymous("bob", 1), "/bob/xformsManifest/1"),
        (lambda o: o.snapshot_form_list("s1"), "/api/v2/asset_snapshots/s1/formList"),
        (lambda o: o.snapshot_manifest("s1"), "/api/v2/asset_snapshots/s1/manifest"),
    ],
)
async def test_other_ways_in_have_paths_of_their_own(call: Any, path: str):
    sender = Answering(b"<xforms/>")
    assert await call(OpenRosa(sender)) == []
    assert sender.call.path == path
    assert sender.call.op.site == ("kpi" if "/api/v2/" in path else "openrosa")


async def test_collectors_and_the_web_form_submit_the_same_parts():
    sender = Answering(recording("or_submit_ok"), XML)
    assert (await OpenRosa(sender).submit_collector("t", xml=XML)).instanceID
    assert await OpenRosa(sender).snapshot_submit("s1", xml=XML) == XML
    collector, snapshot = sender.calls
    assert collector.path == "/collector/t/submission"
    assert snapshot.path == "/api/v2/asset_snapshots/s1/submission"
    assert collector.files == snapshot.files


@pytest.mark.parametrize("one", FORM_LISTS, ids=attrgetter("name"))
async def test_a_form_list_is_read(one: Recording):
    forms = await OpenRosa(Answering(one)).form_list()
    assert len(forms) == one.body.count("<xform>")
    for form in forms:
        assert not form.extra
        assert form.downloadUrl.endswith(f"/forms/{form.number}/form.xml")
        assert form.manifestUrl.endswith(f"/xformsManifest/{form.number}")
        assert form.hash.startswith("md5:")


def test_a_form_tells_what_its_submissions_must_say():
    one = recording("or_form_xml")
    listed = read_xform(one.body.encode(), "aEd9o8AwvR6c6YH6Cm6Rz8")
    identity = listed.identity
    assert identity.formhub_uuid == "b25c648cb9304a849590ffc148aa302a"
    assert identity.version == "vpkhoCjzeZyxd5rBWZ7bea"
    assert {"general/visit/visit_date", "members/health", "photo"} <= set(listed.paths)


async def test_a_manifest_is_read():
    media = await OpenRosa(Answering(recording("or_manifest_after_redeploy"))).manifest(1)
    assert [file.filename for file in media][:3] == ["logo.png", "logo2.png", "remote.png"]
    assert all(file.downloadUrl and file.hash for file in media)


async def test_the_size_limit_is_in_a_header():
    headers = recording("or_submission_head").reply.headers
    sender = Answering()
    sender.open = lambda _: nullcontext(Whole(b"", headers))
    assert await OpenRosa(sender).largest_body() == 10_000_000


def chunk(cursor: int, *ids: str) -> bytes:
    listed = "".join(f"<id>{one}</id>" for one in ids)
    return (
        f'<idChunk xmlns="http://opendatakit.org/submissions"><idList>{listed}</idList>'
        f"<resumptionCursor>{cursor}</resumptionCursor></idChunk>"
    ).encode()


async def test_instance_ids_are_read_chunk_by_chunk():
    sender = Answering(chunk(7, "uuid:a", "uuid:b"), chunk(9, "uuid:c"), chunk(9))
    ids = OpenRosa(sender).instance_ids(form_id=SANDBOX, page_size=2)
    assert [one async for one in ids] == ["uuid:a", "uuid:b", "uuid:c"]
    assert [call.query for call in sender.calls] == [
        {"formId": SANDBOX, "numEntries": 2},
        {"formId": SANDBOX, "numEntries": 2, "cursor": "7"},
        {"formId": SANDBOX, "numEntries": 2, "cursor": "9"},
    ]


async def test_recorded_instance_ids_are_read():
    one = recording("briefcase_list")
    found = await OpenRosa(Answering(one)).instance_chunk(form_id=SANDBOX)
    assert len(found.ids) == one.body.count("<id>")
    assert found.cursor == "28090"


async def test_an_instance_is_asked_for_by_form_and_key():
    sender = Answering(b"<submission/>")
    await OpenRosa(sender).instance(form_id="aForm", instance_id="uuid:a")
    assert sender.call.query["formId"] == (
        "aForm[@version=null and @uiVersion=null]/aForm[@key=uuid:a]"
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!doctype html><html></html>", MalformedReply),
        (b"<html><body>Log in</body></html>", UnexpectedShape),
        (b"", MalformedReply),
        (b"{", MalformedReply),
    ],
)
async def test_what_is_no_receipt_is_not_taken_for_one(body: bytes, kind: type[KoboError]):
    with pytest.raises(kind, match=r"POST /submission"):
        await OpenRosa(Answering(body)).submit(xml=XML)
