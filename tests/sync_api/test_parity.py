"""The client that waits has all that the asynchronous one has, and answers the same."""

from __future__ import annotations

import inspect
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from kobo_async import KoboClient
from kobo_async.api import Api, Lazy
from kobo_async.pages import Pages
from kobo_async.sync_api import Kobo
from kobo_async.testing import FakeForm

ROOT = Path(__file__).parents[2]
RESOURCES = sorted(name for name, value in vars(Api).items() if isinstance(value, Lazy))
SAME: dict[str, Callable[[Any, str], Any]] = {
    "an account": lambda kobo, _: kobo.me.get(),
    "a project": lambda kobo, uid: kobo.assets.get(uid),
    "a list": lambda kobo, _: kobo.assets.list(),
    "rows": lambda kobo, uid: kobo.submissions.list(uid, page_size=900),
    "one row": lambda kobo, uid: kobo.submissions.get(uid, 7),
    "a number": lambda kobo, uid: kobo.submissions.count(uid, where={"_id": {"$lte": 40}}),
    "a page": lambda kobo, uid: kobo.submissions.page(uid, sort={"_id": -1}, limit=5),
    "documents": lambda kobo, uid: kobo.submissions.xml(uid, where={"_id": {"$lte": 3}}),
    "bytes": lambda kobo, uid: kobo.assets.download_xml(uid),
    "a table layout": lambda kobo, uid: kobo.tables.layout(uid),
    "permissions": lambda kobo, uid: kobo.permissions.list_assignments(uid),
    "any request": lambda kobo, _: kobo.request("GET", "/me/"),
}


async def awaited(found: Any) -> Any:
    """Come by a result the asynchronous way."""
    if isinstance(found, Pages):
        return await found.all()
    if inspect.isasyncgen(found):
        return [item async for item in found]
    return await found


def waited(found: Any) -> Any:
    """Come by a result without an event loop."""
    if hasattr(found, "by_page"):
        return found.all()
    return [*found] if isinstance(found, Iterator) else found


def methods() -> Iterator[tuple[str, str]]:
    client = KoboClient("http://localhost", anonymous=True)
    for resource in RESOURCES:
        for name in dir(getattr(client, resource)):
            if not name.startswith("_"):
                yield resource, name


@pytest.mark.parametrize(("resource", "name"), [*methods()])
def test_every_method_is_there_under_its_name_with_its_signature(
    kobo: Kobo, client: KoboClient, resource: str, name: str
):
    original = getattr(getattr(client, resource), name)
    method = getattr(getattr(kobo, resource), name)
    assert inspect.signature(method) == inspect.signature(original)
    assert method.__doc__ == original.__doc__
    assert not inspect.iscoroutinefunction(method)


def test_a_resource_lists_the_names_that_it_has(kobo: Kobo, client: KoboClient):
    for resource in RESOURCES:
        proxy, original = getattr(kobo, resource), getattr(client, resource)
        public = {name for name in dir(original) if not name.startswith("_")}
        assert {name for name in dir(proxy) if not name.startswith("_")} == public


@pytest.mark.parametrize("what", SAME)
def test_the_result_is_the_same(kobo: Kobo, client: KoboClient, form: FakeForm, what: str):
    ask = SAME[what]

    async def asynchronous() -> Any:
        return await awaited(ask(client, form.uid))

    assert _comparable(waited(ask(kobo, form.uid))) == _comparable(anyio.run(asynchronous))


def _comparable(result: Any) -> Any:
    if isinstance(result, dict):
        return {name: value for name, value in result.items() if name != "server_time"}
    return str(result) if hasattr(result, "server_time") else result


def test_a_download_is_the_same(kobo: Kobo, client: KoboClient, form: FakeForm):
    async def asynchronous() -> list[Any]:
        async with client.submissions.stream(form.uid) as rows:
            return [row async for row in rows]

    with kobo.submissions.stream(form.uid) as rows:
        assert [*rows] == anyio.run(asynchronous)
    assert rows.report is not None
    assert rows.report.delivered == 2300


def test_the_stub_tells_of_the_methods_as_they_are_now():
    script = runpy.run_path(str(ROOT / "dev" / "sync_stub.py"))
    stub: Callable[[], str] = script["stub"]
    stored = script["STUB"].read_text(encoding="utf-8")
    assert stored == stub(), "run dev/sync_stub.py"


def test_the_stub_needs_no_awaiting():
    text = runpy.run_path(str(ROOT / "dev" / "sync_stub.py"))["STUB"].read_text(encoding="utf-8")
    classes, _, facade = text.partition("\nclass Kobo:")
    assert "async def" not in text
    assert "AsyncIterator" not in classes
    assert all(f"    {name}: _" in facade for name in RESOURCES)
