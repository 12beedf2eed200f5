"""`kobo-async sync` in a process of its own, killed with SIGKILL at random moments.

Meanwhile the server changes. After the next run that comes to its end, every row of every table
is compared with the server: none may be lost, doubled or stale.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import anyio
import attrs
import orjson
import pytest

from kobo_async import KoboClient
from kobo_async.cli.mirrors import open_mirror
from kobo_async.sync.report import SyncReport
from kobo_async.testing import FakeForm, FakeKobo, RequestInfo
from tests.cli.running import Process, Server, process, serving
from tests.sinks.databases import Target
from tests.sync.tables import contents, copied, expected, identities

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
KILLS = int(os.environ.get("KOBO_KILLS", "5"))
"""Processes killed per kind of mirror; `nox -s properties` kills more."""
ROWS, PAGE = 260, 40
APPROVED = "validation_status_approved"
LATEST = 0.06
"""Seconds after a request at which the process dies at last."""


class Unrest:
    """A server on which something happens with every request, as long as it is restless."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        self.fake = FakeKobo(seed=seed)
        self.fake.max_page = self.fake.default_page = PAGE
        self.form: FakeForm = self.fake.add_form("Survey", rows=ROWS, id_gaps=3)
        self.fake.on_request = self._request
        self.restless = True
        self.seen = 0
        self._reached = threading.Event()
        self._wanted = -1

    def wait(self, requests: int) -> bool:
        """Wait until so many more requests came in; tell whether they did."""
        self._reached.clear()
        self._wanted = self.seen + requests
        return self._reached.wait(20)

    def release(self) -> None:
        """End the waiting: no more requests will come."""
        self._reached.set()

    def _request(self, _: RequestInfo) -> None:
        self.seen += 1
        if self.restless:
            self._change()
        if self.seen == self._wanted:
            self._reached.set()

    def _change(self) -> None:
        form, one = self.form, self.chance.choice([*self.form.rows])
        match self.chance.randrange(6):
            case 0:
                form.insert(self.chance.randint(1, 3))
            case 1 if len(form.rows) > ROWS // 2:
                form.delete(one, logged=self.chance.random() < 0.8)
            case 2:
                form.set_status(one, self.chance.choice([APPROVED, None]))
            case 3:
                names = [f"person {self.seen}.{n}" for n in range(self.chance.randrange(4))]
                form.edit(one, members=[{"members/member_name": name} for name in names])
            case _:
                form.edit(one, comment=f"edited {self.seen}")


@pytest.fixture
def unrest() -> Unrest:
    return Unrest(seed=secrets.randbits(32))


@pytest.fixture
def server(unrest: Unrest) -> Iterator[Server]:
    with serving(unrest.fake) as server:
        yield server


@attrs.frozen
class Killer:
    """Runs the command and kills it."""

    server: Server
    unrest: Unrest
    target: str

    def start(self) -> AbstractContextManager[Process]:
        options = ["--max-delete-fraction", "1"]
        return process(
            *("sync", self.unrest.form.uid, "-o", self.target, *options),
            env=self.server.environment,
        )

    def kill(self) -> bool:
        """Kill the command some time after some request; tell whether it was still running."""
        chance = self.unrest.chance
        with self.start() as command:
            watcher = threading.Thread(target=self._watch, args=(command,))
            watcher.start()
            self.unrest.wait(chance.randint(1, 16))
            with suppress(subprocess.TimeoutExpired):
                command.wait(chance.uniform(0, LATEST))
            command.kill()
            watcher.join()
            return command.returncode == -signal.SIGKILL

    def _watch(self, command: Process) -> None:
        """Let nobody wait for requests of a command that has ended."""
        command.wait()
        self.unrest.release()

    async def complete(self) -> SyncReport:
        """Run to the end, while the server is quiet."""
        uid = self.unrest.form.uid
        async with (
            KoboClient(self.server.url, token=self.server.fake.token) as client,
            open_mirror(self.target, client=client, uid=uid) as mirror,
        ):
            return await client.sync.run(uid, mirror, max_delete_fraction=1)


def killed_and_compared(killer: Killer, equal: Callable[[], None]) -> int:
    """Kill again and again, and compare after each run that ends; count the kills that hit."""
    unrest, hits = killer.unrest, 0
    while hits < KILLS:
        unrest.restless = True
        hits += killer.kill()
        if unrest.chance.random() < 0.3:
            continue  # so that some mirrors are killed more than once before they are whole
        unrest.restless = False
        anyio.run(killer.complete)
        equal()
    unrest.restless = False
    anyio.run(killer.complete)
    equal()
    return hits


@pytest.mark.timeout(60 + 12 * KILLS)
def test_tables_are_those_of_the_server_after_any_kill(server, unrest, databases):
    target: Target = databases()

    async def fresh() -> dict[str, list[str]]:
        async with KoboClient(server.url, token=server.fake.token) as client:
            return await copied(databases(), client, unrest.form)

    def equal() -> None:
        assert identities(target, unrest.form) == expected(unrest.form)
        assert contents(target, unrest.form) == anyio.run(fresh)

    killer = Killer(server, unrest, target.url)
    assert killed_and_compared(killer, equal) == KILLS


@pytest.mark.timeout(60 + 12 * KILLS)
def test_files_are_those_of_the_server_after_any_kill(server, unrest, tmp_path: Path):
    folder = tmp_path / "mirror"

    def equal() -> None:
        found = [
            orjson.loads(line)
            for path in sorted(folder.glob("submissions/*.jsonl"))
            for line in path.read_bytes().splitlines()
        ]
        assert found == [dict(row) for row in unrest.form.rows.values()]

    assert killed_and_compared(Killer(server, unrest, f"{folder}/"), equal) == KILLS


def test_a_first_copy_that_was_killed_goes_on_from_where_it_was(server, unrest, databases):
    unrest.restless = False
    form, target = unrest.form, databases()
    form.insert(3_000)
    killer = Killer(server, unrest, target.url)
    with killer.start() as command:
        assert unrest.wait(60)
        command.kill()
    ((kept, last),) = target.run('SELECT count(*), max(_id) FROM "Survey"')
    assert 0 < kept < len(form.rows)
    asked: list[RequestInfo] = []
    unrest.fake.on_request = asked.append
    report = anyio.run(killer.complete)
    assert report.new == len(form.rows) - kept
    queries = [orjson.loads(one.query["query"]) for one in asked if "query" in one.query]
    after = [query["_id"]["$gt"] for query in queries if "$gt" in query.get("_id", {})]
    assert min(after) == last
    assert len(after) <= 1.5 * report.new / PAGE
    assert identities(target, form) == expected(form)
