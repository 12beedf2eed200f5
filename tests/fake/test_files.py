"""Throwing the files of submissions away."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

pytestmark = pytest.mark.anyio


@pytest.fixture
def files(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/attachments/"


def with_photos(form: FakeForm) -> list[dict[str, Any]]:
    return [row for row in form.rows.values() if row["_attachments"]]


async def delete(client: httpx.AsyncClient, path: str, body: object) -> httpx.Response:
    return await client.request("DELETE", path, json=body)


async def test_a_deleted_file_keeps_its_entry(
    client: httpx.AsyncClient, form: FakeForm, files: str
) -> None:
    row = with_photos(form)[0]
    entry = row["_attachments"][0]
    assert (await client.delete(f"{files}{entry['uid']}/")).status_code == 204
    after = form.rows[row["_id"]]
    (left,) = after["_attachments"]
    assert (left["uid"], left["is_deleted"]) == (entry["uid"], True)
    assert after["photo"] == row["photo"]
    assert (await client.get(entry["download_url"])).status_code == 404
    again = await client.delete(f"{files}{entry['uid']}/")
    assert again.json() == {"attachment_uid": ["Invalid attachment UID"]}
    (logged,) = form.history.select("action:in-trash")
    assert logged.metadata["attachment_uid"] == entry["uid"]


async def test_files_of_many_rows_are_deleted(
    client: httpx.AsyncClient, form: FakeForm, files: str
) -> None:
    rows = with_photos(form)[:3]
    roots = [row["_uuid"] for row in rows]
    reply = await delete(client, f"{files}bulk/", {"submission_root_uuids": [*roots, "unknown"]})
    assert (reply.status_code, reply.json()) == (202, {"message": "3 attachments deleted"})
    for body in (
        {"submission_root_uuids": roots},
        {"submission_root_uuids": []},
        {"attachment_uid": "attNope"},
        {"attachment_uid": "a", "submission_root_uuids": roots},
        {},
    ):
        assert (await delete(client, f"{files}bulk/", body)).status_code == 400
    uid = with_photos(form)[3]["_attachments"][0]["uid"]
    assert (await delete(client, f"{files}bulk/", {"attachment_uid": uid})).status_code == 202


async def test_files_of_some_rows_only(
    stranger: httpx.AsyncClient, form: FakeForm, files: str
) -> None:
    first, second = with_photos(form)[:2]
    path = f"{files}{first['_attachments'][0]['uid']}/"
    assert (await stranger.delete(path)).status_code == 404
    form.share("bob")
    assert (await stranger.delete(path)).status_code == 403
    mine = {
        "change_submissions": [{"_id": second["_id"]}],
        "view_submissions": [{"_id": {"$gt": 0}}],
    }
    form.grants.give("bob", "partial_submissions", mine)
    assert (await stranger.delete(path)).status_code == 403
    own = f"{files}{second['_attachments'][0]['uid']}/"
    assert (await stranger.delete(own)).status_code == 204


async def test_a_draft_has_no_files(client: httpx.AsyncClient, fake: FakeKobo) -> None:
    draft = fake.add_form("Draft", deployed=False)
    reply = await client.delete(f"/api/v2/assets/{draft.uid}/attachments/attNope/")
    assert reply.json() == {"detail": "The specified asset has not been deployed"}
