"""Whatever is delivered, in whatever order and between whatever runs: the last run is right."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import anyio
import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kobo_async import KoboClient, KoboError
from kobo_async.sync.memory import MemoryMirror
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock
from kobo_async.webhook.asgi import Receiver
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project
from tests.webhook.posting import SECRET, Mail, add_hook, carry, rows_of

EXAMPLES = int(os.environ.get("KOBO_SCHEDULES", "150"))
CHANGES = ["insert", "insert", "insert", "below", "edit", "delete", "status", "attachment", "503"]
MOVES = ["post", "post", "post", "double", "lose", "drain", "run", "both", "restart", "wait"]
SHAPES: list[dict[str, Any]] = [
    {},
    {"export_type": "xml"},
    {"subset_fields": ["comment"]},
    {"payload_template": '{"wrapped": %SUBMISSION%}'},
]


@attrs.frozen
class Change:
    """What somebody does on the server when the n-th request comes in."""

    at: int
    what: str
    pick: float


@attrs.frozen
class Story:
    seed: int
    rows: int
    shape: dict[str, Any]
    changes: list[Change]
    moves: list[tuple[str, float]]


PICK = st.floats(0, 1, exclude_max=True)
STORIES = st.builds(
    Story,
    seed=st.integers(0, 2**32),
    rows=st.integers(0, 12),
    shape=st.sampled_from(SHAPES),
    changes=st.lists(
        st.builds(Change, at=st.integers(0, 60), what=st.sampled_from(CHANGES), pick=PICK),
        max_size=25,
    ),
    moves=st.lists(st.tuples(st.sampled_from(MOVES), PICK), max_size=25),
)


class World:
    """A server that goes on changing, a postman, and a receiver."""

    def __init__(self, story: Story) -> None:
        self.clock = FakeClock()
        self.fake = FakeKobo(seed=story.seed, clock=self.clock, now=self._now)
        self.fake.max_page = self.fake.default_page = 7
        self.reader = self.fake.add_user("reader")
        self.form: FakeForm = self.fake.add_form("Survey", rows=story.rows, id_gaps=3)
        self.form.share("reader")
        self.fake.deliver = self.mail = Mail()
        self.mirror = MemoryMirror()
        self._changes = sorted(story.changes, key=lambda change: change.at)
        self._requests = 0

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.wall(), UTC)

    def on_request(self, _: object) -> None:
        self._requests += 1
        while self._changes and self._changes[0].at < self._requests:
            self._change(self._changes.pop(0))

    def quiet(self) -> None:
        """Let happen what is left, and then nothing more."""
        self.fake.on_request = None
        while self._changes:
            self._change(self._changes.pop(0))
        self.fake.faults.clear()
        self.clock.advance(600)

    def _change(self, change: Change) -> None:
        ids = sorted(self.form.rows)
        one = ids[int(change.pick * len(ids))] if ids else 0
        match change.what:
            case "503":
                self.fake.faults.add(Fault.status(503, times=2))
            case "insert":
                self.form.insert(1 + int(change.pick * 3))
            case "below":
                with suppress(ValueError):  # no id is free
                    self.form.insert(1, below=True)
            case "edit" if ids:
                self.form.edit(one, comment=str(change.pick))
            case "delete" if ids:
                self.form.delete(one)
            case "status" if ids:
                self.form.set_status(one, "validation_status_approved")
            case "attachment" if ids:
                for entry in self.form.rows[one]["_attachments"]:
                    self.form.delete_attachment(one, entry["uid"], "alice")


async def live(story: Story, *, manages: bool) -> World:
    world = World(story)
    fake, clock = world.fake, world.clock
    token = fake.token if manages else world.reader
    async with (
        KoboClient("http://localhost", token=fake.token, app=fake, clock=clock) as owner,
        KoboClient("http://localhost", token=token, app=fake, clock=clock) as client,
    ):
        await add_hook(owner, world.form, **story.shape)
        fake.on_request = world.on_request
        project = Project(world.form.uid, world.mirror, max_delete_fraction=1.0)
        ingestion = Ingestion(client, [project], inbox=":memory:", clock=clock)
        moves = [*story.moves]
        while moves:
            async with ingestion.opened():
                await play(world, ingestion, moves)
        world.quiet()
        async with ingestion.opened():
            await post(world, ingestion, 0.5)
            await ingestion.reconcile(world.form.uid)
            assert world.mirror.rows == rows_of(world.form)
            while world.mail.sent:
                await post(world, ingestion, 0.5)
            await ingestion.drain()
    return world


async def play(world: World, ingestion: Ingestion, moves: list[tuple[str, float]]) -> None:
    """Make moves until the next restart."""
    while moves:
        move, pick = moves.pop(0)
        match move:
            case "post" | "double" | "lose":
                await post(world, ingestion, pick, move)
            case "drain":
                await ingestion.drain()
            case "run":
                await run(ingestion, world)
            case "both":
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(ingestion.drain)
                    tasks.start_soon(run, ingestion, world)
            case "wait":
                world.clock.advance(pick * 100)
            case "restart":
                return


async def run(ingestion: Ingestion, world: World) -> None:
    with suppress(KoboError):  # the next one does it
        await ingestion.catch_up(world.form.uid)


async def post(world: World, ingestion: Ingestion, pick: float, move: str = "post") -> None:
    """Carry one of the deliveries that are under way, any of them."""
    under_way = world.mail.sent
    if not under_way:
        return
    index = int(pick * len(under_way))
    delivery = under_way[index] if move == "double" else under_way.pop(index)
    if move != "lose":
        answer = await carry(Receiver(ingestion, SECRET), delivery)
        assert answer.status_code == 202


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("manages", "backend"), [(True, "asyncio"), (False, "asyncio"), (True, "trio")]
)
def test_the_mirror_equals_the_server_after_the_last_run(backend: str, *, manages: bool):
    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=[*HealthCheck], database=None
    )
    @given(STORIES)
    def promise(story: Story) -> None:
        async def main() -> World:
            return await live(story, manages=manages)

        world = anyio.run(main, backend=backend)
        assert world.mirror.rows == rows_of(world.form)

    promise()
