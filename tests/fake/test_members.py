"""The people of an organization, and invitations to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .conftest import NOW, client_of

pytestmark = pytest.mark.anyio
OFFERS = "/api/v2/project-ownership/invites/"


@pytest.fixture
def organization(fake: FakeKobo) -> str:
    return f"/api/v2/organizations/{fake.users['alice'].organization}/"


async def results(client: httpx.AsyncClient, url: str) -> list[dict[str, Any]]:
    reply = await client.get(url)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["results"]
    return found


async def invite(
    client: httpx.AsyncClient, organization: str, *names: str, role: str = "member"
) -> list[dict[str, Any]]:
    reply = await client.post(
        f"{organization}invites/", json={"invitees": list(names), "role": role}
    )
    assert reply.status_code == 201, reply.text
    made: list[dict[str, Any]] = reply.json()
    return made


async def join(
    client: httpx.AsyncClient, member: httpx.AsyncClient, organization: str, role: str = "member"
) -> None:
    (made,) = await invite(client, organization, "bob", role=role)
    assert (await member.patch(made["url"], json={"status": "accepted"})).status_code == 200


async def test_invitations_wait_among_the_members(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, organization: str
) -> None:
    made = await invite(client, organization, "bob", "carol@example.org", role="admin")
    assert [(one["invitee"], one["status"], one["invitee_role"]) for one in made] == [
        ("bob", "pending", "admin"),
        ("carol@example.org", "pending", "admin"),
    ]
    assert made[0]["organization_name"] == "alice's organization"
    assert await results(client, f"{organization}invites/") == made
    owner, *waiting = await results(client, f"{organization}members/")
    assert (owner["user__username"], owner["invite"]) == ("alice", None)
    assert [one["invite"] for one in waiting] == made
    assert {value for one in waiting for key, value in one.items() if key != "invite"} == {None}
    assert (await stranger.get(made[0]["url"])).json() == made[0]
    assert (await stranger.get(made[1]["url"])).status_code == 404


async def test_who_accepts_joins_and_brings_all_projects(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, fake: FakeKobo, organization: str
) -> None:
    brought = fake.add_form("Brought along", owner="bob")
    await join(client, stranger, organization)
    assert [one["role"] for one in await results(client, f"{organization}members/")] == [
        "owner",
        "member",
    ]
    assert (brought.owner, brought.asset["owner__username"]) == ("alice", "alice")
    assert (await stranger.get("/me/")).json()["organization"]["name"] == "alice's organization"
    (seen,) = await results(stranger, "/api/v2/organizations/")
    assert (seen["request_user_role"], seen["is_owner"], seen["is_mmo"]) == ("member", False, True)
    for url in ("invites/", "assets/", "asset_usage/"):
        assert (await stranger.get(f"{organization}{url}")).status_code == 403
    assert (await stranger.patch(organization, json={"name": "Mine"})).status_code == 403


async def test_administrators_manage_every_project_without_an_assignment(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    fake: FakeKobo,
    form: FakeForm,
    organization: str,
) -> None:
    asset = f"/api/v2/assets/{form.uid}/"
    await join(client, stranger, organization)
    assert (await stranger.get(asset)).status_code == 404
    member = f"{organization}members/bob/"
    changed = await client.patch(member, json={"role": "admin"})
    assert changed.json()["role"] == "admin"
    assert (await stranger.patch(asset, json={"name": "Theirs"})).status_code == 200
    assert (await stranger.get(f"{asset}history/")).status_code == 200
    assert [one["user"].rpartition("users/")[2] for one in form.asset["permissions"]] == [
        "alice/"
    ] * len(form.asset["permissions"])
    assert (await stranger.delete(member)).status_code == 204
    assert (await stranger.get(asset)).status_code == 404
    own = await results(stranger, "/api/v2/organizations/")
    assert [one["id"] for one in own] == [fake.users["bob"].organization]


async def test_who_leaves_keeps_no_permissions_there(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    form: FakeForm,
    fake: FakeKobo,
    organization: str,
) -> None:
    elsewhere = fake.add_form("Elsewhere", owner="bob")
    await join(client, stranger, organization)
    form.share("bob")
    assert (await client.delete(f"{organization}members/bob/")).status_code == 204
    assert not form.can_view("bob")
    assert not elsewhere.can_view("bob")
    assert (await client.delete(f"{organization}members/bob/")).status_code == 404


async def test_who_declines_stays_outside(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, organization: str
) -> None:
    (made,) = await invite(client, organization, "bob@example.com")
    declined = await stranger.patch(made["url"], json={"status": "declined"})
    assert declined.json()["status"] == "declined"
    assert len(await results(client, f"{organization}members/")) == 1
    assert (await stranger.get(organization)).status_code == 404
    again = await stranger.patch(made["url"], json={"status": "accepted"})
    assert again.status_code == 501


async def test_invitations_are_changed_sent_again_taken_back_and_deleted(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, fake: FakeKobo, organization: str
) -> None:
    (made,) = await invite(client, organization, "bob")
    url = made["url"]
    raised = await client.patch(url, json={"role": "admin"})
    assert raised.json()["invitee_role"] == "admin"
    fake.now = lambda: NOW + timedelta(minutes=10)
    early = await client.patch(url, json={"status": "resent"})
    assert (early.status_code, early.headers["retry-after"]) == (429, "300")
    fake.now = lambda: NOW + timedelta(minutes=15)
    assert (await client.patch(url, json={"status": "resent"})).json()["status"] == "resent"
    assert (await stranger.patch(url, json={"status": "cancelled"})).status_code == 403
    assert (await client.patch(url, json={"status": "accepted"})).status_code == 403
    assert (await client.patch(url, json={"status": "bogus"})).status_code == 400
    cancelled = await client.patch(url, json={"status": "cancelled"})
    assert cancelled.json()["status"] == "cancelled"
    assert (await stranger.delete(url)).status_code == 404
    assert (await client.delete(url)).status_code == 204
    assert (await client.get(url)).status_code == 404
    for method in ("PATCH", "DELETE"):
        reply = await client.request(method, f"{organization}members/alice/", json={})
        assert reply.status_code == 501
    assert (await client.get(f"{organization}invites/nope/")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"invitees": ["bob"], "role": "owner"}, 400),
        ({"invitees": [], "role": "member"}, 501),
        ({"invitees": ["nobody"], "role": "member"}, 501),
        ([], 500),
    ],
)
async def test_wrong_invitations_are_refused(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    organization: str,
    body: Any,
    status: int,
) -> None:
    assert (await client.post(f"{organization}invites/", json=body)).status_code == status
    assert (await stranger.post(f"{organization}invites/", json=body)).status_code == 404


async def test_projects_of_an_organization_are_counted_and_listed_in_short(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, organization: str
) -> None:
    fake.add_form("Draft", deployed=False)
    counts = (await client.get(f"{organization}assets/counts/")).json()
    assert counts == {"deployed_count": 1, "archived_count": 0, "draft_count": 1}
    page = (await client.get(f"{organization}assets/minimal-list/")).json()
    assert page["results"][0] == {
        "uid": form.uid,
        "name": form.name,
        "deployment_status": "deployed",
    }
    found = await client.get(f"{organization}assets/", params={"q": "name:Draft"})
    assert [one["name"] for one in found.json()["results"]] == ["Draft"]


async def test_projects_are_not_offered_inside_an_organization(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    fake: FakeKobo,
    form: FakeForm,
    organization: str,
) -> None:
    await join(client, stranger, organization)
    body = {"recipient": "http://kobo.test/api/v2/users/bob/", "assets": [form.uid]}
    assert (await client.post(OFFERS, json=body)).status_code == 400
    async with client_of(fake, fake.add_user("root", superuser=True)) as root:
        assert (await root.get(f"{organization}members/bob/")).json()["role"] == "member"
        assert (await root.get(f"{organization}members/carol/")).status_code == 404
        assert (await root.get("/api/v2/organizations/orgNope/assets/")).status_code == 404
