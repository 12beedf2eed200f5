from __future__ import annotations

from typing import Any

import httpx
import pytest

from kobo_async.testing import ANONYMOUS, FakeForm, FakeKobo

pytestmark = pytest.mark.anyio
URL = "/api/v2/assets/"


@pytest.fixture
def forms(fake: FakeKobo) -> dict[str, FakeForm]:
    forms = {
        "survey": fake.add_form("Wash survey", rows=3),
        "draft": fake.add_form("Draft form", deployed=False),
        "old": fake.add_form("Old form"),
        "question": fake.add_form("A question", asset_type="question"),
        "collection": fake.add_form("A collection", asset_type="collection"),
        "bobs": fake.add_form("Bob's", owner="bob"),
    }
    forms["old"].archive()
    forms["question"]._asset["tag_string"] = "water"
    forms["question"]._asset["parent"] = f"http://x{URL}{forms['collection'].uid}/"
    forms["draft"]._asset["settings"] |= {
        "sector": {"label": "Health", "value": "Health"},
        "country": [{"label": "Kenya", "value": "KEN"}],
        "organization": "ACME",
    }
    return forms


async def found(client: httpx.AsyncClient, **params: Any) -> list[str]:
    reply = await client.get(URL, params=params)
    assert reply.status_code == 200, reply.text
    return [item["name"] for item in reply.json()["results"]]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("asset_type:survey", {"Wash survey", "Draft form", "Old form"}),
        ("_deployment_status:deployed", {"Wash survey"}),
        ("_deployment_status:null", {"A question", "A collection"}),
        ("deployment_status:deployed", set()),
        ("name__icontains:FORM", {"Draft form", "Old form"}),
        ("name:form", set()),
        ('name:"Old form"', {"Old form"}),
        ("name__startswith:Wash", {"Wash survey"}),
        (
            "name__istartswith:wash OR name__endswith:form",
            {"Wash survey", "Draft form", "Old form"},
        ),
        ("name__contains:ash", {"Wash survey"}),
        ("name__iexact:'OLD FORM'", {"Old form"}),
        ("asset_type__in:question,collection", {"A question", "A collection"}),
        ("owner__username:alice AND NOT asset_type:survey", {"A question", "A collection"}),
        ("asset_type:survey (wash OR draft)", {"Wash survey", "Draft form"}),
        ("tags__name:water", {"A question"}),
        ("water", {"A question"}),
        ("parent:null AND asset_type:question", set()),
        ("parent__isnull:false", {"A question"}),
        ("settings__sector__value:Health", {"Draft form"}),
        ("settings__sector__value__deeper:Health", set()),
        ("date_modified__gte:2026-01-01 AND date_modified__lt:2027-01-01 AND old", {"Old form"}),
        ("date_deployed__gt:2026-01-01 date_deployed__lte:2027-01-01 wash", {"Wash survey"}),
        ("name:1.5", set()),
        ("foo:bar", set()),
        ("(((", set()),
        ("wash)", set()),
        ("wash AND", set()),
        ("(wash", set()),
        ("na:me:", set()),
    ],
)
async def test_q_finds_what_the_server_finds(
    client: httpx.AsyncClient, forms: dict[str, FakeForm], q: str, names: set[str]
) -> None:
    assert forms
    assert set(await found(client, q=q)) == names


async def test_q_by_uid_and_by_parent(
    client: httpx.AsyncClient, forms: dict[str, FakeForm]
) -> None:
    assert await found(client, q=f"uid:{forms['old'].uid}") == ["Old form"]
    assert await found(client, q=f"parent__uid:{forms['collection'].uid}") == ["A question"]


@pytest.mark.parametrize("q", ["ho", "ho OR an", "owner__email:x", "content:x"])
async def test_short_words_and_forbidden_fields_are_refused(
    client: httpx.AsyncClient, q: str
) -> None:
    reply = await client.get(URL, params={"q": q})
    assert reply.status_code == 400
    assert set(reply.json()) == {"detail"}


async def test_the_default_order_is_by_deployment_status(
    client: httpx.AsyncClient, forms: dict[str, FakeForm]
) -> None:
    assert forms
    statuses = [item["deployment_status"] for item in (await client.get(URL)).json()["results"]]
    assert statuses == ["deployed", "draft", "archived", "-", "-"]


async def test_known_orderings_work_and_unknown_ones_are_dropped(
    client: httpx.AsyncClient, forms: dict[str, FakeForm]
) -> None:
    assert forms
    by_name = sorted(form.name for form in forms.values() if form.owner == "alice")
    assert await found(client, ordering="name") == by_name
    assert await found(client, ordering="-name") == by_name[::-1]
    assert await found(client, ordering="bogus") == await found(client)
    assert (await found(client, ordering="settings__sector__value,name"))[0] == "Draft form"
    assert (await found(client, ordering="-_deployment_status"))[:2] != by_name[:2]


async def test_bad_limits_become_the_default_and_large_ones_are_clipped(
    client: httpx.AsyncClient, fake: FakeKobo, forms: dict[str, FakeForm]
) -> None:
    assert forms
    fake.default_page, fake.max_page = 2, 3
    for limit in ("0", "-1", "abc"):
        assert len(await found(client, limit=limit)) == 2
    assert len(await found(client, limit="5000")) == 3
    assert len(await found(client, start="nope")) == 2


async def test_previous_of_an_offset_page_is_the_same_page(
    client: httpx.AsyncClient, forms: dict[str, FakeForm]
) -> None:
    assert forms
    page = (await client.get(URL, params={"limit": 2, "offset": 2})).json()
    assert page["previous"] == f"http://kobo.test{URL}?limit=2&offset=2"
    assert page["next"] == f"http://kobo.test{URL}?limit=2&offset=2&start=4"
    last = (await client.get(page["next"])).json()
    assert last["next"] is None
    assert last["results"]
    paged = (await client.get(URL, params={"page": 2, "page_size": 2})).json()
    assert paged["results"] == page["results"]


async def test_metadata_comes_when_asked_for(
    client: httpx.AsyncClient, forms: dict[str, FakeForm]
) -> None:
    assert forms
    assert (await client.get(URL, params={"metadata": "on"})).json()["metadata"] == {
        "languages": ["English (en)", "Français (fr)"],
        "countries": [["KEN", "Kenya"]],
        "sectors": [["Health", "Health"]],
        "organizations": ["ACME"],
    }


async def test_list_items_lack_what_only_the_detail_has(
    client: httpx.AsyncClient, form: FakeForm
) -> None:
    item = (await client.get(URL)).json()["results"][0]
    detail = (await client.get(f"{URL}{form.uid}/")).json()
    assert detail == form.asset
    assert len(detail.keys() - item.keys()) == 22
    assert "content" not in item
    short = (await client.get(f"{URL}{form.uid}/", params={"exclude": "content,files"})).json()
    assert detail.keys() - short.keys() == {"content", "files"}


async def test_links_carry_the_format_on(client: httpx.AsyncClient, form: FakeForm) -> None:
    dotted = (await client.get(f"{URL}{form.uid}.json")).json()
    assert dotted["url"].endswith(f"{form.uid}.json")
    assert dotted["data"].endswith("/data.json")
    asked = (await client.get(f"{URL}{form.uid}/", params={"format": "json"})).json()
    assert asked["url"].endswith("/?format=json")
    assert asked["downloads"][0]["url"].endswith("/?format=json.xls")
    assert asked["permissions"][0]["user"].endswith("/alice/?format=json")


async def test_versions_list_without_content_and_detail_with_it(
    client: httpx.AsyncClient, form: FakeForm, fake: FakeKobo
) -> None:
    url = f"{URL}{form.uid}/versions/"
    listed = (await client.get(url)).json()
    assert listed["count"] == 1
    assert "content" not in listed["results"][0]
    one = (await client.get(listed["results"][0]["url"])).json()
    assert one["content"] == form.content
    missing = await client.get(f"{url}vNope/")
    assert missing.json() == {"detail": "No AssetVersion matches the given query."}
    draft = fake.add_form("Draft", deployed=False)
    drafts = await client.get(f"{URL}{draft.uid}/versions/", params={"deployed": "true"})
    assert drafts.json()["count"] == 0


async def test_sharing_makes_a_form_visible_step_by_step(
    stranger: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    asset = f"{URL}{form.uid}/"
    assert (await stranger.get(asset)).status_code == 404
    form.share("bob", "add_submissions")
    assert (await stranger.get(asset)).status_code == 404
    form.share("bob", "view_asset")
    assert (await stranger.get(asset)).json()["deployment__submission_count"] is None
    assert (await stranger.get(data)).status_code == 404
    form.share("bob")
    seen = (await stranger.get(asset)).json()
    assert seen["deployment__submission_count"] == 250
    assert {p["codename"] for p in seen["effective_permissions"]} == {
        "add_submissions",
        "view_asset",
        "view_submissions",
    }
    assert (await stranger.get(data)).json()["count"] == 250
    assert (await stranger.get(URL)).json()["count"] == 1
    assert (await stranger.patch(asset)).status_code == 403
    form.unshare("bob")
    form.unshare("alice")
    assert (await stranger.get(asset)).status_code == 404
    assert form.asset["owner__username"] == "alice"


async def test_the_list_tells_and_chooses_who_sees_an_asset(
    client: httpx.AsyncClient, form: FakeForm
) -> None:
    async def told(**params: str) -> list[str]:
        reply = await client.get("/api/v2/assets/", params={"q": f"uid:{form.uid}", **params})
        return [one["status"] for one in reply.json()["results"]]

    assert await told() == ["private"]
    form.share("bob", "add_submissions")
    assert await told(status="shared") == []
    form.share("bob", "view_asset")
    assert await told(status="shared") == ["shared"]
    form.share(ANONYMOUS, "view_asset")
    assert await told() == await told(status="public") == ["public"]


async def test_only_managers_see_all_assignments(
    stranger: httpx.AsyncClient, fake: FakeKobo, form: FakeForm
) -> None:
    fake.add_user("carol")
    form.share("carol")
    form.share("bob")
    form.share(ANONYMOUS, "view_asset")
    asset = f"{URL}{form.uid}/"

    def users(entries: list[dict[str, Any]]) -> set[str]:
        return {entry["user"].split("/")[-2] for entry in entries}

    seen = (await stranger.get(asset)).json()["permissions"]
    assert users(seen) == {"alice", "bob", ANONYMOUS}
    form.share("bob", "manage_asset")
    seen = (await stranger.get(asset)).json()["permissions"]
    assert users(seen) == {"alice", "bob", "carol", ANONYMOUS}


async def test_partial_permissions_filter_rows_and_hide_the_count(
    stranger: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    form.share("bob")
    form.share("bob", filters=[{"household/region": "north"}])
    rows = (await stranger.get(data, params={"limit": 1000})).json()["results"]
    assert rows
    assert {row["household/region"] for row in rows} == {"north"}
    asset = (await stranger.get(f"{URL}{form.uid}/")).json()
    assert asset["deployment__submission_count"] is None
    partial = next(p for p in asset["permissions"] if "partial_permissions" in p)
    assert partial["label"]["default"].startswith("Act on submissions")
    hidden = next(n for n, r in form.rows.items() if r.get("household/region") == "south")
    assert (await stranger.get(f"{data}{hidden}/")).status_code == 404
    form.share("bob", filters=[{"_id": {"$lte": 2}}, {"_id": {"$gt": 249}}])
    assert [r["_id"] for r in (await stranger.get(data)).json()["results"]] == [1, 2, 250]
    form.share("bob")
    assert (await stranger.get(data)).json()["count"] == 250


async def test_a_partial_user_of_an_empty_form_sees_zero(
    stranger: httpx.AsyncClient, fake: FakeKobo
) -> None:
    empty = fake.add_form("Empty")
    empty.share("bob", filters=[{"_submitted_by": "bob"}])
    asset = (await stranger.get(f"{URL}{empty.uid}/")).json()
    assert asset["deployment__submission_count"] == 0


def test_a_form_without_questions_has_next_to_no_summary(fake: FakeKobo) -> None:
    form = fake.add_form("Blank", content={"survey": [], "settings": {}}, deployed=False)
    assert form.asset["summary"] == {"languages": []}


def test_what_cannot_be_assigned_is_refused(fake: FakeKobo, form: FakeForm) -> None:
    with pytest.raises(ValueError, match="cannot be assigned"):
        form.share("bob", "discover_asset")
    with pytest.raises(ValueError, match="filters"):
        form.share("bob", "partial_submissions")
    collection = fake.add_form("Shelf", asset_type="collection")
    collection.share("bob", "discover_asset")
    assert collection.asset["permissions"][0]["label"] == "Edit collection"


async def test_archived_forms_keep_their_data_and_drafts_have_none(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, data: str
) -> None:
    form.archive()
    assert form.asset["deployment_status"] == "archived"
    assert (await client.get(data)).json()["count"] == 250
    form.unarchive()
    assert form.asset["deployment__active"] is True
    for asset_type in ("survey", "collection"):
        draft = fake.add_form("Draft", deployed=False, asset_type=asset_type)
        draft.archive()
        reply = await client.get(f"{URL}{draft.uid}/data/")
        assert reply.status_code == 400
        assert reply.json() == {"detail": "The specified asset has not been deployed"}
