"""Deliveries that failed, repeated and watched."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kobo_async import KoboClient
from kobo_async.errors import BadRequest, JobTimeout
from kobo_async.testing.clock import FakeClock
from kobo_async.verbs.hooks import HookVerbs, Redelivery
from tests.verbs.desk import ASSET, UID, Desk, Say, page

pytestmark = pytest.mark.anyio

HOOK = f"{ASSET}hooks/h1/"
LOGS = f"{HOOK}logs/"
LOG = f"{LOGS}hl1/"
EARLIER = "2023-11-14T22:10:00Z"
JUST_NOW = "2023-11-14T22:13:00Z"
LATER = "2023-11-14T22:14:00Z"
FAILED, PENDING, SUCCESS = 0, 1, 2


def log(status: int, uid: str = "hl1", *, tries: int = 1, at: str = EARLIER) -> dict[str, Any]:
    return {
        "uid": uid,
        "submission_id": 7,
        "status": status,
        "tries": tries,
        "date_modified": at,
        "status_code": 500,
    }


@pytest.fixture
def hooks(scripted: KoboClient, clock: FakeClock) -> HookVerbs:
    return HookVerbs(scripted._sender, clock)


async def test_failed_deliveries_are_listed(hooks: HookVerbs, desk: Desk):
    desk.on("GET", LOGS, page(log(FAILED)))
    assert [one.uid async for one in hooks.failed_logs(UID, "h1")] == ["hl1"]
    assert desk.sent[0].query["status"] == "0"


async def test_all_that_failed_is_delivered_again_and_watched(
    hooks: HookVerbs, desk: Desk, clock: FakeClock
):
    desk.on(
        "GET",
        LOGS,
        page(log(FAILED), log(FAILED, "hl2")),
        page(log(PENDING), log(FAILED, "hl2"), log(SUCCESS, "other")),
        page(log(SUCCESS, at=LATER), log(FAILED, "hl2")),
        page(log(SUCCESS, at=LATER), log(FAILED, "hl2", tries=2, at=LATER)),
    )
    desk.on("PATCH", f"{HOOK}retry/", {"detail": "ok", "pending_uids": ["hl1", "hl2"]})
    outcome = await hooks.retry_and_wait(UID, "h1")
    assert outcome == Redelivery(delivered=("hl1",), failed=("hl2",))
    assert clock.slept == [2, 4]


async def test_nothing_is_watched_where_nothing_failed(hooks: HookVerbs, desk: Desk):
    desk.on("GET", LOGS, page())
    desk.on("PATCH", f"{HOOK}retry/", Say(304))
    assert await hooks.retry_and_wait(UID, "h1") == Redelivery()
    assert len(desk.sent) == 2


async def test_deliveries_that_never_end_are_given_up(hooks: HookVerbs, desk: Desk):
    desk.on("GET", LOGS, page(log(FAILED)), page(log(PENDING)))
    desk.on("PATCH", f"{HOOK}retry/", {"detail": "ok", "pending_uids": ["hl1"]})
    with pytest.raises(JobTimeout, match="deliveries of h1"):
        await hooks.retry_and_wait(UID, "h1", timeout=60)


async def test_one_delivery_is_repeated(hooks: HookVerbs, desk: Desk, clock: FakeClock):
    desk.on("GET", LOG, log(FAILED), log(SUCCESS, at=LATER))
    desk.on("PATCH", f"{LOG}retry/", {"detail": "ok", "status_code": 200})
    assert (await hooks.retry_one(UID, "h1", "hl1")).status == SUCCESS
    assert clock.slept == []


async def test_what_arrived_is_not_sent_again(hooks: HookVerbs, desk: Desk):
    desk.on("GET", LOG, log(SUCCESS))
    assert (await hooks.retry_one(UID, "h1", "hl1")).status == SUCCESS
    assert desk.writes == []


async def test_the_pause_that_the_server_wants_between_tries_is_kept(
    hooks: HookVerbs, desk: Desk, clock: FakeClock
):
    desk.on("GET", LOG, log(FAILED, at=JUST_NOW), log(SUCCESS, at=LATER))
    desk.on("PATCH", f"{LOG}retry/", {"detail": "ok"})
    await hooks.retry_one(UID, "h1", "hl1")
    assert clock.slept == [100]


async def test_a_pause_that_is_too_long_is_said_before_anything_is_sent(
    hooks: HookVerbs, desk: Desk
):
    desk.on("GET", LOG, log(FAILED, at=JUST_NOW))
    with pytest.raises(JobTimeout, match="100 seconds"):
        await hooks.retry_one(UID, "h1", "hl1", timeout=60)
    assert desk.writes == []


@pytest.mark.parametrize("end", [Say(500, {"detail": "failed"}), httpx.ReadTimeout("slow")])
async def test_however_the_call_ends_the_log_tells_how_the_delivery_did(
    hooks: HookVerbs, desk: Desk, end: Any
):
    desk.on("GET", LOG, log(FAILED), log(PENDING), log(FAILED, tries=2, at=LATER))
    desk.on("PATCH", f"{LOG}retry/", end)
    again = await hooks.retry_one(UID, "h1", "hl1")
    assert (again.status, again.tries) == (FAILED, 2)


async def test_a_refused_retry_is_an_error(hooks: HookVerbs, desk: Desk):
    desk.on("GET", LOG, log(FAILED) | {"date_modified": None})
    desk.on("PATCH", f"{LOG}retry/", Say(400, {"detail": "already been processed"}))
    with pytest.raises(BadRequest):
        await hooks.retry_one(UID, "h1", "hl1")
