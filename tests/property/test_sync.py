"""A mirror equals the server, whatever happened between, during and in the middle of runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import anyio
import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kobo_async import KoboClient, KoboError
from kobo_async.known import Known
from kobo_async.sync.memory import MemoryMirror
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock

STATUSES = ["validation_status_approved", "validation_status_on_hold", None]
WHAT = [
    *("insert", "below", "restore", "edit", "delete", "unlogged"),
    *("status", "attachment", "webhook"),
]


@attrs.frozen
class Step:
    """Something that happens when the n-th request comes in, or between runs."""

    at: int
    what: str
    pick: float
    wait: float


STEPS = st.builds(
    Step,
    at=st.integers(0, 30),
    what=st.sampled_from([*WHAT, "503"]),
    pick=st.floats(0, 1, exclude_max=True),
    wait=st.sampled_from([0.0, 0.0, 0.4, 1.0, 200.0]),
)


@attrs.frozen
class Life:
    rows: int
    gap: int
    cap: int
    dies: list[tuple[int, bool]]
    """In each run, the write at which it dies, and whether the write is kept."""
    steps: list[Step]
    seed: int


LIVES = st.builds(
    Life,
    rows=st.integers(0, 25),
    gap=st.sampled_from([1, 4]),
    cap=st.integers(2, 9),
    dies=st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=3),
    steps=st.lists(STEPS, max_size=24),
    seed=st.integers(0, 2**32),
)


class Died(Exception):
    """The process ends."""


class MortalMirror(MemoryMirror):
    """A mirror in a process that dies at a certain write."""

    dies_at: int = -1
    kept: bool = False

    async def apply(
        self,
        rows: Sequence[dict[str, Any]],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        self.dies_at -= 1
        if self.dies_at == 0 and not self.kept:
            raise Died
        await super().apply(rows, known, removed, state)
        if self.dies_at == 0:
            raise Died


class World:
    """A server that goes on changing, and notifications that may come late."""

    def __init__(self, life: Life) -> None:
        self.clock = FakeClock()
        self.fake = FakeKobo(seed=life.seed, clock=self.clock, now=self.clock.now)
        self.fake.max_page = self.fake.default_page = life.cap
        self.reader = self.fake.add_user("reader")
        self.form: FakeForm = self.fake.add_form("Survey", rows=life.rows, id_gaps=life.gap)
        self.form.share("reader")
        self.notified: list[str] = []
        self._steps = sorted(life.steps, key=lambda step: step.at)
        self._seen = 0
        self._deleted: list[dict[str, Any]] = []
        self.fake.on_request = lambda _: self._request()

    def _request(self) -> None:
        self._seen += 1
        while self._steps and self._steps[0].at < self._seen:
            self._do(self._steps.pop(0))

    def rest(self) -> Iterator[Step]:
        """Let happen what is left, and then nothing more."""
        while self._steps:
            yield self._steps[0]
            self._do(self._steps.pop(0))

    def _do(self, step: Step) -> None:
        self.clock.advance(step.wait)
        ids = sorted(self.form.rows)
        if step.what == "503":
            self.fake.faults.add(Fault.status(503, times=2))
        elif step.what == "insert":
            self.form.insert(1 + int(step.pick * 3))
        elif ids:
            self._change(step, ids[int(step.pick * len(ids))])

    def _change(self, step: Step, one: int) -> None:
        row = self.form.rows[one]
        match step.what:
            case "below":
                with suppress(ValueError):  # no id is free
                    self.form.insert(1, below=True)
            case "restore" if self._deleted:
                self.form.add(self._deleted.pop(), "reader", self.fake.now())
            case "edit":
                self.form.edit(one, changed=str(step.pick))
            case "delete" | "unlogged":
                self._deleted.append(dict(row))
                self.form.delete(one, logged=step.what == "delete")
            case "status":
                self.form.set_status(one, STATUSES[int(step.pick * 1000) % 3])
            case "attachment":
                for entry in row["_attachments"]:
                    if not entry["is_deleted"]:
                        self.form.delete_attachment(one, entry["uid"], "reader")
                        break
            case "webhook":
                self.notified.append(row["meta/rootUuid"])


async def live(world: World, life: Life, strategy: str, token: str) -> MemoryMirror:
    """Run again and again, dying now and then; once everything is quiet, run to the end."""
    mirror = MortalMirror()
    async with KoboClient(
        "http://localhost", token=token, app=world.fake, clock=world.clock
    ) as client:

        async def run() -> None:
            notified, world.notified = world.notified, []
            await client.sync.take(world.form.uid, mirror, notified)
            await client.sync.run(
                world.form.uid, mirror, strategy=strategy, max_delete_fraction=1.0
            )

        for mirror.dies_at, mirror.kept in life.dies:
            try:
                await run()
            except (Died, KoboError):
                world.clock.advance(60)
        mirror.dies_at = -1
        for _ in world.rest():
            pass
        world.fake.faults.clear()
        world.fake.on_request = None
        world.clock.advance(600)
        await run()
    return mirror


EXAMPLES = int(os.environ.get("KOBO_SCHEDULES", "200"))
"""Per strategy, permission and event loop."""


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("strategy", "manages", "backend"),
    [
        ("auto", True, "asyncio"),
        ("auto", False, "trio"),
        ("history", True, "trio"),
        ("sweep", True, "asyncio"),
        ("sweep", False, "asyncio"),
    ],
)
def test_the_mirror_equals_the_server_once_a_run_completes(
    strategy: str, manages: bool, backend: str
) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(LIVES)
    def promise(life: Life) -> None:
        world = World(life)
        token = world.fake.token if manages else world.reader
        mirror = anyio.run(live, world, life, strategy, token, backend=backend)
        assert mirror.rows == {number: dict(row) for number, row in world.form.rows.items()}

    promise()
