"""Passwords of databases, in all the places where an address can have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import anyio
import pytest

from kobo_async.errors import KoboError
from kobo_async.sinks import destination, sink_for
from kobo_async.sinks.mongo import Mongo
from kobo_async.sinks.sql.address import address_of
from kobo_async.sinks.sql.database import Database
from tests.hostile.canaries import DATABASE, assert_clean, told
from tests.hostile.projects import WHOLE
from tests.sinks.mongod import FORGETFUL

POSTGRESQL: Final = (
    f"postgresql://me:{DATABASE}@127.0.0.1:1/x",
    f"postgresql://me@127.0.0.1:1/x?password={DATABASE}",
    f"postgresql://127.0.0.1:1/x?user=me&password={DATABASE}&sslmode=require",
    f"postgresql://127.0.0.1:1/x?sslpassword={DATABASE}",
    f"postgresql:///x?host=127.0.0.1&port=1&PASSWORD={DATABASE}",
    f"postgres://me:{DATABASE}@127.0.0.1:1/x?schema=y",
)
MONGODB: Final = (
    f"mongodb://me:{DATABASE}@127.0.0.1:1/x?serverSelectionTimeoutMS=50",
    f"mongodb://me:{DATABASE}@@127.0.0.1:1/x",
    f"mongodb://me:{DATABASE}@127.0.0.1:1/",
    f"mongodb://me:{DATABASE}@127.0.0.1:1/x?bogus={DATABASE}&serverSelectionTimeoutMS=50",
    f"mongodb://me:{DATABASE}%zz@127.0.0.1:1/x",
    f"mongodb://127.0.0.1:1/x?authMechanismProperties=A:{DATABASE}&serverSelectionTimeoutMS=50",
)
OTHERS: Final = (
    f"oracle://me:{DATABASE}@host/x",
    f"postgresql://me:{DATABASE}@host:port/x",
    f"s3://me:{DATABASE}@bucket/x",
    f"https://me:{DATABASE}@host/x?key={DATABASE}",
)
pytestmark = FORGETFUL


async def _opened(make: Callable[[], Any]) -> None:
    async with make():
        pass


def _refusal(make: Callable[[], Any]) -> KoboError:
    with pytest.raises(KoboError) as caught:
        anyio.run(_opened, make)
    return caught.value


@pytest.mark.parametrize("url", POSTGRESQL)
def test_an_address_and_a_failed_connection_do_not_show_the_password(url: str):
    assert_clean(address_of(url), Database(url), vars(Database(url))["address"])
    assert_clean(*told(_refusal(lambda: Database(url)), variables=False))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("url", MONGODB)
def test_mongodb_that_cannot_be_used_does_not_show_the_password(url: str):
    assert_clean(Mongo(url, "x"), *told(_refusal(lambda: Mongo(url, "x")), variables=False))


@pytest.mark.parametrize("url", OTHERS)
def test_an_address_that_nothing_writes_to_is_told_without_what_may_open_it(url: str):
    with pytest.raises(KoboError) as caught:
        address_of(url)
    assert_clean(*told(caught.value, variables=False))
    with pytest.raises(KoboError) as caught:
        sink_for(f"{url}.unknown" if "postgresql" not in url else url, WHOLE.layout())
    assert_clean(*told(caught.value, variables=False))


@pytest.mark.parametrize("url", [*POSTGRESQL, *MONGODB])
def test_a_destination_does_not_show_the_password(url: str):
    assert_clean(destination(url))
