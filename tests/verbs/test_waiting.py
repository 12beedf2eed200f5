"""Patience with the server's jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kobo_async.errors import ConnectionLost, JobTimeout, NotFound, ServerBusy
from kobo_async.testing.clock import FakeClock
from kobo_async.verbs.waiting import until


def looking(*answers: Any) -> Callable[[], Awaitable[Any]]:
    rest = list(answers)

    async def look() -> Any:
        answer = rest.pop(0) if len(rest) > 1 else rest[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look


async def wait(clock: FakeClock, *answers: Any, seconds: float = 1000.0) -> Any:
    return await until(
        lambda answer: answer == "done",
        looking(*answers),
        clock=clock,
        timeout=seconds,
        job="e1",
        what="export",
    )


@pytest.mark.anyio
async def test_what_is_done_already_is_not_waited_for(clock: FakeClock):
    assert await wait(clock, "done") == "done"
    assert clock.slept == []


@pytest.mark.anyio
async def test_pauses_double_from_2_seconds_up_to_30(clock: FakeClock):
    await wait(clock, *["working"] * 7, "done")
    assert clock.slept == [2, 4, 8, 16, 30, 30, 30]


@pytest.mark.anyio
async def test_a_job_that_takes_too_long_is_named_in_the_error(clock: FakeClock):
    with pytest.raises(JobTimeout, match="export e1 is not done after 10 seconds") as caught:
        await wait(clock, "working", seconds=10)
    assert caught.value.job == "e1"
    assert clock.slept == [2, 4, 4]


@pytest.mark.anyio
async def test_a_last_look_is_taken_when_the_time_is_up(clock: FakeClock):
    assert await wait(clock, "working", "working", "done", seconds=3) == "done"


@pytest.mark.anyio
async def test_replies_that_fail_in_passing_do_not_end_the_wait(clock: FakeClock):
    lost = ConnectionLost("reset")
    assert await wait(clock, lost, ServerBusy(503, "No."), "done") == "done"


@pytest.mark.anyio
async def test_the_server_may_ask_for_a_longer_pause(clock: FakeClock):
    await wait(clock, ServerBusy(503, "No.", retry_after=25.0), "done")
    assert clock.slept == [25]


@pytest.mark.anyio
async def test_what_was_in_the_way_at_the_end_is_the_cause_of_the_timeout(clock: FakeClock):
    lost = ConnectionLost("reset")
    with pytest.raises(JobTimeout) as caught:
        await wait(clock, lost, seconds=5)
    assert caught.value.__cause__ is lost


@pytest.mark.anyio
async def test_a_refusal_ends_the_wait(clock: FakeClock):
    with pytest.raises(NotFound):
        await wait(clock, NotFound(404, "No."))
