"""A server with something of everything, and arguments for any public coroutine."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Self

import httpx
from anyio.lowlevel import checkpoint

from kobo_async import Concurrency, ExportOptions, Filled, KoboClient
from kobo_async.api import Api, Lazy
from kobo_async.pages import Pages
from kobo_async.sync.memory import MemoryMirror
from kobo_async.testing import FakeKobo
from kobo_async.testing.clock import FakeClock
from tests.architecture.test_operations import METHODS, value

ROWS = 12
CONTENT = {"survey": [{"type": "text", "name": "a", "label": "A"}]}
ENDPOINT = "http://127.0.0.1:9/"


class Pausing(httpx.AsyncBaseTransport):
    """Gives way wherever a network would: before, within and after a reply, and when it closes."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await checkpoint()
        reply = await self._inner.handle_async_request(request)
        await checkpoint()
        assert isinstance(reply.stream, httpx.AsyncByteStream)
        reply.stream = InPieces(reply.stream)
        return reply


class InPieces(httpx.AsyncByteStream):
    """A body that comes in two pieces."""

    def __init__(self, inner: httpx.AsyncByteStream) -> None:
        self._inner = inner
        self._left: list[bytes] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        await checkpoint()
        if self._left is None:
            whole = b"".join([chunk async for chunk in self._inner])
            self._left = [whole[: len(whole) // 2], whole[len(whole) // 2 :]]
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop(0)

    async def aclose(self) -> None:
        await self._inner.aclose()
        await checkpoint()


class World:
    """A fresh server, a client of it, and a folder."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.fake = FakeKobo(seed=7, clock=self.clock, now=self.clock.now)
        self.fake.max_page = 5
        self.fake.deliver = lambda _: (500, "")
        self.bob = self.fake.add_user("bob")
        self.form = self.fake.add_form("Survey", rows=ROWS)
        self.folder = folder
        self.mirror = MemoryMirror()
        self.mongodb = ""
        self.first_token = self.fake.token
        self.client = self.client_for(self.fake.token)

    def client_for(self, token: str) -> KoboClient:
        return KoboClient(
            "http://localhost",
            token=token,
            scim_key="a-key",
            transport=Pausing(self.fake),
            clock=self.clock,
            concurrency=Concurrency.fixed(3),
        )

    @property
    def ids(self) -> list[int]:
        return sorted(self.form.rows)

    @property
    def photo(self) -> dict[str, Any]:
        """A file that was submitted, with the submission that it belongs to."""
        rows = [self.form.rows[number] for number in self.ids]
        return next({**one, "_id": row["_id"]} for row in rows for one in row["_attachments"])

    async def uid_hook(self) -> str:
        hook = await self.client.hooks.create(self.form.uid, name="n", endpoint=ENDPOINT)
        return hook.uid

    async def uid_log(self) -> str:
        self.form.insert()
        (hook,) = self.form.hooks.values()
        self.clock.advance(1000)
        return hook.logs[0].uid

    async def uid_export(self) -> str:
        return (await self.client.exports.run(self.form.uid)).task.uid

    async def task(self) -> Any:
        return (await self.client.exports.run(self.form.uid)).task

    async def uid_export_setting(self) -> str:
        options, name = ExportOptions("csv"), f"All at {self.clock.monotonic()}"
        made = await self.client.export_settings.create(self.form.uid, name=name, options=options)
        return made.uid

    async def uid_file(self) -> str:
        return (await self.client.files.upload(self.form.uid, filename="a.csv", content=b"a")).uid

    async def uid_import(self) -> str:
        return (await self.client.imports.create(content=b"PK", filename="a.xlsx")).uid

    async def uid_asset_snapshot(self) -> str:
        return (await self.client.snapshots.create(asset=self.form.uid)).uid

    async def uid_organization(self) -> str:
        return (await self.client.organizations.list().all())[0].id

    async def uid_permission_assignment(self) -> str:
        return (await self.client.permissions.list_assignments(self.form.uid).all())[0].uid

    async def setting(self) -> str:
        return await self.uid_export_setting()

    async def plan(self) -> Any:
        return await self.client.permissions.plan(self.form.uid, {"bob": ["view_submissions"]})

    async def collection(self) -> str:
        return (await self.client.library.create_collection("Shelf")).uid

    async def uid_invite(self) -> str:
        made = await self.client.ownership.transfer(recipient="bob", assets=[self.form.uid])
        return made.uid


PREPARED = {name for name, one in vars(World).items() if inspect.iscoroutinefunction(one)}
PLAIN: dict[str, Callable[[World], Any]] = {
    "asset": lambda world: world.form.uid,
    "asset_type": lambda _: "survey",
    "asset_uids": lambda world: [world.form.uid],
    "assets": lambda world: [world.form.uid],
    "attachment_uids": lambda world: [world.photo["uid"]],
    "clone_from": lambda world: world.form.uid,
    "content": lambda _: CONTENT,
    "current_password": lambda world: world.fake.password,
    "destination": lambda world: world.form.uid,
    "form_id": lambda world: world.form.uid,
    "mirror": lambda world: world.mirror,
    "new_password": lambda _: "a-longer-password-23",
    "recipient": lambda _: "bob",
    "root_uuid": lambda world: world.form.rows[world.ids[0]]["_uuid"],
    "root_uuids": lambda world: [world.form.rows[number]["_uuid"] for number in world.ids[:2]],
    "source": lambda world: world.form.uid,
    "submission_ids": lambda world: world.ids[:2],
    "submission_root_uuids": lambda world: [world.form.rows[world.ids[0]]["_uuid"]],
    "size": lambda _: "small",
    "endpoint": lambda _: ENDPOINT,
    "ids": lambda world: world.ids[:2],
    "given": lambda _: {"hh_size": "3"},
    "filled": lambda _: [Filled({"hh_size": str(size)}) for size in range(3)],
    "statuses": lambda world: dict.fromkeys(world.ids[:3], "validation_status_on_hold"),
    "wanted": lambda _: {"bob": ["view_submissions"]},
    "rights": lambda _: {"view_submissions": [{"_submitted_by": "bob"}]},
    "codename": lambda _: "view_asset",
    "guid": lambda _: "1",
    "target": lambda world: world.folder,
    "folder": lambda world: world.folder,
    "path": lambda world: world.folder / "out",
    "uid_asset": lambda world: world.form.uid,
    "uid_data": lambda world: world.photo["_id"],
    "uid_version": lambda world: world.form.asset["version_id"],
    "url": lambda _: ENDPOINT,
    "uid_collection": lambda _: "1",
    "user": lambda _: "bob",
    "username": lambda _: "bob",
    "xpath": lambda world: world.photo["question_xpath"],
}
FITTING: dict[str, Callable[[World], Any]] = {
    "attachments.delete.id": lambda world: world.photo["uid"],
    "attachments.download.id": lambda world: world.photo["uid"],
    "attachments.download_thumb.id": lambda world: world.photo["uid"],
    "attachments.stream.id": lambda world: world.photo["uid"],
    "files.upload.content": lambda _: b"a",
    "files.upload_base64.encoded": lambda _: "YQ==",
    "imports.create.content": lambda _: b"PK",
    "imports.replace.content": lambda _: b"PK",
    "permissions.assign.permission": lambda _: "view_asset",
    "snapshots.create_from_content.source": lambda _: CONTENT,
    "submissions.delete_all.expected": lambda _: ROWS,
    "submissions.edit.changes": lambda _: {"hh_size": 4},
    "submissions.edit_many.changes": lambda world: {n: {"hh_size": n} for n in world.ids[:3]},
    "forms.import_xlsform.source": lambda _: b"PK",
    "forms.replace_content.source": lambda _: CONTENT,
    "assets.metadata.status": lambda _: "private",
}


def public() -> dict[str, Any]:
    """List all public methods of a client, by attribute and name."""
    client = KoboClient("http://localhost", token="t")
    kinds = {
        name: type(getattr(client, name))
        for name, one in vars(Api).items()
        if isinstance(one, Lazy)
    }
    return {
        f"{attribute}.{name}": method
        for attribute, kind in kinds.items()
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


PUBLIC = public()


async def arguments(world: World, name: str) -> tuple[list[Any], dict[str, Any]]:
    """Make what a method must be given; what the server must have for it is made, too."""
    positional, named = [], {}
    method = PUBLIC[name]
    for one in list(inspect.signature(method).parameters.values())[1:]:
        if one.default is one.empty and one.kind not in {one.VAR_KEYWORD, one.VAR_POSITIONAL}:
            made = await argument(world, name, one.name)
            if one.kind is one.KEYWORD_ONLY:
                named[one.name] = made
            else:
                positional.append(made)
    return positional, named


async def argument(world: World, method: str, name: str) -> Any:
    maker = FITTING.get(f"{method}.{name}") or PLAIN.get(name)
    if maker is not None and not method.startswith("scim."):
        return maker(world)
    if name in PREPARED:
        return await getattr(world, name)()
    if name == "id":
        return world.ids[0] if method.startswith("submissions.") else "1"
    described = PUBLIC[method].__qualname__
    keyword = inspect.signature(PUBLIC[method]).parameters[name].kind.name == "KEYWORD_ONLY"
    return value(described, name) if described in METHODS and keyword else "1"


async def finished(result: Any) -> None:
    """Await, read to the end, or enter, whatever a method returns."""
    if isinstance(result, Pages) or inspect.isasyncgen(result):
        async for _ in result:
            pass
    elif isinstance(result, AbstractAsyncContextManager):
        async with result as inside:
            async for _ in inside:
                pass
    elif isinstance(result, Awaitable):
        await result


async def prepared(world: World, name: str) -> Callable[[], Awaitable[None]]:
    """Make arguments for a method, and return the call that is still to be made."""
    positional, named = await arguments(world, name)
    if name.startswith(("logs.", "users.")):
        world.client = world.client_for(world.fake.add_user("root", superuser=True))
    attribute, method = name.split(".")

    async def call() -> None:
        await finished(getattr(getattr(world.client, attribute), method)(*positional, **named))

    return call
