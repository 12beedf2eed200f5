"""Many submissions at once, with all that can go wrong without a word."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm

pytestmark = pytest.mark.anyio
APPROVED = "validation_status_approved"


@pytest.fixture
def bulk(data: str) -> str:
    return f"{data}bulk/"


async def patch(client: httpx.AsyncClient, path: str, **payload: Any) -> httpx.Response:
    return await client.patch(path, json={"payload": payload})


async def delete(client: httpx.AsyncClient, path: str, **payload: Any) -> httpx.Response:
    return await client.request("DELETE", path, json={"payload": payload})


async def test_an_edit_gives_new_uuids_and_drops_unknown_ids(
    client: httpx.AsyncClient, form: FakeForm, bulk: str
) -> None:
    before = form.rows[2]
    answers = {"hh_size": "12", "household/region": "", "nope": "x", "meta/instanceID": "mine"}
    reply = await patch(client, bulk, submission_ids=[2, 999, "3"], data=answers)
    body, row = reply.json(), form.rows[2]
    assert (body["count"], body["successes"], body["failures"]) == (2, 2, 0)
    assert body["results"][0]["uuid"] == row["_uuid"] != before["_uuid"]
    assert body["results"][0]["root_uuid"] == before["_uuid"]
    assert (row["hh_size"], row["nope"], row["_id"]) == ("12", "x", 2)
    assert row["meta/instanceID"] == f"uuid:{row['_uuid']}"
    assert row["meta/deprecatedID"] == before["meta/instanceID"]
    assert "household/region" not in row
    none = await patch(client, bulk, submission_ids=[999], data=answers)
    assert (none.status_code, type(none.json())) == (400, list)


async def test_answers_in_repeats_are_named_by_place(
    client: httpx.AsyncClient, form: FakeForm, bulk: str
) -> None:
    number = next(n for n, row in form.rows.items() if len(row.get("members", ())) > 1)
    empty = next(n for n, row in form.rows.items() if "members" not in row)
    await patch(
        client,
        bulk,
        submission_ids=[number],
        data={"members[2]/member_age": "99", "members/member_age": "98"},
    )
    assert [one["members/member_age"] for one in form.rows[number]["members"]][:2] == ["98", "99"]
    await patch(client, bulk, submission_ids=[empty], data={"members/member_age": "1"})
    assert form.rows[empty]["members"] == [{"members/member_age": "1"}]
    for path in ("members[9]/member_age", "household[2]/region", "[1]/x"):
        reply = await patch(client, bulk, submission_ids=[number], data={path: "1"})
        assert reply.status_code == 500


@pytest.mark.parametrize("value", [5, None, ["a"], {"a": "b"}])
async def test_only_texts_are_answers(
    client: httpx.AsyncClient, form: FakeForm, bulk: str, value: object
) -> None:
    before = form.rows[2]
    reply = await patch(client, bulk, submission_ids=[2], data={"hh_size": value})
    assert reply.status_code == 500
    assert form.rows[2] == before


async def test_a_row_can_be_reported_stored_and_not_be(
    client: httpx.AsyncClient, form: FakeForm, bulk: str
) -> None:
    before = form.rows[2]
    form.locked.add(2)
    body = (await patch(client, bulk, submission_ids=[1, 2], data={"hh_size": "5"})).json()
    assert (body["successes"], body["failures"]) == (2, 0)
    assert [one["status_code"] for one in body["results"]] == [201, 201]
    assert body["results"][1]["root_uuid"] is None
    assert form.rows[2] == before


async def test_an_archived_form_takes_no_edits(
    client: httpx.AsyncClient, form: FakeForm, bulk: str
) -> None:
    form.archive()
    reply = await patch(client, bulk, submission_ids=[1], data={"hh_size": "5"})
    assert (reply.status_code, reply.json()["failures"]) == (400, 1)
    assert reply.json()["results"][0]["message"] == "Form is not active"


async def test_a_query_chooses_rows_and_data_is_looked_at_late(
    client: httpx.AsyncClient, form: FakeForm, bulk: str
) -> None:
    form.edit(7, comment="this one")
    one = {"comment": "this one"}
    assert (await patch(client, bulk, query=one, data={"hh_size": "5"})).json()["count"] == 1
    assert (await patch(client, bulk, query=one)).status_code == 500
    assert (await patch(client, bulk, query={"comment": "nobody"})).status_code == 400
    wrong = await patch(client, bulk, query={"a": {"$in": 1}}, data={"hh_size": "5"})
    assert wrong.json() == ["Unsupported query"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({"payload": []}, 500),
        ({"payload": "{"}, 400),
        ({"payload": {"submission_ids": [None]}}, 500),
        ({"payload": {"submission_ids": ["x"]}}, 400),
        ({"payload": {"submission_ids": [1], "query": {"a": "b"}}}, 500),
        ({"payload": {"query": {}}}, 500),
        ({"payload": {"confirm": "yes"}}, 500),
        ({"payload": {}}, 400),
    ],
)
async def test_wrong_payloads_fail_in_many_ways(
    client: httpx.AsyncClient, form: FakeForm, bulk: str, body: object, status: int
) -> None:
    assert (await client.request("DELETE", bulk, json=body)).status_code == status
    assert len(form.rows) == 250


async def test_deleting_is_all_or_nothing(
    client: httpx.AsyncClient, form: FakeForm, bulk: str
) -> None:
    assert (await delete(client, bulk, submission_ids=[1, 999])).status_code == 400
    assert 1 in form.rows
    two = await delete(client, bulk, submission_ids=[1, "2"])
    assert two.json() == {"detail": "2 submissions have been deleted"}
    some = await delete(client, bulk, query={"_id": {"$lte": 5}})
    assert some.json() == {"detail": "3 submissions have been deleted"}
    everything = await delete(client, bulk, confirm=True)
    assert everything.json() == {"detail": "245 submissions have been deleted"}
    assert not form.rows


async def test_statuses_of_many_are_set_cleared_and_set_by_delete(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    path, uid = f"{data}validation_statuses/", "validation_status.uid"
    reply = await patch(client, path, submission_ids=[1, 2], **{uid: APPROVED})
    assert reply.json() == {"detail": "2 submissions have been updated"}
    await patch(client, path, submission_ids=[1], **{uid: "bogus"})
    assert form.rows[1]["_validation_status"] == {}
    await delete(client, path, submission_ids=[1], **{uid: APPROVED})
    assert form.rows[1]["_validation_status"]["uid"] == APPROVED
    await delete(client, path, submission_ids=[1, 2], **{uid: ""})
    assert form.rows[1]["_validation_status"] == form.rows[2]["_validation_status"] == {}
    assert (await delete(client, path, submission_ids=[1])).status_code == 400


async def test_a_body_that_cannot_be_read_crashes(client: httpx.AsyncClient, bulk: str) -> None:
    for kind in ("application/json", "text/plain", "multipart/form-data"):
        reply = await client.patch(bulk, content="{", headers={"Content-Type": kind})
        assert reply.status_code == 500
