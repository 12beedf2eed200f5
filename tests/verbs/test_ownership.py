"""Projects that change hands."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async import KoboClient
from kobo_async.errors import JobFailed, JobTimeout
from kobo_async.testing.clock import FakeClock
from kobo_async.verbs.ownership import OwnershipVerbs
from tests.verbs.desk import UID, Desk, Say

pytestmark = pytest.mark.anyio

INVITES = "/api/v2/project-ownership/invites/"
INVITE = f"{INVITES}poi1/"


def invite(status: str, error: str | None = None) -> dict[str, Any]:
    transfer = {"url": "/t/pot1/", "status": "failed", "asset__name": "Survey", "error": error}
    return {"url": f"http://kobo{INVITE}", "status": status, "transfers": [transfer]}


@pytest.fixture
def ownership(scripted: KoboClient, clock: FakeClock) -> OwnershipVerbs:
    return OwnershipVerbs(scripted._sender, clock)


async def test_an_offer_is_made_and_waited_for(
    ownership: OwnershipVerbs, desk: Desk, clock: FakeClock
):
    desk.on("POST", INVITES, Say(201, invite("pending")))
    desk.on("GET", INVITE, invite("pending"), invite("in_progress"), invite("complete"))
    done = await ownership.transfer_and_wait(recipient="bob", assets=[UID])
    assert done.status == "complete"
    assert clock.slept == [2, 4]


async def test_an_offer_is_accepted_and_waited_for(ownership: OwnershipVerbs, desk: Desk):
    desk.on("PATCH", INVITE, invite("accepted"))
    desk.on("GET", INVITE, invite("complete"))
    assert (await ownership.accept_and_wait("poi1")).status == "complete"
    assert desk.last("PATCH", INVITE).json == {"status": "accepted"}


@pytest.mark.parametrize("status", ["declined", "cancelled", "expired", "failed"])
async def test_an_offer_that_came_to_nothing_is_a_failure(
    ownership: OwnershipVerbs, desk: Desk, status: str
):
    desk.on("GET", INVITE, invite(status, "no space"))
    with pytest.raises(JobFailed, match=f"{status}; Survey: no space") as caught:
        await ownership.wait("poi1")
    assert caught.value.error_type == status


async def test_an_offer_that_nobody_answers_is_not_waited_for_forever(
    ownership: OwnershipVerbs, desk: Desk
):
    desk.on("GET", INVITE, invite("pending"))
    with pytest.raises(JobTimeout):
        await ownership.wait("poi1", timeout=100)
