"""Projects and library items."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kobo_async import BadRequest, KoboClient, NotFound
from kobo_async.models.asset import Asset
from kobo_async.q import deployed, field, surveys, text
from tests.live.conftest import assert_found
from tests.live.workshop import Target, Workshop

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(1800)]


FEW = 500
"""Assets that can be listed again and again."""


async def count(client: KoboClient) -> int:
    body = await client.request("GET", "/api/v2/assets/", query={"limit": 1})
    assert len(body["results"]) == min(body["count"], 1)
    return int(body["count"])


async def test_the_list_is_whole(client: KoboClient):
    before = await count(client)
    found = await client.assets.list().all()
    around = [before, await count(client)]
    assert len({asset.uid for asset in found}) == len(found)
    assert min(around) <= len(found) <= max(around)


@pytest.mark.parametrize("pages", [2, 3, 5])
async def test_the_list_is_the_same_in_pages_of_any_size(
    client: KoboClient, assets: Sequence[Asset], pages: int
):
    if len(assets) > FEW:
        pytest.skip("the account has too many assets to list them all again")
    size = len(assets) // pages + 1
    found = await client.assets.list(page_size=size).all()
    await assert_found(client, found, assets, lambda _: True)


@pytest.mark.usefixtures("project")
async def test_pages_of_one_hold_one(client: KoboClient):
    seen: list[str] = []
    async for page in client.assets.list(page_size=1).by_page():
        assert len(page.items) == 1
        assert page.count is not None
        assert page.more is (page.count > len(seen) + 1)
        seen += [asset.uid for asset in page.items]
        if len(seen) == 3:
            break
    assert len(set(seen)) == len(seen)


async def test_the_first_of_a_list_takes_no_more_than_one_page(client: KoboClient, project: str):
    first = await client.assets.list(q=field("uid") == project).first()
    assert first
    assert first.uid == project


async def test_a_query_for_surveys_finds_surveys(client: KoboClient, assets: Sequence[Asset]):
    found = await client.assets.list(q=surveys()).all()
    await assert_found(client, found, assets, lambda one: one.asset_type == "survey")


async def test_queries_combine(client: KoboClient, assets: Sequence[Asset]):
    both = await client.assets.list(q=surveys() & deployed()).all()
    assert {(one.asset_type, one.deployment_status) for one in both} <= {("survey", "deployed")}
    await assert_found(
        client,
        both,
        assets,
        lambda one: (one.asset_type, one.deployment_status) == ("survey", "deployed"),
    )
    either = await client.assets.list(
        q=(field("asset_type") == "survey") | (field("asset_type") == "question")
    ).all()
    await assert_found(client, either, assets, lambda one: one.asset_type in {"survey", "question"})


async def test_free_text_finds_a_uid(client: KoboClient, project: str):
    found = await client.assets.list(q=text(project)).all()
    assert project in {asset.uid for asset in found}


async def test_a_query_that_the_server_does_not_know_is_an_error_here(client: KoboClient):
    with pytest.raises(ValueError, match="matches nothing"):
        client.assets.list(q="deployment_status:deployed")


async def test_too_short_a_query_is_an_error_of_the_server_too(client: KoboClient):
    with pytest.raises(BadRequest, match="too short"):
        await client.request("GET", "/api/v2/assets/", query={"q": "ho"})


async def test_the_detail_has_what_the_list_lacks(client: KoboClient, project: str):
    listed = await client.assets.list(q=field("uid") == project).first()
    assert listed
    assert listed.content is None
    asset = await client.assets.get(project)
    assert asset.uid == project
    assert asset.has_deployment
    assert asset.content
    assert asset.content["survey"]
    assert asset.allows("view_submissions") or asset.allows("partial_submissions")


async def test_an_excluded_field_is_left_out(client: KoboClient, target: Target, project: str):
    asset = await client.assets.get(project, exclude=["content"])
    if asset.content is not None and not target.fake:
        pytest.skip("an older server, which excludes nothing")
    assert asset.content is None


async def test_the_link_of_an_asset_leads_to_it(client: KoboClient, project: str):
    asset = await client.assets.get(project)
    assert (await client.request("GET", asset.url))["uid"] == project


async def test_an_unknown_uid_is_not_found(client: KoboClient):
    with pytest.raises(NotFound):
        await client.assets.get("aThereIsNoSuchAsset000")


async def test_a_draft_lives_and_has_no_data(client: KoboClient, workshop: Workshop):
    content = {"survey": [{"type": "text", "name": "remark", "label": ["Remark"]}]}
    body = {"asset_type": "survey", "name": workshop.title, "content": content}
    made = await client.request("POST", "/api/v2/assets/", json=body)
    asset = await client.assets.get(made["uid"])
    assert (asset.name, asset.deployment_status) == (workshop.title, "draft")
    with pytest.raises(BadRequest, match="not been deployed"):
        await client.submissions.count(made["uid"])
    await client.request("DELETE", f"/api/v2/assets/{made['uid']}/")
    with pytest.raises(NotFound):
        await client.assets.get(made["uid"])
