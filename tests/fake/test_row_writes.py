"""Deleting, copying and validating one submission, and the links to Enketo."""

from __future__ import annotations

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .conftest import NOW

pytestmark = pytest.mark.anyio
APPROVED = "validation_status_approved"


async def test_a_deleted_row_is_gone_for_good(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    reply = await client.delete(f"{data}3/")
    assert (reply.status_code, reply.content) == (204, b"")
    assert (await client.delete(f"{data}3/")).status_code == 404
    assert 3 not in form.rows
    assert form.insert() == [251]


async def test_a_copy_is_a_submission_of_its_own(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    row = next(row for row in form.rows.values() if row["_attachments"])
    form.edit(row["_id"], start="2026-01-01T00:00:00.000+02:00")
    form.set_status(row["_id"], APPROVED)
    reply = await client.post(f"{data}{row['_id']}/duplicate/")
    copy = reply.json()
    assert reply.status_code == 201
    assert copy == form.rows[251]
    assert copy["_uuid"] == copy["meta/rootUuid"].removeprefix("uuid:") != row["_uuid"]
    assert copy["start"].startswith(f"{NOW:%Y-%m-%dT%H:%M:%S}")
    assert (copy["_validation_status"], copy["hh_size"]) == ({}, row["hh_size"])
    assert "meta/deprecatedID" not in copy
    entry, original = copy["_attachments"][0], row["_attachments"][0]
    assert entry["uid"] != original["uid"]
    assert entry["download_small_url"] == f"{entry['download_url']}small/"
    assert (await client.get(entry["download_url"])).status_code == 200


async def test_a_status_is_set_and_cleared(client: httpx.AsyncClient, data: str) -> None:
    path = f"{data}5/validation_status/"
    assert (await client.get(path)).json() == {}
    form_encoded = await client.patch(path, data={"validation_status.uid": APPROVED})
    expected = {"uid": APPROVED, "by_whom": "alice", "label": "Approved"}
    assert form_encoded.json() == {"timestamp": int(NOW.timestamp()), **expected}
    for wrong in ({"uid": APPROVED}, {"validation_status.uid": "bogus"}, []):
        assert (await client.patch(path, json=wrong)).status_code == 400
    assert (await client.delete(path)).status_code == 204
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).json() == {}


async def test_links_lead_to_enketo_while_it_is_there(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, data: str
) -> None:
    for path in (f"{data}5/enketo/edit/", f"{data}5/enketo/view/", f"{data}5/edit/"):
        link = (await client.get(path)).json()
        assert form.rows[5]["_uuid"] in link["url"]
        assert link["version_uid"] == form.asset["deployed_version_id"]
    redirect = await client.get(f"{data}5/enketo/redirect/edit/")
    assert (redirect.status_code, redirect.content) == (302, b"")
    assert "return_url=false" in redirect.headers["location"]
    fake.enketo = False
    assert (await client.get(f"{data}5/enketo/view/")).status_code == 500


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("DELETE", "5/", "delete_submissions"),
        ("POST", "5/duplicate/", "change_submissions"),
        ("DELETE", "5/validation_status/", "validate_submissions"),
        ("GET", "5/enketo/edit/", "change_submissions"),
        ("PATCH", "bulk/", "change_submissions"),
        ("DELETE", "bulk/", "delete_submissions"),
        ("PATCH", "validation_statuses/", "validate_submissions"),
    ],
)
async def test_rights_decide(
    stranger: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    form: FakeForm,
    data: str,
    method: str,
    path: str,
    permission: str,
) -> None:
    body = {"payload": {"submission_ids": [5], "data": {"x": "y"}, "validation_status.uid": ""}}

    async def status(client: httpx.AsyncClient) -> int:
        return (await client.request(method, f"{data}{path}", json=body)).status_code

    assert await status(stranger) == 404
    form.share("bob")
    assert await status(stranger) == 403
    form.share("bob", permission)
    assert await status(stranger) < 300
    form.share("AnonymousUser")
    assert await status(anonymous) in {401, 403}


async def test_some_rows_may_be_treated_by_some(
    stranger: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    form.edit(5, hh_size="77")
    mine = {"hh_size": "77"}
    form.grants.give("bob", "partial_submissions", {"delete_submissions": [mine]})
    seen = (await stranger.get(data)).json()
    assert [row["_id"] for row in seen["results"]] == [5]
    form.grants.give(
        "bob",
        "partial_submissions",
        {"view_submissions": [{"_id": {"$lt": 9}}], "change_submissions": [mine]},
    )
    assert (await stranger.get(data)).json()["count"] == 8
    assert "add_submissions" in form.grants.of("bob")
    assert (await stranger.post(f"{data}4/duplicate/")).status_code == 403
    assert (await stranger.post(f"{data}5/duplicate/")).status_code == 201
    assert (await stranger.delete(f"{data}5/")).status_code == 403
    payload = {"submission_ids": [4, 5], "data": {"x": "y"}}
    assert (await stranger.patch(f"{data}bulk/", json={"payload": payload})).status_code == 403


async def test_a_draft_has_no_rows_to_treat(client: httpx.AsyncClient, fake: FakeKobo) -> None:
    draft = fake.add_form("Draft", deployed=False)
    reply = await client.delete(f"/api/v2/assets/{draft.uid}/data/1/")
    assert reply.json() == {"detail": "The specified asset has not been deployed"}
