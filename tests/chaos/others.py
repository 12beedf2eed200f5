"""Public coroutines that are none of an attribute of a client: lists, inboxes, units, mirrors."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from kobo_async import KoboClient, units
from kobo_async.assistant.server import server
from kobo_async.migrate import V1Client
from kobo_async.sinks import JsonLinesStream
from kobo_async.testing import serve
from kobo_async.webhook.access import HEADER, SharedSecret
from kobo_async.webhook.asgi import Receiver
from kobo_async.webhook.delivery import parse
from kobo_async.webhook.inbox import Inbox
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project
from kobo_async.webhook.registration import register
from tests.chaos.jobs import Job
from tests.chaos.worlds import World

SECRET = "a-secret-of-32-characters-or-so"


async def ask_for_anything(world: World) -> None:
    await world.client.request("GET", f"/api/v2/assets/{world.form.uid}/")


async def play_through(world: World) -> None:
    async with world.client.dry_run() as dry:
        await dry.submissions.delete_many(world.form.uid, world.ids)


async def come_and_go(world: World) -> None:
    async with world.client_for(world.fake.token) as other:
        await other.me.get()


async def read_lists(world: World) -> None:
    rows = world.client.submissions.list(world.form.uid)
    assert await rows.first()
    assert len(await rows.all()) == len(world.ids)
    assert [page.count async for page in rows.by_page()]


async def read_all_rows(world: World) -> None:
    async with world.client.submissions.stream(world.form.uid, page_size=5) as rows:
        first = await anext(rows)
        assert [row["_id"] for row in (first, *await rows.all())] == world.ids


async def write_a_stream(world: World) -> None:
    async with JsonLinesStream(io.BytesIO()) as sink:
        await sink.write([world.form.rows[number] for number in world.ids])


def cut(plan: Callable[..., Awaitable[units.Plan]], **options: Any) -> Job:
    async def job(world: World) -> None:
        made = await plan(world.client, world.form.uid, world.folder / "plan", **options)
        for unit in made.units:
            await units.run(unit, world.client)

    return job


async def keep_deliveries(world: World) -> None:
    async with Inbox.open(world.folder / "inbox.db") as inbox:
        for uuid in (b"a", b"b", b"c"):
            await inbox.put("a", parse(b'{"meta/rootUuid": "uuid:%s"}' % uuid), 1.0)
        first, second, third = await inbox.pending("a", 2.0, 3)
        await inbox.done([first])
        await inbox.again([second], 3.0, "later")
        await inbox.set_aside([third], "never")
        assert await inbox.next_due("a") == 3.0
        assert (await inbox.counts("a")).pending == 1
        await inbox.forget(3.0)
        await inbox.close()


def followed(world: World) -> Ingestion:
    project, path = Project(world.form.uid, world.mirror), world.folder / "inbox.db"
    return Ingestion(world.client, [project], inbox=path, clock=world.clock)


async def take_deliveries_in(world: World) -> None:
    ingestion = followed(world)
    (project,) = ingestion.router.projects
    told = parse(b'{"meta/rootUuid": "%s"}' % world.form.rows[world.ids[0]]["_uuid"].encode())
    async with ingestion.opened():
        await ingestion.accept(project, told)
        await ingestion.drain()
        await ingestion.catch_up(world.form.uid)
        await ingestion.reconcile(world.form.uid)
        assert (await ingestion.health())[world.form.uid].pending == 0
    assert len(world.mirror.rows) == len(world.ids)


async def run_by_itself(world: World) -> None:
    ingestion = followed(world)
    async with ingestion.running():
        (project,) = ingestion.router.projects
        await ingestion.accept(project, parse(b"{}"))


async def answer_requests(world: World) -> None:
    ingestion = followed(world)
    transport = httpx.ASGITransport(Receiver(ingestion, SECRET))
    async with (
        ingestion.opened(),
        httpx.AsyncClient(transport=transport, base_url="http://receiver.test") as http,
    ):
        posted = await http.post(f"/{world.form.uid}", content=b"{}", headers={HEADER: SECRET})
        assert posted.status_code == 202
        assert (await http.get("/healthz")).status_code == 200


async def register_a_receiver(world: World) -> None:
    access = SharedSecret(SECRET)
    await register(world.client, world.form.uid, "https://receiver.test/", access)


async def answer_as_v1_did(world: World) -> None:
    v1, uid, number = V1Client(world.client), world.form.uid, world.ids[0]
    await v1.get("/api/v1/data")
    await v1.forms()
    await v1.form(uid)
    await v1.data(uid, start=2, limit=8)
    await v1.submission(uid, number)
    await v1.set_validation_status(uid, number, "validation_status_approved")
    await v1.validation_status(uid, number)
    await v1.metadata(xform=uid)
    await v1.user()
    await v1.delete_submission(uid, number)


async def serve_a_fake(world: World) -> None:
    async with serve(world.fake) as url, KoboClient(url, token=world.fake.token) as client:
        assert (await client.me.get()).username == "alice"


def use(tool: str, arguments: Callable[[World], dict[str, Any]]) -> Job:
    async def job(world: World) -> None:
        tools = server(world.client, allow_writes=True)
        await tools.call_tool(tool, arguments(world))

    return job


TOOLS: dict[str, Callable[[World], dict[str, Any]]] = {
    "list_projects": lambda _: {"search": "Survey"},
    "describe_project": lambda world: {"uid": world.form.uid},
    "describe_columns": lambda world: {"uid": world.form.uid},
    "count_submissions": lambda world: {"uid": world.form.uid, "where": {"hh_size": "3"}},
    "get_submissions": lambda world: {"uid": world.form.uid, "limit": 5},
    "get_submission": lambda world: {"uid": world.form.uid, "id": world.ids[0]},
    "export_rows": lambda world: {"uid": world.form.uid, "limit": 5},
    "summarise": lambda world: {"uid": world.form.uid},
    "set_validation_status": lambda world: {
        "uid": world.form.uid,
        "status": "approved",
        "ids": world.ids[:2],
        "expect": 2,
    },
    "edit_submissions": lambda world: {
        "uid": world.form.uid,
        "expect": 1,
        "changes": {world.ids[0]: {"hh_size": "4"}},
    },
    "delete_submissions": lambda world: {
        "uid": world.form.uid,
        "ids": world.ids[:2],
        "expect": 2,
    },
}
OTHERS: dict[str, Job] = {
    "KoboClient.request": ask_for_anything,
    "KoboClient.dry_run": play_through,
    "KoboClient.aclose": come_and_go,
    "Pages": read_lists,
    "Rows.all": read_all_rows,
    "JsonLinesStream": write_a_stream,
    "units of rows": cut(units.plan_rows, rows=5),
    "units of tables": cut(units.plan_tables, rows=5),
    "units of attachments": cut(units.plan_attachments, rows=5),
    "Inbox": keep_deliveries,
    "Ingestion.opened": take_deliveries_in,
    "Ingestion.running": run_by_itself,
    "Receiver": answer_requests,
    "register": register_a_receiver,
    "V1Client": answer_as_v1_did,
    "testing.serve": serve_a_fake,
    **{f"tool {name}": use(name, arguments) for name, arguments in TOOLS.items()},
}
