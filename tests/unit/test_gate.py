"""The gate: how the limit is found."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack

import anyio
import pytest

from kobo_async.config import Concurrency
from kobo_async.transport.gate import FIRST_PROBE, LONGEST_PROBE, Ticket
from tests.unit.clock import LoopClock
from tests.unit.gates import HandGate

pytestmark = pytest.mark.anyio


@pytest.fixture
def it(clock: LoopClock) -> HandGate:
    return HandGate(clock)


async def test_it_admits_no_more_than_the_limit_at_a_time(it: HandGate) -> None:
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


async def test_the_limit_doubles_and_then_grows_by_half_in_each_clean_round(it: HandGate) -> None:
    sizes = []
    for _ in range(4):
        sizes.append(it.gate.limit)
        await it.round(it.clean)

    assert sizes == [4, 8, 12, 16]
    assert it.limits() == list(range(5, 17))


async def test_the_limit_stays_within_three_times_of_what_was_under_way(it: HandGate) -> None:
    for _ in range(100):
        await it.round(it.clean, 1)
    assert it.gate.limit == 4

    for _ in range(100):
        await it.round(it.clean, 3)
    assert it.gate.limit == 9


async def test_two_replies_at_the_start_allow_as_many_more(it: HandGate) -> None:
    await it.round(it.clean, 2)

    assert it.gate.limit == 6


async def test_a_fixed_limit_stays_what_it_is(clock: LoopClock) -> None:
    it = HandGate(clock, Concurrency.fixed(3))
    for _ in range(50):
        await it.round(it.clean)

    assert it.gate.limit == 3
    assert it.events == []


async def test_a_refusal_names_the_ceiling_and_the_limit_stays_below_it(it: HandGate) -> None:
    await it.round(it.clean)
    await it.refused_at(6)
    assert it.gate.limit == 5

    for _ in range(FIRST_PROBE // 5):
        await it.round(it.clean)
    assert it.gate.limit == 5


async def rounds(it: HandGate, count: int) -> None:
    for _ in range(count):
        await it.round(it.clean)


def refusing(it: HandGate, above: int) -> Callable[[Ticket], None]:
    return lambda ticket: it.gate.refused(ticket) if ticket.level > above else None


async def test_all_that_were_refused_in_one_moment_name_the_ceiling_together(it: HandGate) -> None:
    await rounds(it, 3)
    await it.round(refusing(it, 8), 16)

    assert it.gate.limit == 8
    for _ in range(3):
        await it.round(it.clean)
    assert it.gate.limit == 8


async def test_each_further_refusal_of_a_moment_lowers_the_limit_by_one(it: HandGate) -> None:
    await it.round(it.clean)
    async with AsyncExitStack() as stack:
        tickets = [await stack.enter_async_context(it.admitted()) for _ in range(8)]
        for ticket in (tickets[7], tickets[6], tickets[5]):
            it.gate.refused(ticket)

    assert it.limits()[4:] == [7, 6, 5]


@pytest.mark.parametrize("order", [1, -1])
async def test_the_order_of_refusals_does_not_matter(it: HandGate, order: int) -> None:
    await rounds(it, 3)
    async with AsyncExitStack() as stack:
        tickets = [await stack.enter_async_context(it.admitted()) for _ in range(16)]
        for ticket in tickets[8:][::order]:
            it.gate.refused(ticket)

    assert it.gate.limit == 8


async def test_a_moment_of_refusals_leaves_half_of_the_highest_level(it: HandGate) -> None:
    await rounds(it, 3)

    await it.round(it.gate.refused, 16)

    assert it.gate.limit == 8


async def test_requests_of_an_earlier_moment_have_nothing_new_to_say(it: HandGate) -> None:
    await it.round(it.clean)
    async with AsyncExitStack() as stack:
        old = [await stack.enter_async_context(it.admitted()) for _ in range(8)]
        it.gate.refused(old[7])
        await stack.aclose()
        await it.refused_at(4)
        assert it.gate.limit == 3
        it.gate.refused(old[6])

    assert it.gate.limit == 3


async def test_a_late_refusal_does_not_bring_back_a_ceiling_that_gave_way(it: HandGate) -> None:
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


async def test_after_many_clean_replies_the_ceiling_is_probed(it: HandGate) -> None:
    await it.round(it.clean)
    await it.refused_at(5)
    sent = 0
    while it.gate.limit == 4:
        sent += len(await it.round(it.clean))

    assert it.gate.limit == 5
    assert FIRST_PROBE <= sent < FIRST_PROBE + 4


async def test_a_ceiling_that_holds_is_probed_less_often_each_time(it: HandGate) -> None:
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


async def test_a_ceiling_that_gives_way_is_forgotten(it: HandGate) -> None:
    await it.round(it.clean)
    await it.refused_at(5)
    while it.gate.limit < 6:
        await it.round(it.clean)

    await it.round(it.clean)
    assert it.gate.limit > 8


async def test_a_lower_ceiling_is_news_and_is_probed_as_a_new_one(it: HandGate) -> None:
    await it.round(it.clean)
    await it.refused_at(8)
    await it.refused_at(7)
    await it.refused_at(3)
    assert it.gate.limit == 2

    sent = 0
    while it.gate.limit == 2:
        sent += len(await it.round(it.clean))
    assert sent == FIRST_PROBE


async def test_even_the_worst_server_is_asked_one_thing_at_a_time(it: HandGate) -> None:
    for _ in range(9):
        await it.round(it.gate.refused)

    assert it.gate.limit == 1


async def test_replies_that_take_longer_with_load_slow_down_the_rise(it: HandGate) -> None:
    await it.round(it.clean)
    found = []
    for _ in range(5):
        found.append(it.gate.limit)
        await it.round(lambda ticket: it.clean(ticket, seconds=0.7))

    assert found == [8, 9, 10, 11, 12]


async def test_a_count_is_not_compared_with_a_page(it: HandGate) -> None:
    await it.round(lambda ticket: it.clean(ticket, seconds=0.01, size=60))
    await it.round(it.clean)

    assert it.gate.limit == 12


async def test_what_was_quick_long_ago_is_forgotten(it: HandGate) -> None:
    await it.round(it.clean)
    await it.clock.sleep(600)
    await it.round(lambda ticket: it.clean(ticket, seconds=0.7))

    assert it.gate.limit == 12


async def test_a_gate_may_rest_for_days(it: HandGate) -> None:
    await it.round(it.clean)
    await it.clock.sleep(8 * 86_400.0)
    await it.round(it.clean)
    assert it.gate.limit == 12


async def test_what_was_quick_is_forgotten_when_the_limit_is_lowered(it: HandGate) -> None:
    await it.round(it.clean)
    await it.refused_at(8)
    await it.refused_at(3)
    for _ in range(40):
        await it.round(lambda ticket: it.clean(ticket, seconds=0.9))

    assert it.gate.limit > 2
