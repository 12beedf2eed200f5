"""Server and receiver on real sockets, and a receiver that is killed."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
import uvicorn

from kobo_async import KoboClient
from kobo_async.sync.memory import MemoryMirror
from kobo_async.testing import FakeKobo, serve
from kobo_async.webhook.access import HEADER, BasicLogin, SharedSecret
from kobo_async.webhook.asgi import Receiver
from kobo_async.webhook.events import Event, Worked
from kobo_async.webhook.inbox import Inbox
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project
from kobo_async.webhook.registration import register
from tests.cli.running import environment
from tests.webhook.posting import SECRET, rows_of

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def listening(app: Receiver) -> AsyncIterator[str]:
    """Run a receiver with uvicorn on the loop of the test."""
    config = uvicorn.Config(app, lifespan="on", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server._serve([listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True


@pytest.mark.parametrize("export_type", ["json", "xml"])
@pytest.mark.parametrize("access", [SharedSecret(SECRET), BasicLogin("kobo", SECRET)])
async def test_a_new_submission_reaches_the_mirror_by_itself(
    tmp_path: Path, access: SharedSecret | BasicLogin, export_type: str
):
    fake, mirror, taken, ran = FakeKobo(seed=7), MemoryMirror(), asyncio.Event(), asyncio.Event()
    form = fake.add_form("Wells", rows=3)

    def note(event: Event) -> None:
        if isinstance(event, Worked):
            (taken if event.what == "take" else ran).set()

    async with serve(fake) as url, KoboClient(url, token=fake.token) as client:
        ingestion = Ingestion(
            client, [Project(form.uid, mirror)], inbox=tmp_path / "inbox.db", observers=[note]
        )
        async with listening(Receiver(ingestion, access)) as receiver:
            made = await register(client, form.uid, f"{receiver}/{form.uid}", access)
            await client.hooks.update(form.uid, made.hook.uid, export_type=export_type)
            await ran.wait()
            form.insert()
            await taken.wait()
            assert mirror.rows == rows_of(form)
            await asyncio.to_thread(fake.wait_for_hooks)
            (log,) = await client.hooks.logs(form.uid, made.hook.uid).all()
            assert (log.status_str, log.status_code) == ("success", 202)


KILLED = """
import socket, sys
import uvicorn
from kobo_async import KoboClient
from kobo_async.sync.memory import MemoryMirror
from kobo_async.webhook.asgi import Receiver
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project

path, secret = sys.argv[1:]
client = KoboClient("http://127.0.0.1:9", token="t", allow_http=True)
ingestion = Ingestion(client, [Project("aForm", MemoryMirror())], inbox=path)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(Receiver(ingestion, secret), lifespan="on", log_level="critical")
uvicorn.Server(config).run([listener])
"""


@contextmanager
def killed_at_the_end(path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", KILLED, str(path), SECRET],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}", process
        finally:
            process.kill()


def post_until_it_dies(
    url: str, first: int, kill_after: int, process: subprocess.Popen[str]
) -> list[str]:
    """Post from several threads; return what was answered with success."""
    kept: list[str] = []

    def post(lane: int) -> None:
        with httpx.Client(timeout=10) as http:
            for number in range(1000):
                uuid = f"{first}-{lane}-{number}"
                try:
                    answer = http.post(
                        f"{url}/aForm",
                        json={"meta/rootUuid": f"uuid:{uuid}"},
                        headers={HEADER: SECRET},
                    )
                except httpx.TransportError:
                    return
                assert answer.status_code == 202
                kept.append(uuid)
                if len(kept) >= kill_after:
                    process.kill()

    lanes = [threading.Thread(target=post, args=(lane,)) for lane in range(4)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    return kept


async def test_what_was_answered_survives_a_kill(tmp_path: Path):
    path, kept = tmp_path / "inbox.db", set[str]()
    for life, kill_after in enumerate((1, 9, 50)):
        with killed_at_the_end(path) as (url, process):
            found = await anyio.to_thread.run_sync(
                post_until_it_dies, url, life, kill_after, process
            )
        assert len(found) >= kill_after
        kept.update(found)
    async with Inbox.open(path) as inbox:
        pending = [one.root_uuid for one in await inbox.pending("aForm", 1e12, 10_000)]
    assert kept <= set(pending)
    assert len(pending) == len(set(pending))
