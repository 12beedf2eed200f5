"""Repeating: what is sent again, how often, after how long, and what is raised in the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

from kobo_async import KoboError, RetryPolicy, Timeouts
from kobo_async.call import Op
from kobo_async.errors import (
    BadRequest,
    ConnectFailed,
    ConnectionLost,
    MalformedReply,
    RateLimited,
    RequestTimeout,
    ServerBusy,
    ServerError,
    ServerUnavailable,
    asked_to_wait,
)
from kobo_async.events import Paused, Replied, Retrying
from kobo_async.transport.retry import worth_repeating
from tests.unit.serving import TAGS, URL, Answer, Server, error, ok

pytestmark = pytest.mark.anyio

GET: Op[Any] = Op("GET", TAGS, object)
HEAD: Op[Any] = Op("HEAD", TAGS, object)
POST: Op[Any] = Op("POST", TAGS, object)
PUT: Op[Any] = Op("PUT", TAGS, object, repeatable=True)
SUBMIT: Op[Any] = Op("POST", TAGS, object, repeatable=True, site="openrosa")
PATIENT: Op[Any] = Op("GET", TAGS, object, patient=True)

Making = Callable[[], Answer]


async def slow(_: httpx.Request) -> httpx.Response:
    await anyio.sleep(math.inf)
    raise AssertionError


HAPPENED: dict[str, tuple[Making, type[KoboError]]] = {
    "no connection": (lambda: httpx.ConnectError("refused"), ConnectFailed),
    "no connection in time": (lambda: httpx.ConnectTimeout("slow"), ConnectFailed),
    "no place in the pool": (lambda: httpx.PoolTimeout("full"), ConnectFailed),
    "no reply in time": (lambda: httpx.ReadTimeout("slow"), RequestTimeout),
    "not sent in time": (lambda: httpx.WriteTimeout("slow"), RequestTimeout),
    "too slow as a whole": (lambda: slow, RequestTimeout),
    "reset": (lambda: httpx.ReadError("reset"), ConnectionLost),
    "reset while sending": (lambda: httpx.WriteError("pipe"), ConnectionLost),
    "no http": (lambda: httpx.RemoteProtocolError("garbage"), ConnectionLost),
    "no gzip": (lambda: httpx.DecodingError("garbage"), ConnectionLost),
    "socket": (lambda: OSError("broken"), ConnectionLost),
    "cut": (lambda: ok({}, **{"Content-Length": "99"}), ConnectionLost),
    "garbled": (lambda: httpx.Response(200, content=b"<html>"), MalformedReply),
    "429": (lambda: error(429), RateLimited),
    "502": (lambda: error(502), ServerBusy),
    "503": (lambda: error(503), ServerBusy),
    "504": (lambda: error(504), ServerBusy),
    "500": (lambda: error(500), ServerError),
    "501": (lambda: error(501), ServerError),
    "520": (lambda: error(520), ServerError),
    "400": (lambda: error(400), BadRequest),
}
ALWAYS = {"no connection", "no connection in time", "no place in the pool", "429"}
FAULTS = {"500", "garbled"}
NEVER = {"501", "520", "400"}
LOST = HAPPENED.keys() - ALWAYS - FAULTS - NEVER
"""Repeated if the request may be repeated."""
POLICY = RetryPolicy(attempts=5, attempts_on_fault=3)


def attempts(op: Op[Any], happened: str) -> int:
    """How often a request is sent by the table in the module's docstring."""
    if happened in ALWAYS:
        return 5
    if happened in NEVER or not op.repeatable:
        return 1
    if happened in FAULTS:
        return 3 if happened == "garbled" or op in {GET, SUBMIT} else 1
    return 5


@pytest.mark.parametrize(
    "op", [GET, HEAD, PUT, POST, SUBMIT], ids=lambda op: f"{op.method} {op.site}"
)
@pytest.mark.parametrize("happened", HAPPENED)
async def test_every_cell_of_the_table_is_true(server: Server, op: Op[Any], happened: str) -> None:
    make, kind = HAPPENED[happened]
    if op is HEAD and happened in {"cut", "garbled"}:
        pytest.skip("a reply to HEAD has no body")
    server.answers(TAGS, *(make() for _ in range(9)))

    async with server.client(retry=POLICY, timeouts=Timeouts(total=5), openrosa=URL) as client:
        with pytest.raises(kind) as caught:
            await client._sender.send(op.at())

    assert type(caught.value) is kind
    assert len(server.requests) == attempts(op, happened)
    assert len(server.told(Retrying)) == len(server.requests) - 1


@pytest.mark.parametrize("happened", sorted(ALWAYS | FAULTS | LOST))
async def test_a_request_that_succeeds_in_the_end_is_a_success(
    server: Server, happened: str
) -> None:
    make, _ = HAPPENED[happened]
    server.answers(TAGS, make(), make(), ok({"found": 1}))

    async with server.client(retry=POLICY, timeouts=Timeouts(total=5)) as client:
        assert await client.request("GET", TAGS) == {"found": 1}
    assert len(server.requests) == 3


async def test_the_last_real_error_is_raised_as_it_is(server: Server) -> None:
    last = {"detail": "third"}
    server.answers(
        TAGS, httpx.ReadError("first"), error(503, "second"), httpx.Response(500, json=last)
    )

    async with server.client(retry=POLICY) as client:
        with pytest.raises(ServerError, match="third") as caught:
            await client.request("GET", TAGS)
    assert caught.value.body == last
    assert len(server.requests) == 3


@pytest.mark.parametrize("times", [1, 2, 9])
async def test_a_request_is_sent_as_often_as_the_policy_allows(server: Server, times: int) -> None:
    server.answers(TAGS, error(503))

    async with server.client(retry=RetryPolicy(attempts=times, attempts_on_fault=9)) as client:
        with pytest.raises(ServerBusy):
            await client.request("GET", TAGS)
    assert len(server.requests) == times


async def test_no_attempt_begins_after_the_deadline(server: Server) -> None:
    server.answers(TAGS, error(503, retry_after="40"))
    policy = RetryPolicy(attempts=99, deadline=100.0)

    async with server.client(retry=policy) as client:
        with pytest.raises(ServerBusy):
            await client.request("GET", TAGS)

    assert len(server.requests) == 3
    assert anyio.current_time() == pytest.approx(80, abs=1)


async def test_waits_grow_and_are_random_within_bounds(server: Server) -> None:
    server.answers(TAGS, error(503))
    policy = RetryPolicy(attempts=9, first_wait=1.0, longest_wait=20.0)
    waits: list[list[float]] = [[] for _ in range(8)]

    async with server.client(
        retry=policy, breaker=server.never_open(), concurrency=server.one()
    ) as client:
        for _ in range(60):
            server.clock.slept.clear()
            with pytest.raises(ServerBusy):
                await client.request("GET", TAGS)
            for kind, wait in zip(waits, server.clock.slept, strict=True):
                kind.append(wait)

    for number, kind in enumerate(waits):
        bound = min(2.0**number, 20.0)
        assert 0 <= min(kind) < bound / 4
        assert bound * 3 / 4 < max(kind) <= bound


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(
    ("value", "seconds"), [("30", 30), ("Sat, 21 Nov 2026 00:00:30 GMT", 30), ("180", 180)]
)
async def test_a_wait_that_the_server_asks_for_is_kept(
    server: Server, status: int, value: str, seconds: float
) -> None:
    server.answers(TAGS, error(status, retry_after=value), ok())

    async with server.client() as client:
        await client.request("GET", TAGS)

    assert anyio.current_time() == pytest.approx(seconds, abs=1)


async def test_a_wait_shorter_than_the_backoff_does_not_shorten_it(server: Server) -> None:
    server.answers(TAGS, error(503, retry_after="0"), ok())

    async with server.client(retry=RetryPolicy(first_wait=300, longest_wait=300)) as client:
        await client.request("GET", TAGS)

    (event,) = server.told(Retrying)
    assert isinstance(event, Retrying)
    assert event.wait == server.clock.slept[0] > 1


@pytest.mark.parametrize("value", ["181", "1e9", "Sun, 22 Nov 2026 00:00:00 GMT"])
async def test_a_wait_that_is_too_long_is_not_waited_for(server: Server, value: str) -> None:
    server.answers(TAGS, error(503, retry_after=value))

    async with server.client() as client:
        with pytest.raises(ServerBusy) as caught:
            await client.request("GET", TAGS)

    assert (caught.value.retry_after or 0) > 180
    assert len(server.requests) == 1
    assert anyio.current_time() < 1
    assert not server.told(Paused)


@pytest.mark.parametrize("happened", ["no connection", "429", "502", "503"])
async def test_a_patient_request_sits_out_a_server_until_the_deadline(
    server: Server, happened: str
) -> None:
    make, kind = HAPPENED[happened]
    server.answers(TAGS, *(make() for _ in range(500)))
    policy = RetryPolicy(attempts=2, deadline=300, longest_wait=5)

    async with server.client(retry=policy, breaker=server.never_open()) as client:
        with pytest.raises(kind):
            await client._sender.send(PATIENT.at())

    assert len(server.requests) > 50
    assert 290 < anyio.current_time() <= 300


@pytest.mark.parametrize("happened", ["500", "504", "reset", "no reply in time", "garbled"])
async def test_patience_is_for_servers_that_are_down_not_for_pages_that_fail(
    server: Server, happened: str
) -> None:
    make, kind = HAPPENED[happened]
    server.answers(TAGS, *(make() for _ in range(9)))

    async with server.client(retry=POLICY) as client:
        with pytest.raises(kind):
            await client._sender.send(PATIENT.at())
    assert len(server.requests) == attempts(GET, happened)


async def test_a_patient_request_waits_until_the_breaker_closes(server: Server) -> None:
    server.answers(TAGS, *(error(502) for _ in range(30)), ok({"up": True}))

    async with server.client() as client:
        assert await client._sender.send(PATIENT.at()) == {"up": True}

    errors = [event.error for event in server.told(Retrying) if isinstance(event, Retrying)]
    assert any(isinstance(problem, ServerUnavailable) for problem in errors)
    assert len(server.requests) == 31


async def test_others_fail_at_once_while_the_breaker_is_open(server: Server) -> None:
    server.answers(TAGS, error(502))

    async with server.client() as client:
        for _ in range(20):
            with pytest.raises(ServerBusy):
                await client._sender.send(POST.at())
        now = anyio.current_time()
        with pytest.raises(ServerUnavailable) as caught:
            await client.request("GET", TAGS)

    assert len(server.requests) == 20
    assert anyio.current_time() == now
    assert caught.value.retry_after == pytest.approx(15, abs=1)


async def test_cancelling_is_not_a_failure_to_repeat(server: Server) -> None:
    server.answers(TAGS, slow)

    async with server.client() as client:
        with anyio.move_on_after(5) as scope:
            await client.request("GET", TAGS)

    assert scope.cancelled_caught
    assert len(server.requests) == 1
    assert not server.told(Retrying, Replied)


async def test_a_mistake_in_the_program_is_not_repeated(server: Server) -> None:
    server.answers(TAGS, ZeroDivisionError("bug"))

    async with server.client() as client:
        with pytest.raises(ZeroDivisionError):
            await client.request("GET", TAGS)
    assert len(server.requests) == 1


async def test_events_tell_of_each_repetition(server: Server) -> None:
    server.answers(TAGS, error(503, retry_after="2"), httpx.ReadError("reset"), ok())

    async with server.client() as client:
        await client.request("GET", TAGS)

    first, second = server.told(Retrying)
    assert isinstance(first, Retrying)
    assert isinstance(second, Retrying)
    assert (first.request, first.attempt, first.wait) == (f"GET {TAGS}", 1, 2.0)
    assert isinstance(first.error, ServerBusy)
    assert (second.attempt, second.wait <= 1.0) == (2, True)
    assert isinstance(second.error, ConnectionLost)


def test_only_errors_of_the_server_and_the_way_to_it_are_worth_repeating() -> None:
    assert not worth_repeating(GET, KeyboardInterrupt())
    assert not worth_repeating(GET, ValueError())
    assert asked_to_wait(ValueError()) is None
    assert asked_to_wait(ServerUnavailable("down", 5.0)) == 5.0
