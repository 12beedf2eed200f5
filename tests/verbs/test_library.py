"""Collections and what lies in them."""

from __future__ import annotations

import pytest

from kobo_async import KoboClient
from kobo_async.errors import QueryError
from kobo_async.testing import FakeForm, FakeKobo
from tests.verbs.journal import Journal

pytestmark = pytest.mark.anyio

ROSTER = {"survey": [{"type": "text", "name": "a"}, {"type": "integer", "name": "b"}]}


async def test_a_collection_and_a_block_in_it_are_created(client: KoboClient):
    shelf = await client.library.create_collection("Shelf")
    block = await client.library.create_item("Roster", ROSTER, collection=shelf.uid)
    assert (shelf.asset_type, block.asset_type) == ("collection", "block")
    assert [one.uid async for one in client.library.children(shelf.uid)] == [block.uid]


async def test_an_item_moves_into_a_collection_and_out_of_it(client: KoboClient):
    shelf = await client.library.create_collection("Shelf")
    block = await client.library.create_item("Roster", ROSTER)
    await client.library.put(block.uid, collection=shelf.uid)
    assert [one.uid async for one in client.library.children(shelf.uid)] == [block.uid]
    await client.library.take_out(block.uid)
    assert await client.library.children(shelf.uid).all() == []


async def test_an_item_is_not_put_into_something_else(
    client: KoboClient, fake: FakeKobo, journal: Journal, form: FakeForm
):
    block = fake.add_form("Roster", asset_type="block")
    with pytest.raises(QueryError, match="is a block"):
        await client.library.put(form.uid, collection=block.uid)
    assert journal.writes == []


@pytest.mark.usefixtures("form")
async def test_collections_are_listed_without_the_other_assets(client: KoboClient, fake: FakeKobo):
    shelf = fake.add_form("Shelf", asset_type="collection")
    assert [one.uid async for one in client.library.collections()] == [shelf.uid]
