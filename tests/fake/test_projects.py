"""The life of a project: created, changed, deployed, archived, deleted."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .conftest import client_of

pytestmark = pytest.mark.anyio
URL = "/api/v2/assets/"
QUESTION = {"type": "text", "name": "q1", "label": "A question"}
SELECT = {"type": "select_one yn", "label::English (en)": "Sure?", "label::Français (fr)": "Sûr?"}
CONTENT: dict[str, Any] = {
    "survey": [
        QUESTION,
        {"type": "begin group", "name": "g", "label": "Group"},
        {**SELECT, "name": "sure", "required": "yes"},
        {"type": "end group"},
        {},
    ],
    "choices": [{"list name": "yn", "name": 1, "label": "Yes"}],
    "settings": [{"form_title": "A title", "default_language": "Français (fr)"}],
}


async def create(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    reply = await client.post(URL, json={"asset_type": "survey", **fields})
    assert reply.status_code == 201, reply.text
    assert reply.headers["location"] == reply.json()["url"]
    asset: dict[str, Any] = reply.json()
    return asset


@pytest.fixture
async def draft(client: httpx.AsyncClient) -> str:
    asset = await create(client, name="Draft", content={"survey": [QUESTION]})
    return str(asset["url"])


async def versions(client: httpx.AsyncClient, url: str) -> list[str]:
    return [
        one["version_number"] for one in (await client.get(f"{url}versions/")).json()["results"]
    ]


async def test_content_is_standardized(client: httpx.AsyncClient) -> None:
    asset = await create(client, name="ignored", content=json.dumps(CONTENT))
    survey, choices = asset["content"]["survey"], asset["content"]["choices"]
    assert asset["name"] == "A title"
    assert asset["content"]["translations"] == ["Français (fr)", None, "English (en)"]
    assert asset["content"]["translated"] == ["label"]
    assert asset["content"]["settings"] == {"default_language": "Français (fr)"}
    assert [row["type"] for row in survey] == ["text", "begin_group", "select_one", "end_group"]
    assert survey[0]["label"] == [None, "A question", None]
    assert survey[2]["label"] == ["Sûr?", None, "Sure?"]
    assert survey[2]["$xpath"] == "g/sure"
    assert survey[2]["required"] is True
    assert survey[2]["select_from_list_name"] == choices[0]["list_name"] == "yn"
    assert choices[0]["$autovalue"] == choices[0]["name"] == "1"
    assert all(len(row["$kuid"]) == 9 for row in (*survey, *choices))
    assert "$xpath" not in survey[3]
    assert asset["summary"]["row_count"] == 2


async def test_rows_without_names_are_named_after_their_labels(client: httpx.AsyncClient) -> None:
    rows = [{"type": "text", "label": ["How old?"]}, {"type": "note"}]
    asset = await create(client, content={"survey": rows})
    assert [row["$autoname"] for row in asset["content"]["survey"]] == ["How_old", "note"]


async def test_wrong_fields_are_refused(client: httpx.AsyncClient) -> None:
    for data, body in (
        ({}, {"asset_type": ["This field is required."]}),
        ({"asset_type": "x"}, {"asset_type": ['"x" is not a valid choice.']}),
        ({"asset_type": "survey", "content": "{"}, {"content": ["Unable to parse JSON"]}),
        ({"asset_type": "survey", "content": "[]"}, {"content": ["Unable to parse JSON"]}),
        ({"asset_type": "survey", "settings": "{"}, {"settings": ["Unable to parse JSON"]}),
        (
            {"asset_type": "survey", "parent": f"http://x{URL}aNope/"},
            {"parent": ["Invalid hyperlink - Object does not exist."]},
        ),
    ):
        reply = await client.post(URL, json=data)
        assert (reply.status_code, reply.json()) == (400, body)
    assert (await client.post(URL, content=b"{")).status_code == 500


async def test_a_form_encoded_body_is_understood(client: httpx.AsyncClient) -> None:
    reply = await client.post(URL, data={"asset_type": "survey", "name": "Encoded"})
    assert reply.status_code == 201
    assert reply.json()["name"] == "Encoded"


async def test_blocks_of_one_question_are_questions(client: httpx.AsyncClient) -> None:
    one = await create(client, asset_type="block", content={"survey": [QUESTION]})
    rows = [QUESTION, {**QUESTION, "name": "q2"}]
    two = await create(client, asset_type="question", content={"survey": rows})
    assert (one["asset_type"], two["asset_type"]) == ("question", "block")
    changed = await client.patch(one["url"], json={"content": {"survey": rows}})
    assert changed.json()["asset_type"] == "block"


async def test_collections_count_their_children(client: httpx.AsyncClient) -> None:
    collection = await create(client, asset_type="collection", name="Library")
    child = await create(client, asset_type="question", content={"survey": [QUESTION]})
    await client.patch(child["url"], json={"parent": collection["url"]})
    assert (await client.get(collection["url"])).json()["children"] == {"count": 1}
    listed = await client.get(URL, params={"q": f"parent__uid:{collection['uid']}"})
    assert [one["uid"] for one in listed.json()["results"]] == [child["uid"]]
    await client.patch(child["url"], json={"parent": None})
    assert (await client.get(collection["url"])).json()["children"] == {"count": 0}
    assert (await client.get(f"{collection['url']}versions/")).json()["count"] == 0


async def test_a_patch_changes_what_can_be_changed(
    client: httpx.AsyncClient, fake: FakeKobo, draft: str
) -> None:
    country = [{"label": "France", "value": "FRA"}]
    fields = {
        "name": "Renamed",
        "settings": {"description": "d", "country": country},
        "tag_string": "a,b",
        "data_sharing": {"enabled": True, "fields": []},
        "uid": "aOther",
        "nonsense": 1,
    }
    asset = (await client.patch(draft, json=fields)).json()
    assert asset["settings"]["country_codes"] == ["FRA"]
    assert asset["settings"]["sector"] == {}
    assert asset["tag_string"] == "a,b"
    assert asset["uid"] in draft
    assert asset["last_modified_by"] == "alice"
    await client.patch(draft, json={"data_sharing": {}, "name": "Renamed"})
    assert [one.action for one in fake.forms[asset["uid"]].history.select(None)] == [
        "disable-sharing",
        "enable-sharing",
        "update-settings",
        "update-name",
    ]


async def test_name_and_content_make_versions(client: httpx.AsyncClient, draft: str) -> None:
    await client.patch(draft, json={"name": "Other"})
    await client.patch(draft, json={"settings": {"description": "no version"}})
    content = {"survey": [{**QUESTION, "name": "q2"}], "settings": {"form_title": "Titled"}}
    asset = (await client.patch(draft, json={"content": content})).json()
    assert asset["name"] == "Titled"
    assert asset["version_count"] == 3
    assert set(asset["report_styles"]["kuid_names"]) == {"q1", "q2"}
    assert await versions(client, draft) == ["0.3", "0.2", "0.1"]


async def test_put_needs_a_type(client: httpx.AsyncClient, draft: str) -> None:
    assert (await client.put(draft, json={"name": "x"})).status_code == 400
    put = await client.put(draft, json={"name": "x", "asset_type": "survey"})
    assert (put.status_code, put.json()["name"]) == (200, "x")
    listed = await client.patch(draft, json=[1])
    message = "Invalid data. Expected a dictionary, but got list."
    assert listed.json() == {"non_field_errors": [message]}


async def test_deployment_from_draft_to_archive(client: httpx.AsyncClient, draft: str) -> None:
    url = f"{draft}deployment/"
    assert (await client.get(url)).status_code == 404
    assert (await client.patch(url, json={"active": True})).status_code == 405
    first = (await client.post(url, json={"active": True})).json()
    assert first["active"] is True
    assert first["asset"]["deployment_status"] == "deployed"
    assert first["version_id"] == first["asset"]["version_id"]
    assert (await client.post(url, json={"active": True})).status_code == 405
    await client.patch(draft, json={"content": {"survey": [{**QUESTION, "name": "q2"}]}})
    same = (await client.patch(url, json={"active": True})).json()
    assert same["version_id"] == first["version_id"] != same["asset"]["version_id"]
    assert (await client.patch(url, json={"version_id": "vBogus"})).status_code == 500
    latest = same["asset"]["version_id"]
    again = (await client.patch(url, json={"version_id": latest, "active": "true"})).json()
    assert again["version_id"] == latest
    assert again["asset"]["deployed_versions"]["count"] == 2
    assert await versions(client, draft) == ["2", "1"]
    archived = (await client.patch(url, json={"active": False})).json()
    assert archived["asset"]["deployment_status"] == "archived"
    assert (await client.patch(url, json={})).json()["active"] is False
    assert (await client.delete(url)).status_code == 405
    assert (await client.get(url)).json()["backend"] == "openrosa"
    await client.patch(draft, json={"name": "Once more"})
    assert (await versions(client, draft))[0] == "2.1"


async def test_deployed_without_active_is_archived(client: httpx.AsyncClient, draft: str) -> None:
    reply = await client.post(f"{draft}deployment/", json={})
    assert reply.json()["asset"]["deployment_status"] == "archived"


async def test_a_deployed_form_takes_rows(
    client: httpx.AsyncClient, fake: FakeKobo, draft: str
) -> None:
    assert (await client.get(f"{draft}data/")).status_code == 400
    asset = (await client.post(f"{draft}deployment/", json={"active": True})).json()["asset"]
    form = fake.forms[asset["uid"]]
    form.insert(2)
    rows = (await client.get(f"{draft}data/")).json()["results"]
    assert [row["formhub/uuid"] for row in rows] == [asset["deployment__uuid"]] * 2
    assert all(row["q1"] for row in rows)


async def test_what_makes_no_form_is_not_deployed(client: httpx.AsyncClient) -> None:
    twice = await create(client, content={"survey": [QUESTION, QUESTION]})
    reply = await client.post(f"{twice['url']}deployment/", json={"active": True})
    text = "asset.content improperly formatted for XLS export: Duplicate name error: q1"
    assert (reply.status_code, reply.json()) == (400, {"error": text})
    broken = await create(client, content={"survey": [{**QUESTION, "relevant": "${nope} = 1"}]})
    reply = await client.post(f"{broken['url']}deployment/", json={"active": True})
    assert reply.status_code == 400
    assert "nope" in reply.json()["error"]
    assert (await client.get(broken["url"].rstrip("/") + ".xml")).status_code == 500
    block = await create(client, asset_type="block", content={"survey": [QUESTION]})
    assert (await client.post(f"{block['url']}deployment/", json={})).status_code == 500


async def test_clones_take_content_tags_and_settings(client: httpx.AsyncClient, draft: str) -> None:
    shared = {"share-metadata": True, "description": "d"}
    source = (await client.patch(draft, json={"settings": shared, "tag_string": "t"})).json()
    clone = (await client.post(URL, json={"clone_from": source["uid"]})).json()
    assert clone["name"] == "Draft"
    assert clone["tag_string"] == "t"
    assert clone["settings"]["description"] == "d"
    assert "share-metadata" not in clone["settings"]
    assert clone["content"]["survey"] == source["content"]["survey"]
    block = {"clone_from": source["uid"], "asset_type": "block", "name": "Part"}
    made = (await client.post(URL, json=block)).json()
    assert (made["name"], made["asset_type"], made["settings"]) == ("Part", "question", {})


async def test_clones_of_versions(client: httpx.AsyncClient, draft: str) -> None:
    old = (await client.get(draft)).json()
    await client.patch(draft, json={"content": {"survey": [{**QUESTION, "name": "q2"}]}})
    wanted = {"clone_from": old["uid"], "clone_from_version_id": old["version_id"]}
    clone = (await client.post(URL, json=wanted)).json()
    assert clone["content"]["survey"][0]["name"] == "q1"
    replaced = await client.patch(draft, json={"clone_from": clone["uid"]})
    assert replaced.json()["content"]["survey"][0]["name"] == "q1"
    missing = await client.post(URL, json={**wanted, "clone_from_version_id": "v"})
    assert missing.json() == {"detail": "No AssetVersion matches the given query."}


async def test_not_everything_can_be_cloned(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, draft: str
) -> None:
    uid = (await client.get(draft)).json()["uid"]
    assert (await stranger.post(URL, json={"clone_from": uid})).status_code == 404
    missing = await client.post(URL, json={"clone_from": "aNope"})
    assert missing.json() == {"detail": "No Asset matches the given query."}
    wrong = await client.post(URL, json={"clone_from": uid, "asset_type": "collection"})
    assert wrong.status_code == 500


async def test_the_owner_deletes(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, fake: FakeKobo, draft: str
) -> None:
    form = fake.forms[(await client.get(draft)).json()["uid"]]
    form.share("bob", "change_asset")
    assert (await stranger.delete(draft)).status_code == 403
    assert (await client.delete(draft)).status_code == 204
    assert (await client.delete(draft)).status_code == 404
    assert (await client.get(f"{draft}data/")).status_code == 404
    assert (await client.get(URL)).json()["count"] == 0


async def bulk(client: httpx.AsyncClient, action: str, **payload: Any) -> httpx.Response:
    return await client.post(f"{URL}bulk/", json={"payload": {"action": action, **payload}})


async def test_bulk_actions(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, fake: FakeKobo
) -> None:
    one, two = fake.add_form("One"), fake.add_form("Two")
    uids = [one.uid, two.uid]
    assert (await bulk(stranger, "archive", asset_uids=uids)).status_code == 403
    one.share("bob", "manage_asset")
    assert (await bulk(stranger, "archive", asset_uids=uids[:1])).status_code == 200
    reply = await bulk(client, "unarchive", asset_uids=uids[:1])
    assert reply.json() == {"detail": "1 project has been unarchived"}
    assert one.active
    fake.add_form("Draft", deployed=False)
    assert (await bulk(client, "archive", confirm=True)).status_code == 400
    reply = await bulk(client, "delete", asset_uids=uids)
    assert reply.json() == {"detail": "2 projects have been deleted"}
    assert (await bulk(client, "delete", asset_uids=uids)).status_code == 403
    assert (await bulk(client, "undelete", asset_uids=uids)).status_code == 403
    async with client_of(fake, fake.add_user("admin", superuser=True)) as admin:
        assert (await bulk(admin, "undelete", asset_uids=uids)).status_code == 200
    assert set(uids) <= set(fake.forms)


async def test_bulk_actions_need_a_payload(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    required = {"payload": ["This field is required."]}
    assert (await client.post(f"{URL}bulk/", json={"action": "delete"})).json() == required
    assert (await client.post(f"{URL}bulk/", json=[])).json() == required
    assert (await bulk(client, "delete")).json() == required
    assert (await bulk(client, "bogus")).status_code == 400
    assert (await bulk(anonymous, "delete", confirm=True)).status_code == 401


async def test_superusers_clean_up(fake: FakeKobo, form: FakeForm) -> None:
    async with client_of(fake, fake.add_user("admin", superuser=True)) as admin:
        assert (await admin.delete(f"{URL}{form.uid}/")).status_code == 204
    assert form.uid in fake.trash
