"""The servers that the live tests run against: a real one if there is one, and always the fake."""

from __future__ import annotations

import asyncio
import importlib.util
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest
import pytest_asyncio
from anyio.from_thread import start_blocking_portal

from kobo_async import BadRequest, KoboClient, NotFound, PermissionDenied
from kobo_async.models.asset import Asset
from kobo_async.testing import FakeKobo, serve
from tests.live.workshop import Target, Workshop

MOST_ROWS = 50_000
"""Larger projects are left alone unless KOBO_LIVE_UID names one."""
PROBED = 5
"""Projects that are asked for their rows: the server's own counts can be off."""
MADE_ROWS = 250
"""Submissions of the project that is made where there is none to read."""
SCRIPTS = Path(__file__).parents[2] / "docs" / "how-to"
ENV = os.environ
REAL = bool(ENV.get("KOBO_LIVE_URL") and ENV.get("KOBO_LIVE_TOKEN"))


def load_script(name: str) -> ModuleType:
    """Load a script of the how-tos."""
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="session", params=["fake", "real"] if REAL else ["fake"])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    if request.param == "real":
        yield Target(
            ENV["KOBO_LIVE_URL"],
            ENV["KOBO_LIVE_TOKEN"],
            openrosa=ENV.get("KOBO_LIVE_OPENROSA") or None,
            ca=ENV.get("KOBO_LIVE_CA") or None,
            uid=ENV.get("KOBO_LIVE_UID") or None,
            writable=ENV.get("KOBO_LIVE_WRITE") == "1",
        )
        return
    fake = furnished()
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serve(fake)) as url:
        yield Target(url, fake.token, writable=True, fake=True)


@pytest.fixture
def writable(target: Target) -> Target:
    """Skip where nothing may be written."""
    if not target.writable:
        pytest.skip("writes: only with KOBO_LIVE_WRITE=1")
    return target


@pytest_asyncio.fixture
async def submitter(writable: Target) -> Target:
    """Skip where nothing can be submitted."""
    return await able_to_submit(writable)


async def able_to_submit(target: Target) -> Target:
    async with target.client() as client:
        if (await client.me.get()).is_superuser:
            pytest.skip("the server takes no submissions from superusers")
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
    """List all assets once, in pages that a busy server can make."""

    async def listed() -> Sequence[Asset]:
        async with target.client() as client:
            return await client.assets.list(page_size=100).all()

    return asyncio.run(listed())


@pytest.fixture(scope="session")
def project(
    target: Target, assets: Sequence[Asset], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Choose the project to read: the one asked for, the one with most rows, or a new one."""
    if uid := asyncio.run(readable(target, [target.uid] if target.uid else largest(assets))):
        yield uid
        return
    if target.uid or not target.writable:
        pytest.skip("there is no deployed project with rows that the account may see")
    workshop = Workshop(target)
    try:
        yield asyncio.run(filled(workshop, tmp_path_factory.mktemp("project")))
    finally:
        asyncio.run(workshop.clear())


def largest(assets: Sequence[Asset]) -> list[str]:
    """List surveys, those with most rows first, by the server's own count.

    Where the caller may not see all rows there is no such count, and those come last.
    """
    sizes = {
        asset.uid: asset.deployment__submission_count
        for asset in assets
        if asset.deployment_status == "deployed" and asset.asset_type == "survey"
    }
    known = {uid: rows for uid, rows in sizes.items() if rows and rows <= MOST_ROWS}
    return [
        *sorted(known, key=lambda uid: known[uid], reverse=True),
        *(uid for uid, rows in sizes.items() if rows is None),
    ]


async def readable(target: Target, uids: Sequence[str]) -> str | None:
    """Return the first project that has rows to see; only a few are asked: that leaves traces."""
    async with target.client() as client:
        for uid in uids[:PROBED]:
            try:
                if await client.submissions.count(uid):
                    return uid
            except (BadRequest, NotFound, PermissionDenied):
                if target.uid:
                    raise
    return None


async def filled(workshop: Workshop, folder: Path) -> str:
    """Make a project with submissions."""
    script = load_script("project_life")
    await able_to_submit(workshop.target)
    async with workshop.target.client() as client:
        asset = await client.forms.import_xlsform(script.xlsform(workshop.title))
        await script.prepare(client, asset.uid, folder)
        await script.fill(client, asset.uid, MADE_ROWS)
        return asset.uid


@pytest_asyncio.fixture
async def client(target: Target) -> AsyncIterator[KoboClient]:
    async with target.client() as client:
        yield client


@pytest_asyncio.fixture
async def workshop(writable: Target) -> AsyncIterator[Workshop]:
    """Give a name for what a test makes, and remove all that has it in the end."""
    workshop = Workshop(writable)
    try:
        yield workshop
    finally:
        await workshop.clear()


Wanted = Callable[[Asset], bool]


async def assert_found(
    client: KoboClient, found: Sequence[Asset], assets: Sequence[Asset], wanted: Wanted
) -> None:
    """Compare what was found with the whole list, which others may change meanwhile."""
    uids = sorted(asset.uid for asset in found)
    if uids == sorted(asset.uid for asset in assets if wanted(asset)):
        return
    before = {asset.uid for asset in assets if wanted(asset)}
    after = {asset.uid for asset in await client.assets.list().all() if wanted(asset)}
    assert before & after <= set(uids) <= before | after
    assert len(set(uids)) == len(uids)
