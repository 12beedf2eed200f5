"""A mirror in MongoDB; the server is the stand-in of `tests/sinks/mongod.py`, or a real one.

With `KOBO_TEST_MONGODB=mongodb://…/database` only what a real server can be asked to do is tested.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import attrs
import pytest
from pymongo import AsyncMongoClient

from kobo_async import ConfigError, DatabaseFailed, KoboClient
from kobo_async.sinks.mongo_mirror import MongoMirror
from kobo_async.sync.report import SyncReport
from kobo_async.testing import FakeForm
from kobo_async.testing.clock import FakeClock
from tests.sinks.mongod import FORGETFUL, REAL, Mongod, only_a_stand_in

pytestmark = [pytest.mark.anyio, *FORGETFUL]
APPROVED = "validation_status_approved"
Follow: TypeAlias = Callable[..., Awaitable[SyncReport]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@attrs.frozen
class Store:
    """A collection, read by a client of its own."""

    url: str
    name: str
    client: AsyncMongoClient[Any]

    async def rows(self, *, gone: bool) -> dict[int, Any]:
        """Read the documents that are marked as deleted, or all others."""
        found = self.client.get_default_database()[self.name].find({})
        return {row["_id"]: row async for row in found if ("_deleted_at" in row) is gone}


@pytest.fixture
async def store(stand_in: Mongod) -> AsyncIterator[Store]:
    url, name = REAL or stand_in.url, f"rows_{secrets.token_hex(4)}"
    async with AsyncMongoClient(url) as client:
        yield Store(url, name, client)
        for made in (name, f"{name}.known"):
            await client.get_default_database().drop_collection(made)


@pytest.fixture
def follow(client: KoboClient, form: FakeForm, clock: FakeClock, store: Store) -> Follow:
    """Open the mirror as it is, run, and close it, as the command does."""

    async def run(*, hard_deletes: bool = False, **options: Any) -> SyncReport:
        clock.advance(200)
        async with opened(store, form, hard_deletes=hard_deletes) as mirror:
            return await client.sync.run(form.uid, mirror, **options)

    return run


def opened(store: Store, form: FakeForm, **options: Any) -> MongoMirror:
    return MongoMirror(store.url, form.uid, collection=store.name, **options)


def server(form: FakeForm) -> dict[int, dict[str, Any]]:
    """Return the rows of the server, their keys written as MongoDB can name them."""
    return {number: dict(row) for number, row in form.rows.items()}


def change(form: FakeForm) -> int:
    """Let all sorts of things happen; return which submission was deleted."""
    ids = sorted(form.rows)
    form.edit(ids[3], comment="new")
    form.set_status(ids[4], APPROVED)
    form.delete(ids[5])
    form.insert(3)
    return ids[5]


@pytest.mark.parametrize("strategy", ["auto", "sweep"])
async def test_the_documents_are_the_rows_of_the_server(follow, form, store, strategy):
    await follow()
    await follow()
    gone = change(form)
    report = await follow(strategy=strategy)
    assert (report.new, report.edited, report.statuses, report.deleted) == (3, 1, 1, 1)
    assert await store.rows(gone=False) == server(form)
    assert [*await store.rows(gone=True)] == [gone]
    assert (await follow(strategy=strategy)).unchanged == len(form.rows)


async def test_what_comes_again_lives_again(follow, form, store):
    await follow()
    row = dict(form.rows[min(form.rows)])
    form.delete(row["_id"])
    await follow()
    form.store.put(row)
    await follow(strategy="sweep")
    assert await store.rows(gone=True) == {}
    assert await store.rows(gone=False) == server(form)


async def test_nothing_is_left_of_what_is_gone_where_that_is_asked_for(follow, form, store):
    await follow(hard_deletes=True)
    form.delete(min(form.rows))
    assert (await follow(hard_deletes=True)).deleted == 1
    assert await store.rows(gone=True) == {}
    assert await store.rows(gone=False) == server(form)


async def test_named_submissions_are_found_by_their_first_uuid(follow, client, form, store):
    await follow()
    number, gone = sorted(form.rows)[:2]
    named = [form.rows[one]["meta/rootUuid"] for one in (number, gone)]
    form.edit(number, comment="new")
    form.delete(gone)
    async with opened(store, form) as mirror:
        await client.sync.take(form.uid, mirror, named)
        assert await mirror.count() == len(form.rows)
    assert await store.rows(gone=False) == server(form)


@only_a_stand_in
@pytest.mark.parametrize("patience", range(13))
@pytest.mark.parametrize("strategy", ["auto", "sweep"])
async def test_whatever_a_crash_leaves_the_next_run_puts_right(
    follow, form, stand_in, store, patience, strategy
):
    await follow()
    await follow()
    gone = change(form)
    stand_in.patience = patience
    with pytest.raises(DatabaseFailed):
        await follow(strategy=strategy)
    stand_in.patience = None
    await follow(strategy=strategy)
    assert await store.rows(gone=False) == server(form)
    assert [*await store.rows(gone=True)] == [gone]


@only_a_stand_in
@pytest.mark.parametrize("patience", range(2, 5))
async def test_a_row_that_is_gone_before_the_crash_is_repaired_is_not_forgotten(
    follow, form, stand_in, store, patience
):
    """Its document was written, and what is known of it not yet."""
    await follow()
    (number,) = form.insert(1)
    stand_in.patience = patience
    with pytest.raises(DatabaseFailed):
        await follow()
    stand_in.patience = None
    form.delete(number, logged=False)
    await follow()
    assert await store.rows(gone=False) == server(form)


@only_a_stand_in
@pytest.mark.parametrize("patience", range(2, 5))
async def test_a_row_that_is_back_before_the_crash_is_repaired_is_not_deleted(
    follow, form, stand_in, store, patience
):
    """Its document was marked, and it is still known."""
    await follow()
    row = dict(form.rows[min(form.rows)])
    form.delete(row["_id"])
    stand_in.patience = patience
    with pytest.raises(DatabaseFailed):
        await follow()
    stand_in.patience = None
    form.store.put(row)
    await follow(strategy="sweep")
    assert await store.rows(gone=False) == server(form)


async def test_the_collection_is_that_of_the_project_where_none_is_named(client, form, store):
    async with MongoMirror(store.url, form.uid) as mirror:
        await client.sync.run(form.uid, mirror)
    database = store.client.get_default_database()
    found = await database[form.uid].find({}).to_list()
    assert len(found) == 60
    for name in (form.uid, f"{form.uid}.known"):
        await database.drop_collection(name)


async def test_it_is_used_inside_its_block(form, store):
    with pytest.raises(RuntimeError, match="async with"):
        await opened(store, form).count()


@only_a_stand_in
@pytest.mark.parametrize("command", ["createIndexes", "update"])
async def test_a_server_that_refuses_is_left(form, stand_in, store, command):
    stand_in.failing = command
    with pytest.raises(DatabaseFailed, match=f"OperationFailure: {command} fails here"):
        async with opened(store, form):
            pass


async def test_who_opened_it_last_is_the_one_that_writes(client, form, store):
    """Two runs at a time could write an older row over a newer one, and nobody would know."""
    async with opened(store, form) as first:
        await client.sync.run(form.uid, first)
        async with opened(store, form) as second:
            change(form)
            before = await store.rows(gone=False)
            with pytest.raises(ConfigError, match="somebody else has opened"):
                await client.sync.run(form.uid, first)
            assert await store.rows(gone=False) == before
            assert (await client.sync.run(form.uid, second)).new == 3
        assert await store.rows(gone=False) == server(form)


async def test_a_state_is_not_written_by_whom_somebody_else_has_shut_out(client, form, store):
    async with opened(store, form) as first:
        await client.sync.run(form.uid, first)
        async with opened(store, form) as second:
            state = await second.state()
            with pytest.raises(ConfigError, match="somebody else has opened"):
                await first.apply((), (), (), {"format": 1})
            assert await second.state() == state


async def test_an_address_without_a_database_is_refused(form):
    with pytest.raises(ConfigError, match="name the database"):
        async with MongoMirror("mongodb://127.0.0.1", form.uid):
            pass
