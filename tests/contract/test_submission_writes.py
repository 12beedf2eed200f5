"""Changing, deleting and validating submissions, held to recordings of a real server."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async.call import Op
from kobo_async.errors import BadRequest, QueryError
from kobo_async.models.convert import structure
from kobo_async.models.submission import EditOutcome
from kobo_async.resources import submissions
from kobo_async.resources.submissions import Submissions
from tests.contract.conftest import (
    Answering,
    Recording,
    items_of,
    params_of,
    recording,
    sent_as,
)

OPS = [
    op for name, op in vars(submissions).items() if isinstance(op, Op) and not name.startswith("_")
]
HOUSEHOLD = "aEd9o8AwvR6c6YH6Cm6Rz8"
SANDBOX = "aVB5xpwQqzShybUMDoAu2N"
EMPTY = "aw6d79mZJp5MQ7xXTAxwqz"
APPROVED = "validation_status_approved"

pytestmark = pytest.mark.anyio


def has_json(one: Recording) -> bool:
    documents = {"xml", "geojson"}
    return one.is_json and not documents & {one.query.get("format"), one.path.rpartition(".")[2]}


@pytest.mark.parametrize(("op", "one"), params_of(*OPS))
def test_no_key_of_a_model_is_unknown(op: Op[Any], one: Recording):
    for item in items_of(op, one) if has_json(one) else ():
        assert not getattr(structure(item, op.result), "extra", None)


def test_there_are_sixteen_operations():
    assert len(OPS) == 16


SENT = {
    "sub_delete": lambda s: s.delete(SANDBOX, 28061),
    "sub_delete_by_uuid": lambda s: s.delete(SANDBOX, "a671a451-8fd6-42bf-90ac-a326689bd8fb"),
    "dup_post": lambda s: s.duplicate(SANDBOX, 28044),
    "enketo_legacy_edit": lambda s: s.legacy_edit_link(SANDBOX, 28046),
    "enketo_view": lambda s: s.view_link(SANDBOX, 28046),
    "val_get": lambda s: s.validation_status(SANDBOX, 28041),
    "val_get_none": lambda s: s.validation_status(SANDBOX, 28041),
    "val_patch_ok": lambda s: s.set_validation_status(SANDBOX, 28041, status=APPROVED),
    "val_delete": lambda s: s.clear_validation_status(SANDBOX, 28041),
    "bulk_patch_ok": lambda s: s.bulk_update(
        SANDBOX, submission_ids=[28041, 28042], data={"q1": "changed by bulk", "n": 77}
    ),
    "bulk_patch_group": lambda s: s.bulk_update(
        HOUSEHOLD,
        submission_ids=[2],
        data={"general/region": "south", "general/visit/visit_date": "2026-02-02"},
    ),
    "bulk_patch_repeat": lambda s: s.bulk_update(
        HOUSEHOLD, submission_ids=[1], data={"members[1]/member_age": 99}
    ),
    "bulk_delete_ids": lambda s: s.bulk_delete(SANDBOX, submission_ids=[28063, 28064, 28063]),
    "vals_patch_payload_ids": lambda s: s.bulk_set_validation_status(
        SANDBOX, submission_ids=[28041, 28042, 28043], status=APPROVED
    ),
    "vals_delete_with_uid_empty": lambda s: s.bulk_clear_validation_status(
        SANDBOX, submission_ids=[28041, 28042]
    ),
}


@pytest.mark.parametrize("name", SENT)
async def test_a_method_sends_what_was_recorded(name: str):
    one = recording(name)
    sender = Answering(one)
    await SENT[name](Submissions(sender))
    sent_as(sender.call, one)


async def test_an_edit_link_names_the_version_and_keeps_the_address_out_of_logs():
    one = recording("enketo_edit")
    link = await Submissions(Answering(one)).edit_link(SANDBOX, 28046)
    assert (link.url, link.version_uid) == (one.body["url"], one.body["version_uid"])
    assert "instance_id" not in repr(link)


async def test_a_redirect_yields_its_target():
    edit, view = recording("enketo_redirect_edit"), recording("enketo_redirect_view")
    resource = Submissions(Answering(edit, view))
    assert await resource.edit_redirect(SANDBOX, 28046) == edit.response["headers"]["location"]
    assert await resource.view_redirect(SANDBOX, 28046) == view.response["headers"]["location"]


async def test_a_status_that_is_not_set_is_an_empty_one():
    resource = Submissions(Answering(recording("val_get_none"), recording("val_get")))
    unset, approved = [await resource.validation_status(SANDBOX, 28041) for _ in range(2)]
    assert not unset.is_set
    assert unset.since is None
    assert (approved.uid, approved.by_whom) == (APPROVED, "alice")
    assert approved.since
    assert approved.since.timestamp() == approved.timestamp


@pytest.mark.parametrize("status", ["bogus", "", None, "approved"])
async def test_an_unknown_status_is_refused_since_the_server_would_clear_the_rows(status: Any):
    sender = Answering()
    with pytest.raises(QueryError, match="no validation status"):
        await Submissions(sender).bulk_set_validation_status(
            SANDBOX, submission_ids=[1], status=status
        )
    with pytest.raises(QueryError, match="no validation status"):
        await Submissions(sender).set_validation_status(SANDBOX, 1, status=status)
    assert not sender.calls


@pytest.mark.parametrize("ids", [[], "17", ["17"], [True], [None], ["e3e70682-c209-4cac"]])
@pytest.mark.parametrize("method", ["bulk_delete", "bulk_clear_validation_status"])
async def test_ids_other_than_integers_are_refused(method: str, ids: Any):
    sender = Answering()
    with pytest.raises(QueryError):
        await getattr(Submissions(sender), method)(SANDBOX, submission_ids=ids)
    assert not sender.calls


async def test_the_outcome_of_an_edit_tells_rows_that_were_not_stored():
    stored = {"uuid": "u1", "root_uuid": "r1", "status_code": 201, "message": "Successful"}
    lost = {"uuid": "u2", "root_uuid": None, "status_code": 201, "message": "Successful"}
    body = {"count": 2, "successes": 2, "failures": 0, "results": [stored, lost]}
    outcome = await edited(body)
    assert [row.uuid for row in outcome.stored] == ["u1"]
    assert [row.uuid for row in outcome.not_stored] == ["u2"]


async def test_an_edit_that_failed_for_all_rows_has_an_outcome_too():
    failed = {"uuid": "u", "root_uuid": None, "status_code": 400, "message": "Form is not active"}
    body = {"count": 1, "successes": 0, "failures": 1, "results": [failed]}
    outcome = await edited(BadRequest(400, "…", "PATCH /", body))
    assert [row.message for row in outcome.not_stored] == ["Form is not active"]


async def test_an_edit_that_matches_nothing_raises():
    with pytest.raises(BadRequest, match="No submissions match"):
        await edited(recording("bulk_patch_unknown_id"))


async def edited(answer: Any) -> EditOutcome:
    resource = Submissions(Answering(answer))
    return await resource.bulk_update(SANDBOX, submission_ids=[1], data={"q1": "x"})


async def test_recorded_rows_were_all_stored():
    outcome = await edited(recording("bulk_patch_30_ids"))
    assert (len(outcome.stored), len(outcome.not_stored)) == (30, 0)


def page(count: int, *ids: int) -> dict[str, Any]:
    return {"count": count, "next": None, "previous": None, "results": [{"_id": i} for i in ids]}


async def test_deleting_all_counts_first_and_spares_what_arrives_later():
    sender = Answering(page(40, 28090), recording("empty_cleanup"))
    assert await Submissions(sender).delete_all(EMPTY, expected=40) == 40
    count, delete = sender.calls
    assert count.query == {"sort": {"_id": -1}, "fields": ["_id"], "limit": 1}
    assert delete.op is submissions.BULK_DELETE
    assert delete.json == {"payload": {"query": {"_id": {"$lte": 28090}}}}


async def test_deleting_what_a_query_finds_sends_the_query_both_times():
    sender = Answering(page(1, 7), recording("bulk_delete_query"))
    where = {"q1": "answer 26"}
    assert await Submissions(sender).delete_all(SANDBOX, expected=1, where=where) == 1
    count, delete = sender.calls
    assert count.query["query"] == where
    assert delete.json == {"payload": {"query": {"$and": [where, {"_id": {"$lte": 7}}]}}}


@pytest.mark.parametrize("expected", [0, 39, 41])
async def test_another_number_than_expected_deletes_nothing(expected: int):
    sender = Answering(page(40, 28090))
    with pytest.raises(QueryError, match="40 submissions would go"):
        await Submissions(sender).delete_all(EMPTY, expected=expected)
    assert [call.op.method for call in sender.calls] == ["GET"]


async def test_nothing_to_delete_sends_nothing():
    sender = Answering(page(0))
    assert await Submissions(sender).delete_all(EMPTY, expected=0) == 0
    assert [call.op.method for call in sender.calls] == ["GET"]


async def test_a_query_that_would_match_nothing_is_refused():
    with pytest.raises(QueryError):
        await Submissions(Answering()).delete_all(EMPTY, expected=1, where={"n": {"$eq": "1"}})


def test_no_method_takes_a_confirmation():
    for name, method in vars(submissions.writes.SubmissionWrites).items():
        assert "confirm" not in getattr(method, "__annotations__", {}), name
