"""Tables that are kept over time: marked, removed, with a state beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from kobo_async.errors import ConfigError
from kobo_async.forms.tabulate import Tabulator
from kobo_async.sinks.sql.database import Database
from kobo_async.sinks.sql.store import Store
from tests.sinks.databases import Target, form, put, question, repeat

pytestmark = pytest.mark.anyio

LAYOUT = form(question("name"), *repeat("pumps", question("maker")))
WHEN = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=2)))
LATER = WHEN + timedelta(days=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def opened(target: Target, *, tombstones: bool = True) -> AsyncIterator[Store]:
    """Give a store inside a transaction."""
    async with Database(target.url) as database, database.transaction():
        store = Store(database, LAYOUT, tombstones=tombstones)
        await store.prepare()
        yield store


async def upsert(store: Store, *numbers: int, name: str = "a") -> None:
    rows = [
        {"_id": n, "_uuid": f"u{n}", "name": name, "pumps": [{"pumps/maker": "A"}]} for n in numbers
    ]
    await store.upsert(Tabulator(LAYOUT).add(rows))


def alive(target: Target) -> list[tuple[Any, ...]]:
    """Read the submissions that are not marked as deleted."""
    return target.run('SELECT _id FROM "Wells" WHERE _deleted_at IS NULL ORDER BY _id')


async def test_removing_takes_the_repeats_along(target: Target):
    async with opened(target) as store:
        await upsert(store, *range(1, 1200))
        await store.remove([*range(1, 1198), 9999])
    assert target.run("SELECT _submission__id FROM pumps ORDER BY 1") == [(1198,), (1199,)]
    assert target.run('SELECT count(*) FROM "Wells"') == [(2,)]


async def test_a_tombstone_keeps_its_time_until_the_submission_lives_again(target: Target):
    async with opened(target) as store:
        await upsert(store, 1, 2, 3)
        await store.mark_deleted([1, 2, 7], WHEN)
        await store.mark_deleted([2], LATER)
    assert alive(target) == [(3,)]
    assert target.run('SELECT count(*) FROM "Wells"') == [(3,)]
    async with opened(target, tombstones=False) as store:
        await upsert(store, 1)
    assert alive(target) == [(1,), (3,)]
    moments = target.run('SELECT _deleted_at FROM "Wells" ORDER BY _id')
    utc = WHEN.astimezone(UTC)
    assert moments == [(None,), (utc.isoformat() if target.kind == "sqlite" else utc,), (None,)]
    assert target.run("SELECT count(*) FROM pumps") == [(3,)]


async def test_tombstones_are_made_for_tables_that_had_none(target: Target):
    async with opened(target, tombstones=False) as store:
        await upsert(store, 1)
    with pytest.raises(ConfigError, match="tombstones"):
        async with opened(target, tombstones=False) as store:
            await store.mark_deleted([1], WHEN)
    async with opened(target) as store:
        await store.mark_deleted([1], WHEN)
    assert alive(target) == []


async def fail(target: Target) -> None:
    async with opened(target) as store:
        await upsert(store, 2)
        await store.write_state("history", {"last_id": 2})
        raise ZeroDivisionError


async def test_the_state_and_the_data_come_together_or_not_at_all(target: Target):
    async with opened(target) as store:
        assert await store.read_state("history") is None
        await upsert(store, 1)
        await store.write_state("history", {"last_id": 1})
    with pytest.raises(ZeroDivisionError):
        await fail(target)
    async with opened(target) as store:
        assert await store.read_state("history") == {"last_id": 1}
        assert await store.read_state("other") is None
    assert alive(target) == [(1,)]


async def test_a_connection_serves_one_transaction_after_the_other(target: Target):
    async with Database(target.url) as database:
        store = Store(database, LAYOUT)
        for number in (1, 2, 3):
            async with database.transaction():
                await store.prepare()
                await upsert(store, number, name=str(number))
        with suppress(ZeroDivisionError):
            async with database.transaction():
                await store.prepare()
                await upsert(store, 4)
                raise ZeroDivisionError
        async with database.transaction():
            await store.prepare()
            await upsert(store, 1, 5, name="new")
    found = target.run('SELECT _id, name FROM "Wells" ORDER BY _id')
    assert found == [(1, "new"), (2, "2"), (3, "3"), (5, "new")]


async def test_a_store_that_is_not_prepared_refuses_to_work(target: Target):
    with pytest.raises(RuntimeError, match="prepared"):
        async with Database(target.url) as database, database.transaction():
            await upsert(Store(database, LAYOUT), 1)


async def test_what_somebody_else_changed_in_between_is_seen(target: Target):
    agreed, said = form(question("q", "acknowledge")), form(question("q"))
    async with Database(target.url) as database:
        store = Store(database, agreed)
        for number in (1, 2, 3):
            async with database.transaction():
                await store.prepare()
                await store.upsert(Tabulator(agreed).add([{"_id": number, "q": "OK"}]))
            if number == 2:
                await put(target.url, said, [{"_id": 9, "q": "no"}])
    found = target.run('SELECT _id, q FROM "Wells" ORDER BY _id')
    assert found == [(1, "true"), (2, "true"), (3, "true"), (9, "no")]
