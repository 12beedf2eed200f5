"""The circuit breaker: closed, open, half open."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from kobo_async.config import BreakerPolicy
from kobo_async.errors import ServerUnavailable
from kobo_async.events import BreakerChanged, Event
from kobo_async.transport.breaker import Breaker, Passage
from tests.unit.clock import ManualClock


class Fixture:
    """A breaker that opens after three failures for ten seconds."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.events: list[Event] = []
        self.breaker = Breaker(
            BreakerPolicy(failures=3, cooldown=10.0), self.clock, self.events.append
        )

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            with self.breaker.passage() as passage:
                passage.failed()

    def succeed(self) -> None:
        with self.breaker.passage() as passage:
            passage.succeeded()

    def refused(self) -> float:
        with pytest.raises(ServerUnavailable) as caught, self.breaker.passage():
            pass
        return caught.value.retry_after


@pytest.fixture
def it() -> Fixture:
    return Fixture()


def test_a_closed_breaker_lets_everything_pass(it: Fixture) -> None:
    for _ in range(10):
        it.succeed()

    assert it.events == []


def test_it_opens_after_too_many_failures_in_a_row(it: Fixture) -> None:
    it.fail(2)
    assert it.events == []

    it.fail()

    assert it.events == [BreakerChanged(open=True)]
    assert it.refused() == 10.0


def test_a_success_starts_the_count_anew(it: Fixture) -> None:
    it.fail(2)
    it.succeed()
    it.fail(2)

    it.succeed()

    assert it.events == []


def test_it_says_how_often_the_server_failed_and_how_long_nothing_is_sent(it: Fixture) -> None:
    it.fail(3)
    it.clock.now = 4.0

    with pytest.raises(ServerUnavailable, match=r"failed 3 times .* another 6 s"):
        it.fail()
    assert it.refused() == 6.0


def test_after_the_cooldown_one_request_passes_and_its_success_closes_it(it: Fixture) -> None:
    it.fail(3)
    it.clock.now = 10.0

    with it.breaker.passage() as probe:
        assert it.refused() == 1.0
        probe.succeeded()

    it.succeed()
    assert it.events == [BreakerChanged(open=True), BreakerChanged(open=False)]


def test_the_failure_of_the_probe_opens_it_again_for_a_whole_cooldown(it: Fixture) -> None:
    it.fail(3)
    it.clock.now = 12.0

    it.fail()

    assert it.refused() == 10.0
    assert it.events == [BreakerChanged(open=True)]
    it.clock.now = 22.0
    it.succeed()
    assert it.events[-1] == BreakerChanged(open=False)


def test_a_probe_that_is_cancelled_makes_room_for_another(it: Fixture) -> None:
    it.fail(3)
    it.clock.now = 10.0

    with pytest.raises(KeyboardInterrupt), it.breaker.passage():
        raise KeyboardInterrupt

    it.succeed()
    assert it.events[-1] == BreakerChanged(open=False)


def sent_before_it_opened(it: Fixture, stack: ExitStack) -> Passage:
    passage = stack.enter_context(it.breaker.passage())
    it.fail(3)
    return passage


def test_a_late_failure_of_an_old_request_says_nothing_about_the_probe(it: Fixture) -> None:
    with ExitStack() as stack:
        old = sent_before_it_opened(it, stack)
        it.clock.now = 10.0
        with it.breaker.passage() as probe:
            old.failed()
            stack.close()
            assert it.refused() == 1.0
            probe.succeeded()

    it.succeed()


def test_a_late_failure_of_an_old_request_does_not_keep_it_open_longer(it: Fixture) -> None:
    with ExitStack() as stack:
        old = sent_before_it_opened(it, stack)
        it.clock.now = 9.0
        old.failed()

    assert it.refused() == 1.0
    it.clock.now = 10.0
    it.succeed()


def test_a_late_answer_to_an_old_request_shows_that_the_server_is_there(it: Fixture) -> None:
    with ExitStack() as stack:
        sent_before_it_opened(it, stack).succeeded()

    it.succeed()
    assert it.events == [BreakerChanged(open=True), BreakerChanged(open=False)]


def test_a_probe_whose_answer_is_still_being_read_does_not_stand_in_the_way(it: Fixture) -> None:
    it.fail(3)
    it.clock.now = 10.0
    with it.breaker.passage() as probe:
        probe.succeeded()
        it.fail(3)
        it.clock.now = 20.0
        it.succeed()

    assert [event.open for event in it.events if isinstance(event, BreakerChanged)] == [
        *(True, False, True, False)
    ]
