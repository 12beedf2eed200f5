"""Collections and what lies in them."""

from __future__ import annotations

import pytest

from kobo_async import KoboClient
from kobo_async.errors import QueryError
from kobo_async.testing import FakeKobo
from kobo_async.verbs.library import LibraryVerbs
from tests.verbs.desk import ASSET, UID, Desk, Say, draft, page

pytestmark = pytest.mark.anyio

ASSETS = "/api/v2/assets/"
COLLECTION = "/api/v2/assets/aShelf/"
SHELF = draft() | {"uid": "aShelf", "asset_type": "collection"}


@pytest.fixture
def library(scripted: KoboClient) -> LibraryVerbs:
    return LibraryVerbs(scripted._sender)


async def test_a_collection_and_a_block_in_it_are_created(library: LibraryVerbs, desk: Desk):
    desk.on("POST", ASSETS, Say(201, SHELF), Say(201, draft() | {"asset_type": "block"}))
    shelf = await library.create_collection("Shelf")
    await library.create_item("Roster", {"survey": []}, collection=shelf.uid)
    first, second = (one.json for one in desk.sent)
    assert first == {"asset_type": "collection", "name": "Shelf"}
    assert (second["asset_type"], second["parent"]) == ("block", COLLECTION)


async def test_an_item_moves_into_a_collection_and_out_of_it(library: LibraryVerbs, desk: Desk):
    desk.on("GET", COLLECTION, SHELF)
    desk.on("PATCH", ASSET, draft())
    await library.put(UID, collection="aShelf")
    await library.take_out(UID)
    assert [one.json for one in desk.sent[1:]] == [{"parent": COLLECTION}, {"parent": None}]


async def test_an_item_is_not_put_into_something_else(library: LibraryVerbs, desk: Desk):
    desk.on("GET", COLLECTION, SHELF | {"asset_type": "block"})
    with pytest.raises(QueryError, match="is a block"):
        await library.put(UID, collection="aShelf")
    assert desk.writes == []


async def test_children_are_asked_for_by_their_parent(library: LibraryVerbs, desk: Desk):
    desk.on("GET", ASSETS, page(draft()))
    assert [one.uid async for one in library.children("aShelf")] == [UID]
    assert desk.sent[0].query["q"] == "parent__uid:aShelf"


async def test_collections_are_listed_without_the_other_assets(client: KoboClient, fake: FakeKobo):
    fake.add_form("Survey")
    shelf = fake.add_form("Shelf", asset_type="collection")
    found = LibraryVerbs(client._sender).collections()
    assert [one.uid async for one in found] == [shelf.uid]
