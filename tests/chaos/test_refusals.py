"""A server that refuses with absurd waits, and clocks that jump."""

from __future__ import annotations

import contextlib
import time
from email.utils import formatdate

import pytest

from kobo_async import RateLimited, RetryPolicy, ServerBusy
from kobo_async.testing import FakeForm
from kobo_async.testing.clock import FakeClock
from tests.chaos import troubles as of
from tests.chaos.conftest import Clients
from tests.chaos.leaks import SOON, nothing_left
from tests.chaos.proxy import Proxy, passes

pytestmark = pytest.mark.anyio
START = 1_700_000_000.0
YEAR = 366 * 86_400.0

IGNORED = {
    "negative": "-17",
    "very negative": "-1e300",
    "nothing": "",
    "a blank": " ",
    "zero": "0",
    "not a number": "nan",
    "infinite": "inf",
    "beyond infinite": "1e999",
    "hexadecimal": "0x10",
    "words": "soon",
    "a list": "10, 20",
    "other digits": "\xb2\xb3",
    "underscores": "_1_",
    "brackets": "(((((",
    "a zone alone": "+0000",
    "commas": ",,,,,,",
    "no such day": "Mon, 99 Foo 2026 25:61:61 GMT",
    "a year without end": "Fri, 31 Dec 999999999999 23:59:59 GMT",
    "a zone without end": "Fri, 31 Dec 2021 23:59:59 +99999999",
    "the first date": "Mon, 01 Jan 0001 00:00:00 GMT",
    "a date of the past": formatdate(START - YEAR, usegmt=True),
    "very long": "9" * 5000,
}
REFUSED = {
    "huge": "99999999999",
    "a number with an exponent": "1e18",
    "a date of the far future": "Fri, 31 Dec 9999 23:59:59 GMT",
    "a year": formatdate(START + YEAR, usegmt=True),
    "longer than the longest pause": str(RetryPolicy().longest_pause + 1),
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("value", IGNORED.values(), ids=IGNORED)
async def test_a_storm_of_refusals_that_name_no_usable_wait_is_outlived(
    network: Proxy, form: FakeForm, client_of: Clients, clock: FakeClock, value: str, status: int
):
    started = time.monotonic()
    async with nothing_left(), client_of(network.url, clock=clock) as client:
        network.plays(*[of.busy(status, value)] * 3)
        assert await client.submissions.count(form.uid) == len(form.rows)
    assert max(clock.slept) < 1
    assert time.monotonic() - started < SOON


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
async def test_an_absurd_wait_is_told_at_once_and_holds_nobody_up(
    network: Proxy, form: FakeForm, client_of: Clients, clock: FakeClock, value: str
):
    async with nothing_left(), client_of(network.url, clock=clock, retry=RetryPolicy()) as client:
        network.always([of.busy(429, value)])
        with pytest.raises(RateLimited):
            await client.submissions.count(form.uid)
        network.plays()
        assert await client.submissions.count(form.uid) == len(form.rows)
    assert not clock.slept


@pytest.mark.parametrize("status", [429, 502, 503])
async def test_a_storm_that_never_ends_is_given_up_at_the_deadline(
    network: Proxy, form: FakeForm, client_of: Clients, clock: FakeClock, status: int
):
    policy = RetryPolicy(deadline=100)
    started = time.monotonic()
    async with nothing_left(), client_of(network.url, clock=clock, retry=policy) as client:
        network.always([of.busy(status, "30"), of.busy(status, "-1")])
        with pytest.raises((RateLimited, ServerBusy)):
            async with client.submissions.stream(form.uid) as rows:
                await anext(rows)
        assert clock.monotonic() < 2 * policy.deadline
        network.plays()
        assert await client.submissions.count(form.uid) == len(form.rows)
    assert time.monotonic() - started < SOON


class Jumping(FakeClock):
    """A clock that jumps whenever somebody looks at the time of day, and back the next time."""

    def __init__(self, jump: float, *, monotonic: bool) -> None:
        super().__init__(START)
        self._jump = jump
        self._both = monotonic

    def wall(self) -> float:
        self._jump = -self._jump
        if self._both and self._now + self._jump > 0:
            self.advance(self._jump)
        return super().wall() + self._jump


@pytest.mark.parametrize("monotonic", [False, True], ids=["of the day", "both"])
@pytest.mark.parametrize("jump", [3_600.0, -3_600.0, YEAR, -YEAR, 60 * YEAR])
async def test_clocks_that_jump_lose_no_row_and_hold_nobody_up(
    network: Proxy, form: FakeForm, client_of: Clients, jump: float, *, monotonic: bool
):
    clock = Jumping(jump, monotonic=monotonic)
    dated = of.busy(429, formatdate(START + 5, usegmt=True))
    started = time.monotonic()
    async with nothing_left(), client_of(network.url, clock=clock) as client:
        network.always([dated, passes, of.busy(503, "2"), passes, passes])
        for _ in range(3):
            with contextlib.suppress(RateLimited, ServerBusy):
                async with client.submissions.stream(form.uid, page_size=3) as rows:
                    assert [row["_id"] async for row in rows] == sorted(form.rows)
        network.plays()
        assert await client.submissions.count(form.uid) == len(form.rows)
    assert time.monotonic() - started < SOON
