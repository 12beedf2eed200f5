"""The history of a project, as a feed of changes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from kobo_async.testing import ANONYMOUS, FakeForm, FakeKobo

from .conftest import NOW, client_of
from .saving import save

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/history/"


async def rows(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    reply = await client.get(path, params=params)
    assert reply.status_code == 200, reply.text
    results: list[dict[str, Any]] = reply.json()["results"]
    return results


async def test_what_happens_to_rows_is_written_down(
    client: httpx.AsyncClient, form: FakeForm, path: str, data: str
) -> None:
    root = form.rows[5]["_uuid"]
    form.insert()
    form.edit(5, hh_size="3")
    await client.patch(
        f"{data}5/validation_status/", json={"validation_status.uid": "validation_status_on_hold"}
    )
    await client.delete(f"{data}5/validation_status/")
    await client.delete(f"{data}5/")
    newest = await rows(client, path)
    assert [row["action"] for row in newest] == [
        "delete-submission",
        *["modify-submission"] * 3,
        "add-submission",
    ]
    assert {row["metadata"]["submission"]["root_uuid"] for row in newest[:4]} == {root}
    statuses = [row["metadata"]["submission"].get("status") for row in newest]
    assert statuses == [None, "None", "On Hold", None, None]
    assert newest[0]["date_created"] == f"{NOW:%Y-%m-%dT%H:%M:%S}Z"
    assert newest[0]["username"] == "alice"


async def test_a_bulk_deletion_that_fails_is_written_down_as_if_it_had_not(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, path: str, data: str
) -> None:
    payload = {"payload": {"submission_ids": [3, 4]}}
    fake.failing_deletes = True
    assert (await client.request("DELETE", f"{data}bulk/", json=payload)).status_code == 500
    deleted = await rows(client, path, q="action:delete-submission")
    roots = {row["metadata"]["submission"]["root_uuid"] for row in deleted}
    assert roots == {form.rows[number]["_uuid"] for number in (3, 4)}
    fake.failing_deletes = False
    assert (await client.request("DELETE", f"{data}bulk/", json=payload)).status_code == 200
    assert {3, 4}.isdisjoint(form.rows)


async def test_the_system_deletes_without_a_word(
    client: httpx.AsyncClient, form: FakeForm, path: str
) -> None:
    form.delete(3, logged=False)
    form.delete(4, by="bob")
    (entry,) = await rows(client, path)
    assert (entry["action"], entry["username"]) == ("delete-submission", "bob")
    assert {3, 4}.isdisjoint(form.rows)


async def test_every_page_of_the_data_is_a_row_too(
    client: httpx.AsyncClient, path: str, data: str
) -> None:
    for start in (0, 100, 200):
        await client.get(data, params={"start": start})
    await client.get(f"{data}1/")
    assert [row["action"] for row in await rows(client, path)] == ["view-data"] * 3
    assert (await client.get(f"{path}actions/")).json() == {"actions": ["view-data"]}


async def test_the_feed_is_filtered_to_the_microsecond_and_shown_to_the_second(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, path: str
) -> None:
    form.edit(1, hh_size="1")
    fake.now = lambda: NOW + timedelta(milliseconds=50)
    form.edit(2, hh_size="1")
    since = 'action:modify-submission AND date_created__gte:"2026-03-04T05:06:07.900000Z"'
    assert len(await rows(client, path, q=since)) == 1
    whole = await rows(client, path, q='date_created__gte:"2026-03-04T05:06:07Z"')
    assert [row["date_created"] for row in whole] == ["2026-03-04T05:06:07Z"] * 2
    assert await rows(client, path, q="date_created__lt:2026-03-04") == []
    root = form.rows[1]["meta/rootUuid"].removeprefix("uuid:")
    for q, count in (
        (f"metadata__submission__root_uuid:{root}", 1),
        ("user__username:alice", 2),
        ("submission", 2),
        ("date_created__gte:yesterday", 0),
        ("nope:1", 0),
    ):
        assert len(await rows(client, path, q=q)) == count
    refused = await client.get(path, params={"q": "user__email:x"})
    assert refused.json() == {"detail": "Not supported field lookup"}


async def test_pages_are_counted(client: httpx.AsyncClient, form: FakeForm, path: str) -> None:
    form.insert(5)
    page = (await client.get(path, params={"limit": 2, "start": 4})).json()
    assert (page["count"], len(page["results"]), page["next"]) == (5, 1, None)


async def test_only_managers_see_it(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    form: FakeForm,
    path: str,
) -> None:
    assert (await stranger.get(path)).status_code == 403
    assert (await anonymous.get(path)).status_code == 401
    form.share("bob", "manage_asset")
    assert (await stranger.get(path)).status_code == 200
    assert (await client.get("/api/v2/assets/aNope/history/")).status_code == 404
    assert (await client.post(f"{path}export/")).json() == {"status": "created"}


async def test_permissions_and_the_archive_are_part_of_it(
    client: httpx.AsyncClient, form: FakeForm, fake: FakeKobo, path: str
) -> None:
    fake.add_user("bob")
    assignments = f"/api/v2/assets/{form.uid}/permission-assignments/"
    user, permission = "/api/v2/users/{}/", "/api/v2/permissions/{}/"
    for name, given in (("bob", "view_submissions"), (ANONYMOUS, "view_submissions")):
        body = {"user": user.format(name), "permission": permission.format(given)}
        await client.post(assignments, json=body)
    form.share("bob", filters=[{"_id": 1}])
    form.unshare(ANONYMOUS)
    form.archive()
    form.unarchive()
    other = fake.add_form("Other")
    await client.patch(f"{assignments}clone/", json={"clone_from": other.uid})
    newest = await rows(client, path)
    assert [row["action"] for row in newest] == [
        "clone-permissions",
        "unarchive",
        "archive",
        "unshare-data-publicly",
        "unshare-form-publicly",
        "modify-user-permissions",
        "share-data-publicly",
        "share-form-publicly",
        "modify-user-permissions",
    ]
    changed = [row["metadata"]["permissions"] for row in newest if "permissions" in row["metadata"]]
    assert changed[1] == {
        "username": "bob",
        "added": ["view_asset", "view_submissions"],
        "removed": [],
    }
    assert changed[0]["removed"] == ["view_submissions"]
    assert changed[0]["added"] == [{"code": "view_submissions", "filters": [{"_id": 1}]}]
    assert newest[0]["metadata"]["log_subtype"] == "permission"


async def test_what_anonymous_users_and_strangers_did_is_theirs(
    fake: FakeKobo, form: FakeForm, client: httpx.AsyncClient, path: str, data: str
) -> None:
    form.share(ANONYMOUS)
    async with client_of(fake) as anonymous:
        await anonymous.get(data)
    assert (await rows(client, path))[0]["username"] == ANONYMOUS


async def test_a_loaded_form_brings_its_history(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, path: str, tmp_path: Path
) -> None:
    form.insert()
    recorded = (await client.get(path)).json()
    (tmp_path / "history.json").write_text(json.dumps(recorded))
    save(form, tmp_path)
    loaded = fake.load_form(tmp_path)
    assert (await client.get(f"/api/v2/assets/{loaded.uid}/history/")).json() == recorded
