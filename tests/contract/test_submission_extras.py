"""Attachments, supplements and their automatic making, held to recordings of a real server."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async.call import Op
from kobo_async.errors import KoboError, QueryError
from kobo_async.models.convert import structure, unstructure
from kobo_async.resources import (
    advanced_features,
    attachments,
    bulk_actions,
    qual_tags,
    supplements,
)
from kobo_async.resources.advanced_features import AdvancedFeatures
from kobo_async.resources.attachments import Attachments
from kobo_async.resources.bulk_actions import BulkActions
from kobo_async.resources.qual_tags import QualTags
from kobo_async.resources.supplements import Supplements
from tests.contract.conftest import (
    Answering,
    recording,
    same,
    sent_as,
)

MODULES = (advanced_features, attachments, bulk_actions, qual_tags, supplements)
OPS = [op for module in MODULES for op in vars(module).values() if isinstance(op, Op)]
HOUSEHOLD = "aEd9o8AwvR6c6YH6Cm6Rz8"
PHOTO = "attLfWCB2nnmRsrtJPXKuXdP"
ROOT = "21636369-8b52-4b4a-97b7-50923ceb3ffd"
PNG = b"\x89PNG"

BULK_ACTION = {
    "uid": "sba1",
    "status": "in_progress",
    "action_id": "automatic_google_translation",
    "question_xpath": "interview",
    "submission_uuids": ["u1", "u2"],
    "submission_statuses": [
        {"uuid": "u1", "status": "failed", "error": "no speech"},
        {"uuid": "u2", "status": "pending", "error": None},
    ],
    "params": {"language": "fr"},
    "progress": 50,
    "created_by": {"username": "alice"},
    "date_created": "2026-08-21T10:00:00.123456Z",
    "date_modified": "2026-08-21T10:00:00Z",
    "cancelled_by": None,
    "skipped_uuids": ["u3"],
}
FEATURE = {"uid": "qaf1", "question_xpath": "q", "action": "manual_qual", "params": [{"uuid": "x"}]}
DURATIONS = {"attachments": [{"uid": "att1", "seconds": 42}, {"uid": "att2", "seconds": None}]}

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("op", "body"),
    [
        (bulk_actions.GET, BULK_ACTION),
        (bulk_actions.LIST, {k: v for k, v in BULK_ACTION.items() if k != "skipped_uuids"}),
        (advanced_features.GET, FEATURE),
        (advanced_features.UPDATE, {**FEATURE, "asset": 17}),
        (attachments.AUDIO_DURATIONS, {**DURATIONS, "total": 42}),
        (attachments.BULK_DELETE, {"message": "3 attachments deleted"}),
        (supplements.BULK_ACCEPT, {"accepted_count": 2}),
        (qual_tags.LIST, {"value": "urgent"}),
    ],
    ids=lambda value: value.path if isinstance(value, Op) else "",
)
def test_what_is_documented_survives_the_model(op: Op[Any], body: Any):
    value = structure(body, op.result)
    assert same(unstructure(value), body)
    assert not value.extra


def test_operations_are_as_many_as_in_the_table():
    assert {module.__name__.rpartition(".")[2]: count(module) for module in MODULES} == {
        "advanced_features": 4,
        "attachments": 6,
        "bulk_actions": 4,
        "qual_tags": 1,
        "supplements": 3,
    }


def count(module: Any) -> int:
    return sum(isinstance(value, Op) for value in vars(module).values())


SENT = {
    "att_delete_one": lambda s: Attachments(s).delete(HOUSEHOLD, PHOTO),
    "att_by_xpath": lambda s: Attachments(s).get_by_xpath(HOUSEHOLD, 1, xpath="photo"),
    "att_download": lambda s: Attachments(s).download(HOUSEHOLD, 1, PHOTO),
    "att_download_small": lambda s: Attachments(s).download_thumb(HOUSEHOLD, 1, PHOTO, "small"),
    "supplement_get": lambda s: Supplements(s).get(HOUSEHOLD, f"uuid:{ROOT}"),
    "advanced_features": lambda s: AdvancedFeatures(s).list(HOUSEHOLD).all(),
}


@pytest.mark.parametrize("name", SENT)
async def test_a_method_sends_what_was_recorded(name: str):
    one = recording(name)
    sender = Answering(one)
    await SENT[name](sender)
    sent_as(sender.call, one)


async def test_a_bulk_deletion_sends_what_was_recorded_and_cuts_the_prefix():
    one = recording("att_bulk_delete")
    sender = Answering(one)
    (uuid,) = one.request["json"]["submission_root_uuids"]
    with pytest.raises(KoboError, match="root UUIDs are invalid"):
        await Attachments(sender).bulk_delete(HOUSEHOLD, submission_root_uuids=[f"uuid:{uuid}"])
    sent_as(sender.call, one)


async def test_a_download_is_the_file():
    photo, small = recording("att_download"), recording("att_download_small")
    resource = Attachments(Answering(photo, small, photo))
    assert (await resource.download(HOUSEHOLD, 1, PHOTO)).startswith(PNG)
    assert (await resource.download_thumb(HOUSEHOLD, 1, PHOTO, "small")).startswith(PNG)
    async with resource.stream(HOUSEHOLD, 1, PHOTO) as body:
        assert [piece async for piece in body] == [photo.reply.body]


async def test_a_conversion_is_asked_for_by_format():
    sender = Answering(recording("att_mp3_of_png"))
    with pytest.raises(KoboError, match="Conversion is not supported"):
        await Attachments(sender).download(HOUSEHOLD, 1, PHOTO, format="mp3")
    sent_as(sender.call, recording("att_mp3_of_png"))


REFUSED = {
    "number": lambda s: Attachments(s).delete(HOUSEHOLD, "17"),
    "no path": lambda s: Attachments(s).get_by_xpath(HOUSEHOLD, 1, xpath=""),
    "no uids": lambda s: Attachments(s).audio_durations(HOUSEHOLD, attachment_uids=[]),
    "201 uids": lambda s: Attachments(s).audio_durations(
        HOUSEHOLD, attachment_uids=[f"att{i}" for i in range(201)]
    ),
    "one uid": lambda s: Attachments(s).audio_durations(HOUSEHOLD, attachment_uids="att1"),
    "no roots": lambda s: Attachments(s).bulk_delete(HOUSEHOLD, submission_root_uuids=[]),
    "ids": lambda s: Attachments(s).bulk_delete(HOUSEHOLD, submission_root_uuids=[1]),
    "no changes": lambda s: Supplements(s).update(HOUSEHOLD, ROOT, changes={}),
    "no actions": lambda s: Supplements(s).update(HOUSEHOLD, ROOT, changes={"q": "text"}),
    "version": lambda s: Supplements(s).update(HOUSEHOLD, ROOT, changes={"_version": {}}),
    "no language": lambda s: Supplements(s).bulk_accept(
        HOUSEHOLD,
        submission_uids=[ROOT],
        question_xpath="q",
        action_id="automatic_google_translation",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_the_server_would_misread_is_not_sent(name: str):
    sender = Answering()
    with pytest.raises(QueryError):
        await REFUSED[name](sender)
    assert not sender.calls


@pytest.mark.parametrize("status", ["complete", ["done"], ["complete", "failed"]])
def test_an_unknown_state_is_refused_since_the_list_would_be_empty(status: Any):
    with pytest.raises(QueryError, match="status is a list of"):
        BulkActions(Answering()).list(HOUSEHOLD, status=status)


async def test_bulk_actions_are_listed_by_state():
    page = {"count": 1, "next": None, "previous": None, "results": [BULK_ACTION]}
    sender = Answering(page)
    (action,) = await (
        BulkActions(sender).list(HOUSEHOLD, status=["pending", "in_progress"], page_size=5).all()
    )
    assert sender.call.query == {"status": "pending,in_progress", "limit": 5}
    assert not action.finished
    assert [row.error for row in action.failed] == ["no speech"]


async def test_a_bulk_action_is_started_and_stopped():
    sender = Answering(BULK_ACTION, {**BULK_ACTION, "status": "cancelled"})
    resource = BulkActions(sender)
    started = await resource.create(
        HOUSEHOLD,
        action_id="automatic_google_translation",
        question_xpath="interview",
        submission_uuids=["uuid:u1", "u2"],
        language="fr",
    )
    assert (await resource.cancel(HOUSEHOLD, started.uid)).finished
    create, cancel = sender.calls
    assert create.json == {
        "action_id": "automatic_google_translation",
        "question_xpath": "interview",
        "submission_uuids": ["u1", "u2"],
        "params": {"language": "fr"},
    }
    assert cancel.json == {"status": "cancelled"}


async def test_a_supplement_is_changed_with_the_version_the_server_needs():
    sender = Answering({})
    changes = {"q": {"manual_transcription": {"language": "en", "value": "Hello"}}}
    await Supplements(sender).update(HOUSEHOLD, f"uuid:{ROOT}", changes=changes)
    assert sender.call.json == {"_version": "20250820", **changes}
    assert sender.call.path.endswith(f"/data/{ROOT}/supplement/")


async def test_results_are_accepted_for_many():
    sender = Answering({"accepted_count": 1})
    accepted = await Supplements(sender).bulk_accept(
        HOUSEHOLD,
        submission_uids=[f"uuid:{ROOT}"],
        question_xpath="q",
        action_id="automatic_google_transcription",
    )
    assert accepted.accepted_count == 1
    assert sender.call.json == {
        "submission_uids": [ROOT],
        "question_xpath": "q",
        "action_id": "automatic_google_transcription",
        "operation": "accept",
    }


async def test_a_question_is_prepared_and_extended():
    sender = Answering(FEATURE, FEATURE, [{"value": "urgent"}])
    features = AdvancedFeatures(sender)
    made = await features.create(
        HOUSEHOLD, question_xpath="q", action="manual_translation", params=[{"language": "en"}]
    )
    await features.update(HOUSEHOLD, made.uid, params=({"language": "fr"},))
    (tag,) = await QualTags(sender).list(HOUSEHOLD, "u1").all()
    assert [call.json for call in sender.calls[:2]] == [
        {"action": "manual_translation", "question_xpath": "q", "params": [{"language": "en"}]},
        {"params": [{"language": "fr"}]},
    ]
    assert tag.value == "urgent"
