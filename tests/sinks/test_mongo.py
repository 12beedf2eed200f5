"""Rows in MongoDB.

With `KOBO_TEST_MONGODB=mongodb://…/database` they go to a real server. Without it they go through
the real driver and its wire protocol to a stand-in on a socket (`mongod.py`), which keeps them in
mongomock: what only a real server decides is not tested then.
"""

from __future__ import annotations

import secrets
import traceback
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo import AsyncMongoClient

from kobo_async.errors import ConfigError, DatabaseFailed
from kobo_async.sinks.mongo import LARGEST, Mongo
from tests.sinks.mongod import FORGETFUL, REAL, Mongod, mongod, only_a_stand_in

pytestmark = [pytest.mark.anyio, *FORGETFUL]
ROWS: list[dict[str, Any]] = [
    {"_id": 1, "name": "Zoë", "none": None, "_geolocation": [1.5, None]},
    {"_id": 2, "members": [{"members/age": "3"}], "_validation_status": {}},
]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def url(stand_in: Mongod) -> str:
    return REAL or stand_in.url


class Store:
    """A collection with a name of its own, read by a client of its own."""

    def __init__(self, url: str, client: AsyncMongoClient[Any]) -> None:
        self.url = url
        self.name = f"rows_{secrets.token_hex(4)}"
        self._database = client.get_default_database()

    @property
    def sink(self) -> Mongo:
        return Mongo(self.url, self.name)

    async def rows(self) -> list[dict[str, Any]]:
        found = await self._database[self.name].find({}).to_list()
        return sorted(found, key=lambda row: row["_id"])

    async def names(self) -> list[str]:
        """Name this collection and what was left beside it."""
        names = await self._database.list_collection_names()
        return [name for name in names if name.startswith(self.name)]

    async def drop(self) -> None:
        await self._database.drop_collection(self.name)


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with AsyncMongoClient(url) as client:
        store = Store(url, client)
        yield store
        await store.drop()


async def fill(sink: Mongo, *pages: list[dict[str, Any]]) -> None:
    async with sink:
        for rows in pages:
            await sink.write(rows)


async def test_documents_are_the_rows(store: Store):
    await fill(store.sink, ROWS[:1], [], ROWS[1:])
    assert await store.rows() == ROWS
    assert await store.names() == [store.name]


async def test_rows_of_the_same_id_are_replaced_and_others_stay(store: Store):
    await fill(store.sink, ROWS)
    await fill(store.sink, [{"_id": 2, "name": "new"}, {"_id": 3}])
    assert await store.rows() == [ROWS[0], {"_id": 2, "name": "new"}, {"_id": 3}]


async def test_of_rows_with_the_same_id_the_last_one_counts(store: Store):
    await fill(store.sink, [{"_id": 1, "n": "1"}], [{"_id": 1, "n": "2"}])
    assert await store.rows() == [{"_id": 1, "n": "2"}]


async def test_no_rows_change_nothing(store: Store):
    await fill(store.sink)
    assert await store.rows() == []


async def test_a_failure_leaves_the_collection_as_it_was(store: Store):
    await fill(store.sink, ROWS)
    with pytest.raises(RuntimeError, match="broke"):
        await broken(store.sink)
    assert await store.rows() == ROWS
    assert await store.names() == [store.name]


async def broken(sink: Mongo) -> None:
    async with sink:
        await sink.write([{"_id": 1, "name": "half"}])
        raise RuntimeError("the download broke")


async def test_being_cancelled_leaves_the_collection_as_it_was(store: Store):
    with anyio.CancelScope() as scope:
        async with store.sink as sink:
            await sink.write(ROWS)
            scope.cancel()
            await sink.write([{"_id": 3}])
    assert scope.cancelled_caught
    assert await store.names() == []


async def test_keys_that_queries_cannot_name_are_changed(store: Store):
    row = {"_id": 1, "a.b": "1", "$set": "2", "c": [{"d.e/f": "3"}], "g$": "4"}
    await fill(store.sink, [row])
    c = [{"d\uff0ee/f": "3"}]
    assert await store.rows() == [{"_id": 1, "a\uff0eb": "1", "\uff04set": "2", "c": c, "g$": "4"}]


async def test_numbers_of_64_bits_stay_and_longer_ones_become_texts(store: Store):
    await fill(
        store.sink, [{"_id": 1, "most": 2**63 - 1, "least": -(2**63)}, {"_id": 2, "n": 2**64}]
    )
    assert await store.rows() == [
        {"_id": 1, "most": 2**63 - 1, "least": -(2**63)},
        {"_id": 2, "n": str(2**64)},
    ]


async def test_a_document_beyond_16_mb_is_named(store: Store):
    with pytest.raises(ConfigError, match=r"submission 7 has 16\.0 MB"):
        await fill(store.sink, [{"_id": 7, "text": "x" * LARGEST}])
    assert await store.names() == []


async def test_a_row_without_an_id_is_refused(store: Store):
    with pytest.raises(ConfigError, match="without _id"):
        await fill(store.sink, [{"name": "Zoë"}])


async def test_writing_outside_of_the_context_is_an_error(url: str):
    with pytest.raises(RuntimeError, match="async with"):
        await Mongo(url, "rows").write(ROWS)


@pytest.mark.parametrize("url", ["mongodb://127.0.0.1", "mongodb://me:secret@127.0.0.1/"])
async def test_an_address_without_a_database_is_refused(url: str):
    with pytest.raises(ConfigError, match="name the database"):
        await fill(Mongo(url, "rows"))


async def test_a_name_that_no_collection_can_have_is_refused(url: str):
    with pytest.raises(ConfigError, match="cannot be a collection"):
        await fill(Mongo(url, "a$b"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cret@127.0.0.1/survey",
        "mongodb://me:s3cret/@127.0.0.1/survey",
        "mongodb://me:s3cret@127.0.0.1:port/survey",
        "mongodb://me:@s3cret@127.0.0.1/survey",
        "mongodb://me:s3cret@127.0.0.1:1/survey?serverSelectionTimeoutMS=50",
    ],
)
async def test_no_message_shows_the_password(url: str):
    with pytest.raises(ConfigError) as caught:
        await fill(Mongo(url, "rows"), ROWS)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    assert "s3cret" not in repr(Mongo(url, "rows"))


def test_on_trio_it_is_said_that_it_needs_asyncio():
    with pytest.raises(ConfigError, match="asyncio"):
        anyio.run(fill, Mongo("mongodb://127.0.0.1/survey", "rows"), backend="trio")


@only_a_stand_in
@pytest.mark.parametrize("command", ["update", "aggregate"])
async def test_a_server_that_refuses_leaves_nothing(stand_in: Mongod, store: Store, command: str):
    stand_in.failing = command
    with pytest.raises(DatabaseFailed, match="fails here"):
        await fill(store.sink, ROWS)
    assert await store.names() == []


@only_a_stand_in
async def test_a_failure_is_told_even_if_nothing_can_be_tidied_up(stand_in: Mongod, store: Store):
    stand_in.failing = "drop"
    with pytest.raises(RuntimeError, match="broke"):
        await broken(store.sink)
    stand_in.failing = ""


KEYS = st.text("ab.$/_", min_size=1, max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("aé. $"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def stored(value: Any) -> Any:
    match value:
        case dict():
            return {
                (f"\uff04{key[1:]}" if key[0] == "$" else key).replace(".", "\uff0e"): stored(one)
                for key, one in value.items()
            }
        case list():
            return [stored(one) for one in value]
        case int() if not -(2**63) <= value < 2**63:
            return str(value)
    return value


@given(rows=st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=4))
def test_every_value_of_every_row_is_kept(rows: list[dict[str, Any]]):
    numbered = [{**row, "_id": number} for number, row in enumerate(rows)]

    async def write_and_read(url: str) -> list[dict[str, Any]]:
        await fill(Mongo(url, "rows"), numbered)
        async with AsyncMongoClient(url) as client:
            return list(await client.get_default_database()["rows"].find({}).to_list())

    with mongod() as server:
        found = anyio.run(write_and_read, server.url)
    assert sorted(found, key=lambda row: row["_id"]) == stored(numbered)
