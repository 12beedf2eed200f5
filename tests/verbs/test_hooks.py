"""Deliveries that failed, repeated and watched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from kobo_async import KoboClient
from kobo_async.errors import BadRequest, JobTimeout, NotFound
from kobo_async.models.hook import FAILED, SUCCESS
from kobo_async.testing import Delivery, FakeForm, FakeKobo, Fault
from kobo_async.testing.clock import FakeClock
from kobo_async.testing.hooks import Hook as FakeHook
from kobo_async.verbs.hooks import Redelivery
from tests.verbs.journal import Journal, saying

pytestmark = pytest.mark.anyio
LONG_AGO = 1000.0
"""Seconds after which the server repeats what failed."""


class Receiver:
    """The service that submissions are posted to."""

    def __init__(self) -> None:
        self.status: int | None = 500
        self.got: list[Delivery] = []

    def __call__(self, delivery: Delivery) -> tuple[int | None, str]:
        self.got.append(delivery)
        return self.status, "said the receiver"


@pytest.fixture
def receiver(fake: FakeKobo) -> Receiver:
    fake.deliver = receiver = Receiver()
    return receiver


@pytest.fixture
async def hook(client: KoboClient, form: FakeForm, receiver: Receiver) -> FakeHook:
    assert receiver.got == []
    made = await client.hooks.create(
        form.uid, name="n", endpoint="https://x.test/", username="u", password="hidden"
    )
    assert "hidden" not in repr(made)
    return form.hooks[made.uid]


@pytest.fixture
def failing(hook: FakeHook, form: FakeForm, clock: FakeClock) -> list[str]:
    """Return two deliveries that failed, the newest first."""
    form.insert(2)
    clock.advance(LONG_AGO)
    return [log.uid for log in hook.logs]


async def test_failed_deliveries_are_listed(
    client: KoboClient,
    form: FakeForm,
    hook: FakeHook,
    failing: list[str],
    receiver: Receiver,
    journal: Journal,
):
    receiver.status = 200
    form.insert()
    assert [one.uid async for one in client.hooks.failed_logs(form.uid, hook.uid)] == failing
    assert journal.sent[-1].query["status"] == "0"


async def test_deliveries_are_listed_by_the_time_of_their_last_change(
    client: KoboClient,
    form: FakeForm,
    hook: FakeHook,
    failing: list[str],
    fake: FakeKobo,
):
    now = fake.now()
    form.insert()
    since = client.hooks.logs(form.uid, hook.uid, since=now)
    until = client.hooks.logs(form.uid, hook.uid, until=now - timedelta(seconds=1))
    assert [one.uid async for one in since] == [hook.logs[0].uid]
    assert [one.uid async for one in until] == failing


async def test_all_that_failed_is_delivered_again(
    client: KoboClient,
    form: FakeForm,
    hook: FakeHook,
    failing: list[str],
    receiver: Receiver,
    clock: FakeClock,
):
    def second_only(delivery: Delivery) -> tuple[int | None, str]:
        arrives = len(receiver.got) % 2
        receiver.status = 200 if arrives else 500
        return receiver(delivery)

    form._server.deliver = second_only
    outcome = await client.hooks.retry_and_wait(form.uid, hook.uid)
    assert outcome == Redelivery(delivered=(failing[1],), failed=(failing[0],))
    assert clock.slept == []


async def test_deliveries_that_take_their_time_are_watched_and_no_others_are_read(
    client: KoboClient,
    form: FakeForm,
    hook: FakeHook,
    failing: list[str],
    receiver: Receiver,
    journal: Journal,
    clock: FakeClock,
):
    receiver.status = 503  # the server goes on by itself
    journal.before("GET .*/logs/", answered(hook, 200), nth=4)
    outcome = await client.hooks.retry_and_wait(form.uid, hook.uid)
    assert outcome == Redelivery(delivered=tuple(failing))
    assert clock.slept == [2]
    failed, newest, *polls = (one.query for one in journal.of("GET .*/logs/"))
    assert failed["status"] == "0"
    assert newest["limit"] == "1"
    assert {poll["start_date"][:19] for poll in polls} == {"2023-11-14T22:13:20"}


def answered(hook: FakeHook, code: int) -> Callable[[], None]:
    def answer() -> None:
        for log in hook.logs:
            log.note(code, "", hook.form._server.now())

    return answer


async def test_nothing_is_watched_where_nothing_failed(
    client: KoboClient, form: FakeForm, hook: FakeHook, journal: Journal
):
    assert await client.hooks.retry_and_wait(form.uid, hook.uid) == Redelivery()
    assert journal.of("GET .*/logs/.+") == []
    assert len(journal.of("GET .*/logs/")) == 2


@pytest.mark.usefixtures("failing")
async def test_deliveries_that_never_end_are_given_up(
    client: KoboClient, form: FakeForm, hook: FakeHook, receiver: Receiver
):
    receiver.status = 503
    with pytest.raises(JobTimeout, match=f"deliveries of {hook.uid}"):
        await client.hooks.retry_and_wait(form.uid, hook.uid, timeout=60)


@pytest.mark.usefixtures("failing")
async def test_a_service_that_is_switched_off_is_not_asked_again(
    client: KoboClient, form: FakeForm, hook: FakeHook
):
    await client.hooks.update(form.uid, hook.uid, active=False)
    with pytest.raises(BadRequest):
        await client.hooks.retry_and_wait(form.uid, hook.uid)


async def test_one_delivery_is_repeated(
    client: KoboClient,
    form: FakeForm,
    hook: FakeHook,
    failing: list[str],
    receiver: Receiver,
    clock: FakeClock,
):
    receiver.status = 200
    again = await client.hooks.retry_one(form.uid, hook.uid, failing[0])
    assert (again.status, again.tries) == (SUCCESS, 2)
    assert clock.slept == []


async def test_what_arrived_is_not_sent_again(
    client: KoboClient, form: FakeForm, hook: FakeHook, receiver: Receiver, journal: Journal
):
    receiver.status = 200
    form.insert()
    again = await client.hooks.retry_one(form.uid, hook.uid, hook.logs[0].uid)
    assert again.status == SUCCESS
    assert journal.of("PATCH .*") == []


async def test_the_pause_that_the_server_wants_between_tries_is_kept(
    client: KoboClient, form: FakeForm, hook: FakeHook, receiver: Receiver, clock: FakeClock
):
    form.insert()
    clock.advance(20)
    receiver.status = 200
    await client.hooks.retry_one(form.uid, hook.uid, hook.logs[0].uid)
    assert clock.slept == [100]


async def test_a_pause_that_is_too_long_is_said_before_anything_is_sent(
    client: KoboClient,
    form: FakeForm,
    hook: FakeHook,
    clock: FakeClock,
    journal: Journal,
):
    form.insert()
    clock.advance(20)
    with pytest.raises(JobTimeout, match="100 seconds"):
        await client.hooks.retry_one(form.uid, hook.uid, hook.logs[0].uid, timeout=60)
    assert journal.of("PATCH .*") == []


async def test_a_call_whose_reply_is_lost_is_told_by_the_log(
    client: KoboClient, fake: FakeKobo, form: FakeForm, hook: FakeHook, failing: list[str]
):
    fake.faults.add(Fault.truncate(match="PATCH .*/retry/"))
    again = await client.hooks.retry_one(form.uid, hook.uid, failing[0])
    assert (again.status, again.tries) == (FAILED, 2)


async def test_a_crash_of_the_call_is_told_by_the_log(
    client: KoboClient,
    fake: FakeKobo,
    form: FakeForm,
    hook: FakeHook,
    failing: list[str],
    journal: Journal,
    clock: FakeClock,
):
    fake.faults.add(Fault.status(500, match="PATCH .*/retry/"))
    journal.before("GET .*/logs/.+", answered(hook, 404), nth=3)
    again = await client.hooks.retry_one(form.uid, hook.uid, failing[0])
    assert (again.status, again.tries) == (FAILED, 2)
    assert clock.slept == [2]


async def test_a_refused_retry_is_an_error(
    client: KoboClient, fake: FakeKobo, form: FakeForm, hook: FakeHook
):
    form.insert()
    timeless = hook.logs[0].entry(hook.url) | {"date_modified": None}
    fake.faults.add(saying(timeless, "GET .*/logs/.+", times=1))
    with pytest.raises(BadRequest, match="already been processed"):
        await client.hooks.retry_one(form.uid, hook.uid, hook.logs[0].uid)


async def test_an_unknown_delivery_is_an_error(client: KoboClient, form: FakeForm, hook: FakeHook):
    with pytest.raises(NotFound):
        await client.hooks.retry_one(form.uid, hook.uid, "hlNowhere")
