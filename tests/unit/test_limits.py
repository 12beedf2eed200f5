"""How well the limit is found: servers in virtual time that take so much and no more."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import anyio
import attrs
import httpx
import pytest

from kobo_async import Concurrency
from kobo_async.events import LimitChanged, Paused
from tests.unit.serving import ALICE, TAGS, Server, error

pytestmark = pytest.mark.anyio

LATENCY = 0.3
BODY = b'"' + b"x" * 10_000 + b'"'


@attrs.define
class Model:
    """A server that works on `capacity` requests at a time and refuses more with 429.

    `latency` depends on how many are being worked on; both may depend on the time.
    """

    capacity: Callable[[float], int] = lambda _: 8
    latency: Callable[[int], float] = lambda _: LATENCY
    jitter: float = 0.0
    retry_after: int | None = None
    dice: random.Random = attrs.Factory(lambda: random.Random(1))  # noqa: S311 - no secret
    working: int = 0
    peak: int = 0
    served: int = 0
    refused: list[float] = attrs.Factory(list)

    async def answer(self, _: httpx.Request) -> httpx.Response:
        if self.working >= self.capacity(anyio.current_time()):
            return await self._refuse()
        self.working += 1
        self.peak = max(self.peak, self.working)
        await anyio.sleep(self.latency(self.working) * self._spread())
        self.working -= 1
        self.served += 1
        return httpx.Response(200, content=BODY, headers=ALICE)

    async def _refuse(self) -> httpx.Response:
        self.refused.append(anyio.current_time())
        await anyio.sleep(0.01 * self._spread())
        asked = {} if self.retry_after is None else {"retry_after": str(self.retry_after)}
        return error(429, **asked)

    def _spread(self) -> float:
        return 1 + self.jitter * self.dice.uniform(-1, 1)


async def load(server: Server, model: Model, requests: int = 300, **settings: Any) -> float:
    """Send requests from many tasks at once; return how long all of them took."""
    server.answers(TAGS, model.answer)
    todo = iter(range(requests))
    async with server.client(**settings) as client:

        async def worker() -> None:
            for _ in todo:
                assert await client.request("GET", TAGS)

        async with anyio.create_task_group() as group:
            for _ in range(32):
                group.start_soon(worker)
    assert model.served == requests
    return anyio.current_time()


def limits(server: Server) -> list[int]:
    return [event.limit for event in server.events if isinstance(event, LimitChanged)]


@pytest.mark.parametrize("jitter", [0.0, 0.1, 0.4])
async def test_a_server_that_takes_eight_is_used_well_and_seldom_asked_too_much(
    server: Server, jitter: float
) -> None:
    model = Model(jitter=jitter)

    seconds = await load(server, model)

    optimum = 300 * LATENCY / 8
    assert optimum / seconds >= 0.92
    assert len(model.refused) / 300 < 0.03


@pytest.mark.parametrize("capacity", [1, 2, 3, 5, 12, 16])
async def test_servers_of_any_size_are_used_well(server: Server, capacity: int) -> None:
    model = Model(capacity=lambda _: capacity, jitter=0.1)

    seconds = await load(server, model)

    assert 300 * LATENCY / capacity / seconds >= 0.9
    assert len(model.refused) / 300 < 0.05


async def test_a_server_that_asks_to_wait_is_seldom_made_to(server: Server) -> None:
    model = Model(jitter=0.1, retry_after=1)

    seconds = await load(server, model)

    assert 300 * LATENCY / 8 / seconds >= 0.85
    assert len(server.told(Paused)) <= 3


async def test_a_server_that_takes_less_from_some_moment_on_is_asked_less(server: Server) -> None:
    model = Model(capacity=lambda now: 8 if now < 8 else 3, jitter=0.1)

    seconds = await load(server, model, 600)

    optimum = 8 + (600 - 8 * 8 / LATENCY) * LATENCY / 3
    assert optimum / seconds >= 0.95
    assert limits(server)[-1] in {3, 4}
    assert len(model.refused) / 600 < 0.05


async def test_a_server_that_takes_more_from_some_moment_on_is_soon_asked_more(
    server: Server,
) -> None:
    model = Model(capacity=lambda now: 8 if now < 8 else 16, jitter=0.1)

    seconds = await load(server, model, 900)

    optimum = 8 + (900 - 8 * 8 / LATENCY) * LATENCY / 16
    assert limits(server)[-1] == 16
    assert optimum / seconds >= 0.8


async def test_a_server_that_answers_later_the_more_it_is_asked_is_asked_more_but_slowly(
    server: Server,
) -> None:
    model = Model(
        capacity=lambda _: 10**9, latency=lambda working: LATENCY * max(1, working / 4), jitter=0.1
    )

    seconds = await load(server, model, 600, concurrency=Concurrency.up_to(64))

    assert 600 * LATENCY / 4 / seconds >= 0.95
    assert model.peak <= 32


async def test_a_server_that_grows_slower_for_reasons_of_its_own_is_used_all_the_same(
    server: Server,
) -> None:
    model = Model(capacity=lambda _: 10**9)
    model.latency = lambda _: 0.05 + 0.005 * model.served

    seconds = await load(server, model, 200)

    optimum = sum(0.05 + 0.005 * number for number in range(200)) / 16
    assert limits(server)[-1] == 16
    assert optimum / seconds >= 0.7


async def test_a_server_without_limits_is_asked_as_much_as_the_cap_allows(server: Server) -> None:
    model = Model(capacity=lambda _: 10**9)

    seconds = await load(server, model, 600)

    assert model.peak == 16
    assert 600 * LATENCY / 16 / seconds >= 0.9


async def test_one_after_the_other_is_no_reason_to_allow_more(server: Server) -> None:
    model = Model()
    server.answers(TAGS, model.answer)
    async with server.client() as client:
        for _ in range(50):
            await client.request("GET", TAGS)

    assert not server.told(LimitChanged)
