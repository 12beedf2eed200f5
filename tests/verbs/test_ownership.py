"""Projects that change hands."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async import KoboClient
from kobo_async.errors import JobFailed, JobTimeout
from kobo_async.testing import FakeForm, FakeKobo, Pace
from kobo_async.testing.clock import FakeClock
from tests.verbs.journal import Journal, saying

pytestmark = pytest.mark.anyio


def only(fake: FakeKobo) -> dict[str, Any]:
    (invite,) = fake.invites.values()
    return invite


@pytest.mark.usefixtures("bob")
async def test_an_offer_is_made_and_waited_for(
    client: KoboClient,
    fake: FakeKobo,
    form: FakeForm,
    journal: Journal,
    clock: FakeClock,
):
    def accept() -> None:
        form.hand_over("bob", "bob")
        only(fake)["status"] = "complete"

    journal.before("GET .*/invites/.*", accept, nth=3)
    done = await client.ownership.transfer_and_wait(recipient="bob", assets=[form.uid])
    assert done.status == "complete"
    assert form.owner == "bob"
    assert clock.slept == [2, 4]


async def test_an_offer_is_accepted_and_waited_for(
    client: KoboClient, bob: KoboClient, fake: FakeKobo, form: FakeForm, clock: FakeClock
):
    fake.transfer_pace = Pace(polls=0, seconds=20)
    invite = await client.ownership.transfer(recipient="bob", assets=[form.uid])
    assert (await bob.ownership.accept_and_wait(invite.uid)).status == "complete"
    assert form.owner == "bob"
    assert clock.slept == [2, 4, 8, 16]


async def test_a_declined_offer_is_a_failure(client: KoboClient, bob: KoboClient, form: FakeForm):
    invite = await client.ownership.transfer(recipient="bob", assets=[form.uid])
    await bob.ownership.respond(invite.uid, status="declined")
    with pytest.raises(JobFailed, match="declined") as caught:
        await client.ownership.wait(invite.uid)
    assert caught.value.error_type == "declined"


@pytest.mark.usefixtures("bob")
@pytest.mark.parametrize("status", ["cancelled", "expired", "failed"])
async def test_an_offer_that_came_to_nothing_says_why(
    client: KoboClient, fake: FakeKobo, form: FakeForm, status: str
):
    invite = await client.ownership.transfer(recipient="bob", assets=[form.uid])
    ended = only(fake) | {"status": status}
    ended["transfers"] = [{**one, "error": "no space"} for one in ended["transfers"]]
    fake.faults.add(saying(ended, "GET .*/invites/"))
    with pytest.raises(JobFailed, match=f"{status}; Household survey: no space") as caught:
        await client.ownership.wait(invite.uid)
    assert caught.value.error_type == status


@pytest.mark.usefixtures("bob")
async def test_an_offer_that_nobody_answers_is_not_waited_for_forever(
    client: KoboClient, form: FakeForm
):
    invite = await client.ownership.transfer(recipient="bob", assets=[form.uid])
    with pytest.raises(JobTimeout):
        await client.ownership.wait(invite.uid, timeout=100)
