"""Deliveries and runs into one mirror."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from kobo_async import (
    BreakerPolicy,
    ConfigError,
    DatabaseFailed,
    KoboClient,
    RetryPolicy,
    Upload,
)
from kobo_async.known import Known
from kobo_async.sync.memory import MemoryMirror
from kobo_async.testing import FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock
from kobo_async.webhook.asgi import Receiver, health
from kobo_async.webhook.delivery import parse
from kobo_async.webhook.events import SetAside, Worked
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project
from kobo_async.webhook.worker import Patience
from tests.webhook.posting import SECRET, Mail, Watch, add_hook, carry, rows_of

pytestmark = pytest.mark.anyio
PHOTO = Upload("a.png", "a.png", b"png", "image/png")


@pytest.mark.parametrize(
    "fields", [{}, {"export_type": "xml"}, {"payload_template": '{"n":[%SUBMISSION%]}'}]
)
async def test_a_delivered_submission_is_in_the_mirror(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    receiver: Receiver,
    ingestion: Ingestion,
    mirror: MemoryMirror,
    fields: Any,
):
    await add_hook(client, form, **fields)
    (number,) = form.insert()
    async with ingestion.opened():
        await carry(receiver, mail.take())
        await ingestion.drain()
        assert mirror.rows == {number: form.rows[number]}
        assert (await ingestion.health())[form.uid].pending == 0


async def test_the_payload_is_not_believed(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    receiver: Receiver,
    ingestion: Ingestion,
    mirror: MemoryMirror,
):
    await add_hook(client, form)
    edited, deleted = form.insert(2)
    form.edit(edited, comment="later")
    form.delete(deleted)
    async with ingestion.opened():
        for delivery in mail.sent:
            await carry(receiver, delivery)
        await ingestion.drain()
    assert mirror.rows == {edited: form.rows[edited]}


async def test_a_payload_that_names_nothing_brings_a_run(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    receiver: Receiver,
    ingestion: Ingestion,
    mirror: MemoryMirror,
    watch: Watch,
):
    await add_hook(client, form, subset_fields=["comment"])
    form.insert(3)
    async with ingestion.opened():
        for delivery in mail.sent:
            assert (await carry(receiver, delivery)).status_code == 202
        await ingestion.drain()
    assert mirror.rows == rows_of(form)
    assert [one.what for one in watch.of(Worked)] == ["run"]


async def test_many_deliveries_cost_few_requests(
    client: KoboClient,
    fake: FakeKobo,
    form: FakeForm,
    mail: Mail,
    receiver: Receiver,
    ingestion: Ingestion,
    mirror: MemoryMirror,
):
    await add_hook(client, form)
    form.insert(100)
    async with ingestion.opened():
        for delivery in mail.sent:
            await carry(receiver, delivery)
        before = len(fake.requests)
        await ingestion.drain()
        assert len(fake.requests) - before <= 5
    assert len(mirror.rows) == 100


async def test_a_submission_waits_for_its_files(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    receiver: Receiver,
    ingestion: Ingestion,
    mirror: MemoryMirror,
    clock: FakeClock,
):
    await add_hook(client, form)
    answers = {"photo": "a.png"}
    await client.submissions.submit(form.uid, answers, instance_id="uuid:late")
    async with ingestion.opened():
        await carry(receiver, mail.take())
        await ingestion.drain()
        assert mirror.rows == {}
        await client.submissions.submit(form.uid, answers, instance_id="uuid:late", files=[PHOTO])
        await ingestion.drain()
        assert mirror.rows == {}, "it is not looked at before it is due"
        clock.advance(Patience().first_pause)
        await ingestion.drain()
    ((_, row),) = mirror.rows.items()
    assert [one["media_file_basename"] for one in row["_attachments"]] == ["a.png"]


async def test_a_submission_whose_files_never_come_is_copied_without_them(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    receiver: Receiver,
    ingestion: Ingestion,
    mirror: MemoryMirror,
    clock: FakeClock,
):
    await add_hook(client, form)
    await client.submissions.submit(form.uid, {"photo": "a.png"})
    patience = Patience()
    async with ingestion.opened():
        await carry(receiver, mail.take())
        for attempt in range(patience.looks):
            await ingestion.drain()
            assert mirror.rows == {}
            clock.advance(patience.pause(attempt))
        await ingestion.drain()
        assert len(mirror.rows) == 1
        assert (await ingestion.health())[form.uid].pending == 0


class Picky(MemoryMirror):
    """A mirror that cannot take some rows."""

    bad: int = 0

    async def apply(
        self,
        rows: Sequence[dict[str, Any]],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        if any(row["_id"] == self.bad for row in rows):
            raise ValueError("no such column")
        await super().apply(rows, known, removed, state)


async def test_what_cannot_be_copied_does_not_keep_the_others_and_is_set_aside(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    clock: FakeClock,
    watch: Watch,
    tmp_path: Path,
):
    mirror = Picky()
    patience = Patience(attempts=3)
    ingestion = Ingestion(
        client,
        [Project(form.uid, mirror)],
        inbox=tmp_path / "inbox.db",
        clock=clock,
        observers=[watch],
        patience=patience,
    )
    receiver = Receiver(ingestion, SECRET)
    await add_hook(client, form)
    first, mirror.bad, last = form.insert(3)
    async with ingestion.opened():
        for delivery in mail.sent:
            await carry(receiver, delivery)
        for attempt in range(patience.attempts):
            await ingestion.drain()
            assert set(mirror.rows) == {first, last}
            clock.advance(patience.pause(attempt))
        found = (await ingestion.health())[form.uid]
        assert (found.pending, found.set_aside, found.error) == (0, 1, "ValueError")
        assert (await health(ingestion)).body["status"] == "failing"
        bad = form.rows[mirror.bad]["meta/rootUuid"].removeprefix("uuid:")
        assert watch.of(SetAside) == [SetAside(form.uid, bad, "ValueError")]
        mirror.bad = 0
        await ingestion.reconcile(form.uid)
    assert mirror.rows == rows_of(form)


async def test_a_run_that_a_payload_asked_for_is_tried_again(
    client: KoboClient, form: FakeForm, clock: FakeClock, tmp_path: Path
):
    mirror = Picky()
    mirror.bad = min(form.rows)
    project = Project(form.uid, mirror)
    ingestion = Ingestion(client, [project], inbox=tmp_path / "inbox.db", clock=clock)
    async with ingestion.opened():
        await ingestion.accept(project, parse(b"{}"))
        await ingestion.drain()
        found = (await ingestion.health())[form.uid]
        assert (found.pending, found.error) == (1, "ValueError")
        mirror.bad = 0
        clock.advance(60)
        await ingestion.drain()
    assert mirror.rows == rows_of(form)


async def test_while_the_server_is_down_deliveries_wait_as_long_as_it_takes(
    fake: FakeKobo,
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    clock: FakeClock,
    mirror: MemoryMirror,
    tmp_path: Path,
):
    await add_hook(client, form)
    (number,) = form.insert()
    impatient = KoboClient(
        "http://localhost",
        token=fake.token,
        app=fake,
        clock=clock,
        retry=RetryPolicy(attempts=1),
        breaker=BreakerPolicy(failures=2, cooldown=3600.0),
    )
    patience = Patience(attempts=3)
    projects = [Project(form.uid, mirror)]
    ingestion = Ingestion(
        impatient, projects, inbox=tmp_path / "inbox.db", clock=clock, patience=patience
    )
    fake.faults.add(Fault.status(503, times=2))
    async with impatient, ingestion.opened():
        await carry(Receiver(ingestion, SECRET), mail.take())
        for _ in range(20):
            await ingestion.drain()
            clock.advance(patience.outage)
        found = (await ingestion.health())[form.uid]
        assert (found.breaker, found.pending, found.set_aside) == ("open", 1, 0)
        assert found.lag == pytest.approx(20 * patience.outage)
        clock.advance(3600)
        await ingestion.drain()
        assert set(mirror.rows) == {number}
        found = (await ingestion.health())[form.uid]
        assert (found.breaker, found.lag, found.error) == ("closed", 0.0, "")


class Away(MemoryMirror):
    """A mirror whose database may be away."""

    is_away: bool = False

    async def having(self, ids: Sequence[int], root_uuids: Sequence[str], /) -> Sequence[Known]:
        if self.is_away:
            raise DatabaseFailed("the server closed the connection")
        return await super().having(ids, root_uuids)


async def test_while_the_database_is_down_deliveries_wait_as_long_as_it_takes(
    client: KoboClient, form: FakeForm, mail: Mail, clock: FakeClock, tmp_path: Path
):
    await add_hook(client, form)
    (number,) = form.insert()
    mirror, patience = Away(), Patience(attempts=3)
    mirror.is_away = True
    projects = [Project(form.uid, mirror)]
    ingestion = Ingestion(
        client, projects, inbox=tmp_path / "inbox.db", clock=clock, patience=patience
    )
    async with ingestion.opened():
        await carry(Receiver(ingestion, SECRET), mail.take())
        for _ in range(20):
            await ingestion.drain()
            clock.advance(patience.outage)
        found = (await ingestion.health())[form.uid]
        assert (found.error, found.pending, found.set_aside) == ("DatabaseFailed", 1, 0)
        mirror.is_away = False
        await ingestion.drain()
    assert set(mirror.rows) == {number}


async def test_listeners_hear_of_submissions_that_are_in_the_mirror(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    mirror: MemoryMirror,
    clock: FakeClock,
    tmp_path: Path,
):
    heard: list[str] = []

    async def listen(root_uuids: Sequence[str]) -> None:
        assert len(mirror.rows) == 1
        heard.extend(root_uuids)
        if len(heard) == 1:
            raise RuntimeError("the queue is away")

    project = Project(form.uid, mirror, name="wells", on_taken=listen)
    ingestion = Ingestion(client, [project], inbox=tmp_path / "inbox.db", clock=clock)
    await client.hooks.create(form.uid, name="x", endpoint="http://receiver.test/wells")
    (number,) = form.insert()
    async with ingestion.opened():
        await carry(Receiver(ingestion, insecure=True), mail.take())
        await ingestion.drain()
        clock.advance(60)
        await ingestion.drain()
    assert heard == [form.rows[number]["meta/rootUuid"].removeprefix("uuid:")] * 2


async def test_what_was_not_delivered_is_caught_up_before_everything_else(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    receiver: Receiver,
    ingestion: Ingestion,
    mirror: MemoryMirror,
    watch: Watch,
    clock: FakeClock,
):
    await add_hook(client, form)
    async with ingestion.opened():
        await ingestion.catch_up(form.uid)
        form.insert()
        await carry(receiver, mail.take())
        await ingestion.drain()
    mail.status = None
    form.insert(2)
    form.edit(min(form.rows), comment="meanwhile")
    clock.advance(3600)
    async with ingestion.opened():
        await ingestion.catch_up(form.uid)
    assert mirror.rows == rows_of(form)
    work = [(one.what, one.submissions) for one in watch.of(Worked)]
    assert work == [("run", 4), ("take", 1), ("take", 2), ("run", 1)]


async def test_whoever_may_not_read_the_logs_catches_up_by_a_run(
    fake: FakeKobo, form: FakeForm, mirror: MemoryMirror, clock: FakeClock, tmp_path: Path
):
    token = fake.add_user("reader")
    form.share("reader")
    async with KoboClient("http://localhost", token=token, app=fake, clock=clock) as reader:
        ingestion = Ingestion(
            reader, [Project(form.uid, mirror)], inbox=tmp_path / "inbox.db", clock=clock
        )
        async with ingestion.opened():
            (project,) = ingestion.router.projects
            await ingestion.accept(project, parse(b'{"meta/rootUuid": "uuid:0"}'))
            form.insert()
            await ingestion.catch_up(form.uid)
    assert mirror.rows == rows_of(form)


async def test_the_inbox_is_dealt_with_after_a_restart(
    client: KoboClient,
    form: FakeForm,
    mail: Mail,
    receiver: Receiver,
    ingestion: Ingestion,
    mirror: MemoryMirror,
):
    await add_hook(client, form)
    (number,) = form.insert()
    async with ingestion.opened():
        await carry(receiver, mail.take())
    async with ingestion.opened():
        await ingestion.drain()
    assert set(mirror.rows) == {number}


async def test_it_runs_once_at_a_time(ingestion: Ingestion):
    async with ingestion.opened():
        with pytest.raises(ConfigError, match="running already"):
            async with ingestion.opened():
                pass
