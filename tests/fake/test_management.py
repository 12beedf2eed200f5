"""Organizations, usage, logs, snapshots, paired data and ownership."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .conftest import client_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def organization(fake: FakeKobo) -> str:
    return f"/api/v2/organizations/{fake.users['alice'].organization}/"


async def results(client: httpx.AsyncClient, url: str, **params: Any) -> list[dict[str, Any]]:
    reply = await client.get(url, params=params)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["results"]
    return found


async def test_an_organization_and_its_member(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, organization: str
) -> None:
    own = (await client.get(organization)).json()
    assert await results(client, "/api/v2/organizations/") == [own]
    assert (own["name"], own["request_user_role"]) == ("alice's organization", "owner")
    renamed = await client.patch(organization, json={"name": "ACME", "id": "x"})
    assert (renamed.json()["name"], renamed.json()["id"]) == ("ACME", own["id"])
    (member,) = await results(client, own["members"])
    assert (member["user__username"], member["role"]) == ("alice", "owner")
    assert (await client.get(member["url"])).json() == member
    assert (await client.get(f"{own['members']}bob/")).status_code == 404
    assert await results(client, f"{organization}invites/") == []
    hidden = await stranger.get(organization)
    assert hidden.json() == {"detail": "No Organization matches the given query."}


async def test_superusers_see_organizations(fake: FakeKobo, organization: str) -> None:
    async with client_of(fake, fake.add_user("admin", superuser=True)) as admin:
        assert (await admin.get(organization)).json()["request_user_role"] == "external"
        assert (await admin.get("/api/v2/organizations/orgNope/")).status_code == 404


async def test_usage(
    client: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    fake: FakeKobo,
    form: FakeForm,
    organization: str,
) -> None:
    form.insert(3)
    form.files["att"] = b"12345"
    fake.add_form("Block", asset_type="block")
    usage = (await client.get("/api/v2/service_usage/")).json()
    assert usage["total_submission_count"] == {"all_time": 253, "current_period": 3}
    assert usage["total_storage_bytes"] == 5
    assert usage["current_period_start"].startswith("2026-03-01")
    assert usage["current_period_end"].startswith("2026-04-01")
    assert (await client.get(f"{organization}service_usage/")).json() == usage
    fake.now = lambda: datetime(2026, 12, 31, 23, tzinfo=UTC)
    later = (await client.get("/api/v2/service_usage/")).json()
    assert later["current_period_end"].startswith("2027-01-01")
    assert len(await results(client, "/api/v2/asset_usage/")) == 2
    (survey,) = await results(client, f"{organization}asset_usage/")
    assert survey["deployment_status"] == "deployed"
    assert survey["submission_count_all_time"] == 253
    assert len(await results(client, f"{organization}assets/")) == 2
    for path in ("service_usage", "asset_usage"):
        assert (await anonymous.get(f"/api/v2/{path}/")).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "languages",
        "project-views",
        "tags",
        "transcription-services",
        "translation-services",
    ],
)
async def test_empty_lists(client: httpx.AsyncClient, path: str) -> None:
    assert await results(client, f"/api/v2/{path}/") == []


async def test_small_things(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v2/terms-of-service/")).json() == []
    assert (await client.get("/api/v2/tags/", params={"q": "water"})).status_code == 500
    missing = await client.get("/api/v2/languages/fr/")
    assert missing.json() == {"detail": "No Language matches the given query."}


async def test_access_logs(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, fake: FakeKobo
) -> None:
    url = "/api/v2/access-logs/"
    await client.get("/me/")
    await stranger.get("/me/")
    page = (await client.get(f"{url}me/", params={"limit": 1})).json()
    assert page["count"] == 2
    assert page["results"][0]["username"] == "alice"
    assert (await client.get(url)).status_code == 403
    assert (await client.get(f"{url}me/export/")).json() == []
    made = await client.post(f"{url}me/export/")
    assert (made.status_code, made.json()) == (202, {"status": "created"})
    assert len((await client.get(f"{url}me/export/")).json()) == 1
    async with client_of(fake, fake.add_user("admin", superuser=True)) as admin:
        everything = (await admin.get(url)).json()
    assert "count" not in everything
    assert {one["username"] for one in everything["results"]} == {"admin", "alice", "bob"}


async def test_logs_of_the_whole_server(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm
) -> None:
    fake.add_form("Other").insert()
    form.insert()
    logs = "/api/v2/project-history-logs/"
    async with client_of(fake, fake.add_user("admin", superuser=True)) as admin:
        page = (await admin.get(logs, params={"q": "action:add-submission", "limit": 1})).json()
        assert (page.keys(), len(page["results"])) == ({"next", "previous", "results"}, 1)
        assert len((await admin.get(logs)).json()["results"]) == 2
        audit = (await admin.get("/api/v2/audit-logs/")).json()["results"]
        assert {(one["log_type"], one["username"]) for one in audit} == {("access", "admin")}
        for path in (logs, "/api/v2/access-logs/"):
            assert (await admin.post(f"{path}export/")).status_code == 202
        assert (await admin.get(f"{logs}export/")).status_code == 202
        assert len((await admin.get("/api/v2/access-logs/export/")).json()) == 3
    for path in ("audit-logs", "project-history-logs/export", "access-logs/export"):
        assert (await client.get(f"/api/v2/{path}/")).status_code == 403


SNAPSHOTS = "/api/v2/asset_snapshots/"


async def test_snapshots_of_assets(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, form: FakeForm, fake: FakeKobo
) -> None:
    asset = f"http://kobo.test/api/v2/assets/{form.uid}/"
    made = (await client.post(SNAPSHOTS, json={"asset": asset})).json()
    assert made["asset"] == asset
    assert made["details"] == {"status": "success", "warnings": []}
    assert made["source"]["settings"]["form_title"] == form.name
    assert await results(client, SNAPSHOTS) == [made]
    assert (await client.get(made["url"])).json() == made
    assert (await anonymous.get(made["url"])).status_code == 401
    xml = await anonymous.get(made["xml"])
    assert f"<h:title>{form.name}</h:title>" in xml.text
    preview = await client.get(made["enketopreviewlink"])
    assert preview.status_code == 302
    fake.enketo = False
    assert (await client.get(made["enketopreviewlink"])).status_code == 500
    assert (await client.delete(made["url"])).status_code == 204
    gone = await client.get(made["url"])
    assert gone.json() == {"detail": "No AssetSnapshot matches the given query."}


async def test_snapshots_of_content(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, form: FakeForm
) -> None:
    rows = [{"type": "text", "name": "q", "label": "Q"}]
    made = (await client.post(SNAPSHOTS, json={"source": {"survey": rows}})).json()
    assert (made["asset"], made["details"]["status"]) == (None, "success")
    broken = [{**rows[0], "relevant": "${nope}"}]
    failed = (await client.post(SNAPSHOTS, json={"source": {"survey": broken}})).json()
    assert failed["details"]["status"] == "failure"
    assert (await client.post(SNAPSHOTS, json=[])).status_code == 500
    asset = f"http://kobo.test/api/v2/assets/{form.uid}/"
    assert (await stranger.post(SNAPSHOTS, json={"asset": asset})).status_code == 404


@pytest.fixture
def pairs(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/paired-data/"


async def test_data_of_another_project(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, pairs: str
) -> None:
    source = fake.add_form("Source", rows=2)
    address = f"http://kobo.test/api/v2/assets/{source.uid}/"
    wanted = {"source": address, "fields": ["household/region"], "filename": "regions"}
    refused = await client.post(pairs, json=wanted)
    message = f"Data sharing for `{source.uid}` is not enabled"
    assert refused.json() == {"source": [message]}
    await client.patch(address, json={"data_sharing": {"enabled": True}})
    made = await client.post(pairs, json=wanted)
    assert (made.status_code, made.json()["source"]) == (201, None)
    own = made.json()["url"]
    found = (await client.get(own)).json()
    assert (found["source"], found["source__name"]) == (address, "Source")
    assert await results(client, pairs) == [found]
    known = (await client.get(f"{own}external/")).headers["etag"]
    same = await client.get(f"{own}external/", headers={"If-None-Match": known})
    assert (same.status_code, same.content) == (304, b"")
    xml = await client.get(f"{own}external.xml")
    assert xml.headers["etag"].startswith('"')
    assert xml.text.count("<household><region>") == 2
    changed = await client.patch(own, json={"fields": [], "filename": "all.xml"})
    assert (changed.json()["fields"], changed.json()["filename"]) == ([], "all.xml")
    assert "<hh_size>" in (await client.get(f"{own}external.xml")).text
    newest = form.history.select("paired-data")[0]
    assert newest.metadata["paired-data"]["source_name"] == "Source"
    fake.discard(source)
    assert (await client.get(own)).json()["source"] is None
    assert (await client.get(f"{own}external.xml")).status_code == 404
    assert (await client.delete(own)).status_code == 204
    assert (await client.get(own)).status_code == 404


async def test_incomplete_pairs_are_refused(client: httpx.AsyncClient, pairs: str) -> None:
    missing = await client.post(pairs, json={"filename": "x"})
    assert missing.json() == {"source": ["This field is required."]}
    assert (await client.post(pairs, json=[])).status_code == 500


INVITES = "/api/v2/project-ownership/invites/"


async def invite(client: httpx.AsyncClient, form: FakeForm, **more: Any) -> httpx.Response:
    bob = "http://kobo.test/api/v2/users/bob/"
    return await client.post(INVITES, json={"recipient": bob, "assets": [form.uid], **more})


async def test_a_project_changes_hands(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, form: FakeForm
) -> None:
    made = (await invite(client, form)).json()
    assert made["transfers"][0]["status"] == "pending"
    assert await results(stranger, INVITES) == [made]
    refused = await client.patch(made["url"], json={"status": "accepted"})
    assert refused.status_code == 403
    begun = (await stranger.patch(made["url"], json={"status": "accepted"})).json()
    assert (begun["status"], begun["transfers"][0]["status"]) == ("in_progress", "in_progress")
    assert (await stranger.get(made["url"])).json() == begun
    assert (form.owner, form.suspended) == ("alice", True)
    done = (await client.get(made["url"])).json()
    assert (done["status"], done["transfers"][0]["status"]) == ("complete", "success")
    assert not form.suspended
    assert (form.owner, form.asset["owner__username"]) == ("bob", "bob")
    assert (await client.delete(f"/api/v2/assets/{form.uid}/")).status_code == 403
    again = await stranger.patch(made["url"], json={"status": "declined"})
    assert again.status_code == 400
    detail = (await stranger.get(made["transfers"][0]["url"])).json()
    assert {one["status_type"]: one["status"] for one in detail["statuses"]} == dict.fromkeys(
        ("global", "submissions", "media_files", "attachments"), "success"
    )
    assert "asset__name" not in detail
    assert (await client.get(f"{made['url']}transfers/potNope/")).status_code == 404
    assert [one.action for one in form.history.select("action:transfer")] == ["transfer"]


async def test_invites_are_cancelled_and_hidden(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, fake: FakeKobo, form: FakeForm
) -> None:
    made = (await invite(client, form)).json()
    async with client_of(fake, fake.add_user("carol")) as carol:
        hidden = await carol.get(made["url"])
        assert hidden.json() == {"detail": "No Invite matches the given query."}
    cancelled = await client.patch(made["url"], json={"status": "cancelled"})
    assert cancelled.json()["transfers"][0]["status"] == "cancelled"
    assert (await stranger.get(made["url"])).json() == cancelled.json()
    for side, caller in (("sender", client), ("recipient", stranger)):
        assert await results(caller, INVITES, mode=side) == [cancelled.json()]
    assert await results(stranger, INVITES, mode="sender") == []
    assert (await stranger.patch(made["url"], json={"status": "bogus"})).status_code == 403
    assert (await stranger.delete(made["url"])).status_code == 204
    assert (await client.get(made["url"])).status_code == 404


async def test_wrong_invites_are_refused(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    form: FakeForm,
) -> None:
    assert (await invite(client, form, assets=[])).status_code == 400
    assert (await invite(client, form, recipient="x/users/nobody/")).status_code == 400
    assert (await invite(client, form, assets=["aNope"])).status_code == 403
    assert (await invite(stranger, form)).status_code == 403
    assert (await anonymous.get(INVITES)).status_code == 401
    assert (await client.post(INVITES, json=[])).status_code == 500
