"""Who may see what, assigned over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kobo_async.testing import ANONYMOUS, FakeForm, FakeKobo

pytestmark = pytest.mark.anyio
ROOT = "http://kobo.test/api/v2"


@pytest.fixture
def path(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/permission-assignments/"


def assignment(permission: str, user: str = "bob", **more: Any) -> dict[str, Any]:
    return {
        "user": f"/api/v2/users/{user}/",
        "permission": f"{ROOT}/permissions/{permission}/",
        **more,
    }


def partial(user: str = "bob", **rows: Any) -> dict[str, Any]:
    parts = [{"url": f"{ROOT}/permissions/{k}/", "filters": v} for k, v in rows.items()]
    return assignment("partial_submissions", user, partial_permissions=parts)


async def test_what_is_given_acts_at_once(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, form: FakeForm, path: str, data: str
) -> None:
    given = await client.post(path, json=assignment("add_submissions"))
    assert given.status_code == 201
    assert (await stranger.get(data)).status_code == 404
    again = await client.post(path, json=assignment("add_submissions"))
    assert again.json() == given.json()
    assert (await client.get(given.headers["location"])).json() == given.json()
    await client.post(path, json=assignment("change_submissions"))
    assert (await stranger.get(data)).status_code == 200
    assert form.grants.of("bob") == {
        "add_submissions",
        "change_submissions",
        "view_asset",
        "view_submissions",
    }
    assert (await stranger.post(path, json=assignment("manage_asset"))).status_code == 403


async def test_taking_one_takes_what_needs_it(
    client: httpx.AsyncClient, form: FakeForm, path: str, fake: FakeKobo
) -> None:
    fake.add_user("bob")
    await client.post(path, json=assignment("manage_asset"))
    listed = {
        one["permission"]: one for one in (await client.get(path)).json() if "bob" in one["user"]
    }
    view = listed[f"{ROOT}/permissions/view_submissions/"]["url"]
    assert (await client.delete(view)).status_code == 204
    assert form.grants.of("bob") == {"add_submissions", "change_asset", "view_asset"}
    assert (await client.delete(view)).status_code == 404
    assert (await client.patch(view)).status_code == 405


async def test_users_may_leave_but_not_throw_out_others(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, form: FakeForm, path: str
) -> None:
    form.share("bob", "view_asset")
    listed = (await stranger.get(path)).json()
    owners = [one["url"] for one in listed if "alice" in one["user"]]
    own = [one["url"] for one in listed if "bob" in one["user"]]
    assert len(own) == 1
    assert (await stranger.delete(owners[0])).status_code == 403
    assert (await client.delete(owners[0])).status_code == 409
    assert (await stranger.delete(own[0])).status_code == 204
    assert (await stranger.get(path)).status_code == 404


async def test_partial_and_full_rights_replace_each_other(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, form: FakeForm, path: str, data: str
) -> None:
    form.share("bob", "manage_asset")
    given = await client.post(path, json=partial(view_submissions=[{"_id": 3}, {"_id": 5}]))
    assert given.status_code == 201
    assert isinstance(given.json()["label"], dict)
    assert (await stranger.get(data)).json()["count"] == 2
    assert form.grants.of("bob") == {
        "add_submissions",
        "change_asset",
        "partial_submissions",
        "view_asset",
    }
    await client.post(path, json=assignment("view_submissions"))
    assert "partial_submissions" not in form.grants.of("bob")
    await client.post(path, json=partial(change_submissions=[{"_id": 3}]))
    entry = next(one for one in (await client.get(path)).json() if "partial_permissions" in one)
    assert {one["url"].split("/")[-2] for one in entry["partial_permissions"]} == {
        "change_submissions",
        "view_submissions",
    }
    assert (await client.delete(entry["url"])).status_code == 204
    assert (await stranger.get(data)).status_code == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, {"user": ["This field is required."], "permission": ["This field is required."]}),
        (
            {"user": 5, "permission": f"{ROOT}/users/bob/"},
            {
                "user": ["Incorrect type. Expected URL string, received int."],
                "permission": ["Invalid hyperlink - Incorrect URL match."],
            },
        ),
        (
            partial(view_submissions=["x"]),
            {"partial_permissions": ["Invalid `filters`"]},
        ),
        (
            assignment("manage_asset", ANONYMOUS),
            {"permission": "Anonymous users cannot be granted the permission manage_asset."},
        ),
        ([], {"user": ["This field is required."], "permission": ["This field is required."]}),
    ],
)
async def test_wrong_assignments_are_explained(
    client: httpx.AsyncClient, fake: FakeKobo, path: str, body: object, error: object
) -> None:
    fake.add_user("bob")
    reply = await client.post(path, json=body)
    assert (reply.status_code, reply.json()) == (400, error)


async def test_bulk_replaces_everybody(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, path: str
) -> None:
    for name in ("bob", "carla", "dora"):
        fake.add_user(name)
    form.share("carla", "manage_asset")
    form.share("dora", "view_asset")
    kept = {key: form.grants.entry(form.uid, "dora", "view_asset")[key] for key in ("url",)}
    wanted = [
        assignment("view_submissions"),
        assignment("view_asset", "dora"),
        assignment("view_asset", ANONYMOUS),
        partial("carla", view_submissions=[{"_id": 1}]),
    ]
    listed = (await client.post(f"{path}bulk/", json=wanted)).json()
    assert form.grants.of("carla") == {"partial_submissions", "view_asset"}
    assert kept["url"].rpartition("/api/")[2] in str(listed)
    assert (await client.post(f"{path}bulk/", json=[])).status_code == 200
    assert set(form.grants.everyone()) == {"alice"}
    for wrong in (
        [{"user": "x"}],
        [assignment("nope")],
        [assignment("view_asset", "nobody")],
        [assignment("view_asset", "alice")],
        [assignment("partial_submissions")],
    ):
        assert (await client.post(f"{path}bulk/", json=wrong)).status_code == 400


async def test_bulk_delete_takes_all_of_one_user(
    client: httpx.AsyncClient, form: FakeForm, path: str
) -> None:
    form.share("bob", "manage_asset")
    for body, status in (
        ({"username": "bob"}, 204),
        ({"username": "nobody"}, 204),
        ({"username": "alice"}, 409),
        ({}, 400),
        ([], 400),
    ):
        reply = await client.request("DELETE", f"{path}bulk/", json=body)
        assert reply.status_code == status
    assert not form.grants.of("bob")


async def test_permissions_are_copied_from_another_form(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, path: str
) -> None:
    other = fake.add_form("Other", rows=3)
    form.share("carla")
    other.share("bob", "change_asset")
    other.grants.give("dora", "partial_submissions", [{"_id": 1}])
    clone = f"{path}clone/"
    assert (await client.patch(clone, json={"clone_from": other.uid})).status_code == 200
    assert form.grants.of("bob") == {"change_asset", "view_asset"}
    assert form.grants.filters_of("dora") == [{"_id": 1}]
    assert not form.grants.of("carla")
    foreign = fake.add_form("Foreign", owner="dora")
    question = fake.add_form("Question", asset_type="question")
    for source, status in ((foreign.uid, 403), (question.uid, 400), ("aNope", 404)):
        assert (await client.patch(clone, json={"clone_from": source})).status_code == status
    assert (await client.patch(clone, json={})).status_code == 500


async def test_strangers_see_nothing_and_anonymous_users_may_not_write(
    stranger: httpx.AsyncClient, anonymous: httpx.AsyncClient, form: FakeForm, path: str
) -> None:
    assert (await stranger.get(path)).status_code == 404
    form.share(ANONYMOUS, "view_asset")
    assert len((await anonymous.get(path)).json()) == 9
    assert (await anonymous.post(path, json={})).status_code == 401


async def test_the_catalog_is_public(anonymous: httpx.AsyncClient) -> None:
    catalog = (await anonymous.get("/api/v2/permissions/", params={"limit": 3})).json()
    assert (catalog["count"], len(catalog["results"])) == (10, 3)
    one = (await anonymous.get("/api/v2/permissions/partial_submissions/")).json()
    assert len(one["contradictory"]) == 5
    assert (await anonymous.get("/api/v2/permissions/nope/")).status_code == 404
