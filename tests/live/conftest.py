"""The servers that the live tests run against: a real one if there is one, and always the fake."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence

import attrs
import pytest
import pytest_asyncio
from anyio.from_thread import start_blocking_portal

from kobo_async import KoboClient
from kobo_async.models.asset import Asset
from kobo_async.q import deployed, surveys
from kobo_async.testing import FakeKobo, serve

MOST_ROWS = 50_000
"""Larger projects are left alone unless KOBO_LIVE_UID names one."""


@attrs.frozen
class Target:
    """A server to test against, and what may be done to it."""

    url: str
    token: str = attrs.field(repr=False)
    uid: str | None = None
    writable: bool = False
    fake: bool = False

    def client(self) -> KoboClient:
        return KoboClient(self.url, token=self.token, allow_http=True)


ENV = os.environ
REAL = bool(ENV.get("KOBO_LIVE_URL") and ENV.get("KOBO_LIVE_TOKEN"))


@pytest.fixture(scope="session", params=["fake", "real"] if REAL else ["fake"])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    if request.param == "real":
        writable = ENV.get("KOBO_LIVE_WRITE") == "1"
        uid = ENV.get("KOBO_LIVE_UID") or None
        yield Target(ENV["KOBO_LIVE_URL"], ENV["KOBO_LIVE_TOKEN"], uid, writable=writable)
        return
    fake = furnished()
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serve(fake)) as url:
        yield Target(url, fake.token, fake=True)


@pytest.fixture
def writable(target: Target) -> Target:
    if target.fake or not target.writable:
        pytest.skip("only on a real server, with KOBO_LIVE_WRITE=1")
    return target


def furnished() -> FakeKobo:
    """Make a server with a bit of everything."""
    fake = FakeKobo(seed=7)
    fake.add_form("Household survey", rows=2500, id_gaps=3)
    fake.add_form("Wells", rows=40)
    fake.add_form("Nothing yet")
    fake.add_form("Draft", deployed=False)
    fake.add_form("A question", asset_type="question")
    return fake


@pytest.fixture(scope="session")
def assets(target: Target) -> Sequence[Asset]:
    """List all assets once."""

    async def listed() -> Sequence[Asset]:
        async with target.client() as client:
            return await client.assets.list().all()

    return asyncio.run(listed())


@pytest.fixture(scope="session")
def project(target: Target) -> str:
    """Choose the project to read: the one asked for, or the deployed survey with most rows."""

    async def counted() -> dict[str, int]:
        async with target.client() as client:
            found = await client.assets.list(q=surveys() & deployed()).all()
            return {asset.uid: await client.submissions.count(asset.uid) for asset in found}

    if target.uid:
        return target.uid
    sizes = {uid: rows for uid, rows in asyncio.run(counted()).items() if 0 < rows <= MOST_ROWS}
    if not sizes:
        pytest.skip("the account has no deployed project with rows")
    return max(sizes, key=lambda uid: sizes[uid])


@pytest_asyncio.fixture
async def client(target: Target) -> AsyncIterator[KoboClient]:
    async with target.client() as client:
        yield client
