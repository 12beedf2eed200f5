"""The gate: how the limit is found, and how pauses are shared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import anyio
import pytest

from kobo_async.config import Concurrency
from kobo_async.events import Event, LimitChanged, Paused
from kobo_async.transport.gate import FIRST_PROBE, LONGEST_PROBE, PRICE, Gate, Ticket
from tests.unit.clock import LoopClock

pytestmark = pytest.mark.anyio
PAGE = 500_000


class Fixture:
    """A gate whose requests are admitted and answered by hand."""

    def __init__(self, clock: LoopClock, policy: Concurrency | None = None) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.gate = Gate(policy or Concurrency(), clock, self.events.append)

    def limits(self) -> list[int]:
        return [event.limit for event in self.events if isinstance(event, LimitChanged)]

    def admitted(self) -> AbstractAsyncContextManager[Ticket]:
        return self.gate.admitted(self.clock.monotonic())

    async def round(
        self, answer: Callable[[Ticket], None], requests: int | None = None
    ) -> list[Ticket]:
        """Send as many requests at once as the gate allows, and answer all of them."""
        tickets: list[Ticket] = []
        sent = anyio.Event()
        size = requests or self.gate.limit

        async def one() -> None:
            async with self.admitted() as ticket:
                tickets.append(ticket)
                if len(tickets) == size:
                    sent.set()
                await sent.wait()
                answer(ticket)

        async with anyio.create_task_group() as group:
            for _ in range(size):
                group.start_soon(one)
        return tickets

    def clean(self, _: Ticket | None = None, seconds: float = 0.3, size: int = PAGE) -> None:
        self.gate.succeeded(seconds, size)

    async def refused_at(self, level: int) -> None:
        """Meet a ceiling: the last of `level` requests is refused."""

        def answer(ticket: Ticket) -> None:
            if ticket.level == level:
                self.gate.refused(ticket)

        await self.round(answer, level)


@pytest.fixture
def it(clock: LoopClock) -> Fixture:
    return Fixture(clock)


async def test_it_admits_no_more_than_the_limit_at_a_time(it: Fixture) -> None:
    inside = most = 0

    async def one() -> None:
        nonlocal inside, most
        async with it.admitted() as ticket:
            inside += 1
            most = max(most, inside)
            assert ticket.level == inside
            await it.clock.sleep(1)
            inside -= 1

    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(one)

    assert most == 4
    assert anyio.current_time() == pytest.approx(5, abs=0.01)


async def test_the_limit_doubles_in_every_clean_round_up_to_the_cap(it: Fixture) -> None:
    sizes = []
    for _ in range(4):
        sizes.append(it.gate.limit)
        await it.round(it.clean)

    assert sizes == [4, 8, 16, 16]
    assert it.limits() == list(range(5, 17))


async def test_the_limit_stays_within_twice_of_what_was_really_under_way(it: Fixture) -> None:
    for _ in range(100):
        await it.round(it.clean, 1)
    assert it.gate.limit == 4

    for _ in range(100):
        await it.round(it.clean, 3)
    assert it.gate.limit == 6


async def test_a_fixed_limit_stays_what_it_is(clock: LoopClock) -> None:
    it = Fixture(clock, Concurrency.fixed(3))
    for _ in range(50):
        await it.round(it.clean)

    assert it.gate.limit == 3
    assert it.events == []


async def test_a_refusal_names_the_ceiling_and_the_limit_stays_below_it(it: Fixture) -> None:
    await it.round(it.clean)
    await it.refused_at(6)
    assert it.gate.limit == 5

    for _ in range(FIRST_PROBE // 5):
        await it.round(it.clean)
    assert it.gate.limit == 5


def refusing(it: Fixture, above: int) -> Callable[[Ticket], None]:
    return lambda ticket: it.gate.refused(ticket) if ticket.level > above else None


async def test_all_that_were_refused_in_one_moment_name_the_ceiling_together(it: Fixture) -> None:
    await it.round(it.clean)
    await it.round(it.clean)
    await it.round(refusing(it, 8), 16)

    assert it.gate.limit == 8
    for _ in range(3):
        await it.round(it.clean)
    assert it.gate.limit == 8


async def test_each_further_refusal_of_a_moment_lowers_the_limit_by_one(it: Fixture) -> None:
    await it.round(it.clean)
    async with AsyncExitStack() as stack:
        tickets = [await stack.enter_async_context(it.admitted()) for _ in range(8)]
        for ticket in (tickets[7], tickets[6], tickets[5]):
            it.gate.refused(ticket)

    assert it.limits()[4:] == [7, 6, 5]


@pytest.mark.parametrize("order", [1, -1])
async def test_the_order_of_refusals_does_not_matter(it: Fixture, order: int) -> None:
    await it.round(it.clean)
    await it.round(it.clean)
    async with AsyncExitStack() as stack:
        tickets = [await stack.enter_async_context(it.admitted()) for _ in range(16)]
        for ticket in tickets[8:][::order]:
            it.gate.refused(ticket)

    assert it.gate.limit == 8


async def test_a_moment_of_refusals_leaves_half_of_the_highest_level(it: Fixture) -> None:
    await it.round(it.clean)
    await it.round(it.clean)

    await it.round(it.gate.refused, 16)

    assert it.gate.limit == 8


async def test_requests_of_an_earlier_moment_have_nothing_new_to_say(it: Fixture) -> None:
    await it.round(it.clean)
    async with AsyncExitStack() as stack:
        old = [await stack.enter_async_context(it.admitted()) for _ in range(8)]
        it.gate.refused(old[7])
        await stack.aclose()
        await it.refused_at(4)
        assert it.gate.limit == 3
        it.gate.refused(old[6])

    assert it.gate.limit == 3


async def test_a_late_refusal_does_not_bring_back_a_ceiling_that_gave_way(it: Fixture) -> None:
    await it.round(it.clean)
    async with AsyncExitStack() as stack:
        old = [await stack.enter_async_context(it.admitted()) for _ in range(5)]
        it.gate.refused(old[4])
        await stack.aclose()
    while it.gate.limit < 6:
        await it.round(it.clean)
    found = it.gate.limit

    it.gate.refused(old[3])

    assert it.gate.limit == found


async def test_after_many_clean_replies_the_ceiling_is_probed(it: Fixture) -> None:
    await it.round(it.clean)
    await it.refused_at(5)
    sent = 0
    while it.gate.limit == 4:
        sent += len(await it.round(it.clean))

    assert it.gate.limit == 5
    assert FIRST_PROBE <= sent < FIRST_PROBE + 4


async def test_a_ceiling_that_holds_is_probed_less_often_each_time(it: Fixture) -> None:
    await it.round(it.clean)
    await it.refused_at(5)
    gaps = []
    for _ in range(8):
        sent = 0
        while it.gate.limit == 4:
            sent += len(await it.round(it.clean))
        gaps.append(sent)
        await it.refused_at(5)

    assert gaps == [32, 64, 128, 256, 512, 1024, 1024, 1024]
    assert gaps[-1] == LONGEST_PROBE


async def test_a_ceiling_that_gives_way_is_forgotten(it: Fixture) -> None:
    await it.round(it.clean)
    await it.refused_at(5)
    while it.gate.limit < 6:
        await it.round(it.clean)

    await it.round(it.clean)
    assert it.gate.limit > 8


async def test_a_lower_ceiling_is_news_and_is_probed_as_a_new_one(it: Fixture) -> None:
    await it.round(it.clean)
    await it.refused_at(8)
    await it.refused_at(7)
    await it.refused_at(3)
    assert it.gate.limit == 2

    sent = 0
    while it.gate.limit == 2:
        sent += len(await it.round(it.clean))
    assert sent == FIRST_PROBE


async def test_even_the_worst_server_is_asked_one_thing_at_a_time(it: Fixture) -> None:
    for _ in range(9):
        await it.round(it.gate.refused)

    assert it.gate.limit == 1


async def test_replies_that_take_longer_with_load_end_the_rise(it: Fixture) -> None:
    await it.round(it.clean)
    assert it.gate.limit == 8

    for _ in range(50):
        await it.round(lambda ticket: it.clean(ticket, seconds=0.7))
    assert it.gate.limit == 8


async def test_a_count_is_not_compared_with_a_page(it: Fixture) -> None:
    await it.round(lambda ticket: it.clean(ticket, seconds=0.01, size=60))
    await it.round(it.clean)

    assert it.gate.limit == 16


async def test_what_was_quick_long_ago_is_forgotten(it: Fixture) -> None:
    await it.round(it.clean)
    await it.clock.sleep(600)
    await it.round(lambda ticket: it.clean(ticket, seconds=0.7))

    assert it.gate.limit == 16


async def test_what_was_quick_is_forgotten_when_the_limit_is_lowered(it: Fixture) -> None:
    await it.round(it.clean)
    await it.refused_at(8)
    await it.refused_at(3)
    for _ in range(40):
        await it.round(lambda ticket: it.clean(ticket, seconds=0.9))

    assert it.gate.limit > 2


async def timed(it: Fixture, when: list[float]) -> None:
    async with it.admitted():
        when.append(anyio.current_time())


async def test_a_pause_holds_everyone_up(it: Fixture) -> None:
    when: list[float] = []

    async with anyio.create_task_group() as group:
        it.gate.pause(30)
        for _ in range(10):
            group.start_soon(timed, it, when)

    assert when == pytest.approx([30] * 10, abs=0.01)
    assert it.events == [Paused(30)]


async def test_the_longest_of_several_pauses_counts(it: Fixture) -> None:
    when: list[float] = []

    async with anyio.create_task_group() as group:
        it.gate.pause(10)
        group.start_soon(timed, it, when)
        await it.clock.sleep(5)
        it.gate.pause(20)
        it.gate.pause(1)

    assert when == pytest.approx([25], abs=0.01)
    assert it.events == [Paused(10), Paused(20)]


async def test_after_a_pause_the_ceiling_is_left_alone_for_long(it: Fixture) -> None:
    await it.round(it.clean)
    await it.refused_at(5)
    it.gate.pause(1)
    for _ in range(FIRST_PROBE):
        await it.round(it.clean)
    assert it.gate.limit == 4

    await it.clock.sleep(PRICE)
    await it.round(it.clean)
    assert it.gate.limit == 5


@pytest.mark.parametrize("paused", [False, True])
async def test_waiters_that_are_cancelled_leak_no_place(it: Fixture, paused: bool) -> None:
    async def hold() -> None:
        async with it.admitted():
            await it.clock.sleep(50)

    for patience in range(30):
        if paused:
            it.gate.pause(20)
        async with anyio.create_task_group() as group:
            for _ in range(12):
                group.start_soon(hold)
            with anyio.move_on_after(patience):
                await hold()
            group.cancel_scope.cancel()

    await it.clock.sleep(100)
    tickets = await it.round(lambda _: None)
    assert [ticket.level for ticket in tickets] == [1, 2, 3, 4]


async def test_an_error_inside_gives_the_place_back(it: Fixture) -> None:
    async def fail() -> None:
        async with it.admitted():
            raise ZeroDivisionError

    failing: Awaitable[None]
    for _ in range(20):
        failing = fail()
        with pytest.raises(ZeroDivisionError):
            await failing

    assert len(await it.round(lambda _: None)) == 4


def test_a_gate_may_be_built_before_there_is_an_event_loop(clock: LoopClock) -> None:
    it = Fixture(clock)

    assert it.gate.limit == 4
