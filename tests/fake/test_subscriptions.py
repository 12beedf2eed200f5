"""Following public collections."""

from __future__ import annotations

import httpx
import pytest

from kobo_async.testing import ANONYMOUS, FakeForm, FakeKobo

from .conftest import client_of

pytestmark = pytest.mark.anyio
URL = "/api/v2/asset_subscriptions/"


@pytest.fixture
def collection(fake: FakeKobo) -> FakeForm:
    collection = fake.add_form("Shared questions", asset_type="collection")
    collection.share(ANONYMOUS, "discover_asset")
    return collection


def link(form: FakeForm) -> str:
    return f"http://kobo.test/api/v2/assets/{form.uid}/"


async def test_a_public_collection_is_followed_until_it_is_not(
    stranger: httpx.AsyncClient, collection: FakeForm
) -> None:
    made = await stranger.post(URL, json={"asset": link(collection)})
    assert (made.status_code, made.json()["asset"]) == (201, link(collection))
    own = made.json()["url"]
    listed = await stranger.get(URL, params={"asset__uid": collection.uid})
    assert listed.json()["results"] == [made.json()]
    assert (await stranger.get(URL, params={"asset__uid": "aNope"})).json()["count"] == 0
    assert (await stranger.get(own)).json() == made.json()
    seen = (await stranger.get(link(collection))).json()
    assert (seen["access_types"], seen["subscribers_count"]) == (["public", "subscribed"], 1)
    about = (await stranger.get("/api/v2/users/alice/")).json()
    assert about["public_collections_count"] == 1
    assert about["public_collection_subscribers_count"] == 1
    assert (await stranger.delete(own)).status_code == 204
    assert (await stranger.delete(own)).status_code == 404
    assert (await stranger.get(link(collection))).json()["subscribers_count"] == 0


async def test_subscriptions_are_the_users_own(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    fake: FakeKobo,
    collection: FakeForm,
) -> None:
    own = (await stranger.post(URL, json={"asset": link(collection)})).json()["url"]
    assert (await client.get(own)).status_code == 404
    assert (await client.get(URL)).json()["count"] == 0
    assert (await anonymous.get(URL)).status_code == 401
    collection.share("carol", "view_asset")
    async with client_of(fake, fake.add_user("carol")) as carol:
        seen = (await carol.get(link(collection))).json()
    assert seen["access_types"] == ["shared", "public"]
    assert (await client.get(link(collection))).json()["access_types"] == ["owned", "public"]
    fake.discard(collection)
    assert (await stranger.delete(own)).status_code == 204


async def test_nothing_else_can_be_followed(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm
) -> None:
    private = fake.add_form("Mine", asset_type="collection")
    for asset in (link(form), link(private), "aNope"):
        assert (await client.post(URL, json={"asset": asset})).status_code == 400
    missing = await client.post(URL, json={})
    assert missing.json() == {"asset": ["This field is required."]}
    assert (await client.post(URL, json=[])).status_code == 500
