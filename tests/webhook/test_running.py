"""Worker and schedule, on a loop that does not wait.

The inbox is one in memory, and no thread is needed to get at it: while one waited for a core of a
busy machine, virtual hours would pass, and run after run keep that core busy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anyio
import pytest

from kobo_async import KoboClient
from kobo_async.known import Known
from kobo_async.sync.memory import MemoryMirror
from kobo_async.testing import FakeForm
from kobo_async.webhook.asgi import Receiver
from kobo_async.webhook.events import Event, Worked
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project
from tests.unit.clock import LoopClock, backends
from tests.webhook.posting import SECRET, Mail, add_hook, ask, break_inbox, carry, post, rows_of

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return backends()[request.param]


@pytest.fixture(autouse=True)
def without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(work: Callable[..., Any], *args: Any, **_: Any) -> Any:
        await anyio.lowlevel.checkpoint()
        return work(*args)

    monkeypatch.setattr(anyio.to_thread, "run_sync", at_once)


class Bells:
    """Tells when something happened so many times."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._waiting: list[tuple[str, int, anyio.Event]] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Worked):
            self.seen.append(event.error or event.what)
            for what, times, bell in self._waiting:
                if self.seen.count(what) >= times:
                    bell.set()

    async def wait(self, what: str, times: int) -> None:
        bell = anyio.Event()
        self._waiting.append((what, times, bell))
        if self.seen.count(what) < times:
            await bell.wait()


def made(
    client: KoboClient, form: FakeForm, mirror: MemoryMirror, **options: Any
) -> tuple[Ingestion, Bells]:
    bells = Bells()
    project = Project(form.uid, mirror, max_delete_fraction=1.0)
    ingestion = Ingestion(
        client,
        [project],
        inbox=":memory:",
        clock=LoopClock(),
        observers=[bells],
        **options,
    )
    return ingestion, bells


async def test_deliveries_and_runs_meet_in_one_mirror(
    client: KoboClient, form: FakeForm, mail: Mail, mirror: MemoryMirror
):
    ingestion, bells = made(client, form, mirror, every=300.0)
    await add_hook(client, form)
    async with ingestion.running():
        await bells.wait("run", 1)
        form.insert(2)
        for delivery in mail.sent:
            await carry(Receiver(ingestion, SECRET), delivery)
        await bells.wait("take", 1)
        form.edit(min(form.rows), comment="changed")
        form.delete(max(form.rows))
        began = anyio.current_time()
        done = bells.seen.count("run")
        await bells.wait("run", done + 2)
        assert anyio.current_time() - began >= 0.9 * 300.0
    assert mirror.rows == rows_of(form)
    assert not ingestion.is_running


async def test_a_run_that_fails_is_followed_by_the_next_one(
    client: KoboClient, form: FakeForm, mirror: MemoryMirror
):
    ingestion, bells = made(client, form, mirror)
    mirror.apply, apply = _failing, mirror.apply
    async with ingestion.running():
        await bells.wait("ValueError", 2)
        mirror.apply = apply
        await bells.wait("run", 1)
    assert mirror.rows == rows_of(form)


async def _failing(*_: object) -> None:
    raise ValueError("the mirror is away")


class Slow(MemoryMirror):
    """A mirror that takes its time over rows."""

    seconds: float = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.begun = anyio.Event()

    async def apply(
        self,
        rows: Sequence[dict[str, Any]],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        self.begun.set()
        await anyio.sleep(self.seconds)
        await super().apply(rows, known, removed, state)


@pytest.mark.parametrize(("seconds", "ends"), [(2.0, True), (3600.0, False)])
async def test_what_is_being_done_is_ended_if_it_ends_soon(
    client: KoboClient, form: FakeForm, seconds: float, *, ends: bool
):
    mirror = Slow()
    mirror.seconds = seconds
    ingestion, _ = made(client, form, mirror, grace=10.0)
    async with ingestion.running():
        await mirror.begun.wait()
        began = anyio.current_time()
    assert anyio.current_time() - began <= 10.0
    assert mirror.rows == (rows_of(form) if ends else {})


async def test_deliveries_that_were_put_off_are_looked_at_when_they_are_due(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    mirror: MemoryMirror,
):
    ingestion, bells = made(client, form, mirror, every=3600.0)
    await add_hook(client, form)
    async with ingestion.running():
        await bells.wait("run", 1)
        await client.submissions.submit(form.uid, {"photo": "never.png"})
        await carry(Receiver(ingestion, SECRET), mail.take())
        await bells.wait("take", 1)
    assert mirror.rows == rows_of(form)


async def test_an_inbox_that_cannot_be_read_stops_nothing(
    client: KoboClient, form: FakeForm, mirror: MemoryMirror
):
    ingestion, bells = made(client, form, mirror)
    receiver = Receiver(ingestion, SECRET)
    async with ingestion.running():
        await bells.wait("run", 1)
        await break_inbox(ingestion)
        assert (await post(receiver, f"/{form.uid}")).status_code == 503
        health = await ask(receiver, "GET", "/healthz")
        assert (health.status_code, health.json()["status"]) == (503, "no inbox")
        await anyio.sleep(3600)
    assert mirror.rows == rows_of(form)


async def test_what_the_block_raises_comes_out_as_it_is(
    client: KoboClient, form: FakeForm, mirror: MemoryMirror
):
    ingestion, _ = made(client, form, mirror)
    with pytest.raises(ValueError, match=r"^mine$"):
        async with ingestion.running():
            raise ValueError("mine")
    assert not ingestion.is_running
